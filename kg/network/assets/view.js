// What is shown of the network, where, and how it looks. pyvis made `network`, `nodes` and `edges`.

const stage = byId("mynetwork");
const paint = document.createElement("canvas").getContext("2d");
const FACE = getComputedStyle(document.body).fontFamily;
const EVEN = 0.6; // 1 spreads nodes over the stage by their order alone, 0 keeps the distances of the layout
const PART = 12; // how many neighbours one expansion adds
const LIKELY = 60; // how many neighbours a focus takes
const MANY = 300; // shown nodes from which on the layout's places stay, labels come by rank, and lines hide on moves

const drawn = nodes.get();
const names = drawn.map((node) => node.label);
const near = all.map(() => []);
ties.forEach((tie, id) => {
  near[tie.from].push(id);
  near[tie.to].push(id);
});
const present = Object.keys(KINDS).filter((kind) => all.some((node) => node.kind === kind));
const presentRoles = Object.keys(ROLES).filter((role) => ties.some((tie) => rolesOf(tie).includes(role)));
const quietKinds = present.length > 1 && all.length > 60 ? ["Keyphrase"] : [];

const view = {
  shown: new Set(), // ids that are in the picture, if their kind is on
  place: new Map(), // id -> {x, y}
  amount: 0,
  kinds: new Set(present.filter((kind) => !quietKinds.includes(kind))),
  roles: new Set(presentRoles),
  node: null,
  tie: null,
  hover: null,
  past: [],
};

const otherEnd = (tie, id) => (tie.from === id ? tie.to : tie.from);
const kindIsOn = (id) => view.kinds.has(all[id].kind);
const roleIsOn = (id) => rolesOf(ties[id]).some((role) => view.roles.has(role));
const visible = () => [...view.shown].filter(kindIsOn).sort((a, b) => a - b);
const isVisible = (id) => view.shown.has(id) && kindIsOn(id);

const isMany = (ids) => ids.length > MANY;
const isWhole = () => presentRoles.every((role) => view.roles.has(role));

function neighbours(id) {
  const found = near[id]
    .filter(roleIsOn)
    .map((tie) => otherEnd(ties[tie], id))
    .filter(kindIsOn);
  return [...new Set(found)].sort((a, b) => a - b);
}

// The boxes that nodes take with their labels, relative to their places.

const boxes = new Map();
function box(id) {
  if (!boxes.has(id)) {
    paint.font = `13px ${FACE}`;
    const lines = names[id].split("\n");
    const size = drawn[id].size;
    const wide = Math.max(size, ...lines.map((line) => paint.measureText(line).width / 2)) + 7;
    boxes.set(id, { wide, top: size + 5, bottom: size + 10 + 16 * lines.length });
  }
  return boxes.get(id);
}

function overlap(a, at, b, bt) {
  const one = box(a),
    two = box(b);
  const x = one.wide + two.wide - Math.abs(at.x - bt.x);
  const y = at.y < bt.y ? at.y + one.bottom - (bt.y - two.top) : bt.y + two.bottom - (at.y - one.top);
  return x > 0 && y > 0 ? { x, y } : null;
}

function separate(ids) {
  const rounds = ids.length > 500 ? 30 : 160;
  for (let round = 0; round < rounds; round += 1) {
    let moved = false;
    for (let i = 1; i < ids.length; i += 1) {
      const a = view.place.get(ids[i]);
      for (let j = 0; j < i; j += 1) {
        const b = view.place.get(ids[j]);
        if (Math.abs(a.x - b.x) > 220 || Math.abs(a.y - b.y) > 120) continue;
        const over = overlap(ids[i], a, ids[j], b);
        if (!over) continue;
        moved = true;
        if (over.x < over.y) {
          const shift = (over.x / 2 + 0.5) * (a.x < b.x ? -1 : 1);
          a.x += shift;
          b.x -= shift;
        } else {
          const shift = (over.y / 2 + 0.5) * (a.y < b.y ? -1 : 1);
          a.y += shift;
          b.y -= shift;
        }
      }
    }
    if (!moved) return;
  }
}

// Spread the shown nodes over the stage: their places from the layout, scaled to its shape, then moved apart. Where a
// filter leaves other lines than the layout was made for, it places the papers, and what they have goes beside them.
function arrange() {
  const shown = visible();
  const papers = isWhole() ? [] : shown.filter((id) => all[id].kind === "Paper");
  const ids = papers.length ? papers : shown;
  if (!ids.length) return;
  if (isMany(shown)) {
    shown.forEach((id) => view.place.set(id, { x: facts.spread[id][0], y: facts.spread[id][1] }));
    return;
  }
  const width = Math.max(stage.clientWidth, 200),
    height = Math.max(stage.clientHeight, 200);
  const needed = shown.reduce((sum, id) => sum + 2 * box(id).wide * (box(id).top + box(id).bottom), 0) * 1.9;
  const scale = Math.max(1, Math.sqrt(needed / (width * height)));
  const room = [(width - 150) * scale, (height - 100) * scale];
  const spread = ["x", "y"].map((axis, i) => {
    const sorted = [...ids].sort((a, b) => drawn[a][axis] - drawn[b][axis] || a - b);
    const low = drawn[sorted[0]][axis],
      long = drawn[sorted[sorted.length - 1]][axis] - low || 1;
    const last = Math.max(1, sorted.length - 1);
    return new Map(
      sorted.map((id, row) => [
        id,
        (EVEN * (row / last) + (1 - EVEN) * ((drawn[id][axis] - low) / long) - 0.5) * room[i],
      ]),
    );
  });
  ids.forEach((id) => view.place.set(id, { x: spread[0].get(id), y: spread[1].get(id) }));
  separate(ids);
  const rest = shown.filter((id) => !ids.includes(id));
  rest.forEach((id) => view.place.delete(id));
  rest.forEach((id) => {
    const beside = neighbours(id)
      .filter((other) => view.place.has(other) && isVisible(other))
      .map((other) => view.place.get(other));
    settle(id, beside.length ? middleOf(beside) : { x: 0, y: 0 }, 4);
  });
}

