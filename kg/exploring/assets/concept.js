// The card of a concept: its names, what it is a kind of, the papers by role with their sentences, and its results.

import { get } from "./api.js";
import { quotation } from "./evidence.js";
import { ask, button, el, heading, notice, pairs, some, sure, thingLink } from "./parts.js";
import { counted, ROLES } from "./words.js";

export function conceptCard(card) {
  const tags = (things) => some(things.map((thing) => el("li", {}, thingLink(thing), thing.papers ? el("small", {}, String(thing.papers)) : null)), 12, "ul", { class: "stated" });
  const names = [
    card.aliases.length ? ["also called", some(card.aliases.map((alias) => el("li", {}, alias)), 10, "ul", { class: "names" })] : null,
    ...card.facts.map(([name, values]) => [name, values.join(", ")]),
    card.broader.length ? ["a kind of", tags(card.broader)] : null,
    card.narrower.length ? ["kinds of it", tags(card.narrower)] : null,
    card.namesakes.length ? ["same name", tags(card.namesakes)] : null,
  ].filter(Boolean);
  const body = [
    names.length ? pairs(names) : null,
    card.roles.length ? card.roles.map((role) => roleSection(card, role)) : notice("No paper has to do with it directly.", card.narrower.length ? "Its kinds above have papers; they can be compared." : ""),
    results(card),
    merges(card),
    ask(card),
    el("section", {}, heading("About"), pairs([["name", el("code", {}, card.name)], ["IRI", el("code", {}, card.iri)]])),
  ];
  return { title: card.label, body, menu: card.papers ? ` · ${counted(card.papers, "paper")}` : null };
}

function paperItem(kind, { thing, confidence, count, score, quotes }) {
  const sentences = new Map();
  for (const quote of quotes) {
    if (!sentences.has(quote.at)) sentences.set(quote.at, { sentence: quote.sentence, ranges: [] });
    sentences.get(quote.at).ranges.push([quote.start, quote.end]);
  }
  const said = [...sentences.values()].filter(({ sentence }) => sentence !== thing.label);
  const shown = (said.length ? said : [...sentences.values()].slice(0, 0)).map(({ sentence, ranges }) => quotation(sentence, ranges, kind));
  return el(
    "li",
    {},
    el("div", { class: "line head" }, thingLink(thing), thing.year ? el("small", {}, String(thing.year)) : null, count > 1 ? el("small", {}, `× ${count}`) : null, score === null || score === undefined ? sure(confidence) : sure(score, "score")),
    shown.slice(0, 1),
    shown.length > 1 ? el("details", {}, el("summary", {}, `${counted(shown.length - 1, "more sentence")}`), shown.slice(1)) : null,
  );
}

function roleSection(card, { role, total, papers, more }) {
  const list = el("ul", { class: "papers" }, papers.map((each) => paperItem(card.kind, each)));
  const section = el("section", {}, heading(ROLES[role][1], total), list);
  let shown = papers.length;
  const next = button("", async () => {
    next.disabled = true;
    try {
      const part = await get("papers", { path: card.path, role, skip: shown, limit: 20 });
      const items = part.papers.map((each) => paperItem(card.kind, each));
      list.append(...items);
      shown += items.length;
      items[0]?.querySelector("a").focus();
      label(part.more);
    } catch (error) {
      next.before(notice(error.message));
    }
    next.disabled = false;
  }, { class: "more" });
  const label = (left) => {
    next.textContent = left > 20 ? `Show 20 of ${left.toLocaleString("en")} more` : `Show ${left} more`;
    next.hidden = !left;
  };
  label(more);
  section.append(next);
  return section;
}

function results(card) {
  if (!card.results.length) return null;
  const said = (result) =>
    [result.metric, result.subject ? `of ${result.subject}` : "", result.baseline ? `over ${result.baseline}` : "", result.benchmarks.length ? `on ${result.benchmarks.join(", ")}` : "", result.hardware.length ? `with ${result.hardware.join(", ")}` : ""].filter(Boolean).join(" ");
  const items = card.results.map((result) =>
    el(
      "li",
      { class: "result" },
      el("b", {}, result.value),
      el("div", {}, said(result), el("div", { class: "line" }, thingLink(result.thing)), result.quotes.slice(0, 1).map((quote) => quotation(quote.sentence, [[quote.start, quote.end]], "Result"))),
    ),
  );
  const left = card.results_total - card.results.length;
  return el("section", {}, heading("Results", card.results_total), some(items, 8, "ul", { class: "plain-list" }), left > 0 ? el("p", { class: "wait" }, `${left.toLocaleString("en")} more are in the graph; a question or a query finds them.`) : null);
}

function merges(card) {
  if (!card.merges.length) return null;
  const items = card.merges.map(({ form, reason, confidence, papers }) =>
    el("li", {}, el("div", { class: "line" }, el("b", {}, form), el("span", { class: "reason" }, reason), sure(confidence)), papers.length ? el("details", {}, el("summary", {}, counted(papers.length, "paper")), el("ul", { class: "plain-list" }, papers.map((thing) => el("li", {}, thingLink(thing))))) : null),
  );
  return el("section", {}, heading("Names merged into it", card.merges.length), some(items, 8, "ul", { class: "plain-list merges" }));
}
