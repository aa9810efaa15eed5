// Times in the reader's own zone, and the demo's clock with its control.

import { send } from "./requests.js";

const LOCALE = "en-GB";
const format = (options) => new Intl.DateTimeFormat(LOCALE, options);
const DATE = format({ day: "numeric", month: "long", year: "numeric" });
const DAY = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const HOUR = format({ hour: "2-digit", minute: "2-digit" });
const ZONED_HOUR = format({ hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [["year", 365 * 86400], ["month", 30 * 86400], ["week", 7 * 86400], ["day", 86400], ["hour", 3600], ["minute", 60]];

const shortDay = (at) => SHORT_DAY.format(at).replace(",", "");
export const day = (at) => DAY.format(at).replace(",", "");
export const full = (at) => `${shortDay(at)}, ${ZONED_HOUR.format(at)}`;

function relative(at, now) {
  const seconds = (at - now) / 1000;
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) || UNITS.at(-1);
  return RELATIVE.format(Math.round(seconds / length), unit);
}

export function showMoments(root, now) {
  for (const time of root.querySelectorAll("time[data-moment]")) {
    const at = new Date(time.dateTime);
    const style = time.dataset.moment;
    time.title = full(at);
    if (style === "date") time.textContent = DATE.format(at);
    if (style === "full") time.textContent = full(at);
    if (style === "hour") time.textContent = HOUR.format(at);
    if (style === "relative") time.textContent = relative(at, now);
  }
}

const asLocal = (at) => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
const byId = (id) => document.getElementById(id);

export class Clock {
  constructor() {
    this.ahead = 0;
    this.next = null;
    this.menu = byId("clock");
    this.menu.addEventListener("toggle", () => this.offer());
    byId("clock-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.move({ to: new Date(byId("clock-to").value).toISOString() }, true);
    });
    byId("clock-slot").addEventListener("click", () => this.move({ to: this.next.toISOString() }, true));
    for (const button of this.menu.querySelectorAll("[data-hours]")) {
      button.addEventListener("click", () => this.move({ hours: Number(button.dataset.hours) }, false));
    }
    setInterval(() => this.show(), 1000);
  }

  get now() {
    return new Date(Date.now() + this.ahead);
  }

  set({ now, next }) {
    this.ahead = Date.parse(now) - Date.now();
    this.next = next && Date.parse(next) > Date.parse(now) ? new Date(next) : null;
    this.show();
    this.offerNext();
  }

  show() {
    const text = full(this.now);
    const shown = byId("now");
    if (shown.textContent === text) return;
    shown.textContent = text;
    shown.dateTime = this.now.toISOString();
    showMoments(document.querySelector(".panes"), this.now);
  }

  offer() {
    byId("clock-error").textContent = "";
    byId("clock-to").min = asLocal(this.now);
    byId("clock-to").value = asLocal(this.next || this.now);
    this.offerNext();
  }

  offerNext() {
    const button = byId("clock-slot");
    button.hidden = !this.next;
    if (this.next) button.textContent = `To the next issue: ${full(this.next)}`;
  }

  async move(where, close) {
    const reply = await send("/clock", where);
    byId("clock-error").textContent = reply.error || "";
    if (reply.error) return;
    byId("announce").textContent = `It is now ${full(new Date(reply.now))}`;
    if (close) {
      this.menu.open = false;
      this.menu.querySelector("summary").focus();
    }
  }
}
