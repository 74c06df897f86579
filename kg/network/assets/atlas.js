// A large network, drawn by sigma.js: what is shown, what clicks and keys do, the card of what is selected.

const stage = byId("mynetwork");
const FACE = getComputedStyle(document.body).fontFamily;
const present = Object.keys(KINDS).filter((kind) => all.some((node) => node.kind === kind));
const view = { node: null, kinds: new Set(present), past: [], moving: false };
const LINKS_DRAWN = 4000; // lines of a selected node
const MOVED = 3000; // lines that are drawn while the picture moves: those between the strongest nodes
const REST = 180; // milliseconds without a move after which all lines are drawn

if (!document.createElement("canvas").getContext("webgl2")) {
  byId("status").textContent = "This picture needs WebGL 2, which this browser does not have; kg view --focus draws parts without it.";
  throw new Error("no WebGL 2");
}
for (const id of ["roles", "amount"]) byId(id).closest("label, details").remove();
stage.setAttribute("aria-label", "Network. Arrow keys move it, plus and minus zoom, Escape leaves.");

// Drawing

// A paper whose title begins with a name and a colon goes by the name.
function shortName({ kind, label }) {
  const name = kind === "Paper" && label.indexOf(": ") > 0 && label.indexOf(": ") <= 24 ? label.split(": ")[0] : label;
  return name.length > 36 ? `${name.slice(0, 34)}…` : name;
}

const graph = new webgl.Graph();
all.forEach((node, id) => {
  const strength = ranks[id] / 255;
  const size = node.kind === "Paper" ? 1.3 + 2.5 * strength : 1.5 + 9 * strength ** 0.8;
  graph.addNode(id, { x: xs[id], y: ys[id], size, label: shortName(node) });
});

const clear = (hex, opacity) => `rgba(${[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(",")},${opacity})`;
function writeLabel(pen, data) {
  if (!data.label) return;
  const text = data.label;
  pen.font = `${data.weight || 400} 13px ${FACE}`;
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = palette.ground;
  pen.fillStyle = palette.ink;
  pen.strokeText(text, data.x + data.size + 3, data.y + 4);
  pen.fillText(text, data.x + data.size + 3, data.y + 4);
}
function writeHover(pen, data) {
  pen.beginPath();
  pen.arc(data.x, data.y, data.size + 2, 0, 2 * Math.PI);
  pen.lineWidth = 2;
  pen.strokeStyle = palette.ink;
  pen.stroke();
  writeLabel(pen, { ...data, weight: 600 });
}

readPalette();
const renderer = new webgl.Sigma(graph, stage, {
  defaultNodeType: "point",
  nodeProgramClasses: { point: webgl.NodePointProgram },
  defaultDrawNodeLabel: writeLabel,
  defaultDrawNodeHover: writeHover,
  labelDensity: 0.6,
  labelGridCellSize: 150,
  labelRenderedSizeThreshold: 3,
  minCameraRatio: 0.004,
  maxCameraRatio: 3,
  stagePadding: 24,
  nodeReducer: (id, data) => {
    data.color = colour(id);
    data.hidden = !view.kinds.has(all[id].kind);
    return data;
  },
});
const camera = renderer.getCamera();

const spot = (id) => renderer.graphToViewport({ x: xs[id], y: ys[id] });

// A canvas as large as the stage, and sharp
function sizeCanvas(canvas) {
  const { width, height } = renderer.getDimensions();
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  return { width, height, ratio };
}

// All lines at rest, the strongest on the move
const ground = renderer.createCanvas("lines", { beforeLayer: "edges" });
const order = Uint32Array.from(starts.keys()).sort((a, b) => Math.max(starts[a], ends[a]) - Math.max(starts[b], ends[b]));
const pairs = new Uint32Array(2 * order.length);
order.forEach((tie, i) => pairs.set([starts[tie], ends[tie]], 2 * i));
const places = new Int16Array(2 * all.length);
xs.forEach((x, id) => places.set([x, ys[id]], 2 * id));
const lines = makeLines(ground, places, pairs);

function setLines() {
  const bytes = new Map();
  const colours = new Uint8Array(4 * all.length);
  for (let id = 0; id < all.length; id += 1) {
    const hex = colour(id);
    if (!bytes.has(hex)) bytes.set(hex, [...[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)), 255]);
    colours.set(bytes.get(hex), 4 * id);
  }
  lines.set(colours, (id) => view.kinds.has(all[id].kind));
}

function drawLines() {
  const { width, height } = sizeCanvas(ground);
  const strength = Math.max(0.05, Math.min(0.5, 0.06 / camera.ratio, 9000 / (starts.length + 1)));
  const most = view.moving ? MOVED : Infinity;
  lines.draw((x, y) => renderer.graphToViewport({ x, y }), width, height, most, strength);
}

let rest = 0;
camera.on("updated", () => {
  view.moving = true;
  clearTimeout(rest);
  rest = setTimeout(() => {
    view.moving = false;
    drawLines();
  }, REST);
});

