// Cells of a ruled table in, an HTML table out; each cell is a button that says which one it is.

/**
 * `cells` have `row`, `column`, `text`, `level` ("sure", "doubt", "low", "decided"), `said` (how a
 * screen reader names it), perhaps `head` (the name of its row), and whatever `choose` wants to know of them; they are given their `button`.
 */
export function gridOf(cells, caption, choose) {
  const table = document.createElement("table");
  table.className = "grid";
  table.createCaption().textContent = caption;
  const body = table.createTBody();
  const byPlace = new Map(cells.map((cell) => [`${cell.row} ${cell.column}`, cell]));
  const rows = 1 + Math.max(...cells.map((cell) => cell.row));
  const columns = 1 + Math.max(...cells.map((cell) => cell.column));
  for (let row = 0; row < rows; row += 1) {
    const line = body.insertRow();
    const head = byPlace.get(`${row} 0`)?.head;
    if (head) line.append(Object.assign(document.createElement("th"), { scope: "row", textContent: head }));
    for (let column = 0; column < columns; column += 1) {
      const place = line.insertCell();
      const cell = byPlace.get(`${row} ${column}`);
      if (!cell) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.text || "\u00a0";
      button.className = cell.text || cell.level !== "sure" ? cell.level : "blank";
      button.setAttribute("aria-label", `${cell.head ?? `Row ${row + 1}, column ${column + 1}`}: ${cell.said}`);
      button.addEventListener("click", () => choose(cell));
      place.append(button);
      cell.button = button;
    }
  }
  table.addEventListener("keydown", (event) => moveWithin(table, event));
  return table;
}

/** Arrows go from cell to cell, as in a spreadsheet. */
function moveWithin(table, event) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  const place = event.target.closest("td");
  if (!step || !place || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const row = table.tBodies[0].rows[place.parentElement.sectionRowIndex + step[0]];
  row?.cells[place.cellIndex + step[1]]?.firstElementChild?.focus();
}
