// SPARQL: an editor, the shipped queries as examples, and the answer as a table.

import { Failure, get, request } from "./api.js";
import { address, announce, base, button, download, el, notice, toCsv } from "./parts.js";
import { editor } from "./editor.js";
import { table } from "./table.js";
import { counted, KINDS } from "./words.js";

const START = `SELECT ?title ?technique {
  ?paper kg:introduces ?method ; dcterms:title ?title .
  ?method skos:prefLabel ?technique .
}
ORDER BY ?title
LIMIT 20
`;
const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9";
const MOST = 2000;
const PAGES = new Set(Object.keys(KINDS).map((kind) => kind.toLowerCase()));

export async function show({ params, go, memory }) {
  const terms = await get("terms");
  const asked = params.get("query");
  const place = el("div", { class: "editor" });
  const answer = el("div", { class: "answers", "aria-live": "polite" });
  let made = null;
  let running = null;

  const text = () => (made ? made.getValue() : asked || START);
  const ask = el("button", { type: "button", class: "main", onclick: () => run() }, "Run");
  const stop = button("Stop", () => running?.abort(), { hidden: true });
  const examples = el(
    "select",
    {
      "aria-label": "Examples",
      onchange: (event) => {
        const chosen = terms.examples[event.target.value];
        if (chosen) {
          made?.setValue(chosen.query);
          run();
        }
      },
    },
    el("option", { value: "" }, "Examples …"),
    terms.examples.map(({ title }, index) => el("option", { value: index }, title)),
  );

  async function run(remember = true) {
    const query = text();
    running?.abort();
    const mine = (running = new AbortController());
    if (remember) go(`${address("query")}?query=${encodeURIComponent(query)}`, { replace: true, quiet: true });
    stop.hidden = false;
    answer.replaceChildren(el("p", { class: "wait" }, "Asking …"));
    const begun = performance.now();
    try {
      const found = await fetchAnswer(query, mine.signal);
      if (mine !== running) return;
      answer.replaceChildren(...shown(found, performance.now() - begun, terms));
    } catch (error) {
      if (mine !== running) return;
      if (error.name === "AbortError") answer.replaceChildren(notice("Stopped."));
      else answer.replaceChildren(el("div", { role: "alert", class: "notice" }, el("p", { class: "title" }, "The query was not answered."), el("pre", {}, error.message)));
    }
    stop.hidden = true;
    running = null;
  }

  const node = el(
    "div",
    { class: "page" },
    el("h1", { tabindex: "-1" }, "Query"),
    el("p", { class: "lead" }, "SPARQL 1.1. Known prefixes need no declaration. ", keys("Ctrl", "Space"), " completes, ", keys("Ctrl", "Enter"), " runs, ", keys("Esc", "Tab"), " leaves the editor."),
    place,
    el("div", { class: "tools" }, ask, stop, examples),
    answer,
  );
  place.append(el("pre", { class: "wait" }, text()));
  const after = async () => {
    try {
      made = await editor(place, memory.query ?? text(), terms, () => run());
      made.on("change", () => (memory.query = made.getValue()));
      node.dataset.ready = "";
    } catch (error) {
      place.replaceChildren(notice(error.message));
      return;
    }
    if (asked) run(false);
  };
  return { title: "Query", name: "query", node, after, leave: () => running?.abort(), focus: node.querySelector("h1") };
}

const keys = (...names) => el("span", { class: "keys" }, names.map((name, index) => [index ? " " : "", el("kbd", {}, name)]));

async function fetchAnswer(query, signal) {
  const response = await request(address("sparql"), { method: "POST", headers: { accept: ACCEPT, "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ query }), signal });
  const type = response.headers.get("content-type") || "";
  if (!response.ok) throw new Failure((await response.text()).slice(0, 4000), response.status);
  return type.includes("json") ? response.json() : { turtle: await response.text() };
}

function shown(found, took, terms) {
  const time = took < 995 ? `${Math.max(1, Math.round(took))} ms` : `${(took / 1000).toFixed(1)} s`;
  if (found.turtle !== undefined) {
    const cut = found.turtle.length > 200000;
    return [el("p", { class: "amount" }, `Turtle, ${time}`), el("pre", { class: "turtle", tabindex: "0" }, found.turtle.slice(0, 200000)), cut ? el("p", { class: "wait" }, "The rest is not shown.") : null].filter(Boolean);
  }
  if (found.boolean !== undefined) return [notice(found.boolean ? "Yes." : "No.", time)];
  const columns = found.head.vars;
  const rows = found.results.bindings;
  announce(counted(rows.length, "row"));
  if (!rows.length) return [notice("No rows.", `Nothing in the graph fits the query (${time}). A misspelt name gives no rows either: Ctrl and Space complete names.`)];
  const cells = rows.slice(0, MOST).map((row) => columns.map((column) => cell(row[column], terms)));
  const csv = () => download("query.csv", toCsv(columns, rows.map((row) => columns.map((column) => row[column]?.value ?? ""))));
  return [el("div", { class: "tools" }, el("p", { class: "amount" }, `${counted(rows.length, "row")}, ${time}`), button("CSV", csv)), table(columns, cells, { caption: "Answer of the query", total: rows.length })];
}

function cell(term, terms) {
  if (!term) return { text: "" };
  if (term.type === "literal") return { text: term.value, number: /#(integer|decimal|double|float)$/.test(term.datatype || "") };
  if (term.type !== "uri") return { text: typeof term.value === "string" ? `_:${term.value}` : JSON.stringify(term.value) };
  const [name] = Object.entries(terms.prefixes).filter(([, iri]) => term.value.startsWith(iri)).sort((a, b) => b[1].length - a[1].length);
  const text = name ? `${name[0]}:${term.value.slice(name[1].length)}` : term.value;
  const path = term.value.startsWith(base) ? term.value.slice(base.length) : null;
  const kind = path && path.split("/")[0];
  if (kind && PAGES.has(kind)) return { text, thing: { path, kind: kind[0].toUpperCase() + kind.slice(1), label: text } };
  return { text, iri: term.value, path };
}
