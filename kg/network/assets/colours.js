// Colours by kind or by community, and the legend of the communities.

const HUES = [
  "#4e79a7",
  "#f28e2b",
  "#59a14f",
  "#e15759",
  "#b07aa1",
  "#76b7b2",
  "#edc948",
  "#ff9da7",
  "#9c755f",
  "#2f9ed8",
  "#8cb33a",
  "#c85fb5",
];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let palette = {};
function readPalette() {
  palette = Object.fromEntries(
    ["ground", "ink", "soft", "edge", "accent", ...Object.keys(KINDS)].map((n) => [n, css(`--${n}`)]),
  );
}

const colouring = byId("colouring").querySelector("select");
const byCommunity = () => colouring.value === "community";
const hue = (community) => (community < facts.communities.length ? HUES[community % HUES.length] : palette.Keyphrase);
const colour = (id) =>
  byCommunity() ? hue(all[id].community) : palette[all[id].kind] || palette.Concept;

// The legend; `show` is called with the number of a community.
function showLegend(show) {
  const sizes = new Map();
  all.forEach(({ community }) => sizes.set(community, (sizes.get(community) || 0) + 1));
  const rows = [...sizes.keys()]
    .sort((a, b) => a - b)
    .map((community) => {
      const dot = drawing("0 0 16 16", SHAPES.Method, { fill: hue(community) });
      const name = facts.communities[community] || "smaller communities";
      const count = el("small", {}, sizes.get(community).toLocaleString("en"));
      return el("li", {}, el("button", { type: "button", class: "go", onclick: () => show(community) }, dot, name), count);
    });
  byId("legend").hidden = !byCommunity();
  byId("legend").replaceChildren(el("h3", {}, "Communities"), el("ul", {}, rows));
}
byId("colouring").hidden = facts.communities.length < 2;
