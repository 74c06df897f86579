// The SPARQL editor (Yasqe), which completes what this graph has: its terms, its prefixes, and the names of its things.

import { get } from "./api.js";
import { address, el } from "./parts.js";
import { KINDS } from "./words.js";

const OWN = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind.toLowerCase(), kind]));
const MOST = 40;
let loaded = null;

// Load the editor's styles and its script, once.
function load() {
  const part = (tag, set) =>
    new Promise((resolve, reject) => {
      const failed = () => {
        loaded = null;
        reject(new Error("The editor cannot be loaded."));
      };
      document.head.append(el(tag, { ...set, onload: resolve, onerror: failed }));
    });
  loaded ??= Promise.all([
    part("link", { rel: "stylesheet", href: address("assets/vendor/yasqe.css") }),
    part("link", { rel: "stylesheet", href: address("assets/editor.css") }),
    part("script", { src: address("assets/vendor/yasqe.js") }),
  ]).then(() => globalThis.Yasqe);
  return loaded;
}

export async function editor(parent, value, terms, run) {
  const Yasqe = await load();
  parent.replaceChildren();
  // the editor's own grammar, but with the prefixes that need no declaration
  Yasqe.defineMode("kg", (config) => {
    const grammar = Yasqe.getMode(config, "sparql11");
    const startState = () => {
      const state = grammar.startState();
      Object.assign(state.prefixes, terms.prefixes);
      return state;
    };
    return { ...grammar, startState };
  });
  const made = new Yasqe(parent, {
    value,
    mode: "kg",
    autocompleters: [],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    prefixCcApi: null,
    editorHeight: "auto",
    viewportMargin: Infinity,
    screenReaderLabel: "SPARQL query",
    extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run, "Ctrl-Space": () => complete(made, terms), "Ctrl-S": () => undefined },
  });
  made.on("inputRead", (_, change) => {
    const typed = change.text.join("");
    if (/[\w:?$-]$/.test(typed) && !made.state.completionActive && /(?:[\w-]+:[\w-]*|[?$]\w+)$/.test(before(made))) complete(made, terms);
  });
  return made;
}

const before = (made) => {
  const { line, ch } = made.getCursor();
  return made.getLine(line).slice(0, ch);
};

function complete(made, terms) {
  made.showHint({ hint: () => hints(made, terms), completeSingle: false, closeCharacters: /[\s;.,(){}]/, container: made.rootEl });
}

async function hints(made, terms) {
  const cursor = made.getCursor();
  const typed = before(made).match(/(?:[?$]\w*|[\w-]*:[\w-]*|[\w-]+)?$/)[0];
  const found = await suggestions(typed, made.getValue(), terms);
  const list = found.slice(0, MOST).map(([text, note]) => ({
    text,
    render: (item) => item.append(el("span", { class: "name" }, text), el("small", {}, note)),
  }));
  return { list, from: { line: cursor.line, ch: cursor.ch - typed.length }, to: cursor };
}

async function suggestions(typed, query, terms) {
  const folded = typed.toLowerCase();
  if (/^[?$]/.test(typed)) {
    const known = new Set(query.match(/[?$]\w+/g));
    known.delete(typed);
    return [...known].filter((name) => name.toLowerCase().startsWith(folded)).sort().map((name) => [name, "variable"]);
  }
  const [prefix, local] = typed.includes(":") ? typed.split(":") : ["", typed];
  if (typed.includes(":") && OWN[prefix]) return local ? things(local, [OWN[prefix]], terms) : [];
  const own = terms.terms.filter(([name]) => (typed.includes(":") ? name.toLowerCase().startsWith(folded) : name.toLowerCase().includes(folded)));
  const fitting = own.map(([name, kind, meaning]) => [name, meaning ? `${kind}: ${meaning}` : kind]);
  if (typed.includes(":")) return fitting;
  const prefixes = Object.entries(terms.prefixes).filter(([name]) => name.startsWith(folded)).map(([name, iri]) => [`${name}:`, iri]);
  return [...prefixes, ...fitting, ...(local.length > 2 ? await things(local, [], terms) : [])];
}

// Papers and concepts by their labels, as terms of SPARQL.
async function things(text, kinds, terms) {
  const { found } = await get("search", { q: text.replaceAll("-", " "), kind: kinds, limit: 15 });
  return found.map((thing) => [term(thing.path, terms), thing.label]);
}

function term(path, terms) {
  const [kind, ...rest] = path.split("/");
  const name = rest.join("/");
  if (OWN[kind] && /^\w(?:[\w-]*\w)?$/.test(name)) return `${kind}:${name}`;
  return `<${path.startsWith("thing?iri=") ? decodeURIComponent(path.slice(10)) : terms.base + path}>`;
}
