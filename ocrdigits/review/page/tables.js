// The table or form that a string is in, as a grid beside the photo, with what fails in it; a cell
// finds its place and back.

import { gridOf } from "./grid.js";
import { ask } from "./review.js";
import { spoken, sure } from "./view.js";

const section = document.getElementById("table-box");
const box = document.getElementById("grid-box");
const tables = new Map(); // name of a table → promise of its cells
let shown = null; // { name, cells }
let chooseCell = null;
let current = null;
let listen = () => {};

const isTabled = (it) => it.cell[0] !== null || it.field !== null;
const nameOf = (it) => `${it.page_id} ${it.cell[0] ?? "form"}`;

/** Told of the cells whenever they come from the server. */
export function onTable(listener) {
  listen = listener;
}

/** Decisions of this window are known before the server says so. */
function levelOf(cell) {
  if (cell.decision.verdict) return "decided";
  if (cell.failed.length) return "failed";
  if (cell.accepted) return "sure";
  return cell.confidence >= 0.5 ? "doubt" : "low";
}

function saidOf(cell) {
  const { verdict, text } = cell.decision;
  const failed = cell.failed.map((fact) => `, failed check: ${fact}`).join("");
  if (verdict) return `${spoken[verdict]} ${text ?? ""}${failed}`;
  return `${cell.text || "blank"}, ${sure(cell.confidence)}${cell.accepted ? "" : ", to check"}${failed}`;
}

/** Asked anew after each decision in it; other windows' decisions show then, too. */
export function loadTable(it) {
  if (!isTabled(it)) return;
  tables.delete(nameOf(it));
  if (current && isTabled(current) && nameOf(current) === nameOf(it)) showTable(current, chooseCell);
}

export async function showTable(it, choose) {
  [current, chooseCell] = [it, choose];
  showSection(isTabled(it));
  if (section.hidden) return;
  const name = nameOf(it);
  if (!tables.has(name)) tables.set(name, ask(`api/strings/${it.id}/table`).then((cells) => {
    listen(cells);
    return { name, cells };
  }));
  try {
    const table = await tables.get(name);
    if (current !== it) return;
    if (shown !== table) draw(table);
    shown = table;
    for (const { button, it: cell } of shown.drawn) button.classList.toggle("chosen", cell.id === it.id);
    bringIntoView(box.querySelector(".chosen"));
  } catch {
    showSection(false); // what went wrong shows with the next decision
    tables.delete(name);
  }
}

function showSection(isShown) {
  section.hidden = !isShown;
  document.body.classList.toggle("tabled", isShown);
}

/** Only the box scrolls, never the page. */
function bringIntoView(button) {
  if (!button) return;
  const [inner, outer] = [button.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

function draw(table) {
  const isForm = table.cells[0].cell[0] === null;
  table.drawn = table.cells.map((cell, index) => ({
    row: isForm ? index : cell.cell[1], column: isForm ? 0 : cell.cell[2], head: isForm ? cell.field : null,
    text: cell.decision.verdict ? cell.decision.text ?? "" : cell.text, level: levelOf(cell), said: saidOf(cell), it: cell,
  }));
  const count = (...levels) => table.drawn.filter((it) => levels.includes(it.level)).length;
  const caption = isForm
    ? `${count("failed")} fail a check (!), ${count("doubt", "low")} to check (?), decided ✓`
    : `Table ${table.cells[0].cell[0] + 1}: ${count("doubt", "low", "failed")} cells to check (?), decided ✓`;
  document.getElementById("failures").replaceChildren(...failuresOf(table.cells));
  box.replaceChildren(gridOf(table.drawn, caption, (chosen) => chooseCell(chosen.it)));
}

/** What fails, each sum once with all of its fields; a click takes the first field still undecided. */
function failuresOf(cells) {
  const byFact = new Map();
  for (const cell of cells) for (const fact of cell.failed) byFact.set(fact, [...(byFact.get(fact) ?? []), cell]);
  if (!byFact.size) return [];
  const list = Object.assign(document.createElement("ul"), { className: "failing", ariaLabel: "Failed checks" });
  for (const [fact, failing] of byFact) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${failing.map((it) => it.field).join(", ")}: ${fact}` });
    button.addEventListener("click", () => chooseCell(failing.find((it) => !it.decision.verdict) ?? failing[0]));
    list.appendChild(document.createElement("li")).append(button);
  }
  return [list];
}

/** The cell of the table shown whose place on the photo was clicked. */
export function cellAt(it, event) {
  if (!it || !isTabled(it) || !shown || shown.name !== nameOf(it)) return null;
  const frame = event.currentTarget.getBoundingClientRect();
  const scale = Math.min(frame.width / it.page_width, frame.height / it.page_height);
  const x = (event.clientX - frame.left - (frame.width - it.page_width * scale) / 2) / scale;
  const y = (event.clientY - frame.top - (frame.height - it.page_height * scale) / 2) / scale;
  return shown.cells.find((cell) => {
    const [left, top, width, height] = cell.box;
    return x >= left && x < left + width && y >= top && y < top + height;
  }) ?? null;
}
