// The page of what is neither a paper nor a concept (a statement, a span, a source): what the graph says of it, as Turtle.

import { Failure, request } from "./api.js";
import { el } from "./parts.js";

export async function show({ path }) {
  const address = (format) => `${location.pathname}?format=${format}`;
  const response = await request(address("ttl"));
  const text = await response.text();
  if (!response.ok) throw new Failure(text.trim(), response.status);
  const plain = { "data-plain": "" };
  const node = el(
    "div",
    { class: "page" },
    el("h1", { tabindex: "-1" }, decodeURIComponent(path)),
    el("p", { class: "acts" }, el("a", { href: address("ttl"), ...plain }, "Turtle"), el("a", { href: address("jsonld"), ...plain }, "JSON-LD")),
    el("pre", { class: "turtle", tabindex: "0" }, text.slice(0, 200000)),
  );
  return { title: path, name: "data", node, focus: node.querySelector("h1") };
}
