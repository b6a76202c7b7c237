// Sentences before and after: read as a text, or compared word by word and taken one by one.
import { button, fill, h, icon } from "./dom.js";
import { clock, say } from "./texts.js";
import { trying } from "./toast.js";
import { changes } from "./write_diff.js";

const KEPT = "roomtone.write.compare";

export class Pairs {
  #result = null;
  #refused = new Set();
  #body = null;
  #rows = [];
  #compare = roomtone.kept.get(KEPT) !== "no";
  #only = false;
  #timed = true;

  /** `deeds` has hear(seconds) and refused(numbers), which keeps the original of these. */
  constructor(deeds) { this.deeds = deeds; }

  draw(body, result, refused) {
    this.#result = result;
    this.#body = body;
    this.#refused = new Set(refused);
    this.#rows = [];
    this.#timed = result.pairs.some((pair) => pair.start !== null);
    fill(body, this.#summary(), this.#compare ? this.#table() : this.#text());
  }

  switches() {
    const compare = h("input", { type: "checkbox", id: "rt-write-compare", checked: this.#compare, onchange: () => { this.#compare = compare.checked; roomtone.kept.set(KEPT, compare.checked ? "yes" : "no"); this.#redraw(); } });
    const only = h("input", { type: "checkbox", id: "rt-write-only", checked: this.#only, onchange: () => { this.#only = only.checked; this.#redraw(); } });
    return [h("label.rt-check", {}, compare, h("span", say("write.compare"))), h("label.rt-check", { title: say("write.only.hint") }, only, h("span", say("write.only")))];
  }

  /** Marks the sentence that is heard at this second. */
  mark(at) {
    for (const { pair, element } of this.#rows) element.classList.toggle("heard", pair.start !== null && pair.start <= at && at < pair.end);
  }

  #redraw() { if (this.#result) this.draw(this.#body, this.#result, [...this.#refused]); }

  #summary() {
    const pairs = this.#result.pairs, n = (state) => pairs.filter((pair) => pair.state === state).length, odd = pairs.filter((pair) => pair.missing.length || pair.added.length).length;
    const all = button({ label: say("write.take.all"), kind: "text", id: "rt-write-all", onclick: trying(() => this.#set([])) });
    const none = button({ label: say("write.take.none"), kind: "text", id: "rt-write-none", onclick: trying(() => this.#set(pairs.filter((pair) => pair.state === "written").map((pair) => pair.id))) });
    return h("div.rt-write-summary", {}, h("span", [say(this.#result.kind === "polish" ? "write.pairs" : "write.pairs.translated", { n: pairs.length, written: n("written") }), odd ? say("write.pairs.odd", { n: odd }) : ""].join(" ").trim()), this.#result.kind === "polish" && this.#compare && [all, none]);
  }

  async #set(numbers) {
    this.#refused = new Set(numbers);
    this.#redraw();
    await this.deeds.refused(numbers);
  }

  #wanted(pair) { return !this.#only || pair.missing.length || pair.added.length || pair.state === "kept" || (this.#result.kind === "polish" && pair.state === "written"); }

  #table() {
    const rows = this.#result.pairs.filter((pair) => this.#wanted(pair));
    if (!rows.length) return h("p.rt-empty", say("write.only.none"));
    return h(`div.rt-write-pairs${this.#timed ? "" : ".untimed"}`, { role: "list" }, rows.map((pair) => this.#row(pair)));
  }

  #row(pair) {
    const across = this.#result.kind !== "polish", left = this.#refused.has(pair.id), changed = pair.state === "written";
    const time = pair.start !== null && h("button.rt-line-time", { type: "button", title: say("lines.hear"), onclick: () => this.deeds.hear(pair.start) }, clock(pair.start));
    const words = across ? [h("p.before", { lang: "" }, pair.before), h("p.after", { lang: "" }, left ? pair.before : pair.after)] : h("p", { lang: "" }, changed && !left ? changes(pair.before, pair.after).map(({ kind, text }) => (kind === "same" ? text : h(kind === "gone" ? "del" : "ins", text))) : pair.before);
    const pick = changed && button({ label: say(left ? "write.take" : "write.leave"), icon: left ? "check" : "undo", kind: "text", onclick: trying(() => { const next = new Set(this.#refused); if (left) next.delete(pair.id); else next.add(pair.id); return this.#swap(element, pair, next); }) });
    const element = h(`div.rt-write-pair.${left ? "left" : pair.state}`, { role: "listitem", data: { id: pair.id } }, this.#timed && (time || h("span")), h("div", {}, pair.speaker && h("strong", pair.speaker), words, this.#notes(pair, left)), pick || h("span.rt-hint", pair.state === "kept" ? "" : say("write.same")));
    this.#rows.push({ pair, element });
    return element;
  }

  async #swap(element, pair, next) {
    this.#refused = next;
    this.#rows = this.#rows.filter((row) => row.element !== element);
    const fresh = this.#row(pair);
    element.replaceWith(fresh);
    fresh.querySelector(".rt-button")?.focus();
    await this.deeds.refused([...next].sort((a, b) => a - b));
  }

  #notes(pair, left) {
    const told = [];
    if (pair.state === "kept") told.push(say("write.kept"));
    if (!left && pair.missing.length) told.push(say("write.missing", { what: pair.missing.join(say("comma")) }));
    if (!left && pair.added.length) told.push(say("write.added", { what: pair.added.join(say("comma")) }));
    return told.map((text) => h("p.rt-write-warn", {}, icon("warn"), h("span", text)));
  }

  #text() {
    const paragraphs = [];
    let before = null;
    for (const pair of this.#result.pairs.filter((one) => this.#wanted(one))) {
      const begins = !before || (pair.start === null ? pair.line !== before.line : pair.speaker !== before.speaker || pair.start - before.end >= 2);
      if (begins) paragraphs.push(h("p", { lang: "" }, pair.speaker && h("strong", `${pair.speaker}: `)));
      const odd = pair.missing.length || pair.added.length;
      const element = h(`span.rt-write-said${odd || pair.state === "kept" ? ".odd" : ""}`, { title: this.#titleOf(pair), onclick: () => { if (pair.start !== null) this.deeds.hear(pair.start); } }, this.#refused.has(pair.id) ? pair.before : pair.after);
      this.#rows.push({ pair, element });
      const text = paragraphs.at(-1);
      if (text.textContent && !/[\u2e80-\uffef]$/.test(text.textContent)) text.append(" ");
      text.append(element);
      before = pair;
    }
    return h("div.rt-write-text", {}, paragraphs);
  }

  #titleOf(pair) { return [pair.start !== null && clock(pair.start), pair.state === "kept" && say("write.kept"), pair.missing.length && say("write.missing", { what: pair.missing.join(say("comma")) }), pair.added.length && say("write.added", { what: pair.added.join(say("comma")) })].filter(Boolean).join(" · "); }
}
