// An input line that completes commands, their options and the options' values: a combobox with a listbox.

import { send } from "./requests.js";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// The command that a line names, and what follows it.
function read(commands, line) {
  const text = line.toLowerCase();
  const found = commands
    .filter(({ name }) => text === `/${name}` || text.startsWith(`/${name} `))
    .sort((one, other) => other.name.length - one.name.length)[0];
  return found && { command: found, rest: line.slice(found.name.length + 1) };
}

// Where the caret is: in the value of an option, named or the first free one, and which options are still free.
function locate({ command, rest }) {
  const names = command.options.map(({ name }) => escape(name)).join("|");
  const named = names ? [...rest.matchAll(new RegExp(`(?:^|\\s)(${names}):`, "g"))] : [];
  const used = new Set(named.map((match) => match[1]));
  const last = named.at(-1);
  const start = last ? last.index + last[0].length : rest.length - rest.trimStart().length;
  const free = command.options.filter(({ name }) => !used.has(name));
  const first = free.find(({ required }) => required) || free[0];
  return { free, option: last ? last[1] : first?.name, typed: rest.slice(start).trimStart(), isNamed: Boolean(last) };
}

export class Line {
  constructor(id, commands, where, submit) {
    this.commands = commands;
    this.where = where;
    this.items = [];
    this.active = -1;
    this.asked = 0;
    this.input = document.getElementById(id);
    this.popup = document.getElementById(`${id}-completion`);
    this.usage = document.getElementById(`${id}-usage`);
    this.list = document.getElementById(`${id}-list`);
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("focus", () => this.input.value && this.suggest());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.popup.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.accept(Number(item.dataset.place));
    });
    document.getElementById(`${id}-form`).addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = "";
      this.close();
      submit(text, () => { this.input.value ||= text; });
    });
  }

  async suggest() {
    const line = this.input.value;
    const turn = ++this.asked;
    if (!line.startsWith("/")) return this.close();
    const found = read(this.commands, line);
    if (!found) return this.show(this.named(line.slice(1).toLowerCase()), "Commands", 0);
    const usage = `${found.command.usage} · ${found.command.description}`;
    if (!line.startsWith(`/${found.command.name} `) && !found.rest) return this.show([], usage);
    const place = locate(found);
    const options = this.options(line, place);
    this.show(options, usage);
    const values = await this.values(line, found.command, place);
    if (turn === this.asked && document.activeElement === this.input) this.show([...values, ...options], usage);
  }

  named(typed) {
    const starts = this.commands.filter(({ name }) => name.startsWith(typed));
    const holds = this.commands.filter((each) => each.name.includes(typed) && !starts.includes(each));
    return [...starts, ...holds].map((each) => ({
      label: `/${each.name}`,
      about: each.description + (each.editors ? " · editors" : ""),
      line: `/${each.name} `,
    }));
  }

  options(line, { free }) {
    const word = line.slice(line.search(/\S*$/));
    return free
      .filter(({ name }) => name.startsWith(word.toLowerCase()))
      .map((each) => ({
        label: `${each.name}:`,
        about: each.description + (each.required ? " · required" : ""),
        line: `${line.slice(0, line.length - word.length)}${each.name}:`,
      }));
  }

  async values(line, command, { option, typed, isNamed }) {
    if (!option || (!isNamed && /\S\s/.test(typed))) return [];
    const reply = await send("/complete", { ...this.where(), command: command.name, option, typed: typed.trim() });
    const before = line.slice(0, line.length - typed.length);
    return (reply.choices || [])
      .filter(({ value }) => value.toLowerCase() !== typed.trim().toLowerCase())
      .map(({ label, value }) => ({ label, about: option, line: `${before}${value} ` }));
  }

  show(items, usage, active = -1) {
    this.items = items;
    this.usage.textContent = usage;
    this.list.replaceChildren(...items.map((item, place) => this.item(item, place)));
    this.list.hidden = !items.length;
    this.popup.hidden = !items.length && !usage;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.activate(items.length ? active : -1);
  }

  item({ label, about }, place) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${place}`;
    item.role = "option";
    item.dataset.place = place;
    const [name, words] = [document.createElement("span"), document.createElement("span")];
    name.className = "completion-label";
    name.dir = "auto";
    name.textContent = label;
    words.className = "completion-about";
    words.textContent = about;
    item.append(name, " ", words);
    return item;
  }

  activate(place) {
    this.active = place;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
    const item = this.list.children[place];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.input.setAttribute("aria-activedescendant", item.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.asked++;
    this.show([], "");
  }

  accept(place) {
    this.input.value = this.items[place].line;
    this.input.focus();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
    this.suggest();
  }

  press(event) {
    if (event.isComposing || !this.items.length || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      const last = this.items.length - 1;
      const next = this.active + steps[event.key];
      this.activate(next > last ? 0 : next < 0 ? last : next);
    } else if (event.key === "Tab" && !event.shiftKey) this.accept(Math.max(this.active, 0));
    else if (event.key === "Enter" && this.active >= 0) this.accept(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
