// The text of a paper with what was found in it: each mention in the colour of its kind, and lit together with its
// sentence when one points at the statement that it supports. Offsets count code points, so texts are cut as such.

import { el } from "./parts.js";

export class Evidence {
  // statements: [{kind, quotes: [{at, length, start, end}]}]; the text is title, line feed, abstract.
  constructor(text, statements) {
    this.chars = Array.from(text);
    this.statements = statements;
    this.pieces = [];
    this.rows = new Map();
    this.sentences = statements.map(({ quotes }) => quotes.map((quote) => [quote.at, quote.at + quote.length]));
    this.mentions = statements.map(({ quotes }) => quotes.map((quote) => [quote.at + quote.start, quote.at + quote.end]));
  }

  // The nodes of a part of the text.
  draw(from, to) {
    const cuts = new Set([from, to]);
    for (const ranges of [...this.sentences, ...this.mentions]) {
      for (const range of ranges) for (const cut of range) if (cut > from && cut < to) cuts.add(cut);
    }
    const places = [...cuts].sort((a, b) => a - b);
    const within = (ranges, start, end) => ranges.some(([a, b]) => a <= start && end <= b);
    return places.slice(0, -1).map((start, index) => {
      const end = places[index + 1];
      const said = this.statements.map((_, number) => number).filter((number) => within(this.mentions[number], start, end));
      const near = this.statements.map((_, number) => number).filter((number) => within(this.sentences[number], start, end));
      const kinds = said.map((number) => this.statements[number].kind);
      const kind = kinds.find((each) => each !== "Keyphrase") || kinds[0];
      const node = el(said.length ? "mark" : "span", { class: said.length ? `said ${kind}` : null }, this.chars.slice(start, end).join(""));
      if (said.length) {
        node.addEventListener("mouseenter", () => this.light(said, false));
        node.addEventListener("mouseleave", () => this.light([], false));
        node.addEventListener("click", () => this.light(said, false));
      }
      this.pieces.push({ node, said, near });
      return node;
    });
  }

  // A row that stands for a statement: pointing at it, or moving the focus into it, lights its evidence.
  tie(row, number) {
    this.rows.set(number, row);
    row.addEventListener("mouseenter", () => this.light([number], true));
    row.addEventListener("mouseleave", () => this.light([], true));
    row.addEventListener("focusin", () => this.light([number], true));
    row.addEventListener("focusout", () => this.light([], true));
    return row;
  }

  light(numbers, sentences) {
    const wanted = new Set(numbers);
    for (const { node, said, near } of this.pieces) {
      node.classList.toggle("lit", said.some((number) => wanted.has(number)));
      node.classList.toggle("near", sentences && near.some((number) => wanted.has(number)));
    }
    for (const [number, row] of this.rows) row.classList.toggle("lit", wanted.has(number));
  }
}

// One sentence with its mentions marked, as a quotation.
export function quotation(sentence, ranges, kind) {
  const chars = Array.from(sentence);
  const parts = [];
  let at = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start < at) continue;
    parts.push(chars.slice(at, start).join(""), el("mark", { class: `said ${kind}` }, chars.slice(start, end).join("")));
    at = end;
  }
  return el("blockquote", {}, parts, chars.slice(at).join(""));
}
