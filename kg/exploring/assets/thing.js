// The page of a paper or a concept: its card, and beside it the network around it.

import { get } from "./api.js";
import { address, base, el, icon, link } from "./parts.js";
import { conceptCard } from "./concept.js";
import { network } from "./network.js";
import { paperCard } from "./paper.js";

export async function show({ path, params, memory, go }) {
  const where = path === "thing" ? `thing?iri=${encodeURIComponent(params.get("iri") || "")}` : path;
  const card = await get("thing", { path: where });
  const paper = card.kind === "Paper";
  const { title, body, menu } = paper ? paperCard(card) : conceptCard(card);
  const heading = el("h1", { class: paper ? "paper" : "", tabindex: "-1" }, title);
  const other = card.iri.startsWith(base) ? card.iri.slice(base.length) : null;
  const data = other
    ? [
        el("a", { href: `${address(other)}?format=ttl`, "data-plain": "" }, "Turtle"),
        el("a", { href: `${address(other)}?format=jsonld`, "data-plain": "" }, "JSON-LD"),
      ]
    : [];
  const picture = network(card, memory, go);
  const node = el(
    "article",
    { class: "page thing-page" },
    el(
      "header",
      { class: "title" },
      el("p", { class: "kind" }, icon(card.kind), card.kind.toLowerCase(), menu),
      heading,
      el("p", { class: "acts" }, paper ? null : link(`compare?of=${encodeURIComponent(card.path)}`, "Compare its papers"), paper ? null : el("span", { class: "dot" }), ...data, el("a", { href: "#network", class: "jump" }, "Network")),
    ),
    el("div", { class: "columns" }, el("div", { class: "card" }, body), picture.node),
  );
  return { title: card.label, name: "thing", node, after: picture.start, leave: picture.stop, focus: heading };
}
