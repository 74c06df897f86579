// One ready question: its parameters as a form, its answer as a table.

import { Failure, get, query } from "./api.js";
import { address, announce, el, link, notice } from "./parts.js";
import { searchField } from "./search.js";
import { table } from "./table.js";
import { counted } from "./words.js";

const CONCEPTS = ["Method", "Benchmark", "Hardware", "Task", "Metric", "Keyphrase"];

export async function show({ match, params, go }) {
  const name = match[1];
  const { questions } = await get("questions");
  const question = questions.find((each) => each.name === name);
  if (!question) throw new Failure(`There is no question “${name}”; the page of questions lists them.`, 404);
  const given = Object.fromEntries(question.parameters.map((parameter) => [parameter.name, params.get(parameter.name) ?? parameter.default]));
  const fields = question.parameters.map((parameter) => [parameter, field(parameter, given[parameter.name])]);
  const form = fields.length
    ? el(
        "form",
        {
          class: "form",
          onsubmit: (event) => {
            event.preventDefault();
            go(address(`questions/${name}`) + query(Object.fromEntries(fields.map(([parameter, made]) => [parameter.name, made.input.value.trim()]))));
          },
        },
        fields.map(([parameter, made]) => el("div", { class: "field" }, el("label", { for: made.input.id }, parameter.name), made, el("small", {}, parameter.help))),
        el("button", { type: "submit", class: "main" }, "Ask"),
      )
    : null;
  let answer;
  let failure = null;
  try {
    answer = await get(`questions/${name}`, given);
  } catch (error) {
    failure = error;
  }
  const node = el(
    "div",
    { class: "page" },
    el("p", { class: "kind" }, link("questions", "Questions")),
    el("h1", { tabindex: "-1" }, question.title),
    el("p", { class: "lead" }, question.description),
    form,
    failure ? el("div", { role: "alert" }, notice("There is no answer.", failure.message)) : shown(answer, name, given),
  );
  return { title: question.title, name: "question", node, after: () => answer && announce(counted(answer.total, "row")), focus: node.querySelector("h1") };
}

function field(parameter, value) {
  if (["number", "text", "iri"].includes(parameter.kind)) {
    const input = el("input", { type: "text", inputmode: parameter.kind === "number" ? "decimal" : "text", id: `parameter-${parameter.name}`, value });
    const box = el("div", { class: "search" }, input);
    box.input = input;
    return box;
  }
  const kinds = parameter.kind === "concept" ? CONCEPTS : [parameter.kind[0].toUpperCase() + parameter.kind.slice(1)];
  return searchField({ label: `${parameter.name}: ${parameter.help}`, kinds, value, free: true, placeholder: "" });
}

function shown(answer, name, given) {
  const editor = link(`query?query=${encodeURIComponent(answer.query)}`, "Open as SPARQL");
  if (!answer.rows.length) return el("div", {}, notice("No rows.", answer.parameters.length ? "The graph has nothing that fits; try another value above." : "The graph has nothing that fits.", el("p", { class: "acts" }, editor)));
  return el(
    "div",
    {},
    el("div", { class: "tools" }, el("p", { class: "amount" }, counted(answer.total, "row")), el("a", { class: "button", href: address(`api/questions/${name}.csv`) + query(given), download: `${name}.csv` }, "CSV"), editor),
    table(answer.columns, answer.rows, { caption: answer.title, total: answer.total }),
  );
}
