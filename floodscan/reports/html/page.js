"use strict";
(function () {
  const table = document.getElementById("all");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const words = rows.map((row) => row.cells[1].textContent.toLowerCase());
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  document.getElementById("search").hidden = false;

  function search() {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !wanted.every((word) => words[i].includes(word));
      if (!row.hidden) shown += 1;
    });
    found.textContent = wanted.length ? shown + " of " + rows.length + " shown" : "";
  }

  function value(row, column, numeric) {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  }

  function compare(a, b) {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  }

  function sort(head, column, numeric) {
    const first = numeric && column !== 3 && column !== 4 ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    const sign = order === "ascending" ? 1 : -1;
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    rows
      .map((row, i) => [value(row, column, numeric), i, row])
      .sort((a, b) => (a[0] === null || b[0] === null ? compare(a[0], b[0]) : sign * compare(a[0], b[0])) || a[1] - b[1])
      .forEach((entry) => body.appendChild(entry[2]));
  }

  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", () => sort(head, column, head.dataset.as === "n"));
  });
  find.addEventListener("input", search);
  if (find.value) search();
})();
