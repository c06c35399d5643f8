// One page's reading and its picture in, overlay, list and tables out; nothing here asks the server.

import { gridOf } from "./grid.js";

const find = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const LIKELY = 0.5; // below, a reading is more likely wrong than right
const LEAST_SHOWN = 0.0005; // below, it would read as 0.0 %
const percent = (share, places = 0) => `${(share * 100).toFixed(places)}\u00a0%`;

export const levelOf = (it) => (it.accepted ? "sure" : it.confidence >= LIKELY ? "doubt" : "low");
const spokenLevel = { sure: "accepted", doubt: "to check", low: "most likely wrong" };

/** What is nearly sure or nearly hopeless must not read as 100 % or 0 %. */
export function sure(confidence) {
  return percent(Math.min(confidence, 0.9999), confidence > 0.99 || confidence < 0.01 ? 2 : 0);
}

/** What else a string could be, likeliest first; texts may hold commas. */
export function othersOf(it, count) {
  const others = it.alternatives.filter((other) => other.text !== it.text && other.confidence >= LEAST_SHOWN);
  const likeliest = others.sort((one, another) => another.confidence - one.confidence).slice(0, count);
  return likeliest.map((other) => `${other.text || "blank"}\u00a0(${percent(other.confidence, 1)})`).join(" · ");
}

const made = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

export function showReading(page, picture) {
  const shown = page.strings.filter((it) => it.text || !it.accepted); // of blank cells, only the doubtful
  const written = shown.filter((it) => it.text);
  const accepted = written.filter((it) => it.accepted).length;
  const tables = page.tables.length ? `${page.tables.length} table${page.tables.length > 1 ? "s" : ""}, ` : "";
  const summary = written.length ? `${tables}${written.length} string${written.length > 1 ? "s" : ""}, ${accepted} accepted` : `${tables}no digits found`;
  find("facts").textContent = `${page.file}: ${summary} · ${page.seconds.toFixed(2)}\u00a0s · ${page.width}\u00a0×\u00a0${page.height}\u00a0pixels`;
  find("json").textContent = JSON.stringify(page, null, 2);
  showPhoto(page, shown, picture);
  showList(shown);
  showGrids(page);
  return `${summary}. ${written.slice(0, 12).map((it) => [...it.text].join(" ")).join("; ")}`;
}

function showPhoto(page, written, picture) {
  const image = find("photo-image");
  find("photo-frame").hidden = !picture;
  if (!picture) return;
  image.src = `data:image/jpeg;base64,${picture.photo}`;
  image.alt = `The photo ${page.file}`;
  image.width = page.width;
  image.height = page.height;
  const overlay = find("overlay");
  overlay.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  overlay.replaceChildren(...written.map((it) => mark(it, page)));
}

function mark(it, page) {
  const group = document.createElementNS(SVG, "g");
  const points = it.polygon.map((point) => point.join(",")).join(" ");
  for (const kind of ["halo", levelOf(it)]) {
    const polygon = document.createElementNS(SVG, "polygon");
    polygon.setAttribute("points", points);
    polygon.setAttribute("class", kind);
    group.append(polygon);
  }
  if (it.kind !== "cell") { // in tables, the labels would cover the digits
    const text = document.createElementNS(SVG, "text");
    const size = Math.max(page.width / 80, Math.min(it.box[3] * 0.6, page.width / 40));
    const above = it.box[1] > size * 1.3;
    text.setAttribute("x", it.box[0]);
    text.setAttribute("y", above ? it.box[1] - size * 0.3 : it.box[1] + it.box[3] + size);
    text.setAttribute("font-size", size);
    text.textContent = `${it.text}${it.accepted ? "" : " ?"}`;
    group.append(text);
  }
  group.addEventListener("click", () => choose(it, true));
  group.addEventListener("pointerenter", () => choose(it));
  partsOf(it).mark = group;
  return group;
}

function showList(written) {
  find("strings").hidden = !written.length;
  find("strings").tBodies[0].replaceChildren(...written.map((it) => {
    const level = levelOf(it);
    const button = made("button", { type: "button", textContent: it.text || "(blank)" });
    button.addEventListener("focus", () => choose(it));
    button.addEventListener("click", () => choose(it));
    const place = it.row === null ? "" : `row ${it.row + 1}, column ${it.column + 1}`;
    const head = made("th", { scope: "row" }, button, made("small", { className: "quiet", textContent: place ? ` ${place}` : "" }));
    const row = made("tr", {}, head,
      made("td", { className: level, textContent: `${sure(it.confidence)}, ${spokenLevel[level]}` }),
      made("td", { textContent: it.value === null ? "" : String(it.value) }),
      made("td", { className: "others", textContent: othersOf(it, 4) }));
    row.addEventListener("pointerenter", () => choose(it));
    partsOf(it).line = row;
    return row;
  }));
}

function showGrids(page) {
  find("grids").replaceChildren(...page.tables.map((table, index) => {
    const cells = page.strings.filter((it) => it.table === index).map((it) => ({
      row: it.row, column: it.column, text: it.text, level: levelOf(it), it,
      said: `${it.text ? [...it.text].join(" ") : "blank"}, ${sure(it.confidence)} sure`,
    }));
    const caption = `Table ${index + 1}: ${table.rows} × ${table.columns}`;
    if (!cells.length) return made("p", { textContent: caption });
    const grid = gridOf(cells, caption, (cell) => choose(cell.it));
    for (const cell of cells) partsOf(cell.it).cell = cell.button;
    return grid;
  }));
}

const parts = new WeakMap();

/** Where a string stands on the page: `mark` on the photo, `line` of the list, `cell` of a table. */
function partsOf(it) {
  if (!parts.has(it)) parts.set(it, {});
  return parts.get(it);
}

let chosen = null;

/** A string's parts are marked together. */
function choose(it, isFar = false) {
  for (const part of chosen ? Object.values(partsOf(chosen)) : []) part.classList.remove("chosen");
  chosen = it;
  for (const part of Object.values(partsOf(it))) part.classList.add("chosen");
  if (!isFar) return;
  const { cell, line } = partsOf(it);
  (cell ?? line)?.scrollIntoView({ block: "nearest" });
  (cell ?? line?.querySelector("button"))?.focus({ preventScroll: true });
}

export function showStages(picture) {
  const figures = (picture?.stages ?? []).map((it) => made("figure", {},
    made("figcaption", {}, made("b", { textContent: it.stage }), ` ${it.note}`),
    made("img", { src: `data:image/jpeg;base64,${it.picture}`, alt: `Stage ${it.stage}: ${it.note}` })));
  find("stage-list").replaceChildren(...figures);
  find("stages").hidden = !figures.length;
}