// What is selected stands before a veil, with its lines and neighbours.
const veil = renderer.createCanvas("veil", { afterLayer: "labels", style: { pointerEvents: "none" } });
function drawSelection() {
  const { width, height, ratio } = sizeCanvas(veil);
  const pen = veil.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (view.node === null) return;
  pen.globalAlpha = 0.78;
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, width, height);
  pen.globalAlpha = 1;
  const size = (id) => renderer.scaleSize(graph.getNodeAttribute(id, "size"));
  const here = spot(view.node);
  const box = stage.getBoundingClientRect();
  stage.dataset.place = `${box.x + here.x} ${box.y + here.y}`;
  const near = neighbours(view.node).slice(0, LINKS_DRAWN);
  pen.lineWidth = 1;
  for (const id of near) {
    const there = spot(id);
    pen.strokeStyle = clear(colour(id), 0.6);
    pen.beginPath();
    pen.moveTo(here.x, here.y);
    pen.lineTo(there.x, there.y);
    pen.stroke();
  }
  const taken = [];
  for (const id of [view.node, ...near]) {
    const { x, y } = spot(id);
    if (x < -40 || y < -20 || x > width + 40 || y > height + 20) continue;
    pen.fillStyle = colour(id);
    pen.beginPath();
    pen.arc(x, y, Math.max(3, size(id)), 0, 2 * Math.PI);
    pen.fill();
    if (id === view.node) writeHover(pen, { ...all[id], x, y, size: Math.max(3, size(id)) });
    else if (taken.length < 50 && !taken.some((other) => Math.abs(other.x - x) < 170 && Math.abs(other.y - y) < 17))
      writeLabel(pen, { label: shortName(all[id]), x, y, size: Math.max(3, size(id)) });
    else continue;
    taken.push({ x, y });
  }
}
renderer.on("afterRender", () => {
  drawLines();
  drawSelection();
});

// Neighbours whose kind is shown, strongest first
function neighbours(id) {
  const found = new Set();
  for (const tie of tiesAt(id)) {
    const other = starts[tie] === id ? ends[tie] : starts[tie];
    if (view.kinds.has(all[other].kind)) found.add(other);
  }
  return [...found].sort((a, b) => a - b);
}

// Cards

const LONG = 10;
function link(id) {
  return el(
    "button",
    { type: "button", class: "go", "data-node": id, onclick: () => select(id) },
    icon(all[id].kind),
    all[id].label,
  );
}

function listed(ids) {
  const item = (id) => el("li", { class: "item slim" }, link(id));
  const list = el("ul", {}, ids.slice(0, LONG).map(item));
  if (ids.length <= LONG) return [list];
  const more = el("button", { type: "button" }, `Show ${Math.min(ids.length, 500)} of ${ids.length.toLocaleString("en")}`);
  more.addEventListener("click", () => {
    list.append(...ids.slice(LONG, 500).map(item));
    more.remove();
  });
  return [list, more];
}

const heading = (text, count) => el("h3", {}, text, count > 1 ? el("small", {}, ` ${count.toLocaleString("en")}`) : "");

function nodeCard(id) {
  const node = all[id];
  const count =
    node.kind === "Paper" ? `paper, ${counted(node.count, "concept")}` : `${kindName(node)} in ${counted(node.count, "paper")}`;
  const close = el(
    "button",
    { type: "button", class: "close", "aria-label": "Close the card", onclick: () => select(null) },
    "×",
  );
  const groups = new Map();
  for (const tie of tiesAt(id)) {
    const role = facts.roles[tieRoles[tie]];
    const from = starts[tie] === id;
    const name =
      role === "broader" ? (from ? "A kind of" : "Kinds of it") : ROLES[role][from ? 1 : 2] || ROLES[role][1];
    const order = Object.keys(ROLES).indexOf(role) * 2 + (from ? 0 : 1);
    if (!groups.has(name)) groups.set(name, { order, ids: [] });
    groups.get(name).ids.push(from ? ends[tie] : starts[tie]);
  }
  const lists = [...groups]
    .sort((a, b) => a[1].order - b[1].order)
    .flatMap(([name, { ids }]) => [heading(name, ids.length), ...listed(ids.sort((a, b) => a - b))]);
  const community = facts.communities[node.community];
  return [
    el("div", { class: "kind" }, icon(node.kind), count, close),
    el("h2", {}, node.label),
    community ? el("p", { class: "lead" }, `Community: ${community}`) : null,
    el("p", { class: "lead" }, "With its evidence: ", el("code", {}, `kg show ${node.key.replace("/", ":")}`)),
    ...lists,
  ];
}

function welcome() {
  const papers = all.filter((node) => node.kind === "Paper").length;
  const what = [counted(papers, "paper"), counted(all.length - papers, "concept"), counted(starts.length, "connection")];
  const how =
    "Zoom in for more names, click one for what is connected to it. This page holds no evidence: kg show prints it, and " +
    "kg view --focus draws a part of the graph with all its sentences.";
  return [
    el("h2", {}, facts.title),
    el("p", { class: "lead" }, `${what.join(", ")}. ${how}`),
    facts.left_out
      ? el("p", { class: "lead" }, `The graph has ${counted(facts.left_out, "more paper")}, which share less with the others.`)
      : null,
  ];
}

