// The way through the explorer: an address becomes a view, a click becomes an address, and the way back leads back.

import { announce, button, el, link, notice, root } from "./parts.js";
import { searchField } from "./search.js";
import { Failure } from "./api.js";

const VIEWS = [
  [/^$/, "./start.js"],
  [/^compare$/, "./compare.js"],
  [/^questions$/, "./questions.js"],
  [/^questions\/([\w-]+)$/, "./question.js"],
  [/^(?:query|sparql)$/, "./query.js"],
  [/^(thing|(?:paper|method|benchmark|hardware|task|metric|keyphrase)\/.+)$/, "./thing.js"],
];
const OTHER = [/^(.+)$/, "./data.js"];
const main = document.getElementById("main");
const loading = document.getElementById("loading");
const memories = new Map();
let turn = 0;
let leave = null;
let shown = "";

history.scrollRestoration = "manual";

const newKey = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
const memory = () => {
  if (!history.state?.key) history.replaceState({ key: newKey() }, "");
  const { key } = history.state;
  if (!memories.has(key)) memories.set(key, { y: 0 });
  return memories.get(key);
};

export function go(url, { replace = false, quiet = false } = {}) {
  if (replace) history.replaceState(history.state, "", url);
  else {
    memory().y = scrollY;
    history.pushState({ key: newKey() }, "", url);
  }
  if (!quiet) return draw();
  shown = location.pathname + location.search;
  return undefined;
}

async function draw(back = false) {
  const mine = ++turn;
  const path = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : location.pathname.slice(1);
  const place = { path, params: new URLSearchParams(location.search), memory: memory(), go };
  shown = location.pathname + location.search;
  const slow = setTimeout(() => mine === turn && (loading.hidden = false), 150);
  let view;
  try {
    const [pattern, file] = VIEWS.find(([each]) => each.test(path)) || OTHER;
    const module = await import(file);
    view = await module.show({ ...place, match: path.match(pattern) });
  } catch (error) {
    view = failure(error);
  }
  clearTimeout(slow);
  if (mine !== turn) return;
  loading.hidden = true;
  if (leave) leave();
  leave = view.leave || null;
  document.title = view.title ? `${view.title} · kg` : "kg";
  document.body.dataset.view = view.name || "error";
  main.replaceChildren(view.node);
  for (const each of document.querySelectorAll("nav a")) {
    const here = new URL(each.href).pathname;
    if (location.pathname === here || location.pathname.startsWith(`${here}/`)) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  if (view.after) view.after();
  if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  else scrollTo(0, back ? place.memory.y : 0);
  if (!back && view.focus) view.focus.focus();
  else if (mine > 1 && !view.focus) main.focus({ preventScroll: true });
  announce(`${document.title.replace(" · kg", "")} is shown`);
  document.documentElement.dataset.ready = String(mine);
}

function failure(error) {
  if (!(error instanceof Failure)) console.error(error);
  const missing = error.status === 404;
  const title = missing ? "Nothing stands here" : "That did not work";
  const said = error.message || "There is no page at this address.";
  const text = said[0].toUpperCase() + said.slice(1);
  const again = missing ? null : button("Try again", () => draw());
  return { title, name: "error", node: el("div", { class: "page" }, el("h1", {}, title), notice(text, "", el("p", { class: "acts" }, again, link("", "Go to the start page")))) };
}

document.addEventListener("click", (event) => {
  const found = event.target.closest?.("a[href]");
  if (!found || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(found.href);
  const here = url.origin === location.origin && url.pathname.startsWith(root);
  const view = VIEWS.some(([each]) => each.test(url.pathname.slice(root.length)));
  if (!here || !view || found.hasAttribute("download") || found.target || found.dataset.plain !== undefined) return;
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  event.preventDefault();
  go(url.href);
});
addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) draw(true);
});
addEventListener("scroll", () => {
  if (history.state?.key && memories.has(history.state.key) && location.pathname + location.search === shown) memories.get(history.state.key).y = scrollY;
}, { passive: true });
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], .CodeMirror");
  if (event.key !== "/" || typing || event.metaKey || event.ctrlKey || event.altKey) return;
  const fields = [...document.querySelectorAll('input[type="search"][role="combobox"]')];
  const field = fields.find((each) => each.offsetParent && each.closest("main")?.contains(each) && each.dataset.first !== undefined) || fields.find((each) => each.offsetParent);
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

document.getElementById("find").append(searchField({ label: "Search papers and concepts", onPick: (thing) => go(root + thing.path), clear: true }));
draw();
