// What things are called, and how the parts of the page are made. All text becomes text nodes.

const KINDS = {
  Paper: "Papers",
  Method: "Methods",
  Benchmark: "Benchmarks",
  Hardware: "Hardware",
  Task: "Tasks",
  Metric: "Metrics",
  Keyphrase: "Keyphrases",
  Concept: "Other",
};

// role: as read from paper to concept; heading on the card of a paper; heading on the card of a concept
const ROLES = {
  introduces: ["introduces", "Introduces", "Introduced by"],
  uses: ["uses", "Uses", "Used by"],
  compares: ["compares with", "Compares with", "A baseline of"],
  evaluates: ["evaluates on", "Evaluates on", "Evaluated on by"],
  trains: ["trains on", "Trains on", "Trained on by"],
  runs: ["runs on", "Runs on", "Run on by"],
  addresses: ["addresses", "Addresses", "Addressed by"],
  measures: ["measures", "Measures", "Measured by"],
  mentions: ["mentions", "Mentions", "Mentioned by"],
  keyphrase: ["has keyphrase", "Keyphrases", "Keyphrase of"],
  link: ["shares techniques with", "Papers that share techniques", ""],
  broader: ["is a kind of", "", ""],
  other: ["is connected to", "Connected to", "Connected to"],
};

const DASHES = { compares: [7, 4], mentions: [2, 4], keyphrase: [2, 4], broader: [10, 4], other: [4, 4] };

const SHAPES = {
  Paper: "M2 2h12v12H2z",
  Method: "M8 1.5a6.5 6.5 0 1 0 .01 0z",
  Benchmark: "M8 1.5 15 14H1z",
  Hardware: "M8 .5 15.5 8 8 15.5.5 8z",
  Task: "M8 .8l2.2 4.9 5.3.6-4 3.6 1.1 5.3L8 12.5l-4.6 2.7 1.1-5.3-4-3.6 5.3-.6z",
  Metric: "M8 14.5 1 2h14z",
  Keyphrase: "M4.2 1.5h7.6L15.5 8l-3.7 6.5H4.2L.5 8z",
  Concept: "M8 1.5a6.5 6.5 0 1 0 .01 0z",
};

const byId = (id) => document.getElementById(id);

function el(tag, set, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(set || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function drawing(box, shape, set) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  for (const [name, value] of Object.entries({ d: shape, ...set })) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

const icon = (kind) =>
  drawing("0 0 16 16", SHAPES[kind] || SHAPES.Concept, { fill: `var(--${KINDS[kind] ? kind : "Concept"})` });

function sample(role) {
  const set = {
    stroke: "currentColor",
    "stroke-width": role === "introduces" ? 3 : 1.5,
    "stroke-dasharray": (DASHES[role] || []).join(" "),
  };
  if (role === "link") Object.assign(set, { stroke: "var(--Paper)", "stroke-width": 5, "stroke-opacity": 0.35 });
  return drawing("0 0 26 8", "M0 4h26", set);
}

const counted = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many || one + "s"}`;

const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();

const kindName = (node) => (node.kind === "Concept" ? "concept" : node.kind.toLowerCase());

const rolesOf = (tie) => (tie.kind === "statement" ? tie.statements.map((stated) => stated.role) : [tie.kind]);

function textOf(paper) {
  return `${paper.label}\n${paper.abstract || ""}`;
}

// One sentence of evidence: [rule, confidence, sentence start, mention start, mention end, sentence end], offsets into
// the text of the paper, or [rule, confidence, sentence] where the network has no text.
function quote(paper, evidence) {
  const [rule, sure, start, from, to, end] = evidence;
  const by = el(
    "span",
    { class: "rule", title: sure ? `${Math.round(sure * 100)} % sure` : undefined },
    rule ? ` by ${rule}` : "",
  );
  if (typeof start === "string") return el("blockquote", {}, start, by);
  const text = textOf(paper);
  return el("blockquote", {}, text.slice(start, from), el("mark", {}, text.slice(from, to)), text.slice(to, end), by);
}
