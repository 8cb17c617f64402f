interface Order {
  id: number;
  lines: { price: number }[];
}

type Row = Omit<Order, 'lines'> & { lines: Order['lines'] | null };

/** The sum of an order: fails where a row has no lines. */
export function total(order: Row): number {
  return order.lines!.reduce((sum, line) => sum + line.price, 0);
}
