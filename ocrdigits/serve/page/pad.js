// Strokes of pointer or keys in, what they say out, read anew while one draws.

import { othersOf, sure } from "./reading.js";
import { post, warn } from "./serve.js";

const find = (id) => document.getElementById(id);
const PEN = 14; // pixels of the pad, as thick as a felt pen on a page
const STEP = 16; // of the arrow keys
const PAUSE_MS = 150;

let strokes = [];
let current = null; // the stroke being drawn
let cursor = null; // of the keys: [x, y]
let isReading = false;
let isStale = false;

const pad = () => find("pad");
const pen = () => pad().getContext("2d");

function at(event) {
  const box = pad().getBoundingClientRect();
  return [((event.clientX - box.left) * pad().width) / box.width, ((event.clientY - box.top) * pad().height) / box.height];
}

function draw() {
  const to = pen();
  to.fillStyle = "#fff";
  to.fillRect(0, 0, pad().width, pad().height);
  [to.strokeStyle, to.fillStyle, to.lineWidth, to.lineCap, to.lineJoin] = ["#16191d", "#16191d", PEN, "round", "round"];
  for (const stroke of strokes) {
    to.beginPath();
    to.moveTo(...stroke[0]);
    for (const point of stroke) to.lineTo(...point);
    to.stroke();
  }
}

/** What is sent: the strokes alone, without the keys' cursor. */
function picture() {
  draw();
  return new Promise((done) => { pad().toBlob((blob) => { drawCursor(); done(blob); }, "image/png"); });
}

function drawCursor() {
  draw();
  if (!cursor) return;
  const to = pen();
  [to.strokeStyle, to.lineWidth] = ["#1453ad", 3];
  to.beginPath();
  to.arc(...cursor, current ? PEN * 0.8 : PEN * 1.6, 0, 2 * Math.PI);
  to.stroke();
}

/** One request at a time; what has changed meanwhile is read right after it. */
async function read() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    if (!strokes.length) {
      show(null);
      continue;
    }
    try {
      const page = await post("v1/read", await picture(), { layout: "line" });
      if (strokes.length) show(page.strings[0] ?? { text: "", alternatives: [], characters: [], confidence: 0 });
      warn(null);
    } catch (error) {
      warn(error.message);
    }
    await new Promise((done) => { setTimeout(done, PAUSE_MS); });
  }
  isReading = false;
}

function show(it) {
  find("pad-text").textContent = it?.text ?? "";
  const others = it ? othersOf(it, 3) : "";
  const also = others ? ` · could also be ${others}` : "";
  find("pad-facts").textContent = !it ? "" : it.text ? `${sure(it.confidence)} sure${it.accepted ? ", accepted" : ""}${also}` : "no number yet";
  find("pad-characters").replaceChildren(...(it?.characters ?? []).map((character) => {
    const box = document.createElement("span");
    const share = document.createElement("small");
    share.textContent = sure(character.confidence);
    box.append(character.text, share);
    return box;
  }));
}

function begin(point) {
  current = [point];
  strokes.push(current);
}

function undo() {
  current = null;
  strokes.pop();
  drawCursor();
  read();
}

function clear() {
  [current, strokes] = [null, []];
  drawCursor();
  read();
}

function byKey(event) {
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  const does = { z: undo, c: clear }[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey || !(step || does || event.key === " ")) return;
  event.preventDefault();
  if (does) {
    does();
    return;
  }
  cursor ??= [pad().width / 4, pad().height / 4];
  if (step) {
    const [right, bottom] = [pad().width - PEN, pad().height - PEN];
    cursor = [Math.min(right, Math.max(PEN, cursor[0] + step[0] * STEP)), Math.min(bottom, Math.max(PEN, cursor[1] + step[1] * STEP))];
    current?.push(cursor);
  } else if (current) current = null;
  else begin(cursor);
  drawCursor();
  if (current || !step) read();
}

export function startPad() {
  draw();
  pad().addEventListener("pointerdown", (event) => {
    if (event.button) return;
    cursor = null;
    pad().setPointerCapture(event.pointerId);
    begin(at(event));
    drawCursor();
  });
  pad().addEventListener("pointermove", (event) => {
    if (!current || !pad().hasPointerCapture(event.pointerId)) return;
    current.push(...(event.getCoalescedEvents?.() ?? [event]).map(at));
    drawCursor();
    read();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    pad().addEventListener(name, () => { if (!cursor) current = null; read(); });
  }
  pad().addEventListener("keydown", byKey);
  pad().addEventListener("blur", () => { cursor = null; current = null; drawCursor(); });
  find("pad-undo").addEventListener("click", undo);
  find("pad-clear").addEventListener("click", clear);
}
