// The table that a string is in, as a grid beside the photo; a cell finds its place and back.

import { gridOf } from "./grid.js";
import { ask } from "./review.js";
import { spoken, sure } from "./view.js";

const box = document.getElementById("table-box");
const tables = new Map(); // name of a table → promise of its cells
let shown = null; // { name, cells }
let chooseCell = null;
let current = null;

const nameOf = (it) => `${it.page_id} ${it.cell[0]}`;

/** Decisions of this window are known before the server says so. */
function levelOf(cell) {
  if (cell.decision.verdict) return "decided";
  if (cell.accepted) return "sure";
  return cell.confidence >= 0.5 ? "doubt" : "low";
}

function saidOf(cell) {
  const { verdict, text } = cell.decision;
  if (verdict) return `${spoken[verdict]} ${text ?? ""}`;
  return `${cell.text || "blank"}, ${sure(cell.confidence)}${cell.accepted ? "" : ", to check"}`;
}

/** Asked anew after each decision in it; other windows' decisions show then, too. */
export function loadTable(it) {
  if (it.cell[0] === null) return;
  tables.delete(nameOf(it));
  if (current && current.cell[0] !== null && nameOf(current) === nameOf(it)) showTable(current, chooseCell);
}

export async function showTable(it, choose) {
  [current, chooseCell] = [it, choose];
  box.hidden = it.cell[0] === null;
  if (box.hidden) return;
  const name = nameOf(it);
  if (!tables.has(name)) tables.set(name, ask(`api/strings/${it.id}/table`).then((cells) => ({ name, cells })));
  try {
    const table = await tables.get(name);
    if (current !== it) return;
    if (shown !== table) draw(table);
    shown = table;
    for (const { button, it: cell } of shown.drawn) button.classList.toggle("chosen", cell.id === it.id);
    bringIntoView(box.querySelector(".chosen"));
  } catch {
    box.hidden = true; // what went wrong shows with the next decision
    tables.delete(name);
  }
}

/** Only the box scrolls, never the page. */
function bringIntoView(button) {
  if (!button) return;
  const [inner, outer] = [button.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

function draw(table) {
  table.drawn = table.cells.map((cell) => ({
    row: cell.cell[1], column: cell.cell[2], text: cell.decision.verdict ? cell.decision.text ?? "" : cell.text,
    level: levelOf(cell), said: saidOf(cell), it: cell,
  }));
  const left = table.drawn.filter((it) => it.level === "doubt" || it.level === "low").length;
  const caption = `Table ${table.cells[0].cell[0] + 1}: ${left} cells to check (?), decided ✓`;
  box.replaceChildren(gridOf(table.drawn, caption, (chosen) => chooseCell(chosen.it)));
}

/** The cell of the table shown whose place on the photo was clicked. */
export function cellAt(it, event) {
  if (!it || it.cell[0] === null || !shown || shown.name !== nameOf(it)) return null;
  const frame = event.currentTarget.getBoundingClientRect();
  const scale = Math.min(frame.width / it.page_width, frame.height / it.page_height);
  const x = (event.clientX - frame.left - (frame.width - it.page_width * scale) / 2) / scale;
  const y = (event.clientY - frame.top - (frame.height - it.page_height * scale) / 2) / scale;
  return shown.cells.find((cell) => {
    const [left, top, width, height] = cell.box;
    return x >= left && x < left + width && y >= top && y < top + height;
  }) ?? null;
}
