// What clicks, keys and controls do.

const STEPS = [12, 20, 30, 44, 60, 80, 110, 150, 200, 300, 450, 700, 1000];
const usual = () => Math.max(12, Math.min(44, Math.round((stage.clientWidth * stage.clientHeight) / 14500)));
let steps = [];

function refresh() {
  showCard();
  draw();
}

function writeHash() {
  const key = view.node !== null ? `#${encodeURI(all[view.node].key)}` : "";
  if (decodeURI(location.hash) !== decodeURI(key))
    history.pushState(null, "", key || location.pathname + location.search);
}

function reveal(id) {
  view.kinds.add(all[id].kind);
  if (view.shown.has(id) && view.place.has(id)) return;
  const placed = neighbours(id).filter((other) => isVisible(other) && view.place.has(other));
  const spots = placed.slice(0, 3).map((other) => view.place.get(other));
  const middle = spots.length ? middleOf(spots) : network.getViewPosition();
  view.shown.add(id);
  settle(id, middle, spots.length ? 12 : 0);
  if (!placed.length) addNear(id, neighbours(id).slice(0, 6));
}

function addNear(id, ids) {
  const at = view.place.get(id);
  ids.forEach((other) => {
    if (isVisible(other)) return;
    view.shown.add(other);
    settle(other, at, 20);
  });
}

function select(id) {
  if (id === view.node && view.tie === null) {
    refresh();
    return;
  }
  remember();
  view.node = id;
  view.tie = null;
  if (id !== null) reveal(id);
  showControls();
  refresh();
  if (id !== null && !isInView(id))
    network.moveTo({ position: view.place.get(id), scale: Math.max(network.getScale(), 0.8) });
  writeHash();
}

function selectTie(id) {
  remember();
  view.node = null;
  view.tie = id;
  refresh();
  writeHash();
}

function expand(id) {
  const next = neighbours(id)
    .filter((other) => !isVisible(other))
    .slice(0, PART);
  if (!next.length) return;
  remember();
  view.node = id;
  view.tie = null;
  addNear(id, next);
  refresh();
  if (![id, ...next].every(isInView)) fit(next.every((other) => isVisible(other)) ? undefined : [id, ...next]);
  writeHash();
}

function focusOn(id) {
  remember();
  const next = neighbours(id).slice(0, LIKELY);
  view.node = id;
  view.tie = null;
  view.shown = new Set([id]);
  view.place.set(id, { x: 0, y: 0 });
  next.forEach((other) => {
    view.shown.add(other);
    settle(other, { x: 0, y: 0 }, 60);
  });
  showControls();
  refresh();
  fit();
  writeHash();
}

function start(amount, keep) {
  view.amount = amount;
  view.shown = choose(amount);
  if (keep !== null && keep !== undefined) view.shown.add(keep);
  arrange();
  refresh();
  fit();
}

function reset() {
  remember();
  view.kinds = new Set(present.filter((kind) => !quietKinds.includes(kind)));
  view.roles = new Set(presentRoles);
  view.node = null;
  view.tie = null;
  start(usual());
  showControls();
  writeHash();
}

// Filters, which are the legend as well

const chipInputs = new Map();
for (const kind of present) {
  const input = el("input", {
    type: "checkbox",
    value: kind,
    onchange: () => {
      remember();
      if (input.checked) view.kinds.add(kind);
      else view.kinds.delete(kind);
      showControls();
      start(view.amount, view.node);
    },
  });
  chipInputs.set(kind, input);
  const count = all.filter((node) => node.kind === kind).length;
  byId("kinds").append(
    el("label", { class: "chip" }, input, icon(kind), KINDS[kind], el("small", {}, count.toLocaleString("en"))),
  );
}

const roleInputs = new Map();
for (const role of presentRoles) {
  const input = el("input", {
    type: "checkbox",
    value: role,
    onchange: () => {
      remember();
      if (input.checked) view.roles.add(role);
      else view.roles.delete(role);
      showControls();
      start(view.amount, view.node);
    },
  });
  roleInputs.set(role, input);
  const count = ties.filter((tie) => rolesOf(tie).includes(role)).length;
  byId("roles")
    .querySelector(".drop")
    .append(
      el(
        "label",
        {},
        input,
        sample(role),
        role === "link" ? "shares techniques" : ROLES[role][0],
        el("small", {}, count.toLocaleString("en")),
      ),
    );
}
const allOrNone = (roles) => () => {
  remember();
  view.roles = new Set(roles);
  showControls();
  start(view.amount, view.node);
};
byId("roles")
  .querySelector(".drop")
  .append(
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", onclick: allOrNone(presentRoles) }, "All"),
      el("button", { type: "button", onclick: allOrNone([]) }, "None"),
    ),
  );
byId("roles").hidden = presentRoles.length < 2;

function showControls() {
  chipInputs.forEach((input, kind) => {
    input.checked = view.kinds.has(kind);
  });
  roleInputs.forEach((input, role) => {
    input.checked = view.roles.has(role);
  });
  byId("roles").querySelector("summary").textContent =
    view.roles.size === presentRoles.length ? "Roles" : `Roles ${view.roles.size}/${presentRoles.length}`;
  const most = all.filter((_, id) => kindIsOn(id)).length;
  steps = [...new Set([...STEPS, view.amount, Math.min(most, 3000)])]
    .filter((n) => n > 0 && n <= Math.max(most, 1))
    .sort((a, b) => a - b);
  const slider = byId("amount");
  slider.max = Math.max(steps.length - 1, 0);
  slider.value = Math.max(
    0,
    steps.findLastIndex((n) => n <= view.amount),
  );
  tellAmount();
}

