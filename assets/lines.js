// The lines of a transcript. Only those near the window are in the page, so that ten thousand stay quick.
import { button, fill, h } from "./dom.js";
import { isDoubtful, wordsOf, writeWords } from "./line_words.js";
import { nameButton } from "./speakers_rows.js";
import { clock, say } from "./texts.js";

const BLOCK = 40;
const LINE_HIGH = 62;

/** `deeds` has hear(seconds), unhear(), edited(line, text), restored(line), chosen(line, mine) and retry(). */
export class Lines {
  #blocks = [];
  #current = -1;
  #found = -1;
  #word = null;

  constructor(deeds) {
    this.deeds = deeds;
    this.all = [];
    this.fixed = false;
    // Who speaks, set by the working place, and the numbers of the lines being chosen, null while none are.
    this.speakers = null;
    this.picked = null;
    this.element = h("div.rt-lines", { role: "list", "aria-label": say("lines.title") });
    this.element.addEventListener("animationend", (event) => { if (event.animationName === "rt-found") this.#found = -1; });
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("dblclick", (event) => {
      const row = event.target.closest?.(".rt-line");
      if (!row || !event.target.closest(".rt-line-text") || this.fixed || this.picked) return;
      this.deeds.unhear();
      this.edit(Number(row.dataset.i));
    });
    this.sight = new IntersectionObserver((seen) => {
      for (const one of seen) { if (one.isIntersecting) this.#build(one.target); else this.#clear(one.target); }
    }, { rootMargin: "1200px 0px" });
  }

  clear() {
    this.sight.disconnect();
    this.#blocks = [];
    this.#current = -1;
    this.all = [];
    this.element.classList.toggle("told", Boolean(this.speakers?.known));
    this.element.replaceChildren();
  }

  /** Adds lines at the end. */
  add(lines) {
    const from = this.all.length;
    this.all.push(...lines);
    for (let first = Math.floor(from / BLOCK) * BLOCK; first < this.all.length; first += BLOCK) {
      const known = this.#blocks[first / BLOCK];
      if (known) { if (known.childElementCount) this.#build(known, true); else known.style.minHeight = `${this.#guess(first)}px`; continue; }
      const block = h("div.rt-block", { data: { first } });
      block.style.minHeight = `${this.#guess(first)}px`;
      this.#blocks.push(block);
      this.element.append(block);
      this.sight.observe(block);
    }
  }

  /** Takes over what was changed elsewhere; a line that is being written in stays. Returns how many lines differ. */
  merge(fresh) {
    let n = 0;
    fresh.forEach((line, i) => {
      const mine = this.all[i];
      if (mine.text === line.text && mine.original_text === line.original_text && mine.flags.join() === line.flags.join() && mine.speaker === line.speaker && mine.start === line.start) return;
      if (this.#busy(this.row(i))) return;
      Object.assign(mine, line);
      this.redraw(i);
      n += 1;
    });
    return n;
  }

  /** Shows or takes away the person's own text below a line that somebody else changed meanwhile. */
  clash(line) {
    const i = this.all.indexOf(line), row = this.row(i);
    if (!row?.classList.contains("editing")) { this.redraw(i); return; }
    row.querySelector(".rt-clash")?.remove();
    if (line.mine !== undefined) row.append(this.#clash(line));
  }

  #clash(line) {
    // The press must not end the editing first, which would draw the line anew under the pointer.
    const choose = (label, mine) => button({ label: say(label), onmousedown: (event) => event.preventDefault(), onclick: () => this.deeds.chosen(line, mine) });
    return h("div.rt-clash", { role: "alert" }, h("span", say("lines.clash")), h("q", { lang: line.language || "", dir: "auto" }, line.mine),
      h("div.rt-row", {}, choose("lines.clash.mine", true), choose("lines.clash.theirs", false)));
  }

  #guess(first) { return Math.min(BLOCK, this.all.length - first) * LINE_HIGH; }

  /** Draws one line anew. */
  redraw(i) {
    const row = this.row(i);
    if (row) row.replaceWith(this.#make(i));
    if (i === this.#current) this.#mark(i);
  }

  /** Draws all lines anew that are in the page, but for those in which somebody writes. */
  redrawAll() {
    this.element.classList.toggle("told", Boolean(this.speakers?.known));
    for (const row of this.element.querySelectorAll(".rt-line")) if (!this.#busy(row)) this.redraw(Number(row.dataset.i));
  }

  /** True while somebody writes a text or a name. */
  get writing() { return this.#busy(this.element.querySelector(".editing, .rt-line:has(.rt-naming)")); }

  #busy(row) { return Boolean(row) && (row.classList.contains("editing") || Boolean(row.querySelector(".rt-naming"))); }

  /** Lets lines be chosen into a set of their numbers; null ends that. `changed()` is called after each choice. */
  pick(chosen, changed) {
    this.picked = chosen;
    this.picking = changed;
    this.last = chosen ? this.all.findIndex((line) => chosen.has(line.number)) : -1;
    this.element.classList.toggle("picking", chosen !== null);
    this.redrawAll();
  }

  #choose(i, all) {
    const on = !this.picked.has(this.all[i].number), other = all && this.last >= 0 ? this.last : i, from = Math.min(other, i), to = Math.max(other, i);
    for (let k = from; k <= to; k += 1) this.picked[on ? "add" : "delete"](this.all[k].number);
    this.last = i;
    this.redrawAll();
    this.picking();
  }

  /** Marks the line that a search led to for a moment, also while it is drawn anew. */
  find(i) {
    this.#found = i;
    this.row(i)?.classList.add("found");
  }

  row(i) { return this.element.querySelector(`.rt-line[data-i="${i}"]`); }

  #build(block, anew = false) {
    if (block.childElementCount && !anew) return;
    const first = Number(block.dataset.first), made = [];
    for (let i = first; i < Math.min(first + BLOCK, this.all.length); i += 1) made.push(this.#make(i));
    block.replaceChildren(...made);
    block.style.minHeight = "";
    if (this.#current >= first && this.#current < first + BLOCK) this.#mark(this.#current);
    this.built?.(first, first + made.length);
  }

  #clear(block) {
    if (!block.childElementCount || block.contains(document.activeElement)) return;
    block.style.minHeight = `${block.offsetHeight}px`;
    block.replaceChildren();
  }

  #make(i) {
    const line = this.all[i], failed = (line.flags || []).includes("failed");
    const time = h("button.rt-line-time", { type: "button", title: say("lines.hear") }, clock(line.start));
    const text = h("div.rt-line-text", { lang: line.language || "", dir: "auto" });
    if (failed && !line.text) fill(text, h("span.rt-line-lost", say("lines.lost", { from: clock(line.start), to: clock(line.end) })), this.fixed ? null : button({ label: say("action.retry"), icon: "again", kind: "text", onclick: () => this.deeds.retry() }));
    else writeWords(text, line);
    const who = this.speakers?.known ? this.#who(line, i) : null, over = who && (line.flags || []).includes("overlap");
    const row = h("div.rt-line", { role: "listitem", data: { i } }, time, who, text, over && h("span.rt-overlap", { title: say("speakers.overlap.hint") }, say("speakers.overlap")));
    const chosen = this.picked?.has(line.number);
    row.classList.toggle("picked", Boolean(chosen));
    row.classList.toggle("found", i === this.#found);
    if (this.picked) time.setAttribute("aria-pressed", String(chosen));
    const changed = line.original_text !== null && line.original_text !== undefined;
    row.classList.toggle("changed", changed);
    if (line.mine !== undefined) row.append(this.#clash(line));
    if (!this.fixed) {
      row.append(h("div.rt-line-tools", {},
        who && this.#giver(line),
        changed && button({ icon: "undo", title: say("lines.restore"), kind: "quiet", onclick: () => this.deeds.restored(line) }),
        button({ icon: "edit", title: say("lines.edit"), kind: "quiet", onclick: () => this.edit(i) })));
    }
    return row;
  }

  #who(line, i) {
    const one = this.speakers.of(line), before = i > 0 && this.all[i - 1].speaker === line.speaker;
    if (!one) return h("span.rt-who");
    const made = nameButton(one, this.speakers.name);
    made.classList.toggle("same", before);
    return made;
  }

  #giver(line) {
    const made = button({ icon: "people", title: say("speakers.give"), kind: "quiet", "aria-haspopup": "menu", onclick: () => this.speakers.picker.ask(line, made) });
    made.classList.add("rt-give");
    return made;
  }

  #clicked(event) {
    const row = event.target.closest?.(".rt-line");
    if (!row || event.target.closest(".rt-line-tools, .rt-button, .rt-clash") || row.classList.contains("editing")) return;
    if (this.picked) { getSelection().removeAllRanges(); this.#choose(Number(row.dataset.i), event.shiftKey); return; }
    if (event.detail > 1 || String(getSelection()).length > 0) return;
    const line = this.all[Number(row.dataset.i)], word = event.target.closest("[data-t]");
    this.deeds.hear(word ? Number(word.dataset.t) : line.start);
  }

  /** Returns the place of the line that is heard at a second, -1 before the first. */
  at(seconds) {
    let low = 0, high = this.all.length - 1, found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].start <= seconds + 0.05) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    return found;
  }

  get current() { return this.#current; }

  /** Marks the line and the word being heard; returns true when it is another line than before. */
  hear(seconds) {
    const i = this.at(seconds), other = i !== this.#current;
    if (other) {
      this.row(this.#current)?.classList.remove("heard");
      this.#current = i;
      this.#mark(i);
    }
    this.#markWord(seconds);
    return other;
  }

  #mark(i) { this.row(i)?.classList.add("heard"); }

  #markWord(seconds) {
    const spans = this.row(this.#current)?.querySelectorAll("[data-t]") || [];
    let now = null;
    for (const span of spans) { if (Number(span.dataset.t) <= seconds + 0.02) now = span; else break; }
    const line = this.all[this.#current];
    if (line && seconds > line.end + 0.3) now = null;
    if (now === this.#word) return;
    this.#word?.classList.remove("now");
    now?.classList.add("now");
    this.#word = now;
  }

  /** Brings a line into the window; far ones are built on the way. */
  show(i, smooth = true) {
    const block = this.#blocks[Math.floor(i / BLOCK)];
    if (!block) return;
    this.#build(block);
    const row = this.row(i);
    row?.scrollIntoView({ block: "center", behavior: "instant" });
    // Blocks above take their true height once seen, which moves the line again.
    requestAnimationFrame(() => this.row(i)?.scrollIntoView({ block: "center", behavior: smooth ? "smooth" : "instant" }));
  }

  /** True while a line stands well inside the window. */
  seen(i) {
    const box = this.row(i)?.getBoundingClientRect();
    return Boolean(box) && box.top > 120 && box.bottom < innerHeight - 140;
  }

  /** Returns the next line after `i` with a doubtful word, -1 when there is none. */
  nextDoubt(i) {
    const n = this.all.length;
    for (let step = 1; step <= n; step += 1) {
      const k = (i + step) % n;
      if (wordsOf(this.all[k]).some((word, n) => isDoubtful(word[3], n))) return k;
    }
    return -1;
  }

  /** Lets the person write in a line. */
  edit(i) {
    const line = this.all[i], row = this.row(i);
    if (!line || !row || this.fixed || row.classList.contains("editing")) return;
    const place = row.querySelector(".rt-line-text"), before = line.text.trim();
    let timer = null, byKey = false;
    const save = () => {
      clearTimeout(timer);
      const text = place.textContent.replace(/\s+/g, " ").trim();
      if (text !== (line.mine ?? line.text).trim()) this.deeds.edited(line, text);
    };
    const end = () => {
      place.removeEventListener("blur", end);
      removeEventListener("pagehide", save);
      document.removeEventListener("visibilitychange", save);
      save();
      this.redraw(i);
      // Who writes with keys only goes on from this line, not from the top of the page; a button here would take the space bar.
      const now = byKey && this.row(i);
      if (now) { now.tabIndex = -1; now.focus({ preventScroll: true }); }
    };
    place.textContent = before;
    place.contentEditable = "plaintext-only";
    if (place.contentEditable !== "plaintext-only") place.contentEditable = "true";
    place.setAttribute("role", "textbox");
    place.setAttribute("aria-label", say("lines.editing", { time: clock(line.start) }));
    row.classList.add("editing");
    place.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 700); });
    place.addEventListener("paste", (event) => {
      event.preventDefault();
      document.execCommand("insertText", false, event.clipboardData.getData("text/plain").replace(/\s+/g, " "));
    });
    place.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      byKey = event.key === "Escape" || event.key === "Enter";
      if (event.key === "Escape") { place.textContent = line.mine ?? before; place.blur(); }
      else if (event.key === "Enter") {
        event.preventDefault();
        place.blur();
        if (event.ctrlKey || event.metaKey) { this.show(Math.min(i + 1, this.all.length - 1)); setTimeout(() => this.edit(i + 1), 60); }
      }
    });
    place.addEventListener("blur", end);
    // A reload, or a telephone that puts the page away, does not wait for the timer.
    addEventListener("pagehide", save);
    document.addEventListener("visibilitychange", save);
    place.focus();
    getSelection().selectAllChildren(place);
    getSelection().collapseToEnd();
  }
}