const middleOf = (places) => ({
  x: places.reduce((sum, { x }) => sum + x, 0) / places.length,
  y: places.reduce((sum, { y }) => sum + y, 0) / places.length,
});

// Put one node at the free place nearest to a point.
function settle(id, wanted, start) {
  const others = visible().filter((other) => other !== id && view.place.has(other));
  for (let turn = start; turn < 4000; turn += 1 + (turn >> 6)) {
    const radius = 15 * Math.sqrt(turn),
      angle = turn * 2.399963;
    const at = { x: wanted.x + 1.5 * radius * Math.cos(angle), y: wanted.y + radius * Math.sin(angle) };
    if (!others.some((other) => overlap(id, at, other, view.place.get(other)))) {
      view.place.set(id, at);
      return;
    }
  }
  view.place.set(id, { ...wanted });
}

// The first nodes to show: the most connected ones; with a filter, papers each with its next neighbours.
function choose(amount) {
  const order = all.map((_, id) => id).filter(kindIsOn);
  if (isWhole()) return new Set(order.slice(0, amount));
  const chosen = new Set();
  for (const id of order) {
    if (chosen.size >= amount) break;
    const next = neighbours(id);
    if (!next.length) continue;
    chosen.add(id);
    const joined = next.some((other) => chosen.has(other));
    next.slice(0, joined ? 1 : 2).forEach((other) => chosen.add(other));
  }
  return chosen;
}

// Drawing

// A colour as it looks with little opacity on the ground, but solid, so that no line shines through.
function faint(hex, share) {
  const parts = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  const ground = parts(palette.ground);
  return `rgb(${parts(hex)
    .map((value, i) => Math.round(value * share + ground[i] * (1 - share)))
    .join(",")})`;
}

function shownTies() {
  const best = new Map();
  const found = [];
  ties.forEach((tie, id) => {
    if (!isVisible(tie.from) || !isVisible(tie.to) || !roleIsOn(id)) return;
    if (tie.kind !== "link") {
      found.push(id);
      return;
    }
    for (const end of [tie.from, tie.to]) {
      if (!best.has(end) || ties[best.get(end)].weight < tie.weight) best.set(end, id);
    }
    if (view.node === tie.from || view.node === tie.to) found.push(id);
  });
  if (view.tie !== null) found.push(view.tie);
  return new Set([...found, ...best.values()]);
}

function lineOf(id, lit, dim) {
  const tie = ties[id];
  const role = rolesOf(tie).find((each) => view.roles.has(each)) || rolesOf(tie)[0];
  const tint = tie.kind === "link" ? palette.Paper : tie.kind === "statement" ? colour(tie.to) : palette.edge;
  const width = tie.kind === "link" ? Math.min(7, 2 + tie.weight / 4) : role === "introduces" ? 2.6 : 1.3;
  const opacity = tie.kind === "link" ? 0.2 : role === "mentions" || role === "keyphrase" ? 0.45 : 0.6;
  return {
    id,
    hidden: false,
    width: lit ? Math.min(width + 0.8, 4) : width,
    dashes: DASHES[role] || false,
    arrows: tie.kind === "broader" ? { to: { enabled: true, scaleFactor: 0.5 } } : "",
    color: {
      color: tint,
      opacity: lit ? (tie.kind === "link" ? 0.6 : 0.95) : dim ? opacity / 5 : opacity,
      inherit: false,
    },
  };
}

// What differs from what vis-network has already: handing over the rest costs time.
const handed = { nodes: new Map(), edges: new Map() };
function handOver(name, set, items, ids) {
  const known = handed[name];
  const gone = [...known.keys()].filter((id) => !ids.has(id));
  gone.forEach((id) => known.delete(id));
  const changed = items.filter((item) => {
    const text = JSON.stringify(item);
    if (known.get(item.id) === text) return false;
    known.set(item.id, text);
    return true;
  });
  set.update([...gone.map((id) => ({ id, hidden: true })), ...changed]);
}

