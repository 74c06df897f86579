// What the page was given: nodes and edges as columns of bytes.

const facts = JSON.parse(document.getElementById("facts").textContent);

function column(name, Numbers) {
  const text = atob(facts.columns[name]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return new Numbers(bytes.buffer);
}

const labels = facts.labels.split("\n");
const keys = facts.keys.split("\n");
const xs = column("x", Int16Array);
const ys = column("y", Int16Array);
const kinds = column("kind", Uint8Array);
const ranks = column("rank", Uint8Array);
const counts = column("count", Uint32Array);
const groups = column("community", Uint8Array);
const starts = column("from", Uint32Array);
const ends = column("to", Uint32Array);
const tieRoles = column("role", Uint8Array);

const all = Array.from(kinds, (kind, id) => ({
  label: labels[id],
  key: keys[id],
  kind: facts.kinds[kind],
  count: counts[id],
  community: groups[id],
}));

// The edges at each node: those of node `id` are near[first[id]] … near[first[id + 1] - 1].
const first = new Uint32Array(all.length + 1);
for (let tie = 0; tie < starts.length; tie += 1) {
  first[starts[tie] + 1] += 1;
  first[ends[tie] + 1] += 1;
}
for (let id = 0; id < all.length; id += 1) first[id + 1] += first[id];
const near = new Uint32Array(2 * starts.length);
const next = first.slice();
for (let tie = 0; tie < starts.length; tie += 1) {
  near[next[starts[tie]]++] = tie;
  near[next[ends[tie]]++] = tie;
}
const tiesAt = (id) => near.subarray(first[id], first[id + 1]);
