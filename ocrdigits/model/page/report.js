// Headings of the table of mistakes sort it by their column, numbers as numbers.
const table = document.getElementById("mistakes");
const keyOf = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;
const compare = (a, b) => (a !== "" && b !== "" && !Number.isNaN(Number(a - b)) ? a - b : a.localeCompare(b, "en", { numeric: true }));
for (const button of table?.tHead.querySelectorAll("button") ?? []) {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const isUp = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(keyOf(a, head.cellIndex), keyOf(b, head.cellIndex)));
    table.tBodies[0].append(...(isUp ? rows : rows.reverse()));
  });
}