function tellAmount() {
  const amount = steps[byId("amount").value] || 0;
  byId("amount-text").textContent = counted(amount, "node");
  byId("amount").setAttribute("aria-valuetext", counted(amount, "node"));
}
byId("amount").addEventListener("input", tellAmount);
byId("amount").addEventListener("change", () => {
  remember();
  start(steps[byId("amount").value], view.node);
});

byId("back").addEventListener("click", () => {
  goBack();
  writeHash();
});
byId("reset").addEventListener("click", reset);
byId("fit").addEventListener("click", () => fit());

// The picture

network.on("click", (event) => {
  hideTip();
  if (event.nodes.length) select(event.nodes[0]);
  else if (event.edges.length) selectTie(event.edges[0]);
  else if (view.node !== null || view.tie !== null) select(null);
});
network.on("doubleClick", (event) => {
  if (event.nodes.length) expand(event.nodes[0]);
});
network.on("dragEnd", (event) => event.nodes.forEach((id) => view.place.set(id, network.getPosition(id))));

const tip = byId("tooltip");
function showTip(at, ...content) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const left = Math.min(at.x + 14, stage.clientWidth - tip.offsetWidth - 6);
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${at.y + 18 + tip.offsetHeight > stage.clientHeight ? at.y - tip.offsetHeight - 10 : at.y + 18}px`;
  stage.style.cursor = "pointer";
}
function hideTip() {
  tip.hidden = true;
  stage.style.cursor = "";
}
network.on("hoverNode", ({ node, pointer }) => {
  const count = all[node].kind === "Paper" ? counted(all[node].count, "concept") : counted(all[node].count, "paper");
  showTip(pointer.DOM, all[node].label, el("small", {}, `${kindName(all[node])}, ${count}`));
});
network.on("hoverEdge", ({ edge, pointer }) => {
  const tie = ties[edge];
  const says =
    tie.kind === "other"
      ? tie.properties.join(", ")
      : rolesOf(tie)
          .map((role) => ROLES[role][0])
          .join(", ");
  showTip(pointer.DOM, el("small", {}, all[tie.from].label), says, el("small", {}, all[tie.to].label));
});
["blurNode", "blurEdge", "dragStart", "zoom"].forEach((name) => network.on(name, hideTip));

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
stage.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (WAYS[event.key]) {
    event.preventDefault();
    const [x, y] = WAYS[event.key];
    const from = view.node !== null ? view.place.get(view.node) : network.getViewPosition();
    let best = null,
      least = Infinity;
    for (const id of visible()) {
      const to = view.place.get(id),
        ahead = (to.x - from.x) * x + (to.y - from.y) * y;
      const aside = Math.abs((to.x - from.x) * y) + Math.abs((to.y - from.y) * x);
      if (id !== view.node && ahead > 1 && ahead + 2.5 * aside < least) {
        best = id;
        least = ahead + 2.5 * aside;
      }
    }
    if (best !== null) select(best);
  } else if (event.key === "Enter" && view.node !== null) expand(view.node);
  else if (event.key.toLowerCase() === "f" && view.node !== null) focusOn(view.node);
  else if (event.key === "+" || event.key === "-")
    network.moveTo({ scale: network.getScale() * (event.key === "+" ? 1.25 : 0.8) });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    if (byId("roles").open) {
      byId("roles").open = false;
      byId("roles").querySelector("summary").focus();
    } else if (view.node !== null || view.tie !== null) select(null);
  }
});
document.addEventListener("click", (event) => {
  if (!byId("roles").contains(event.target)) byId("roles").open = false;
});

function followHash() {
  let key = "";
  try {
    key = decodeURI(location.hash.slice(1));
  } catch {
    return;
  }
  const id = all.findIndex((node) => node.key === key);
  if (id >= 0) select(id);
  else if (!key && view.node !== null) select(null);
}
addEventListener("hashchange", followHash);
addEventListener("popstate", followHash);

function retint() {
  readPalette();
  if (view.place.size) draw();
}
let width = stage.clientWidth;
addEventListener("resize", () => {
  if (Math.abs(stage.clientWidth - width) > 40) {
    width = stage.clientWidth;
    fit();
  }
});

// Colours

function showCommunity(community) {
  remember();
  const ids = all.map((_, id) => id).filter((id) => all[id].community === community && kindIsOn(id));
  view.shown = new Set(ids.slice(0, Math.max(usual(), view.amount)));
  arrange();
  refresh();
  fit();
}
colouring.addEventListener("change", () => {
  showLegend(showCommunity);
  draw();
});
function retintLegend() {
  retint();
  showLegend(showCommunity);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retintLegend);

readPalette();
showLegend(showCommunity);
start(usual());
showControls();
if (location.hash) followHash();
else if (facts.focus !== null) {
  view.node = facts.focus;
  refresh();
}
document.documentElement.dataset.ready = "";
