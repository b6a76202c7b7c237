// The lines of a transcript. Only those near the window are in the page, so that ten thousand stay quick.
import { button, fill, h } from "./dom.js";
import { clock, say } from "./texts.js";

const BLOCK = 40;
const LINE_HIGH = 62;
// Whisper is unsure of the first word of a line even where it is right, so that one is marked for strong doubt only.
const DOUBT = 0.5, STRONG_DOUBT = 0.25;
const isDoubtful = (probability, n) => probability < (n ? DOUBT : STRONG_DOUBT);

const bare = (text) => text.replace(/\s+/g, "");

/** Words carry their times only while they are what the line says: not after an edit, nor where numbers became digits. */
const wordsOf = (line) => {
  const words = line.words || [];
  return words.length && bare(words.map((word) => word[2]).join("")) === bare(line.text) ? words : [];
};

/** `deeds` has hear(seconds), unhear(), edited(line, text), restored(line), chosen(line, mine) and retry(). */
export class Lines {
  #blocks = [];
  #current = -1;
  #word = null;

  constructor(deeds) {
    this.deeds = deeds;
    this.all = [];
    this.fixed = false;
    this.element = h("div.rt-lines", { role: "list", "aria-label": say("lines.title") });
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("dblclick", (event) => {
      const row = event.target.closest?.(".rt-line");
      if (!row || !event.target.closest(".rt-line-text") || this.fixed) return;
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
      if (mine.text === line.text && mine.original_text === line.original_text && mine.flags.join() === line.flags.join()) return;
      if (this.row(i)?.classList.contains("editing")) return;
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
    else this.#write(text, line);
    const row = h("div.rt-line", { role: "listitem", data: { i } }, time, text);
    const changed = line.original_text !== null && line.original_text !== undefined;
    row.classList.toggle("changed", changed);
    if (line.mine !== undefined) row.append(this.#clash(line));
    if (!this.fixed) {
      row.append(h("div.rt-line-tools", {},
        changed && button({ icon: "undo", title: say("lines.restore"), kind: "quiet", onclick: () => this.deeds.restored(line) }),
        button({ icon: "edit", title: say("lines.edit"), kind: "quiet", onclick: () => this.edit(i) })));
    }
    return row;
  }

  #write(place, line) {
    const words = wordsOf(line);
    if (!words.length) { place.textContent = line.text.trim(); return; }
    const made = words.flatMap(([start, , text, probability], n) => {
      const word = document.createElement("span"), [, gap, told] = /^(\s*)(.*)$/s.exec(text);
      word.textContent = told;
      word.dataset.t = start;
      if (isDoubtful(probability, n)) {
        word.className = probability < STRONG_DOUBT ? "doubt strong" : "doubt";
        word.title = say("lines.doubt", { share: Math.round(probability * 100) });
      }
      return n && gap ? [gap, word] : [word];
    });
    place.replaceChildren(...made);
  }

  #clicked(event) {
    const row = event.target.closest?.(".rt-line");
    if (!row || event.target.closest(".rt-line-tools, .rt-button, .rt-clash") || row.classList.contains("editing")) return;
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
    let timer = null;
    const save = () => {
      clearTimeout(timer);
      const text = place.textContent.replace(/\s+/g, " ").trim();
      if (text !== (line.mine ?? line.text).trim()) this.deeds.edited(line, text);
    };
    const end = () => {
      place.removeEventListener("blur", end);
      save();
      this.redraw(i);
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
      if (event.key === "Escape") { place.textContent = line.mine ?? before; place.blur(); }
      else if (event.key === "Enter") {
        event.preventDefault();
        place.blur();
        if (event.ctrlKey || event.metaKey) { this.show(Math.min(i + 1, this.all.length - 1)); setTimeout(() => this.edit(i + 1), 60); }
      }
    });
    place.addEventListener("blur", end);
    place.focus();
    getSelection().selectAllChildren(place);
    getSelection().collapseToEnd();
  }
}
