// The ready questions, by what they are about.

import { get } from "./api.js";
import { el, heading, link } from "./parts.js";

const GROUPS = {
  "About a paper": (question) => question.parameters.some(({ kind }) => kind === "paper"),
  "About a method, a benchmark, a task": (question) => question.parameters.some(({ kind }) => !["number", "text", "iri"].includes(kind)),
  "About all papers": () => true,
};

export async function show() {
  const { questions } = await get("questions");
  const taken = new Set();
  const sections = Object.entries(GROUPS).map(([title, fits]) => {
    const found = questions.filter((question) => !taken.has(question) && fits(question));
    found.forEach((question) => taken.add(question));
    return el("section", {}, heading(title), el("ul", { class: "asked-list" }, found.map((question) => el("li", {}, link(`questions/${question.name}`, question.title), el("p", {}, question.description)))));
  });
  const node = el("div", { class: "page narrow" }, el("h1", {}, "Questions"), el("p", { class: "lead" }, "Ready to ask, with your own names in them. Each can be opened as SPARQL and changed."), sections);
  return { title: "Questions", name: "questions", node };
}
