// Keys, the queue and the server: what a person does in, decisions out, in order, one at a time.

import { cellAt, loadTable, onTable, showTable } from "./tables.js";
import * as view from "./view.js";

const find = (id) => document.getElementById(id);
const AHEAD = 6; // crops fetched before they are needed
const PAGE = 40;
const LONGEST_S = 90; // longer than this nobody was deciding
const TEXT = /^[0-9.,/-]*[0-9][0-9.,/-]*$/;

let queue = [];
let place = 0;
let isComplete = false; // the server has no more
let isChecked = false; // … and was asked once more after the last decision
let overview = { strings: 0, decided: 0, crop_margin: 0.9 };
let isFiltering = false; // by keys: the focus is to stay there
const undoable = []; // what this window decided, and promises of the decisions' ids
let unsent = 0;
let loading = null;
let generation = 0; // of the filters
let since = performance.now();
const seconds = [];
const photoOfPage = new Map();
const fetched = new Map();

const item = () => queue[place];
const cropOf = (it) => `api/strings/${it.id}/crop?of=${it.box.join("-")}`;

/** All strings of a page share one photo, and so one fetch. */
function photoOf(it) {
  if (!photoOfPage.has(it.page_id)) photoOfPage.set(it.page_id, `api/strings/${it.id}/photo`);
  return photoOfPage.get(it.page_id);
}

