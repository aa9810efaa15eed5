// A pane of messages: keeps them in order, parted by days, at its end unless the reader has scrolled up.

import { day, showMoments } from "./times.js";

const NEAR = 120;

// The server has rendered and escaped the message; the page only puts it in its place.
function element(record, now) {
  const template = document.createElement("template");
  template.innerHTML = record.html;
  const article = template.content.firstElementChild;
  showMoments(article, now);
  return article;
}

export class Messages {
  constructor(id, clock) {
    this.box = document.getElementById(id);
    this.clock = clock;
    this.waiting = 0;
  }

  show(records, from) {
    const articles = records.map((record) => element(record, this.clock.now));
    this.box.replaceChildren(...articles);
    this.part();
    if (from === "start") this.box.scrollTop = 0;
    else this.toEnd();
  }

  put(record) {
    const old = this.find(record.id);
    const end = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
    if (record.gone) {
      if (old?.contains(document.activeElement)) this.box.focus();
      old?.remove();
    } else {
      const fresh = element(record, this.clock.now);
      if (old) this.replace(old, fresh);
      else this.insert(fresh, record.id);
    }
    this.part();
    if (end) this.toEnd();
  }

  find(id) {
    return this.box.querySelector(`[data-message="${id}"]`);
  }

  // Whoever has just pressed something in the message keeps the focus there.
  replace(old, fresh) {
    const key = old.contains(document.activeElement) && document.activeElement.dataset.key;
    old.replaceWith(fresh);
    if (key) {
      const same = [...fresh.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
      const inside = same?.closest("details:not([open])") && !same.matches("summary");
      (inside ? same.closest("details").firstElementChild : same)?.focus({ preventScroll: true });
    }
  }

  insert(fresh, id) {
    const later = [...this.box.querySelectorAll("article")].find((each) => Number(each.dataset.message) > id);
    const thinking = this.box.querySelector(".thinking");
    this.box.insertBefore(fresh, later || thinking);
    fresh.classList.add("new");
  }

  part() {
    for (const old of this.box.querySelectorAll(".day")) old.remove();
    let last = "";
    for (const article of this.box.querySelectorAll("article")) {
      const text = day(new Date(article.querySelector(".byline time").dateTime));
      if (text !== last) {
        const line = document.createElement("p");
        line.className = "day";
        line.textContent = text;
        article.before(line);
      }
      last = text;
    }
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  // Says that the bot is at work, when an answer takes longer than one notices.
  async think(work) {
    let told = 0;
    const timer = setTimeout(() => this.thinking(told = 1), 300);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (told) this.thinking(-1);
    }
  }

  thinking(step) {
    this.waiting += step;
    this.box.querySelector(".thinking")?.remove();
    if (!this.waiting) return;
    const line = document.createElement("p");
    line.className = "thinking";
    line.setAttribute("role", "status");
    line.textContent = "Broadsheet is thinking …";
    this.box.append(line);
    this.toEnd();
  }
}
