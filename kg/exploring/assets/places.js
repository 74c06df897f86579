// Where things stand in the picture. What stands stays: only new things move, and the same clicks give the same picture.

const STEPS = 220;
const LENGTH = 120;
const TURN = Math.PI * (3 - Math.sqrt(5));

// places: Map of id to {x, y, w, h}; fresh: ids without a place yet; parent: the id around which they come in.
export function settle(places, fresh, edges, parent) {
  const centre = places.get(parent) || { x: 0, y: 0 };
  const others = [...places.entries()].filter(([id]) => !fresh.includes(id) && id !== parent);
  const away = others.length ? Math.atan2(centre.y - mean(others, "y"), centre.x - mean(others, "x")) : -Math.PI / 2;
  fresh.forEach((id, index) => {
    const angle = others.length ? away + ((index % 2 ? 1 : -1) * Math.ceil(index / 2) * Math.PI * 0.9) / Math.max(fresh.length, 3) : away + index * TURN;
    const distance = LENGTH * (others.length ? 1.05 : 0.8 + (index % 3) * 0.25);
    Object.assign(places.get(id), { x: centre.x + Math.cos(angle) * distance, y: centre.y + Math.sin(angle) * distance });
  });
  const free = new Set(fresh);
  const all = [...places.entries()];
  const near = edges.filter(([a, b]) => places.has(a) && places.has(b) && (free.has(a) || free.has(b)));
  for (let step = 0; step < STEPS; step++) {
    const heat = 1 - step / STEPS;
    const move = new Map(fresh.map((id) => [id, [0, 0]]));
    for (const id of fresh) {
      const own = places.get(id);
      const push = move.get(id);
      for (const [other, at] of all) {
        if (other === id) continue;
        const dx = own.x - at.x || 0.01 * (id > other ? 1 : -1);
        const dy = (own.y - at.y) * 1.35 || 0.01;
        const distance = Math.max(Math.hypot(dx, dy), 12);
        const force = (LENGTH * LENGTH * 0.32) / (distance * distance);
        push[0] += (dx / distance) * force * 6;
        push[1] += (dy / distance) * force * 6;
      }
    }
    for (const [a, b] of near) {
      const one = places.get(a);
      const two = places.get(b);
      const dx = two.x - one.x;
      const dy = two.y - one.y;
      const distance = Math.max(Math.hypot(dx, dy), 1);
      const pull = ((distance - LENGTH) / distance) * 0.07;
      for (const [id, sign] of [[a, 1], [b, -1]]) {
        if (!free.has(id)) continue;
        move.get(id)[0] += dx * pull * sign;
        move.get(id)[1] += dy * pull * sign;
      }
    }
    for (const id of fresh) {
      const [x, y] = move.get(id);
      const length = Math.max(Math.hypot(x, y), 0.001);
      const most = Math.min(length, 2 + 22 * heat);
      places.get(id).x += (x / length) * most;
      places.get(id).y += (y / length) * most;
    }
    if (step > STEPS * 0.4) part(places, fresh, all);
  }
  for (let step = 0; step < 60; step++) part(places, fresh, all);
}

const mean = (entries, axis) => entries.reduce((sum, [, place]) => sum + place[axis], 0) / entries.length;

// Move new things out of the boxes (shape and label) of others.
function part(places, fresh, all) {
  const free = new Set(fresh);
  for (const id of fresh) {
    const own = places.get(id);
    for (const [other, at] of all) {
      if (other === id) continue;
      const x = (own.w + at.w) / 2 - Math.abs(own.x - at.x);
      const y = (own.h + at.h) / 2 - Math.abs(own.y - at.y);
      if (x <= 0 || y <= 0) continue;
      const share = free.has(other) ? 0.5 : 1;
      const axis = x < y ? "x" : "y";
      const sign = own[axis] === at[axis] ? (id > other ? 1 : -1) : Math.sign(own[axis] - at[axis]);
      const step = Math.min(x, y) * share * 0.8;
      own[axis] += sign * step;
      if (share < 1) at[axis] -= sign * step;
    }
  }
}
