// The card of what is selected, and the list of what is shown.

function resultLine(paper, result) {
  const named = {};
  (result.concepts || []).forEach(([name, id]) => {
    named[name] = named[name] ? `${named[name]}, ${all[id].label}` : all[id].label;
  });
  const said = [
    result.metric || named.metric,
    result.subject || named.subject ? `of ${result.subject || named.subject}` : "",
    result.baseline || named.baseline ? `over ${result.baseline || named.baseline}` : "",
    named.benchmark ? `on ${named.benchmark}` : "",
    named.hardware ? `on ${named.hardware}` : "",
  ];
  return el(
    "li",
    { class: "result" },
    el("b", {}, result.value),
    el("span", {}, said.filter(Boolean).join(" ")),
    (result.evidence || []).slice(0, 1).map((each) => quote(paper, each)),
  );
}

function paperCard(id) {
  const paper = all[id];
  const ids = (paper.ids || []).map(([name, value]) => [
    name,
    outside(name === "arXiv" ? `https://arxiv.org/abs/${value}` : name === "DOI" ? `https://doi.org/${value}` : value),
  ]);
  const links = near[id]
    .map((tie) => ties[tie])
    .filter((tie) => tie.kind === "link")
    .sort((a, b) => b.weight - a.weight);
  return [
    paper.abstract
      ? el("details", { class: "more" }, el("summary", {}, "Abstract"), el("p", { class: "abstract" }, paper.abstract))
      : null,
    paper.results
      ? [heading("Results", paper.results.length), ...listed(paper.results.map((each) => resultLine(paper, each)))]
      : null,
    byRole(id, 1),
    links.length
      ? [
          heading(ROLES.link[1], links.length),
          ...listed(
            links.map((tie) =>
              el(
                "li",
                { class: "item" },
                link(otherEnd(tie, id)),
                el("span", { class: "sure" }, `weight ${tie.weight.toFixed(1)}`),
                el("div", { class: "tags" }, shared(tie)),
              ),
            ),
          ),
        ]
      : null,
    heading("About"),
    pairs([
      ...ids,
      ...(paper.urls || []).map((url) => ["link", outside(url)]),
      ...(paper.sources ? [["read from", paper.sources.join(", ")]] : []),
    ]),
  ];
}

function conceptCard(id) {
  const node = all[id];
  const known = new Set([plain(node.label)]);
  const others = (node.aliases || []).filter((alias) => !known.has(plain(alias)) && known.add(plain(alias)));
  const broader = near[id].map((tie) => ties[tie]).filter((tie) => tie.kind === "broader");
  const side = (end, text) => {
    const found = broader.filter((tie) => tie[end] === id).map((tie) => otherEnd(tie, id));
    return found.length
      ? [
          heading(text, found.length),
          el(
            "div",
            { class: "tags" },
            some(
              found.map((other) =>
                el("button", { type: "button", class: "tag", onclick: () => select(other) }, all[other].label),
              ),
            ),
          ),
        ]
      : null;
  };
  return [
    others.length
      ? [
          heading("Also written", others.length),
          el("div", { class: "tags" }, some(others.map((alias) => el("span", { class: "tag" }, alias)))),
        ]
      : null,
    node.facts ? [heading("Facts"), pairs(node.facts)] : null,
    side("from", "A kind of"),
    side("to", "Kinds of it"),
    byRole(id, 2),
  ];
}

function otherTies(id) {
  const found = near[id].map((tie) => ties[tie]).filter((tie) => tie.kind === "other");
  return found.length
    ? [
        heading(ROLES.other[1], found.length),
        ...listed(
          found.map((tie) =>
            el(
              "li",
              { class: "item" },
              link(otherEnd(tie, id)),
              el("span", { class: "sure" }, tie.properties.join(", ")),
            ),
          ),
        ),
      ]
    : null;
}

function top(kindText, kind) {
  const close = el(
    "button",
    { type: "button", class: "close", "aria-label": "Close the card", onclick: () => select(null) },
    "×",
  );
  return el("div", { class: "kind" }, kind ? icon(kind) : null, kindText, close);
}

