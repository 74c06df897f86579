// What cards are put together from: links to nodes, lists, statements with their evidence.

const LONG = 10; // items of a list before "show all"

function link(id, slim) {
  const node = all[id];
  return el(
    "button",
    { type: "button", class: "go", "data-node": id, onclick: () => select(id) },
    slim ? null : icon(node.kind),
    node.label,
  );
}

function listed(items) {
  const list = el("ul", {}, items.slice(0, LONG));
  if (items.length <= LONG) return [list];
  const more = el(
    "button",
    {
      type: "button",
      onclick: () => {
        list.append(...items.slice(LONG));
        more.remove();
      },
    },
    `Show all ${items.length}`,
  );
  return [list, more];
}

const sureness = (stated) =>
  [
    stated.count ? `${stated.count.toLocaleString("en")} ×` : "",
    stated.confidence ? `${Math.round(stated.confidence * 100)} % sure` : "",
    stated.score ? `score ${stated.score.toFixed(2)}` : "",
  ]
    .filter(Boolean)
    .join(", ");

function proof(tie, stated, open) {
  const paper = all[tie.from];
  const body = paper.label.length; // what the abstract says comes before the title
  const ordered = [...(stated.evidence || [])].sort((a, b) => (a[2] < body) - (b[2] < body));
  const quotes = ordered.map((each) => quote(paper, each));
  if (quotes.length <= open) return quotes;
  return [
    ...quotes.slice(0, open),
    el("details", { class: "more" }, el("summary", {}, `${quotes.length - open} more`), quotes.slice(open)),
  ];
}

function item(tie, stated, id) {
  return el("li", { class: "item" }, link(id), el("span", { class: "sure" }, sureness(stated)), proof(tie, stated, 1));
}

function heading(text, count) {
  return el("h3", {}, text, count > 1 ? el("small", {}, ` ${count}`) : "");
}

function byRole(id, side) {
  const parts = [];
  for (const role of Object.keys(ROLES)) {
    const found = near[id].flatMap((tie) =>
      (ties[tie].statements || []).filter((s) => s.role === role).map((s) => [ties[tie], s]),
    );
    if (!found.length) continue;
    const sure = (stated) => (side === 1 ? stated.confidence || 0 : 0);
    found.sort((a, b) => sure(b[1]) - sure(a[1]) || otherEnd(a[0], id) - otherEnd(b[0], id));
    parts.push(heading(ROLES[role][side], found.length));
    if (role === "keyphrase" && side === 1) {
      const tags = found
        .sort((a, b) => (b[1].score || 0) - (a[1].score || 0))
        .map(([tie]) =>
          el("button", { type: "button", class: "tag", onclick: () => select(tie.to) }, all[tie.to].label),
        );
      parts.push(el("div", { class: "tags" }, tags));
    } else {
      parts.push(...listed(found.map(([tie, stated]) => item(tie, stated, otherEnd(tie, id)))));
    }
  }
  return parts;
}

// Pairs of name and value; the values of one name stand together.
function pairs(rows) {
  const values = new Map();
  rows.forEach(([name, value]) =>
    values.set(name, [...(values.get(name) || []), ...(values.has(name) ? [", "] : []), value]),
  );
  return values.size
    ? el(
        "dl",
        {},
        [...values].flatMap(([name, each]) => [el("dt", {}, name), el("dd", {}, each)]),
      )
    : null;
}

function outside(address) {
  return /^https?:\/\//i.test(address)
    ? el("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, address)
    : address;
}

const shared = (tie) =>
  (tie.shares || []).map((each) =>
    typeof each === "number"
      ? el("button", { type: "button", class: "tag", onclick: () => select(each) }, all[each].label)
      : el("span", { class: "tag" }, each),
  );

// The first few of many, with a button for the rest.
function some(made) {
  if (made.length <= LONG) return made;
  const more = el(
    "button",
    { type: "button", class: "tag", onclick: () => more.replaceWith(...made.slice(LONG)) },
    `and ${made.length - LONG} more`,
  );
  return [...made.slice(0, LONG), more];
}
