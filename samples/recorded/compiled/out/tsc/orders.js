/** The sum of an order: fails where a row has no lines. */
export function total(order) {
    return order.lines.reduce((sum, line) => sum + line.price, 0);
}
//# sourceMappingURL=orders.js.map