function nodeCard(id) {
  const node = all[id];
  const more = neighbours(id).filter((other) => !isVisible(other)).length;
  const count =
    node.kind === "Paper"
      ? `paper, ${counted(node.count, "concept")}`
      : `${kindName(node)} in ${counted(node.count, "paper")}`;
  return [
    top(count, node.kind),
    el("h2", {}, node.label),
    el(
      "div",
      { class: "acts" },
      el(
        "button",
        { type: "button", id: "expand", disabled: !more, onclick: () => expand(id) },
        more ? `Expand: ${more > PART ? `${PART} of ${more}` : more} more` : "All neighbours shown",
      ),
      el("button", { type: "button", id: "focus", onclick: () => focusOn(id) }, "Focus on this"),
    ),
    node.kind === "Paper" ? paperCard(id) : conceptCard(id),
    otherTies(id),
  ]
    .flat(3)
    .filter(Boolean);
}

function tieCard(tie) {
  if (tie.kind === "link") {
    return [
      top("shared techniques"),
      el("h2", {}, `Both papers have ${counted(tie.shares.length, "technique")}`),
      el("div", { class: "tags" }, shared(tie)),
      heading("Weight"),
      el("p", {}, `${tie.weight.toFixed(2)} bits: the rarer a shared technique, the more it counts`),
      heading("Papers"),
      el(
        "ul",
        {},
        [tie.from, tie.to].map((id) => el("li", { class: "item" }, link(id))),
      ),
    ].flat();
  }
  const triple = (says, sure) => [
    el("li", { class: "item" }, link(tie.from)),
    el("li", { class: "item" }, el("strong", {}, says), sure ? el("span", { class: "sure" }, sure) : null),
    el("li", { class: "item" }, link(tie.to)),
  ];
  if (tie.kind !== "statement") {
    const says = tie.kind === "broader" ? ROLES.broader[0] : tie.properties.join(", ");
    return [top("connection"), el("ul", { class: "triple" }, triple(says))];
  }
  const parts = tie.statements.map((stated) => {
    const evidence = stated.evidence || [];
    return [
      el("ul", { class: "triple" }, triple(ROLES[stated.role][0], sureness(stated))),
      heading("Evidence", evidence.length),
      evidence.length
        ? el(
            "ul",
            {},
            evidence.map((each) => el("li", { class: "item" }, quote(all[tie.from], each))),
          )
        : el("p", { class: "lead" }, "None is in this network."),
    ];
  });
  return [top("statement"), ...parts.flat()];
}

function welcome() {
  const papers = all.filter((node) => node.kind === "Paper").length;
  const counts = [
    counted(papers, "paper"),
    counted(all.length - papers, "concept"),
    counted(ties.filter((tie) => tie.kind === "statement").length, "statement"),
  ];
  const how =
    "The most connected ones are drawn first. Click one for what the papers say of it, double-click it to see its " +
    "neighbours, click a line for its evidence.";
  const rest = `The graph has ${counted(facts.left_out, "more paper")}, which share less with the others.`;
  return [
    el("h2", {}, facts.title),
    el("p", { class: "lead" }, `${counts.join(", ")}. ${how}`),
    facts.left_out ? el("p", { class: "lead" }, rest) : null,
  ];
}

function showCard() {
  const card = byId("card");
  const made = view.node !== null ? nodeCard(view.node) : view.tie !== null ? tieCard(ties[view.tie]) : welcome();
  card.replaceChildren(...made.filter(Boolean));
  byId("panel").scrollTop = 0;
  byId("said").textContent =
    view.node !== null
      ? `${all[view.node].label}: ${card.querySelector(".kind").firstElementChild.nextSibling.textContent}`
      : "";
}

function listShown(ids) {
  const shown = byId("shown");
  const open = shown.querySelector("details")?.open ?? view.node === null;
  shown.hidden = false;
  const groups = present
    .map((kind) => [kind, ids.filter((id) => all[id].kind === kind)])
    .filter(([, found]) => found.length);
  shown.replaceChildren(
    heading("Shown in the picture", ids.length),
    ...groups.map(([kind, found]) =>
      el(
        "details",
        { class: "more", open: open && found.length <= 60 },
        el("summary", {}, `${KINDS[kind]} ${found.length}`),
        el(
          "ul",
          {},
          found.slice(0, 300).map((id) => el("li", { class: "item slim" }, link(id))),
        ),
      ),
    ),
  );
}
