// Find and replace in one transcript.
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { toast, trying } from "./toast.js";

const fold = (text, exact) => (exact ? text : text.toLowerCase());

/** `deeds` has replaceAll(find, replacement, exact), edited(line, text) and undo(lines). */
export class Finder {
  #hits = [];
  #now = -1;

  constructor(lines, deeds) {
    this.lines = lines;
    this.deeds = deeds;
    this.find = h("input.rt-input", { type: "search", placeholder: say("find.what"), "aria-label": say("find.what"), id: "rt-find" });
    this.with = h("input.rt-input", { placeholder: say("find.with"), "aria-label": say("find.with"), id: "rt-replace", maxLength: 500 });
    this.exact = h("input", { type: "checkbox", id: "rt-exact" });
    this.count = h("span.rt-find-count", { role: "status", "aria-live": "polite" });
    this.one = button({ label: say("find.replace"), onclick: trying(() => this.#replaceOne()) });
    this.every = button({ label: say("find.replaceAll"), id: "rt-replace-all", onclick: trying(() => this.#replaceAll()) });
    this.element = h("div.rt-find", { role: "search", hidden: true },
      h("div.rt-find-row", {}, this.find, this.count,
        button({ icon: "up", title: say("find.previous"), kind: "quiet", onclick: () => this.step(-1) }),
        button({ icon: "down", title: say("find.next"), kind: "quiet", onclick: () => this.step(1) }),
        button({ icon: "close", title: say("action.close"), kind: "quiet", onclick: () => this.close() })),
      h("div.rt-find-row", {}, this.with, this.one, this.every, h("label.rt-check", {}, this.exact, h("span", say("find.exact")))));
    this.find.addEventListener("input", () => this.look(true));
    this.exact.addEventListener("change", () => this.look(true));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && event.target === this.find) this.step(event.shiftKey ? -1 : 1);
      else return;
      event.preventDefault();
    });
    lines.built = () => this.#paint();
  }

  open() {
    this.element.hidden = false;
    this.find.focus();
    this.find.select();
    this.look(true);
  }

  close() {
    this.element.hidden = true;
    this.#hits = [];
    this.#paint();
  }

  /** Looks through all lines again; `jump` shows the first hit from the line being heard on. */
  look(jump = false) {
    if (this.element.hidden) return;
    const exact = this.exact.checked, wanted = fold(this.find.value, exact);
    this.#hits = [];
    if (wanted) {
      this.lines.all.forEach((line, i) => {
        const text = fold(line.text.trim(), exact);
        for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) this.#hits.push({ i, at });
      });
    }
    if (jump) this.#now = this.#hits.length ? Math.max(0, this.#hits.findIndex((hit) => hit.i >= this.lines.current)) : -1;
    this.#now = Math.min(Math.max(this.#now, 0), this.#hits.length - 1);
    this.one.disabled = this.every.disabled = this.#hits.length === 0 || this.lines.fixed;
    this.#tell();
    if (jump && this.#now >= 0) this.lines.show(this.#hits[this.#now].i, false);
    this.#paint();
  }

  step(by) {
    const n = this.#hits.length;
    if (!n) return;
    this.#now = (this.#now + by + n) % n;
    this.lines.show(this.#hits[this.#now].i, false);
    this.#tell();
    this.#paint();
  }

  #tell() {
    const n = this.#hits.length;
    fill(this.count, !this.find.value ? "" : n ? say("find.count", { i: this.#now + 1, total: n }) : say("find.none"));
  }

  async #replaceOne() {
    const hit = this.#hits[this.#now];
    if (!hit) return;
    const line = this.lines.all[hit.i], text = line.text.trim();
    await this.deeds.edited(line, text.slice(0, hit.at) + this.with.value + text.slice(hit.at + this.find.value.length));
    this.lines.redraw(hit.i);
    this.look();
    // Not into what was just written: "the" became "these", which holds it again.
    const end = hit.at + this.with.value.length, next = this.#hits.findIndex(({ i, at }) => i > hit.i || (i === hit.i && at >= end));
    if (this.#hits.length) { this.#now = Math.max(0, next); this.step(0); }
  }

  async #replaceAll() {
    const touched = [...new Set(this.#hits.map((hit) => hit.i))].map((i) => ({ ...this.lines.all[i] }));
    const n = await this.deeds.replaceAll(this.find.value, this.with.value, this.exact.checked);
    toast(say("find.replaced", { n }), { action: { label: say("action.undo"), run: trying(() => this.deeds.undo(touched)) } });
    this.look();
  }

  // Hits are painted by the browser over the words, so that no word has to be cut in two.
  #paint() {
    if (!window.CSS?.highlights) return;
    const all = new Highlight(), now = new Highlight(), long = this.find.value.length;
    this.#hits.forEach((hit, n) => {
      const place = this.lines.row(hit.i)?.querySelector(".rt-line-text");
      const range = place && rangeIn(place, hit.at, long);
      if (range) (n === this.#now ? now : all).add(range);
    });
    CSS.highlights.set("rt-hit", all);
    CSS.highlights.set("rt-hit-now", now);
  }
}

function rangeIn(place, at, long) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT), range = new Range();
  let passed = 0, begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const size = node.data.length;
    if (!begun && at < passed + size) { range.setStart(node, at - passed); begun = true; }
    if (begun && at + long <= passed + size) { range.setEnd(node, at + long - passed); return range; }
    passed += size;
  }
  return null;
}

