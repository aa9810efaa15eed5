// The dialog in which the bot asks back: a form for what a command still needs.

import { send } from "./requests.js";

const dialog = document.getElementById("dialog");

export function openForm(html, where, done) {
  dialog.innerHTML = html;
  const form = dialog.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, where, done);
  });
  form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("textarea")) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  for (const input of form.querySelectorAll("[data-complete]")) complete(input, form.dataset.command, where);
  if (!dialog.open) dialog.showModal();
  const empty = [...form.elements].find((each) => each.required && !each.value);
  (empty || form.elements[0]).focus();
}

function complete(input, command, where) {
  let turn = 0;
  const ask = async () => {
    const asked = ++turn;
    const reply = await send("/complete", { ...where, command, option: input.dataset.complete, typed: input.value });
    if (asked !== turn) return;
    input.list.replaceChildren(...(reply.choices || []).map(({ label, value }) => new Option(label, value)));
  };
  input.addEventListener("input", ask);
  input.addEventListener("focus", ask);
}

async function submit(form, where, done) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const body = new FormData(form);
  body.set("command", form.dataset.command);
  for (const [name, value] of Object.entries(where)) if (value) body.set(name, value);
  const reply = await send("/submit", body);
  form.ariaBusy = "false";
  const sentence = reply.error || reply.sentence;
  if (sentence) {
    form.querySelector("#dialog-error").textContent = sentence;
    form.querySelector("[data-close]").textContent = "Close";
  } else if (reply.form) openForm(reply.form, where, done);
  else {
    dialog.close();
    done();
  }
}
