// What the page was given: nodes and, as `ties`, the edges between them.

const facts = JSON.parse(document.getElementById("facts").textContent);
const all = facts.nodes;
const ties = facts.edges;
