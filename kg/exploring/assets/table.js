// A table of answers: its columns can be sorted, and what its cells name are links.

import { address, announce, base, button, el, outside, thingLink } from "./parts.js";

const PART = 100;

// columns: names. rows: arrays of {text, number, thing, path, iri}. Returns the table with its "more" button.
export function table(columns, rows, { caption, total = rows.length } = {}) {
  let order = rows;
  let sorted = -1;
  let down = false;
  let shown = PART;
  const heads = columns.map((column, index) => el("th", { scope: "col", "aria-sort": "none", class: rows.some((row) => row[index].number) ? "number" : null }, button(column, () => sort(index), { class: "sort" })));
  const body = el("tbody");
  const more = button("", () => {
    shown += PART;
    draw();
  }, { class: "more" });
  const note = el("p", { class: "wait" });

  function sort(index) {
    down = sorted === index ? !down : false;
    sorted = index;
    const numbers = rows.some((row) => row[index].number);
    const key = (row) => row[index].text;
    order = rows.toSorted((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (!x !== !y) return x ? -1 : 1;
      const by = numbers || (leading(x) !== null && leading(y) !== null) ? leading(x) - leading(y) : x.localeCompare(y, "en", { numeric: true });
      return down ? -by : by;
    });
    heads.forEach((head, at) => head.setAttribute("aria-sort", at === index ? (down ? "descending" : "ascending") : "none"));
    announce(`sorted by ${columns[index]}, ${down ? "descending" : "ascending"}`);
    draw();
  }

  function draw() {
    body.replaceChildren(...order.slice(0, shown).map((row) => el("tr", {}, row.map((cell, index) => el("td", { class: cell.number ? "number" : null, "data-name": columns[index] }, content(cell))))));
    const left = order.length - shown;
    more.hidden = left <= 0;
    more.textContent = left > PART ? `Show ${PART} of ${left.toLocaleString("en")} more` : `Show ${left} more`;
    note.hidden = total <= rows.length || left > 0;
    note.textContent = `${(total - rows.length).toLocaleString("en")} more rows are in the CSV.`;
  }

  draw();
  return el("div", { class: "answer" }, el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, el("table", { class: "rows" }, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, heads)), body)), more, note);
}

function leading(text) {
  const found = text.replaceAll(",", "").match(/^[^\d-]{0,2}(-?\d+(\.\d+)?)/);
  return found ? Number(found[1]) : null;
}

function content(cell) {
  if (cell.thing) return thingLink({ ...cell.thing, label: cell.text });
  if (cell.iri && cell.iri.startsWith(base) && cell.path) return el("a", { href: address(cell.path) }, cell.text);
  if (cell.iri) return outside(cell.text, cell.iri);
  return cell.text;
}
