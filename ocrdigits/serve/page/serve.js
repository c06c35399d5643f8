// Files chosen, dropped, pasted or photographed in, requests to the server and their answers out.

import { startPad } from "./pad.js";
import { showReading, showStages } from "./reading.js";

const find = (id) => document.getElementById(id);
let answer = null;
let last = null; // the file, to be read again under other options
let turn = 0; // of the requests; only the newest one's answer is shown

/** A form with a file to the server; its JSON back, or an error with one line. */
export async function post(path, file, options) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) if (value !== "") form.set(name, value);
  form.set("file", file, file.name ?? "drawing.png");
  let reply;
  try {
    reply = await fetch(path, { method: "POST", body: form });
  } catch {
    throw new Error("The program does not answer; is it still running?");
  }
  const content = await reply.json().catch(() => ({ detail: reply.statusText }));
  if (!reply.ok) throw new Error(content.detail);
  return content;
}

export const say = (text) => { find("spoken").textContent = text; };

export function warn(text) {
  find("alert").hidden = !text;
  find("alert").textContent = text ?? "";
}

function options() {
  const said = Object.fromEntries(["layout", "content", "pattern", "decimal"].map((name) => [name, find(name).value]));
  const percent = find("max_error").value;
  return { ...said, max_error: percent === "" ? "" : String(Number(percent) / 100) };
}

async function read(file) {
  if (!file) return;
  location.hash = "photo";
  last = file;
  turn += 1;
  const now = turn;
  warn(null);
  find("busy-text").textContent = `Reading ${file.name ?? "the picture"} …`;
  find("busy").hidden = false;
  try {
    const content = await post("page/read", file, options());
    if (now !== turn) return;
    answer = content;
    const names = content.pages.map((page) => new Option(String(page.page)));
    find("page").replaceChildren(...names);
    find("page-label").hidden = names.length < 2;
    showPage(0);
  } catch (error) {
    if (now !== turn) return;
    find("result").hidden = true;
    warn(error.message);
  } finally {
    if (now === turn) find("busy").hidden = true;
  }
}

function showPage(index) {
  const page = answer.pages[index];
  find("result").hidden = false;
  warn(page.error);
  say(showReading(page, answer.pictures[index]));
  showStages(answer.pictures[index]);
}

for (const name of ["file", "camera"]) {
  find(name).addEventListener("change", () => {
    const [file] = find(name).files;
    find(name).value = ""; // so that the same file can be chosen again
    read(file);
  });
}
find("page").addEventListener("change", () => showPage(find("page").selectedIndex));
find("options").addEventListener("change", () => read(last));
find("form").addEventListener("submit", (event) => event.preventDefault());

addEventListener("paste", (event) => read([...event.clipboardData.files][0]));
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  read([...event.dataTransfer.files][0]);
});

function showWay() {
  const isPad = location.hash === "#draw";
  find("pad-way").hidden = !isPad;
  find("photo-way").hidden = isPad;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === (isPad ? "#draw" : "#photo")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  warn(null);
}
addEventListener("hashchange", showWay);
showWay();
startPad();

/** The kinds of number are named in one place, the description of the API. */
fetch("openapi.json").then((reply) => reply.json()).then((api) => {
  const { content } = Object.values(api.components.schemas).find((it) => it.properties?.content).properties;
  const kinds = (content.anyOf ?? [content]).flatMap((it) => it.enum ?? []);
  find("content").append(...kinds.map((kind) => new Option(kind, kind)));
}).catch(() => {});
