// The page: follows the stream of events, shows a channel and a thread, and sends what the reader does.

import { openForm } from "./forms.js";
import { Line } from "./line.js";
import { Messages } from "./messages.js";
import { send } from "./requests.js";
import { Clock } from "./times.js";

const byId = (id) => document.getElementById(id);
const known = JSON.parse(byId("known").textContent);
const kept = (name, otherwise) => JSON.parse(sessionStorage.getItem(name) ?? JSON.stringify(otherwise));
const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));

const channelButtons = [...document.querySelectorAll("[data-channel]")];
const channelNames = channelButtons.map((each) => each.dataset.channel);
const clock = new Clock();
const panes = { main: new Messages("messages", clock), thread: new Messages("thread-messages", clock) };
const messages = new Map();
const busy = new Set();
const unread = new Set(kept("unread", []));

let me = known.people.some(({ id }) => id === kept("as", "")) ? kept("as", "") : known.people[0].id;
let channel = channelNames.includes(kept("channel", "")) ? kept("channel", "") : channelNames[0];
let thread = kept("thread", null);
let stream = null;

const sorted = (records) => records.sort((one, other) => one.id - other.id);
const inChannel = (each) => each.channel === channel && !each.thread;
const inThread = (each) => each.thread === thread || each.id === thread;
const where = (head = null) => ({ as: me, channel, thread: head });

// What arrives

function follow() {
  stream?.close();
  stream = new EventSource(`/events?as=${encodeURIComponent(me)}`);
  stream.addEventListener("batch", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("open", () => { byId("connection").hidden = true; });
  stream.addEventListener("error", (event) => {
    byId("connection").hidden = false;
    if (event.target.readyState === EventSource.CLOSED && event.target === stream) setTimeout(follow, 2000);
  });
}

function take(batch) {
  clock.set(batch);
  if (batch.reset) messages.clear();
  const seen = kept("seen", null);
  for (const record of batch.messages) {
    const fresh = !messages.has(record.id) && seen !== null && record.id > seen && !record.gone;
    if (record.gone) messages.delete(record.id);
    else messages.set(record.id, record);
    if (fresh) notice(record);
    if (!batch.reset) place(record);
  }
  keep("seen", Math.max(seen ?? 0, ...messages.keys()));
  if (batch.reset) show();
  document.body.dataset.ready = me;
}

function place(record) {
  if (inChannel(record)) panes.main.put(record);
  if (thread && inThread(record)) panes.thread.put(record);
}

function notice(record) {
  if (record.author === me) return;
  if (record.channel === channel) byId("announce").textContent = record.summary;
  else {
    unread.add(record.channel);
    showChannels();
  }
}

// What is shown

function show() {
  showChannels();
  panes.main.show(sorted([...messages.values()].filter(inChannel)));
  if (thread && messages.get(thread)?.channel !== channel) closeThread();
  if (thread) showThread();
}

// A thread is read from its first message on.
function showThread() {
  document.body.dataset.pane = "thread";
  byId("thread").hidden = false;
  panes.thread.show(sorted([...messages.values()].filter(inThread)), "start");
}

function showChannels() {
  unread.delete(channel);
  keep("unread", [...unread]);
  for (const button of channelButtons) {
    const chosen = button.dataset.channel === channel;
    button.toggleAttribute("aria-current", chosen);
    if (chosen) button.setAttribute("aria-current", "page");
    button.querySelector(".unread").hidden = !unread.has(button.dataset.channel);
    if (chosen) {
      byId("channel-title").textContent = `# ${channel}`;
      byId("channel-topic").textContent = button.dataset.topic;
      byId("line").placeholder = `Message #${channel}, or type /`;
    }
  }
  document.title = `${unread.size ? "• " : ""}#${channel} · Broadsheet`;
}

function chooseChannel(name) {
  channel = name;
  keep("channel", channel);
  closeThread();
  document.body.dataset.pane = "messages";
  show();
  byId("line").focus();
}

function openThread(id) {
  thread = id;
  keep("thread", thread);
  showThread();
  byId("thread-line").focus();
}

function closeThread() {
  const opener = thread && panes.main.find(thread)?.querySelector("[data-thread]");
  const inside = byId("thread").contains(document.activeElement);
  thread = null;
  keep("thread", thread);
  byId("thread").hidden = true;
  document.body.dataset.pane = "messages";
  if (inside) (opener || byId("line")).focus();
}

function chooseSpeaker(id) {
  me = id;
  keep("as", me);
  messages.clear();
  for (const pane of Object.values(panes)) pane.show([]);
  showSpeaker();
  follow();
}

function showSpeaker() {
  const { initials, tint } = known.people.find((each) => each.id === me);
  byId("speaker").value = me;
  byId("speaker-face").textContent = initials;
  byId("speaker-face").className = `avatar ${tint}`;
}

let toastTimer = 0;
function toast(sentence) {
  const line = byId("toast");
  line.textContent = sentence;
  line.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { line.hidden = true; }, 7000);
}

// What the reader does

async function ask(path, body, pane) {
  const reply = await pane.think(send(path, body));
  if (reply.error) toast(reply.error);
  if (reply.form) openForm(reply.form, { as: body.as, channel: body.channel ?? channel, thread: body.thread }, () => {});
  return reply;
}

// The same button, pressed again before its answer is there, asks nothing twice.
async function press(button) {
  const article = button.closest("[data-message]");
  const message = Number(article.dataset.message);
  const name = `${message} ${button.dataset.key}`;
  if ("thread" in button.dataset) return openThread(message);
  if (busy.has(name)) return;
  busy.add(name);
  const pane = byId("thread").contains(button) ? panes.thread : panes.main;
  const body = { as: me, message, channel, thread: messages.get(message)?.thread ?? null };
  if ("dismiss" in button.dataset) await ask("/dismiss", body, pane);
  if ("press" in button.dataset) await ask("/press", { ...body, button: Number(button.dataset.press) }, pane);
  if ("react" in button.dataset) {
    const on = button.getAttribute("aria-pressed") !== "true";
    await ask("/react", { ...body, emoji: button.dataset.react, on }, pane);
  }
  busy.delete(name);
}

async function say(text, head, pane, restore) {
  const reply = await ask("/say", { ...where(head()), text }, pane);
  pane.toEnd();
  if (reply.error) restore();
}

new Line("line", known.commands, where, (text, restore) => say(text, () => null, panes.main, restore));
new Line("thread-line", known.commands, () => where(thread), (text, restore) => say(text, () => thread, panes.thread, restore));

for (const button of channelButtons) button.addEventListener("click", () => chooseChannel(button.dataset.channel));
byId("speaker").addEventListener("change", (event) => chooseSpeaker(event.target.value));
byId("thread-close").addEventListener("click", closeThread);
byId("show-channels").addEventListener("click", () => {
  document.body.dataset.pane = document.body.dataset.pane === "channels" ? "messages" : "channels";
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("article button");
  if (button) press(button);
  for (const menu of document.querySelectorAll("details[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || byId("dialog").open) return;
  const menu = event.target.closest?.("details[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (byId("thread").contains(event.target)) closeThread();
});

showSpeaker();
showChannels();
follow();
