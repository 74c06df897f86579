// The parts that views are made of. All text becomes text nodes; nothing is ever parsed as markup.

import { counted, KINDS, SHAPES } from "./words.js";

export const root = document.documentElement.dataset.root;
export const base = document.documentElement.dataset.base;

export const address = (path) => root + path;

export function el(tag, set, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(set || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function icon(kind) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `shape ${KINDS[kind] ? kind : "Keyphrase"}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[kind] || SHAPES.Keyphrase);
  svg.append(path);
  return svg;
}

export const button = (text, onclick, set) => el("button", { type: "button", onclick, ...set }, text);

export const link = (path, text, set) => el("a", { href: address(path), ...set }, text);

// A link to a paper or a concept, with the shape of its kind in front.
export function thingLink(thing, set) {
  const kind = thing.kind ? el("span", { class: "unseen" }, `${thing.kind.toLowerCase()}: `) : null;
  return el("a", { class: "thing", href: address(thing.path), ...set }, icon(thing.kind), kind, el("span", {}, thing.label));
}

// An address elsewhere: only those of the web become links.
export function outside(text, target = text) {
  return /^https?:\/\//i.test(target) ? el("a", { href: target, rel: "noopener noreferrer", class: "outside" }, text) : text;
}

export const sub = (thing) =>
  thing.kind === "Paper" ? (thing.year ? String(thing.year) : "paper") : `${thing.kind.toLowerCase()}, ${counted(thing.papers ?? 0, "paper")}`;

export const percent = (value) => value.toFixed(2).replace(/^0/, "");

export function sure(value, what = "confidence") {
  if (value === null || value === undefined) return null;
  return el("span", { class: value < 0.75 ? "sure low" : "sure", title: `${what} ${value.toFixed(3)}` }, el("span", { class: "unseen" }, `${what} `), percent(value));
}

export const heading = (text, count, level = "h2") =>
  el(level, { class: "section" }, text, count === undefined ? null : el("span", { class: "count" }, count.toLocaleString("en")));

// The first items of a list, and a button that shows the others.
export function some(items, most, tag = "ul", set = {}) {
  const list = el(tag, set, items.slice(0, most));
  if (items.length <= most) return list;
  const more = button(`Show ${items.length - most} more`, () => {
    const first = items[most];
    list.append(...items.slice(most));
    more.remove();
    (first.querySelector("a, button") || first).focus();
  }, { class: "more" });
  return el("div", {}, list, more);
}

export const notice = (title, text, ...more) =>
  el("div", { class: "notice" }, el("p", { class: "title" }, title), text ? el("p", {}, text) : null, ...more);

export function announce(text) {
  const said = document.getElementById("said");
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

export function pairs(list) {
  return el("dl", { class: "facts" }, list.map(([name, values]) => [el("dt", {}, name), el("dd", {}, values)]));
}

// Links to the questions that can be asked about a thing.
export function ask(card) {
  if (!card.questions.length) return null;
  return el("section", {}, el("h2", { class: "section" }, "Ask about it"), el("ul", { class: "asks" }, card.questions.map((question) => el("li", {}, link(question.path, question.title)))));
}

// Text of a cell, safe for spreadsheets: what could be read as a formula gets an apostrophe in front.
export function toCsv(columns, rows) {
  const guard = (text) => {
    const risky = /^[\t\r\n]|^[\s\u00a0\u3000]*[=+\-@＝＋－＠]/.test(text) && !/^[+-]?\d+([.,]\d+)*([eE][+-]?\d+)?\s?%?$/.test(text);
    const cell = risky ? `'${text}` : text;
    return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  };
  return `\ufeff${[columns, ...rows].map((row) => row.map(guard).join(",")).join("\r\n")}\r\n`;
}

export function download(name, text) {
  const made = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" })), download: name });
  document.body.append(made);
  made.click();
  made.remove();
  setTimeout(() => URL.revokeObjectURL(made.href), 10000);
}
