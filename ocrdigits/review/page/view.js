// One string and the state of the queue in, the page out; nothing here talks to the server.

const find = (id) => document.getElementById(id);
const LEAST_SHOWN = 0.0005; // below, it would read as 0.0 %
const percent = (share, places = 0) => `${(share * 100).toFixed(places)}\u00a0%`;
export const spoken = { confirmed: "confirmed", corrected: "corrected", unreadable: "unreadable", not_a_number: "not a number" };

/** Strings that are nearly sure or nearly hopeless must not read as 100 % or 0 %. */
export function sure(confidence) {
  const places = confidence > 0.99 || confidence < 0.01 ? 2 : 0;
  return `${percent(Math.min(confidence, 0.9999), places)} sure`;
}

/** Digit by digit, as it is read out. */
export const spelt = (text) => [...text].join(" ") || "as blank";

export function showString(item, cropMargin, pictureOf, photoOf) {
  find("work").hidden = false;
  find("done").hidden = true;
  const text = find("text");
  text.value = item.decision.text ?? item.text;
  markInvalid(false);
  const cell = item.cell[1] === null ? "" : `, row ${item.cell[1] + 1}, column ${item.cell[2] + 1}`;
  const page = item.page > 1 ? `, page ${item.page}` : "";
  find("place").textContent = `${item.file}${page}${item.field ? `, ${item.field}` : ""}${cell}`;
  find("sure").textContent = `read ${item.text || "as blank"}, ${sure(item.confidence)}`;
  showFailed(item);
  showVerdict(item);
  showAlternatives(item);
  showCrop(item, cropMargin, pictureOf(item));
  showPhoto(item, photoOf(item));
}

export function showFailed(item) {
  find("failing").hidden = !item.failed.length;
  find("failing").replaceChildren(...item.failed.map((fact) => Object.assign(document.createElement("li"), { textContent: fact })));
}

export function showVerdict(item) {
  const { verdict, text, made_by: by } = item.decision;
  find("verdict").hidden = !verdict;
  find("verdict").textContent = verdict ? `${spoken[verdict]}${text ? ` ${text}` : ""} by ${by}` : "";
}

export function markInvalid(isInvalid) {
  find("text").setAttribute("aria-invalid", String(isInvalid));
  find("hint").hidden = !isInvalid;
}

export function nameButton(isChanged) {
  find("confirm").firstElementChild.textContent = isChanged ? "Correct" : "Confirm";
}

function showAlternatives(item) {
  const others = item.alternatives.filter((it) => /\d/.test(it.text) && it.text !== item.text && it.confidence >= LEAST_SHOWN);
  find("alternatives").hidden = !others.length;
  find("alternatives").replaceChildren(...others.map((other, index) => {
    const button = document.createElement("button");
    const key = "abcde"[index];
    button.type = "button";
    button.dataset.text = other.text;
    button.setAttribute("aria-keyshortcuts", key);
    const [label, share, cap] = ["span", "small", "kbd"].map((name) => document.createElement(name));
    [label.textContent, share.textContent, cap.textContent] = [other.text, percent(other.confidence, other.confidence < 0.1 ? 1 : 0), key];
    button.append(label, " ", share, " ", cap);
    return button;
  }));
}

function showCrop(item, cropMargin, url) {
  const [[x0, y0], [x1, y1], , [x3, y3]] = item.polygon;
  const across = Math.max(Math.hypot(x1 - x0, y1 - y0), 1);
  const down = Math.max(Math.hypot(x3 - x0, y3 - y0), 1);
  const margin = cropMargin * down;
  const mark = find("crop-mark");
  mark.setAttribute("viewBox", `0 0 ${across + 2 * margin} ${down + 2 * margin}`);
  const rect = mark.firstElementChild;
  for (const [name, value] of Object.entries({ x: margin, y: margin, width: across, height: down })) rect.setAttribute(name, value);
  showPicture("crop", url, `The string, read ${item.text ? `as ${item.text}` : "as blank"}`);
}

