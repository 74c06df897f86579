// The start page: search, how much there is, and where to begin.

import { get } from "./api.js";
import { address, el, heading, link, thingLink } from "./parts.js";
import { searchField } from "./search.js";
import { counted, KINDS } from "./words.js";

const ENTRANCES = { Method: "Methods that papers share", Benchmark: "Benchmarks", Hardware: "Hardware", Task: "Tasks" };
const ASKED = ["papers-that-use-a-method", "speed-ups-claimed", "papers-on-less-than-memory", "results-on-a-benchmark", "papers-connecting-two-topics", "most-compared-baselines"];

const entry = (thing) => el("li", {}, thingLink(thing), el("small", {}, thing.kind === "Paper" ? String(thing.year || "") : counted(thing.papers, "paper")));

export async function show({ params, go }) {
  const { counts, entrances, papers, dated, questions } = await get("overview");
  const typed = params.get("q") || "";
  const search = searchField({
    label: "Search papers, methods, benchmarks, hardware, tasks",
    placeholder: "A method, a benchmark, a paper …",
    value: typed,
    first: true,
    onPick: (thing) => go(address(thing.path)),
    onText: (text) => go(address(text ? `?q=${encodeURIComponent(text)}` : ""), { replace: true, quiet: true }),
  });
  const numbers = Object.entries(counts).map(([name, count]) => el("div", {}, el("dt", {}, (KINDS[name] || name).toLowerCase()), el("dd", {}, count.toLocaleString("en"))));
  const ready = ASKED.map((name) => questions.find((question) => question.name === name)).filter(Boolean);
  const sections = Object.entries(ENTRANCES)
    .filter(([kind]) => entrances[kind]?.length)
    .map(([kind, title]) => el("section", {}, heading(title), el("ul", { class: "entries" }, entrances[kind].map(entry))));
  const node = el(
    "div",
    { class: "page start" },
    el("div", { class: "hero" }, el("h1", {}, "What do these papers share?"), el("p", { class: "lead" }, `${counted(counts.Paper || 0, "paper")} as a graph: what each introduces, uses, is tested on, and the sentence that says so.`), search),
    el("dl", { class: "numbers", "aria-label": "What is in the graph" }, numbers),
    el(
      "div",
      { class: "entrances" },
      el("section", {}, heading("Questions to ask"), el("ul", { class: "entries asked" }, ready.map((question) => el("li", {}, link(`questions/${question.name}`, question.title))), el("li", { class: "all" }, link("questions", `All ${questions.length} questions`)))),
      ...sections,
      el("section", { class: "papers" }, heading(dated ? "Newest papers" : "Papers that share most"), el("ul", { class: "entries" }, papers.map(entry), el("li", { class: "all" }, link("compare", "Compare all papers")))),
    ),
  );
  return { title: "", name: "start", node, focus: matchMedia("(pointer: fine)").matches ? search.input : null };
}
