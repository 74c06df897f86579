// The network around a thing. It begins small and grows where one clicks; the same is there as a list.

import { get } from "./api.js";
import { address, announce, button, el, heading, icon, notice, sub, thingLink } from "./parts.js";
import { settle } from "./places.js";
import { counted, KINDS, ROLES } from "./words.js";

const NARROW = matchMedia("(max-width: 760px)").matches;
const FIRST = NARROW ? 7 : 12;
const AROUND = NARROW ? 3 : 5;
const GROWTH = 6;
const MOST = 150;
const FORMS = { Paper: "rectangle", Method: "ellipse", Benchmark: "triangle", Hardware: "diamond", Task: "star", Metric: "polygon", Keyphrase: "hexagon" };
const DASHED = new Set(["compares with", "mentions", "has keyphrase"]);

export function network(card, memory, go) {
  const things = new Map();
  const places = new Map();
  const left = new Map();
  const filter = { kinds: new Set(Object.keys(KINDS)), roles: new Set(Object.keys(ROLES)), since: 0, until: 0, hardware: "" };
  let roleNames = Object.keys(ROLES);
  let cy = null;
  let chosen = card.id;
  let running = true;

  const stage = el("div", { class: "stage", role: "img", "aria-label": "The network; the same is below as a list" });
  const bar = el("div", { class: "chosen" });
  const list = el("ul", { class: "plain-list" });
  const asList = el("details", { class: "as-list" }, el("summary", {}, "As a list"), list);
  const filters = el("div", { class: "filters" });
  const zoom = el(
    "div",
    { class: "zoom" },
    button("+", () => zoomBy(1.3), { "aria-label": "Larger" }),
    button("−", () => zoomBy(1 / 1.3), { "aria-label": "Smaller" }),
    button("⤢", () => fit(), { "aria-label": "Show all" }),
    button("↺", () => restart(), { "aria-label": "Start over" }),
  );
  const node = el("aside", { class: "network", id: "network", "aria-label": "Network" }, heading("Network"), filters, el("div", { class: "frame" }, stage, zoom), bar, asList);

  const ask = (id, extra) =>
    get("neighbours", {
      iri: things.get(id)?.path ?? card.path,
      kind: filter.kinds.size < Object.keys(KINDS).length ? [...filter.kinds].join(",") : "",
      role: filter.roles.size < Object.keys(ROLES).length ? [...filter.roles].join(",") : "",
      since: filter.since,
      until: filter.until,
      hardware: filter.hardware,
      ...extra,
    });

  // Lines between what is shown: what a paper does with a concept (strongest role), and what is a kind of what.
  function lines() {
    const found = [];
    for (const thing of things.values()) {
      const best = new Map();
      for (const [role, other] of thing.ties || []) {
        if (things.has(other) && filter.roles.has(roleNames[role]) && !best.has(other)) best.set(other, role);
      }
      for (const [other, role] of best) found.push([thing.id, other, roleNames[role]]);
      for (const other of thing.broader || []) if (things.has(other)) found.push([thing.id, other, "is a kind of"]);
    }
    return found;
  }

  function visible(thing) {
    if (thing.id === card.id) return true;
    if (!filter.kinds.has(thing.kind)) return false;
    if (thing.kind !== "Paper") return true;
    if (filter.since && !(thing.year >= filter.since)) return false;
    if (filter.until && !(thing.year && thing.year <= filter.until)) return false;
    return !filter.hardware || (thing.ties || []).some(([role, other]) => roleNames[role] === "runs on" && things.get(other)?.path === filter.hardware) || (thing.fits && thing.fits === filter.hardware);
  }

  function take(found, parent) {
    roleNames = found.roles;
    const fresh = [];
    for (const thing of [found.centre, ...found.nodes]) {
      if (things.has(thing.id)) continue;
      if (things.size >= MOST) break;
      things.set(thing.id, { ...thing, fits: thing !== found.centre && filter.hardware });
      const [text, rows] = label(thing);
      places.set(thing.id, { x: 0, y: 0, w: Math.max(44, Math.min(text.split("\n").reduce((most, row) => Math.max(most, row.length), 0) * 5.6 + 12, 150)), h: 30 + rows * 14 });
      if (thing.id !== card.id) fresh.push(thing.id);
    }
    left.set(found.centre.id, found.more);
    settle(places, fresh, lines(), parent);
    return fresh;
  }

  async function grow(id) {
    chosen = id;
    if (things.size >= MOST) {
      showChosen(`The picture holds ${MOST} things; start over from another one.`);
      return;
    }
    showChosen("…");
    try {
      const fresh = take(await ask(id, { limit: GROWTH, without: [...things.keys()].join(",") }), id);
      draw(fresh);
      if (!filters.contains(document.activeElement) && !filters.querySelector("details[open]")) drawFilters();
      announce(fresh.length ? `${counted(fresh.length, "thing")} more around ${things.get(id).label}` : `nothing more around ${things.get(id).label}`);
    } catch (error) {
      showChosen(error.message);
      return;
    }
    showChosen();
  }

  function hide(id) {
    things.delete(id);
    places.delete(id);
    chosen = card.id;
    draw([]);
    showChosen();
  }

  async function restart() {
    things.clear();
    places.clear();
    left.clear();
    chosen = card.id;
    await begin();
  }

  async function begin() {
    const saved = memory.network;
    if (saved) {
      for (const [id, thing] of saved.things) things.set(id, thing);
      for (const [id, place] of saved.places) places.set(id, { ...place });
      for (const [id, more] of saved.left) left.set(id, more);
      roleNames = saved.roleNames;
      chosen = saved.chosen;
      Object.assign(filter, saved.filter);
      memory.network = null;
    } else {
      take(await ask(card.id, { limit: FIRST, around: AROUND }), card.id);
    }
    drawFilters();
    draw([], true);
    showChosen();
  }

  function showChosen(note) {
    const thing = things.get(chosen);
    if (!thing) return;
    const more = left.get(chosen);
    const unknown = more === undefined;
    bar.replaceChildren(
      el("div", { class: "line" }, chosen === card.id ? el("span", { class: "thing" }, icon(thing.kind), thing.label) : thingLink(thing), el("small", {}, sub(thing))),
      el(
        "div",
        { class: "acts" },
        note ? el("small", {}, note) : null,
        !note && (unknown || more) ? button(unknown ? "Grow here" : more > GROWTH ? `Show ${GROWTH} of ${more} more` : `Show ${more} more`, () => grow(chosen)) : null,
        !note && more === 0 ? el("small", {}, "All around it is shown.") : null,
        chosen === card.id ? null : button("Take away", () => hide(chosen)),
      ),
    );
  }

  function drawList() {
    const said = lines();
    list.replaceChildren(
      ...[...things.values()].filter(visible).map((thing) => {
        const ties = said.filter(([a, b]) => a === thing.id || b === thing.id).length;
        return el("li", { class: "line" }, thingLink(thing), el("small", {}, counted(ties, "line")), thing.id === card.id ? null : button("Grow", () => grow(thing.id), { "aria-label": `Grow around ${thing.label}` }));
      }),
    );
  }

  function drawFilters() {
    const kinds = Object.keys(KINDS).filter((kind) => kind !== card.kind || [...things.values()].some((thing) => thing.kind === kind));
    const refresh = () => {
      draw([]);
      if (things.size < FIRST) grow(card.id);
    };
    const chips = kinds.map((kind) => {
      const input = el("input", { type: "checkbox", checked: filter.kinds.has(kind), onchange: (event) => {
        filter.kinds[event.target.checked ? "add" : "delete"](kind);
        left.delete(card.id);
        refresh();
        showChosen();
      } });
      return el("label", { class: "chip" }, input, icon(kind), KINDS[kind].toLowerCase());
    });
    const roles = Object.entries(ROLES).map(([role]) => {
      const input = el("input", { type: "checkbox", checked: filter.roles.has(role), onchange: (event) => {
        filter.roles[event.target.checked ? "add" : "delete"](role);
        refresh();
      } });
      return el("label", {}, input, role);
    });
    const years = [...things.values()].some((thing) => thing.year);
    const year = (name, text) => el("label", {}, text, el("input", { type: "number", min: "1900", max: "2100", inputmode: "numeric", value: filter[name] || null, onchange: (event) => {
      filter[name] = Number(event.target.value) || 0;
      left.clear();
      refresh();
    } }));
    const devices = [...things.values()].filter((thing) => thing.kind === "Hardware");
    const hardware = devices.length || filter.hardware
      ? el("label", {}, "papers that run on", el("select", { onchange: (event) => {
          filter.hardware = event.target.value;
          left.clear();
          refresh();
        } }, el("option", { value: "" }, "any hardware"), devices.map((thing) => el("option", { value: thing.path, selected: filter.hardware === thing.path }, thing.label))))
      : null;
    filters.replaceChildren(
      el("div", { class: "chips", role: "group", "aria-label": "Kinds in the network" }, chips),
      el("details", { class: "menu" }, el("summary", {}, "Roles", years ? " and years" : "", hardware ? ", hardware" : ""), el("div", { class: "drop" }, el("div", { class: "checks", role: "group", "aria-label": "Roles" }, roles), years ? el("div", { class: "years" }, year("since", "from"), year("until", "to")) : null, hardware)),
    );
  }

  function label(thing) {
    const most = thing.kind === "Paper" ? 24 : 20;
    const rows = [""];
    for (const word of thing.label.split(/\s+/)) {
      const last = rows.length - 1;
      if (!rows[last] || rows[last].length + word.length < most) rows[last] = rows[last] ? `${rows[last]} ${word}` : word;
      else rows.push(word);
    }
    const cut = rows.slice(0, 2).map((row) => (row.length > most + 4 ? `${row.slice(0, most + 2)}…` : row));
    if (rows.length > 2) cut[1] = `${cut[1].replace(/…$/, "")}…`;
    return [cut.join("\n"), cut.length];
  }

  function elements() {
    const nodes = [...things.values()].map((thing) => ({
      group: "nodes",
      data: { id: String(thing.id), label: label(thing)[0], kind: thing.kind, size: thing.id === card.id ? 26 : thing.kind === "Paper" ? 16 : 12 + Math.min(8, Math.log2((thing.papers || 1) + 1) * 1.6) },
      classes: [thing.id === card.id ? "centre" : "", visible(thing) ? "" : "away"].join(" "),
      position: { x: places.get(thing.id).x, y: places.get(thing.id).y },
    }));
    const edges = lines().map(([from, to, role]) => ({ group: "edges", data: { id: `${from}-${to}`, source: String(from), target: String(to), role }, classes: DASHED.has(role) ? "dashed" : role === "introduces" ? "strong" : role === "is a kind of" ? "kind" : "" }));
    return [...nodes, ...edges];
  }

  function draw(fresh, first = false) {
    drawList();
    if (!cy) return;
    const wanted = elements();
    const ids = new Set(wanted.map((element) => element.data.id));
    cy.batch(() => {
      cy.elements().filter((element) => !ids.has(element.id())).remove();
      for (const element of wanted) {
        const known = cy.getElementById(element.data.id);
        if (known.empty()) cy.add(element);
        else known.classes(element.classes);
      }
    });
    mark();
    stage.dataset.nodes = String(cy.nodes(":visible").length);
    if (first) fit(false);
    else if (fresh.length) {
      const box = cy.elements(":visible").renderedBoundingBox();
      if (box.x1 < 0 || box.y1 < 0 || box.x2 > cy.width() || box.y2 > cy.height()) fit();
    }
  }

  function mark() {
    cy.nodes().removeClass("chosen");
    cy.getElementById(String(chosen)).addClass("chosen");
  }

  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function fit(animate = true) {
    if (!cy) return;
    const around = { eles: cy.elements(":visible"), padding: 18 };
    if (animate && !still()) cy.animate({ fit: around, duration: 260 });
    else {
      cy.fit(around.eles, around.padding);
      if (cy.zoom() > 1.25) {
        cy.zoom(1.25);
        cy.center(around.eles);
      }
    }
  }

  function zoomBy(factor) {
    cy?.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  function style() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue(`--${name}`).trim();
    const kinds = Object.keys(KINDS).map((kind) => ({ selector: `node[kind = "${kind}"]`, style: { shape: FORMS[kind], "background-color": colour(kind), ...(kind === "Metric" ? { "shape-polygon-points": [-1, -0.9, 1, -0.9, 0, 0.9] } : {}) } }));
    return [
      { selector: "node", style: { width: "data(size)", height: "data(size)", label: "data(label)", color: colour("ink"), "font-size": 10.5, "font-family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "text-wrap": "wrap", "text-valign": "bottom", "text-margin-y": 4, "text-background-color": colour("ground"), "text-background-opacity": 0.82, "text-background-padding": 1.5, "line-height": 1.15, "min-zoomed-font-size": 5, "border-width": 0, "overlay-opacity": 0 } },
      ...kinds,
      { selector: "node.centre", style: { "font-weight": 700, "font-size": 11.5 } },
      { selector: "node.chosen", style: { "border-width": 3, "border-color": colour("accent"), "border-opacity": 0.9 } },
      { selector: "node.away", style: { display: "none" } },
      { selector: "edge", style: { width: 1.1, "line-color": colour("edge"), "line-opacity": 0.6, "curve-style": "straight", "overlay-opacity": 0 } },
      { selector: "edge.strong", style: { width: 2.6 } },
      { selector: "edge.dashed", style: { "line-style": "dashed", "line-dash-pattern": [4, 3] } },
      { selector: "edge.kind", style: { "target-arrow-shape": "triangle", "target-arrow-color": colour("edge"), "arrow-scale": 0.7 } },
      { selector: "edge.lit", style: { "line-color": colour("accent"), "line-opacity": 1, label: "data(role)", color: colour("ink"), "font-size": 9.5, "font-family": "system-ui, sans-serif", "text-background-color": colour("ground"), "text-background-opacity": 0.9, "text-background-padding": 2 } },
    ];
  }

  const restyle = () => cy?.style(style());

  async function start() {
    try {
      const [{ default: cytoscape }] = await Promise.all([import("./vendor/cytoscape.js"), begin()]);
      if (!running) return;
      cy = cytoscape({ container: stage, elements: elements(), style: style(), layout: { name: "preset" }, minZoom: 0.2, maxZoom: 3, boxSelectionEnabled: false, autoungrabify: false });
      cy.on("tap", "node", (event) => grow(Number(event.target.id())));
      cy.on("dbltap", "node", (event) => go(address(things.get(Number(event.target.id())).path)));
      cy.on("mouseover", "node", (event) => {
        stage.style.cursor = "pointer";
        if (event.target.connectedEdges().length < 30) event.target.connectedEdges().addClass("lit");
      });
      cy.on("mouseout", "node", (event) => {
        stage.style.cursor = "";
        event.target.connectedEdges().removeClass("lit");
      });
      cy.on("dragfree", "node", (event) => Object.assign(places.get(Number(event.target.id())), event.target.position()));
      // the page scrolls under the wheel; with Ctrl it makes the picture larger
      stage.addEventListener("wheel", (event) => event.ctrlKey || event.metaKey || event.stopImmediatePropagation(), { capture: true });
      document.addEventListener("themechange", restyle);
      draw([], true);
      stage.kgNetwork = cy;
      stage.dataset.ready = "";
    } catch (error) {
      stage.replaceChildren(notice("The network cannot be drawn.", error.message));
    }
  }

  function stop() {
    running = false;
    document.removeEventListener("themechange", restyle);
    memory.network = { things: [...things], places: [...places], left: [...left], roleNames, chosen, filter };
    cy?.destroy();
    cy = null;
  }

  return { node, start, stop };
}