function showPhoto(item, url) {
  const mark = find("photo-mark");
  mark.setAttribute("viewBox", `0 0 ${item.page_width} ${item.page_height}`);
  const room = 0.008 * Math.max(item.page_width, item.page_height); // a small string stays visible inside its mark
  const [left, top, width, height] = item.box;
  for (const rect of mark.children) {
    for (const [name, value] of Object.entries({ x: left - room, y: top - room, width: width + 2 * room, height: height + 2 * room })) rect.setAttribute(name, value);
  }
  const [x, y] = [item.box[0] / item.page_width, item.box[1] / item.page_height];
  const where = `${y < 1 / 3 ? "top" : y < 2 / 3 ? "middle" : "bottom"} ${x < 1 / 3 ? "left" : x < 2 / 3 ? "centre" : "right"}`;
  showPicture("photo", url, `The photo ${item.file}; the string is at the ${where}`);
}

function showPicture(name, url, alt) {
  const image = find(name);
  image.alt = alt;
  if (image.dataset.url === url) return;
  image.dataset.url = url;
  image.hidden = false;
  find(`${name}-mark`).toggleAttribute("hidden", false);
  find(`${name}-lost`).hidden = true;
  image.src = url;
}

export function showLost(name, why) {
  find(name).hidden = true;
  find(`${name}-mark`).toggleAttribute("hidden", true);
  find(`${name}-lost`).hidden = false;
  find(`${name}-lost`).textContent = why;
}

export function showDone(hasAny, { canUndo, canGoBack, takesFocus }) {
  find("work").hidden = true;
  find("done").hidden = false;
  find("done-text").textContent = hasAny
    ? "Nothing is left here. Choose other filters, or go back."
    : "No string is like that. Choose other filters.";
  find("done-next").hidden = !hasAny;
  find("done-undo").hidden = !canUndo;
  find("done-back").hidden = !canGoBack;
  if (takesFocus) find("done").focus();
}

export function showProgress(overview, secondsEach) {
  const { strings, decided } = overview;
  find("bar").max = Math.max(strings, 1);
  find("bar").value = decided;
  find("count").textContent = `${decided.toLocaleString("en")} of ${strings.toLocaleString("en")} decided`;
  const minutes = (secondsEach * (strings - decided)) / 60;
  find("left").textContent = !secondsEach || decided >= strings ? "" : minutes < 1 ? "less than a minute left" : `about ${Math.round(minutes)} min left`;
}

export function showFields(fields) {
  const select = find("field");
  find("field-label").hidden = !fields.length;
  for (const name of fields.slice(select.options.length - 1)) select.add(new Option(name, name));
}

/** How many fail; null where there is no template. */
export function showFailedCount(count) {
  find("failed-label").hidden = count === null;
  find("failed-count").textContent = count === null ? "" : `(${count.toLocaleString("en")})`;
}

export function showChecked(overview) {
  const aim = overview.max_error === null ? "" : ` (aim: ${percent(overview.max_error, 1)})`;
  const names = { doubtful: "in doubt", accepted: `accepted${aim}` };
  find("checked").tBodies[0].replaceChildren(...Object.entries(names).map(([key, name]) => {
    const it = overview.checked[key];
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    const cells = it.strings
      ? [it.strings, percent(it.promised, 1), `${percent(it.observed, 1)} (${it.wrong})`, `${percent(it.low, 1)} to ${percent(it.high, 1)}`]
      : [0, "–", "–", "–"];
    row.append(head, ...cells.map((content) => Object.assign(document.createElement("td"), { textContent: content })));
    return row;
  }));
  find("who").textContent = overview.made_by;
}

export function say(text) {
  find("spoken").textContent = text;
}

export function warn(text) {
  find("alert").hidden = !text;
  find("alert").textContent = text ?? "";
}