function showCard() {
  const card = byId("card");
  card.replaceChildren(...(view.node === null ? welcome() : nodeCard(view.node)).filter(Boolean));
  byId("panel").scrollTop = 0;
  byId("said").textContent = view.node === null ? "" : all[view.node].label;
}

// What clicks and keys do

function writeHash() {
  const key = view.node === null ? "" : `#${encodeURI(all[view.node].key)}`;
  if (decodeURI(location.hash) !== decodeURI(key))
    history.pushState(null, "", key || location.pathname + location.search);
}

function show(id) {
  view.node = id;
  if (id !== null && !view.kinds.has(all[id].kind)) {
    view.kinds.add(all[id].kind);
    refresh();
  }
  byId("back").disabled = !view.past.length;
  stage.dataset.selected = id === null ? "" : all[id].key;
  showCard();
  renderer.scheduleRender();
}

function select(id) {
  if (id === view.node) return;
  view.past.push({ node: view.node, at: camera.getState() });
  show(id);
  if (id !== null && !isInView(id)) goTo(id);
  writeHash();
}

function isInView(id) {
  const { x, y } = spot(id);
  const { width, height } = renderer.getDimensions();
  return camera.ratio < 0.7 && x > 40 && y > 20 && x < width - 40 && y < height - 20;
}

function goTo(id, ratio) {
  const { x, y } = renderer.getNodeDisplayData(String(id));
  camera.animate({ x, y, ratio: ratio || Math.min(camera.ratio, 0.25) }, { duration: 300 });
}

function refresh() {
  for (const [kind, input] of chips) input.checked = view.kinds.has(kind);
  setLines();
  renderer.refresh({ skipIndexation: true });
  tellShown();
}

function tellShown() {
  let shown = 0;
  for (const node of all) shown += view.kinds.has(node.kind);
  byId("status").textContent = `${shown.toLocaleString("en")} of ${counted(all.length, "node")} shown`;
  stage.dataset.shown = shown;
}

const chips = new Map();
for (const kind of present) {
  const input = el("input", { type: "checkbox", value: kind, checked: true });
  input.addEventListener("change", () => {
    if (input.checked) view.kinds.add(kind);
    else view.kinds.delete(kind);
    refresh();
  });
  chips.set(kind, input);
  const count = all.filter((node) => node.kind === kind).length;
  byId("kinds").append(
    el("label", { class: "chip" }, input, icon(kind), KINDS[kind], el("small", {}, count.toLocaleString("en"))),
  );
}

// Where the strongest nodes of a community are, and how far they spread
function showCommunity(community) {
  const ids = [];
  for (let id = 0; id < all.length && ids.length < 200; id += 1) if (all[id].community === community) ids.push(id);
  const spots = ids.map((id) => renderer.getNodeDisplayData(String(id)));
  const middle = (axis) => spots.map((spot) => spot[axis]).sort((a, b) => a - b)[spots.length >> 1];
  camera.animate({ x: middle("x"), y: middle("y"), ratio: 0.3 }, { duration: 300 });
}

colouring.addEventListener("change", () => {
  readPalette();
  showLegend(showCommunity);
  refresh();
});
byId("back").addEventListener("click", () => {
  const last = view.past.pop();
  if (!last) return;
  show(last.node);
  camera.animate(last.at, { duration: 200 });
  writeHash();
});
byId("fit").addEventListener("click", () => camera.animatedReset({ duration: 300 }));
byId("reset").addEventListener("click", () => {
  view.kinds = new Set(present);
  colouring.value = "kind";
  readPalette();
  showLegend(showCommunity);
  refresh();
  select(null);
  camera.animatedReset({ duration: 300 });
});
renderer.on("clickNode", ({ node }) => select(Number(node)));
renderer.on("clickStage", () => select(null));
renderer.on("enterNode", () => {
  stage.style.cursor = "pointer";
});
renderer.on("leaveNode", () => {
  stage.style.cursor = "";
});

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
stage.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (WAYS[event.key]) {
    event.preventDefault();
    const [x, y] = WAYS[event.key];
    camera.setState({ x: camera.x + 0.1 * x * camera.ratio, y: camera.y + 0.1 * y * camera.ratio });
  } else if (event.key === "+" || event.key === "-")
    camera.setState({ ratio: camera.ratio * (event.key === "+" ? 0.8 : 1.25) });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") select(null);
});

function followHash() {
  let key = "";
  try {
    key = decodeURI(location.hash.slice(1));
  } catch {
    return;
  }
  const id = keys.indexOf(key);
  if (key && id >= 0) select(id);
  else if (!key) select(null);
}
addEventListener("hashchange", followHash);
addEventListener("popstate", followHash);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readPalette();
  refresh();
});

showLegend(showCommunity);
setLines();
tellShown();
showCard();
drawLines();
if (location.hash) followHash();
else if (facts.focus !== null) select(facts.focus);
requestAnimationFrame(() => {
  document.documentElement.dataset.ready = "";
});
