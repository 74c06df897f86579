// A field that searches as one types: a combobox with a list, moved through with the arrow keys.

import { get } from "./api.js";
import { announce, el, icon, sub } from "./parts.js";
import { counted } from "./words.js";

let fields = 0;

// onPick(thing): one was chosen. onText(text): the text changed. free: Enter takes the text as it is.
export function searchField({ label, kinds = [], onPick, onText, value = "", placeholder, free = false, clear = false, first = false, name }) {
  const id = `search-${++fields}`;
  let found = [];
  let active = -1;
  let asked = 0;
  let timer = 0;
  const input = el("input", {
    type: "search", id, name, role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-label": label,
    placeholder: placeholder ?? label, value, "data-first": first,
  });
  const list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, class: "suggestions", hidden: true });
  const box = el("div", { class: "search" }, input, free ? null : el("kbd", { "aria-hidden": "true" }, "/"), list);

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    const options = list.querySelectorAll('[role="option"]');
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    }
  }

  function pick(thing) {
    close();
    if (clear) {
      input.value = "";
      input.blur();
    } else if (free) {
      input.value = thing.label;
      onText?.(thing.label);
    }
    onPick?.(thing);
  }

  function option(thing, at) {
    return el(
      "li",
      {
        role: "option", id: `${id}-${at}`, "aria-selected": "false",
        onmousedown: (event) => event.preventDefault(),
        onclick: () => pick(thing),
        onmousemove: () => active !== at && mark(at),
      },
      icon(thing.kind),
      el("span", { class: "name" }, thing.label),
      el("small", {}, sub(thing)),
      thing.also ? el("small", { class: "also" }, `also called ${thing.also}`) : null,
    );
  }

  async function ask() {
    const mine = ++asked;
    const text = input.value.trim();
    if (!text) {
      found = [];
      close();
      return;
    }
    let answer;
    try {
      answer = await get("search", { q: text, kind: kinds, limit: 12 });
    } catch (error) {
      if (mine === asked) list.replaceChildren(el("li", { class: "note", role: "presentation" }, error.message));
      return;
    }
    if (mine !== asked || document.activeElement !== input) return;
    found = answer.found.length ? answer.found : answer.near;
    const items = found.map(option);
    if (!answer.found.length) {
      const near = found.length ? "Nothing has this name. Similar:" : "Nothing has this name. Try fewer letters or another word.";
      items.unshift(el("li", { class: "note", role: "presentation" }, near));
    }
    list.replaceChildren(...items);
    list.hidden = false;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", "true");
    announce(answer.found.length ? `${counted(found.length, "suggestion")}` : "nothing has this name");
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 60);
    onText?.(input.value);
  });
  input.addEventListener("focus", () => input.value.trim() && !free && ask());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden && found.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) ask();
      else {
        const next = active + (event.key === "ArrowDown" ? 1 : -1);
        mark(next < 0 ? found.length - 1 : next % found.length);
      }
    } else if (event.key === "Enter" && open && (active >= 0 || !free)) {
      event.preventDefault();
      pick(found[Math.max(active, 0)]);
    } else if (event.key === "Enter" && !free) {
      event.preventDefault();
      clearTimeout(timer);
      ask().then(() => found.length && !list.hidden && list.querySelector(".note") === null && pick(found[0]));
    } else if (event.key === "Escape") {
      if (!list.hidden) {
        event.preventDefault();
        close();
      } else {
        event.preventDefault();
        input.value = "";
        onText?.("");
        if (!free) input.blur();
      }
    }
  });
  box.input = input;
  return box;
}
