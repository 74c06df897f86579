// Values from the server. What was read is kept for the session, so that the way back shows at once.

import { address } from "./parts.js";

export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const MOST_KEPT = 120;
const kept = new Map();

export function query(params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params || {})) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== "" && each !== 0) search.append(name, each);
    }
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

export async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("The server does not answer. Is kg serve still running?", 0);
  }
  return response;
}

export async function get(path, params, signal) {
  const url = address(`api/${path}`) + query(params);
  if (kept.has(url)) return kept.get(url);
  const response = await request(url, { signal });
  let found;
  try {
    found = await response.json();
  } catch {
    throw new Failure(`The server answered with ${response.status} and no values.`, response.status);
  }
  if (!response.ok) throw new Failure(found.error || `The server answered with ${response.status}.`, response.status);
  kept.set(url, found);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return found;
}
