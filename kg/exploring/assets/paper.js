// The card of a paper: the abstract with its evidence, what is stated by role, results, and related papers.

import { get } from "./api.js";
import { Evidence } from "./evidence.js";
import { ask, el, heading, icon, notice, outside, pairs, some, sure, thingLink } from "./parts.js";
import { KINDS, ROLES } from "./words.js";

const ADDRESSES = { arXiv: (id) => `https://arxiv.org/abs/${id}`, DOI: (id) => `https://doi.org/${id}` };

export function paperCard(card) {
  const mentions = card.statements.map(({ thing, quotes }) => ({ kind: thing.kind, quotes }));
  const results = card.results.map(({ quotes }) => ({ kind: "Result", quotes }));
  const evidence = new Evidence(`${card.label}\n${card.abstract}`, [...mentions, ...results]);
  const length = Array.from(card.label).length;
  const title = evidence.draw(0, length);
  const abstract = el("p", { class: "abstract" }, evidence.draw(length + 1, evidence.chars.length));
  const body = [
    card.abstract
      ? el("section", { class: "reading" }, el("h2", { class: "unseen" }, "Abstract"), abstract, legend(card, abstract))
      : notice("This paper has no abstract.", "What is stated about it comes from its title."),
    statements(card, evidence),
    card.results.length ? resultTable(card, evidence) : null,
    related(card),
    ask(card),
    about(card),
  ];
  return { title, body, menu: card.year ? ` · ${card.year}` : null };
}

function legend(card, abstract) {
  const kinds = Object.keys(KINDS).filter((kind) => kind !== "Keyphrase" && card.statements.some(({ thing }) => thing.kind === kind));
  if (!kinds.length) return null;
  return el(
    "div",
    { class: "chips", role: "group", "aria-label": "Colours in the abstract" },
    kinds.map((kind) => {
      const input = el("input", { type: "checkbox", checked: true, onchange: (event) => abstract.classList.toggle(`no-${kind}`, !event.target.checked) });
      return el("label", { class: "chip" }, input, icon(kind), KINDS[kind].toLowerCase());
    }),
  );
}

function statements(card, evidence) {
  const roles = Object.keys(ROLES).filter((role) => card.statements.some((stated) => stated.role === role));
  if (!roles.length) return notice("Nothing is stated about this paper.", "Its text names no method, benchmark or device that was recognised.");
  const row = (role) => {
    const items = card.statements
      .map((stated, number) => [stated, number])
      .filter(([stated]) => stated.role === role)
      .map(([stated, number]) =>
        evidence.tie(
          el("li", {}, thingLink(stated.thing), stated.count > 1 ? el("span", { class: "devices" }, `× ${stated.count}`) : null, stated.score === null ? sure(stated.confidence) : sure(stated.score, "score")),
          number,
        ),
      );
    return [el("dt", {}, ROLES[role][0]), el("dd", {}, some(items, 12, "ul", { class: "stated" }))];
  };
  return el("section", {}, heading("What it says", card.statements.length), el("dl", { class: "roles" }, roles.map(row)));
}

function resultTable(card, evidence) {
  const offset = card.statements.length;
  const shown = ["metric", "subject", "baseline"].filter((name) => card.results.some((result) => result[name]));
  const on = card.results.some((result) => result.benchmarks.length || result.hardware.length);
  const names = { metric: "what", subject: "of", baseline: "over" };
  const rows = card.results.map((result, number) =>
    evidence.tie(
      el(
        "tr",
        { tabindex: "0" },
        el("th", { scope: "row", class: "value" }, result.value),
        shown.map((name) => el("td", { "data-name": names[name] }, result[name])),
        on ? el("td", { "data-name": "on" }, [...result.benchmarks, ...result.hardware].join(", ")) : null,
      ),
      offset + number,
    ),
  );
  return el(
    "section",
    {},
    heading("Results", card.results.length),
    el(
      "table",
      { class: "results" },
      el("caption", { class: "unseen" }, "Results that the paper reports"),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "value"), shown.map((name) => el("th", { scope: "col" }, names[name])), on ? el("th", { scope: "col" }, "on") : null)),
      el("tbody", {}, rows),
    ),
  );
}

function related(card) {
  const section = el("section", { class: "related", "aria-busy": "true" }, heading("Related papers"), el("p", { class: "wait" }, "Looking for papers that share something rare …"));
  get("related", { path: card.path })
    .then(({ related: found }) => {
      const items = found.map(({ thing, weight, reasons, more }) =>
        el(
          "li",
          {},
          thingLink(thing),
          el("span", { class: "weight", title: "what they share, in bits: rare things count more" }, `${weight.toFixed(1)} bits`),
          el(
            "ul",
            { class: "reasons" },
            reasons.map((reason) => el("li", {}, reason.role === reason.other_role ? `${ROLES[reason.role][2]} ` : `this ${reason.role}, that ${reason.other_role} `, thingLink(reason.thing))),
            more ? el("li", { class: "more" }, `and ${more} more`) : null,
          ),
        ),
      );
      section.replaceChildren(heading("Related papers"), items.length ? some(items, 5, "ul", { class: "papers" }) : el("p", { class: "wait" }, "No other paper shares a concept with it."));
    })
    .catch((error) => section.replaceChildren(heading("Related papers"), notice(error.message)))
    .finally(() => section.removeAttribute("aria-busy"));
  return section;
}

function about(card) {
  const facts = card.facts.map(([name, values]) => [
    name,
    values.map((value, index) => [index ? el("br") : null, outside(value, ADDRESSES[name]?.(value) ?? value)]),
  ]);
  return el("section", {}, heading("About"), pairs([...facts, ["name", el("code", {}, card.name)]]));
}
