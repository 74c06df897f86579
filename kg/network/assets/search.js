// Search over titles, labels and aliases, hidden nodes included.

const FOUND_MAX = 12;
const words = all.map((node) => ({ label: plain(node.label), names: (node.aliases || []).map(plain) }));
const field = byId("search");
const found = byId("results");
let at = -1;

function score(id, asked) {
  const { label, names } = words[id];
  const every = [label, ...names];
  const parts = asked.split(" ");
  if (!parts.every((part) => every.some((name) => name.includes(part)))) return 0;
  if (every.includes(asked)) return 8;
  const begun = (name) => {
    const own = name.split(/[^\p{L}\p{N}@+]+/u).filter(Boolean);
    return parts.every((part, i) => own[i]?.startsWith(part)) ? (own.length === parts.length ? 7 : 5) : 0;
  };
  const best = Math.max(...every.map(begun));
  if (best) return best;
  if (every.some((name) => ` ${name.replace(/[\W_]+/g, " ")}`.includes(` ${asked}`))) return 4;
  return parts.every((part) => ` ${label.replace(/[\W_]+/g, " ")}`.includes(` ${part}`)) ? 3 : 2;
}

function search(text) {
  const asked = plain(text).trim().replace(/\s+/g, " ");
  if (!asked) return [];
  return all
    .map((_, id) => [score(id, asked), id])
    .filter(([points]) => points)
    .sort((a, b) => b[0] - a[0] || (all[a[1]].kind === "Keyphrase") - (all[b[1]].kind === "Keyphrase") || a[1] - b[1])
    .map(([, id]) => id);
}

function showFound() {
  const ids = search(field.value);
  const asked = plain(field.value).trim();
  at = ids.length ? 0 : -1;
  const rows = ids.slice(0, FOUND_MAX).map((id, row) => {
    const node = all[id];
    const alias = plain(node.label).includes(asked)
      ? ""
      : (node.aliases || []).find((name) => plain(name).includes(asked));
    return el(
      "li",
      {
        role: "option",
        id: `found-${row}`,
        "aria-selected": row === at ? "true" : "false",
        "data-node": id,
        onmousedown: (event) => {
          event.preventDefault();
          take(id);
        },
      },
      icon(node.kind),
      el("span", {}, node.label),
      el("small", {}, node.kind === "Paper" ? "paper" : `${kindName(node)}, ${counted(node.count, "paper")}`),
      alias ? el("small", { class: "also" }, `also “${alias}”`) : null,
    );
  });
  const rest = ids.length - rows.length;
  if (rest > 0) rows.push(el("li", { class: "note", role: "presentation" }, `and ${rest.toLocaleString("en")} more`));
  if (!ids.length && asked) rows.push(el("li", { class: "note", role: "presentation" }, "Nothing has this name"));
  found.replaceChildren(...rows);
  openFound(Boolean(asked));
  mark();
}

function openFound(open) {
  found.hidden = !open;
  field.setAttribute("aria-expanded", open ? "true" : "false");
  if (!open) field.removeAttribute("aria-activedescendant");
}

function mark() {
  const rows = [...found.querySelectorAll("[role=option]")];
  rows.forEach((row, i) => row.setAttribute("aria-selected", i === at ? "true" : "false"));
  if (rows[at]) {
    field.setAttribute("aria-activedescendant", rows[at].id);
    rows[at].scrollIntoView({ block: "nearest" });
  }
}

function take(id) {
  openFound(false);
  field.value = "";
  select(id);
  byId("card").focus({ preventScroll: true });
}

field.addEventListener("input", showFound);
field.addEventListener("focus", () => {
  if (field.value) showFound();
});
field.addEventListener("blur", () => openFound(false));
field.addEventListener("keydown", (event) => {
  const rows = [...found.querySelectorAll("[role=option]")];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (found.hidden) showFound();
    else if (rows.length) {
      at = (at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length;
      mark();
    }
  } else if (event.key === "Enter" && rows[at] && !found.hidden) {
    event.preventDefault();
    take(Number(rows[at].dataset.node));
  } else if (event.key === "Escape") {
    event.stopPropagation();
    if (!found.hidden) openFound(false);
    else field.value = "";
  }
});
