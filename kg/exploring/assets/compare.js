// Papers side by side. What several of them have stands out; what is shown is in the address.

import { get, query } from "./api.js";
import { address, announce, button, el, icon, link, notice, some, thingLink } from "./parts.js";
import { searchField } from "./search.js";
import { counted, KINDS, ROLES } from "./words.js";

const PART = 30;
const COLUMNS = ["Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase"];
const STANDARD = ["Method", "Benchmark", "Hardware", "Task"];
const SHORT = { introduces: "new", uses: "uses", "compares with": "vs.", mentions: "mentions", "trains on": "trains on" };

export async function show({ params, go, memory }) {
  const state = {
    papers: params.getAll("papers"),
    of: params.get("of") || "",
    q: params.get("q") || "",
    kind: (params.get("kind") || STANDARD.join(",")).split(",").filter((kind) => COLUMNS.includes(kind)),
    role: (params.get("role") || "").split(",").filter((role) => ROLES[role]),
    since: params.get("since") || "",
    until: params.get("until") || "",
    hardware: params.get("hardware") || "",
    sort: params.get("sort") || "",
  };
  const asked = () => ({ ...state, kind: state.kind.join(","), role: state.role.join(",") });
  const shareable = () => ({ ...asked(), kind: state.kind.join(",") === STANDARD.join(",") ? "" : state.kind.join(",") });
  const first = await get("compare", { ...asked(), limit: memory.rows || PART });
  const of = first.of;

  const title = el("h1", { tabindex: "-1" }, of ? ["Papers on ", thingLink(of)] : state.papers.length ? `${counted(state.papers.length, "paper")} compared` : "Papers compared");
  const amount = el("p", { class: "amount" });
  const csv = el("a", { class: "button", download: "comparison.csv" }, "CSV");
  const head = el("tr");
  const body = el("tbody");
  const table = el("table", { class: "rows compare" }, el("caption", { class: "unseen" }, "Papers with their methods, benchmarks, hardware and results"), el("thead", {}, head), body);
  const wide = el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Comparison of papers" }, table);
  const more = button("", () => load(true), { class: "more" });
  const empty = el("div", { hidden: true }, notice("No paper fits.", "Take a filter away, or compare the papers of another concept."));
  let rows = first.rows;
  let total = first.total;
  let turn = 0;

  async function load(next = false) {
    const mine = ++turn;
    wide.setAttribute("aria-busy", "true");
    try {
      const found = await get("compare", { ...asked(), limit: PART, skip: next ? rows.length : 0 });
      if (mine !== turn) return;
      rows = next ? [...rows, ...found.rows] : found.rows;
      total = found.total;
      memory.rows = Math.min(rows.length, 200);
    } catch (error) {
      empty.hidden = false;
      empty.replaceChildren(notice("That did not work.", error.message));
    } finally {
      wide.removeAttribute("aria-busy");
    }
    draw();
  }

  function change(set, reload = true) {
    Object.assign(state, set);
    go(address("compare") + query(shareable()), { replace: true, quiet: true });
    memory.rows = 0;
    if (reload) load();
    else draw();
  }

  function draw() {
    const columns = [["title", "Paper"], ...(rows.some(({ paper }) => paper.year) ? [["year", "Year"]] : []), ...state.kind.filter((kind) => rows.some(({ cells }) => cells[kind]?.length)).map((kind) => [kind, KINDS[kind]]), ["results", "Results"]];
    const [sort, down] = [state.sort.replace("-", "") || "title", state.sort.startsWith("-")];
    head.replaceChildren(...columns.map(([name, text]) => el("th", { scope: "col", "aria-sort": sort === name ? (down ? "descending" : "ascending") : "none" }, button(text, () => change({ sort: sort === name ? (down ? name : `-${name}`) : name === "title" ? name : `-${name}` }), { class: "sort" }))));
    const shared = new Map();
    for (const { cells } of rows) for (const ties of Object.values(cells)) for (const id of new Set(ties.map(({ thing }) => thing.id))) shared.set(id, (shared.get(id) || 0) + 1);
    body.replaceChildren(
      ...rows.map(({ paper, cells, results }) =>
        el(
          "tr",
          {},
          columns.map(([name, text]) => {
            if (name === "title") return el("th", { scope: "row" }, thingLink(paper));
            if (name === "year") return el("td", { class: "number", "data-name": text }, paper.year || "");
            if (name === "results") return el("td", { "data-name": text, class: results.length ? null : "none" }, resultList(results));
            return el("td", { "data-name": text, class: (cells[name] || []).length ? name : "none" }, ties(cells[name] || [], shared, of));
          }),
        ),
      ),
    );
    amount.textContent = rows.length < total ? `${rows.length} of ${counted(total, "paper")}` : counted(total, "paper");
    announce(amount.textContent);
    csv.href = address("api/compare.csv") + query(asked());
    const left = total - rows.length;
    more.hidden = left <= 0;
    more.textContent = left > PART ? `Show ${PART} of ${left.toLocaleString("en")} more` : `Show ${left} more`;
    empty.hidden = total > 0;
    wide.hidden = !total;
  }

  const choose = searchField({ label: "Papers of a concept", placeholder: "Papers of a method, benchmark, task …", kinds: COLUMNS, clear: true, first: true, onPick: (thing) => go(address("compare") + query({ of: thing.path })) });
  let timer = 0;
  const text = el("input", { type: "search", value: state.q, "aria-label": "Words in the title", placeholder: "Words in the title", oninput: (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => change({ q: event.target.value.trim() }), 200);
  } });
  const kinds = COLUMNS.map((kind) => {
    const input = el("input", { type: "checkbox", checked: state.kind.includes(kind), onchange: (event) => change({ kind: COLUMNS.filter((each) => (each === kind ? event.target.checked : state.kind.includes(each))) }) });
    return el("label", { class: "chip" }, input, icon(kind), KINDS[kind].toLowerCase());
  });
  const role = el("select", { "aria-label": "Role", onchange: (event) => change({ role: event.target.value ? [event.target.value] : [] }) }, el("option", { value: "" }, "any role"), Object.keys(ROLES).map((each) => el("option", { value: each, selected: state.role[0] === each }, each)));
  const hardware = el("select", { "aria-label": "Hardware", onchange: (event) => change({ hardware: event.target.value }) }, el("option", { value: "" }, "any hardware"), first.hardware.map((thing) => el("option", { value: thing.path, selected: state.hardware === thing.path }, `${thing.label} (${thing.here})`)));
  const years = first.years.length || state.since || state.until
    ? ["since", "until"].map((name, at) => el("input", { type: "number", class: "year", inputmode: "numeric", min: "1900", max: "2100", "aria-label": at ? "Until year" : "Since year", placeholder: String(first.years[at] ?? ""), value: state[name], onchange: (event) => change({ [name]: event.target.value }) }))
    : [];
  draw();
  const node = el(
    "div",
    { class: "page" },
    title,
    el("p", { class: "lead" }, of || state.papers.length ? link("compare", "All papers") : "What several of them share is set in bold. Choose a concept to compare its papers only."),
    el("div", { class: "form inline" }, choose, text, role, first.hardware.length ? hardware : null, years),
    el("div", { class: "tools" }, el("div", { class: "chips", role: "group", "aria-label": "Columns" }, kinds), amount, csv),
    wide,
    empty,
    more,
  );
  return { title: of ? `Papers on ${of.label}` : "Compare", name: "compare", node, focus: title };
}

function ties(found, shared, of) {
  const byRole = new Map();
  for (const { role, thing } of found) byRole.set(role, [...(byRole.get(role) || []), thing]);
  return [...byRole].map(([role, things]) => el("div", { class: "tie" }, SHORT[role] ? el("span", { class: "role" }, SHORT[role]) : null, some(things.map((thing) => el("li", { class: shared.get(thing.id) > 1 && thing.id !== of?.id ? "shared" : null }, thingLink(thing))), 7, "ul", { class: "stated" })));
}

function resultList(results) {
  if (!results.length) return null;
  const items = results.map(({ value, metric, subject, baseline, on }) => el("li", {}, el("b", {}, value), " ", [metric, baseline ? `over ${baseline}` : subject && !metric ? `of ${subject}` : "", on.length ? `on ${on.join(", ")}` : ""].filter(Boolean).join(" ")));
  return some(items, 3, "ul", { class: "plain-list" });
}