let many = false;
function draw() {
  const ids = visible(),
    now = new Set(ids),
    lines = shownTies();
  const chosen = view.node !== null && now.has(view.node) ? view.node : null;
  const lit = new Set(chosen !== null ? [chosen] : view.tie !== null ? [ties[view.tie].from, ties[view.tie].to] : []);
  if (chosen !== null)
    lines.forEach((id) => {
      const t = ties[id];
      if (t.from === chosen || t.to === chosen) lit.add(otherEnd(t, chosen));
    });
  const some = lit.size > 0;
  if (isMany(ids) !== many) {
    many = isMany(ids);
    network.setOptions({ interaction: { hideEdgesOnDrag: many, hideEdgesOnZoom: many } });
  }
  const styled = [...lines].map((id) => {
    const on = id === view.tie || (chosen !== null && (ties[id].from === chosen || ties[id].to === chosen));
    return lineOf(id, on, some && !on);
  });
  handOver("edges", edges, styled, lines);
  handOver(
    "nodes",
    nodes,
    ids.map((id) => {
      const dim = some && !lit.has(id),
        picked = id === chosen;
      const ink = all[id].kind === "Paper" && !lit.has(id) ? palette.soft : palette.ink;
      return {
        id,
        hidden: false,
        ...view.place.get(id),
        borderWidth: picked ? 4 : 1.5,
        color: {
          background: dim ? faint(colour(id), 0.28) : colour(id),
          border: picked ? palette.ink : palette.ground,
        },
        font: {
          face: FACE,
          size: 13,
          color: dim ? faint(ink, 0.45) : ink,
          strokeWidth: 3,
          strokeColor: palette.ground,
        },
        label: many ? "" : names[id],
      };
    }),
    now,
  );
  labelled = many ? (some ? [...lit, ...ids.filter((id) => !lit.has(id))] : ids) : [];
  announce(ids);
}

// Labels of many nodes: as large at every zoom, the strongest first, and only where there is room.
const LABELS_MAX = 120;
let labelled = [];
function writeLabels(pen) {
  if (!labelled.length) return;
  const scale = network.getScale();
  const { x, y } = network.getViewPosition();
  const wide = stage.clientWidth / 2 / scale + 60 / scale;
  const high = stage.clientHeight / 2 / scale + 20 / scale;
  const taken = [];
  const size = 13 / scale;
  pen.font = `${size}px ${FACE}`;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  pen.lineJoin = "round";
  pen.lineWidth = 3 / scale;
  pen.strokeStyle = palette.ground;
  for (const id of labelled) {
    const at = view.place.get(id);
    if (Math.abs(at.x - x) > wide || Math.abs(at.y - y) > high) continue;
    const lines = names[id].split("\n");
    const one = [box(id).wide / scale, at.y + drawn[id].size, at.y + drawn[id].size + (lines.length * 15 + 4) / scale];
    if (taken.some(([mid, w, top, low]) => Math.abs(at.x - mid) < w + one[0] && one[1] < low && top < one[2])) continue;
    taken.push([at.x, ...one]);
    pen.fillStyle = all[id].kind === "Paper" ? palette.soft : palette.ink;
    lines.forEach((line, row) => {
      pen.strokeText(line, at.x, one[1] + (3 + row * 15) / scale);
      pen.fillText(line, at.x, one[1] + (3 + row * 15) / scale);
    });
    if (taken.length >= LABELS_MAX) break;
  }
}
network.on("afterDrawing", writeLabels);

function announce(ids) {
  byId("status").textContent = `${ids.length.toLocaleString("en")} of ${counted(all.length, "node")} shown`;
  stage.dataset.shown = ids.length;
  byId("back").disabled = !view.past.length;
  listShown(ids);
}

function fit(ids) {
  const list = ids || visible();
  if (!list.length) return;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  list.forEach((id) => {
    const at = view.place.get(id),
      b = box(id);
    left = Math.min(left, at.x - b.wide);
    right = Math.max(right, at.x + b.wide);
    top = Math.min(top, at.y - b.top);
    bottom = Math.max(bottom, at.y + b.bottom);
  });
  const scale = Math.min(1.35, stage.clientWidth / (right - left + 24), (stage.clientHeight - 46) / (bottom - top + 8));
  network.moveTo({
    position: { x: (left + right) / 2, y: (top + bottom) / 2 + 15 / scale },
    scale: Math.max(scale, 0.05),
  });
}

function isInView(id) {
  const at = network.canvasToDOM(view.place.get(id));
  return at.x > 40 && at.y > 20 && at.x < stage.clientWidth - 40 && at.y < stage.clientHeight - 40;
}

// Steps that Back takes back

function remember() {
  const { shown, place, amount, kinds, roles, node, tie } = view;
  const at = { position: network.getViewPosition(), scale: network.getScale() };
  view.past.push({
    shown: new Set(shown),
    place: new Map(place),
    amount,
    kinds: new Set(kinds),
    roles: new Set(roles),
    node,
    tie,
    at,
  });
  if (view.past.length > 60) view.past.shift();
}

function goBack() {
  const last = view.past.pop();
  if (!last) return;
  const { at, ...rest } = last;
  Object.assign(view, rest);
  showControls();
  refresh();
  network.moveTo(at);
}