export async function ask(path, body) {
  const options = body && { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const content = await answer.json().catch(() => ({ detail: answer.statusText }));
  if (!answer.ok) throw Object.assign(new Error(content.detail), { status: answer.status, decision: content.decision });
  return content;
}

function filters() {
  const share = (id, fallback) => Math.min(1, Math.max(0, find(id).value === "" ? fallback : Number(find(id).value) / 100));
  const query = new URLSearchParams({ show: find("show").value, file: find("file").value, low: share("low", 0), high: share("high", 1) });
  if (find("field").value) query.set("field", find("field").value);
  if (find("failed").checked) query.set("failed", "true");
  return query;
}

async function load() {
  const now = generation;
  const query = filters();
  const last = queue.at(-1);
  query.set("limit", PAGE);
  if (last) {
    query.set("rank", last.rank);
    query.set("after", last.id);
  }
  const more = await ask(`api/strings?${query}`);
  if (now !== generation) return;
  queue.push(...more);
  isComplete = more.length < PAGE;
}

/** A decision can make a sum fail whose other fields the queue had passed, or a job has read on. */
async function lookAgain() {
  isChecked = true;
  const now = generation;
  const known = new Set(queue.map((it) => it.id));
  const query = filters();
  query.set("limit", 200);
  await Promise.all(undoable.map(({ sent }) => sent));
  const first = await ask(`api/strings?${query}`).catch(() => []);
  if (now === generation) queue.push(...first.filter((it) => !known.has(it.id)));
}

function loadAhead() {
  if (!isComplete && !loading && place + 2 * AHEAD >= queue.length) {
    loading = load().catch((error) => view.warn(error.message)).finally(() => { loading = null; });
  }
  for (const next of queue.slice(place + 1, place + 1 + AHEAD)) {
    for (const url of [cropOf(next), photoOf(next)]) {
      if (fetched.has(url)) continue;
      const image = new Image();
      image.src = url;
      fetched.set(url, image);
      if (fetched.size > 8 * AHEAD) fetched.delete(fetched.keys().next().value);
    }
  }
}

async function show(announce = "") {
  if (place >= queue.length && !isComplete) {
    loadAhead();
    await loading;
  }
  if (!item() && queue.length && !isChecked) await lookAgain();
  if (!item()) {
    const isEmpty = queue.length === 0 && overview.strings === 0;
    view.showDone(!isEmpty, { canUndo: undoable.length > 0, canGoBack: place > 0, takesFocus: !isFiltering });
    view.say(`${announce} Nothing is left here.`);
    return;
  }
  view.showString(item(), overview.crop_margin, cropOf, photoOf);
  view.nameButton(false);
  const { verdict, text } = item().decision;
  const decided = verdict ? `, ${view.spoken[verdict]}${text ? ` ${text}` : ""}` : "";
  const failed = item().failed.length ? ` Failed check: ${item().failed.join("; ")}.` : "";
  view.say(`${announce} Read ${view.spelt(item().text)}, ${view.sure(item().confidence)}, in ${item().field ?? "file"} ${item().file}${decided}.${failed}`);
  find("undo").disabled = !undoable.length;
  find("back").disabled = place === 0;
  if (!isFiltering) focusText();
  loadAhead();
  showTable(item(), goTo);
}

/** What fails now, after decisions on other fields of the form, for strings that are here already. */
onTable((cells) => {
  for (const cell of cells) {
    for (const it of queue) if (it.id === cell.id) it.failed = cell.failed;
  }
  if (item()) view.showFailed(item());
});

/** A cell chosen in the table or on the photo becomes the string in hand; the one before comes next. */
function goTo(cell) {
  if (cell.id === item().id) {
    focusText();
    return;
  }
  const known = queue.findIndex((it) => it.id === cell.id);
  if (known >= 0) place = known;
  else queue.splice(place, 0, cell);
  since = performance.now();
  view.warn(null);
  show();
}

function clickPhoto(event) {
  const cell = cellAt(item(), event);
  if (cell) goTo(cell);
  else keys.p();
}

function focusText() {
  if (!matchMedia("(hover: none)").matches) find("text").focus();
  find("text").select();
}

function move(step) {
  const to = place + step;
  if (to < 0 || to > queue.length || (to === queue.length && isComplete && !queue.length)) return;
  place = to;
  since = performance.now();
  view.warn(null);
  show();
}

const seen = (it) => ({ text: it.text, box: it.box, decision: it.decision.id });

/** The next string shows at once; the decision is on its way meanwhile, after others on the same string. */
function decide(verdict, text = null) {
  const it = item();
  if (!it) return;
  const took = (performance.now() - since) / 1000;
  if (took < LONGEST_S) seconds.push(took);
  if (seconds.length > 40) seconds.shift();
  const announce = verdict === "text" ? (text === it.text ? "Confirmed." : `Corrected to ${text}.`) : `${view.spoken[verdict]}.`;
  unsent += 1;
  isChecked = false;
  it.sent = (it.sent ?? Promise.resolve()).then(() => send(it, { verdict, text }));
  undoable.push({ it, sent: it.sent });
  move(1);
  view.say(announce);
}

/** The decision's id; null if it was refused. Requests outlive a page that is closed. */
async function send(it, { verdict, text }) {
  try {
    const body = { seen: seen(it), verdict };
    it.decision = await ask(`api/strings/${it.id}/decision`, text === null ? body : { ...body, text });
    loadTable(it);
    return it.decision.id;
  } catch (error) {
    refuse(it, error);
    return null;
  } finally {
    unsent -= 1;
    if (!unsent) refresh(); // counting a large store takes longer than a quick person's answer
  }
}

function refuse(it, error) {
  if (error.decision) it.decision = error.decision;
  const decided = error.decision?.verdict ? `: ${view.spoken[error.decision.verdict]} ${error.decision.text ?? ""} by ${error.decision.made_by}` : "";
  place = queue.includes(it) ? queue.indexOf(it) : place;
  show();
  view.warn(`${it.file}, read ${it.text}: your answer is not saved. ${error.status ? error.message : "The program does not answer; is it still running?"}${decided}`);
}

function undo() {
  const last = undoable.pop();
  if (!last) return;
  const { it } = last;
  it.sent = Promise.all([last.sent, it.sent]).then(async ([decision]) => {
    if (decision === null) return;
    try {
      it.decision = await ask(`api/strings/${it.id}/undo`, { seen: seen(it), decision });
      loadTable(it);
      if (!queue.includes(it)) queue.splice(place, 0, it);
      place = queue.indexOf(it);
      view.warn(null);
      await show("Undone.");
    } catch (error) {
      refuse(it, error);
    }
    refresh();
  });
}

async function refresh() {
  try {
    overview = await ask(`api/overview?${filters()}`);
  } catch {
    return; // the next decision will say so
  }
  const median = [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? 0;
  view.showProgress(overview, median);
  view.showFields(overview.fields);
  view.showFailedCount(overview.failed);
  view.showChecked(overview);
}

async function restart() {
  generation += 1;
  [queue, place, isComplete, isChecked, loading] = [[], 0, false, false, null];
  view.warn(null);
  try {
    await load();
    const counted = refresh(); // takes longer, and only an empty page waits for it
    if (!queue.length) await counted;
    await show();
  } catch (error) {
    view.warn(error.message);
  }
}

function answer() {
  const text = find("text").value.trim();
  const isText = TEXT.test(text);
  view.markInvalid(!isText);
  if (isText) decide("text", text);
}

const isUntouched = () => item() && find("text").value === (item().decision.text ?? item().text);

function take(text) {
  find("text").value = text;
  view.nameButton(text !== item().text);
  find("text").focus();
}

const keys = {
  u: () => decide("unreadable"),
  n: () => decide("not_a_number"),
  z: undo,
  f: () => { find("filter-box").open = true; find("show").focus(); },
  x: () => { if (!find("failed-label").hidden) find("failed").click(); },
  p: () => document.body.classList.toggle("large"),
  t: () => (find("table-box").querySelector(".chosen") ?? find("text")).focus(),
  "?": () => find("help").toggleAttribute("open"),
  ArrowUp: () => move(-1),
  ArrowDown: () => move(1),
};

addEventListener("beforeunload", (event) => { if (unsent) event.preventDefault(); });

addEventListener("keydown", (event) => {
  const isText = event.target === find("text");
  const inFilters = find("filters").contains(event.target);
  isFiltering = inFilters && !["Enter", " ", "Escape"].includes(event.key);
  if (event.key === "Escape") {
    if (item()) {
      find("text").value = item().decision.text ?? item().text;
      view.nameButton(false);
      find("text").focus();
      find("text").select();
    }
    return;
  }
  if (inFilters || event.altKey || event.metaKey || event.isComposing) return;
  if (event.ctrlKey && !(event.key === "z" && isUntouched())) return;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    if (isText && !isUntouched()) return;
    event.preventDefault();
    move(event.key === "ArrowLeft" ? -1 : 1);
    return;
  }
  const other = find("alternatives").children["abcde".indexOf(event.key)];
  if (other && event.key.length === 1 && !find("work").hidden) {
    event.preventDefault();
    take(other.dataset.text);
  } else if (Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
  }
});

addEventListener("pointerdown", () => { isFiltering = false; });
find("done-undo").addEventListener("click", undo);
find("done-back").addEventListener("click", () => move(-1));
find("answer").addEventListener("submit", (event) => { event.preventDefault(); answer(); });
find("filters").addEventListener("submit", (event) => event.preventDefault());
find("filters").addEventListener("change", restart);
find("text").addEventListener("input", () => { view.markInvalid(false); view.nameButton(find("text").value !== item()?.text); });
find("alternatives").addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) take(button.dataset.text); });
find("unreadable").addEventListener("click", keys.u);
find("not-a-number").addEventListener("click", keys.n);
find("undo").addEventListener("click", undo);
find("back").addEventListener("click", () => move(-1));
find("on").addEventListener("click", () => move(1));
find("photo").addEventListener("click", clickPhoto);
for (const name of ["crop", "photo"]) {
  find(name).addEventListener("error", () => {
    const { url } = find(name).dataset;
    ask(url).catch((error) => { if (find(name).dataset.url === url) view.showLost(name, error.message); });
  });
}
find("filter-box").open = matchMedia("(min-width: 52.01rem)").matches;
restart();
