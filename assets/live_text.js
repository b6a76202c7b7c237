// The text of a live session: it follows what is said, and stays where the person reads.
import { button, fill, h } from "./dom.js";
import { clock, say } from "./texts.js";

const NEAR = 48;
const JOINED = /[\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\u3000-\u303f\uff00-\uffef]/u;

/** The words of a line that is still being spoken: what is certain, then what may change. */
export function spoken({ firm = "", provisional = "" }) {
  const apart = firm && provisional && !JOINED.test(firm.at(-1)) && !JOINED.test(provisional[0]);
  return [firm, provisional && h("span.provisional", apart ? ` ${provisional}` : provisional)];
}

/** `edited(line, text)` makes final lines changeable; without it the text is only read. */
export class LiveText {
  #lines = new Map();
  #following = true;

  constructor({ edited = null } = {}) {
    this.edited = edited;
    this.list = h("div.rt-live-lines", { role: "log", "aria-live": "off", "aria-label": say("live.text") });
    this.empty = h("p.rt-live-empty", say("live.empty"));
    this.scroller = h("div.rt-live-scroll", { tabIndex: 0 }, this.empty, this.list);
    this.newest = button({ label: say("live.newest"), icon: "down", kind: "pill", hidden: true, id: "rt-live-newest", onclick: () => this.follow() });
    // Only what is certain is read out.
    this.voice = h("div.rt-live-voice", { "aria-live": "polite" });
    this.element = h("div.rt-live-text", {}, this.scroller, this.newest, this.voice);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#settle()).observe(this.scroller);
  }

  /** All lines with words, in order. */
  get lines() { return [...this.#lines.values()].map(({ told }) => told).sort((a, b) => a.line - b.line); }

  clear() {
    this.#lines.clear();
    this.list.replaceChildren();
    this.voice.replaceChildren();
    this.empty.hidden = false;
    this.follow();
  }

  /** Shows what the server tells of a line; `quiet` for lines that were there before. */
  take(told, quiet = false) {
    const known = this.#lines.get(told.line);
    if (known?.told.state === "final" && told.state === "open") return;
    if (told.state === "final" && !told.text) { this.#remove(told.line); return; }
    const line = known || this.#add(told);
    const news = line.told?.state !== "final" && told.state === "final";
    line.told = told;
    if (line.row.classList.contains("editing")) return;
    this.#draw(line);
    if (news && !quiet) this.#speak(told.text);
    this.#settle();
  }

  /** Goes to the newest text and stays with it. */
  follow() {
    this.#following = true;
    this.#settle();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.newest.hidden = this.#following;
  }

  #settle() {
    if (this.#following && !this.list.querySelector(".editing")) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newest.hidden = this.#following;
  }

  #add(told) {
    const line = { told: null, row: h("div.rt-live-line", { data: { line: told.line } }) };
    const after = [...this.list.children].findLast((row) => Number(row.dataset.line) < told.line);
    if (after) after.after(line.row); else this.list.prepend(line.row);
    this.#lines.set(told.line, line);
    this.empty.hidden = true;
    if (this.edited) line.row.addEventListener("dblclick", () => this.#edit(line));
    return line;
  }

  #remove(number) {
    this.#lines.get(number)?.row.remove();
    this.#lines.delete(number);
    this.empty.hidden = this.#lines.size > 0;
  }

  #draw(line) {
    const { told, row } = line;
    row.className = `rt-live-line ${told.state}${told.edited ? " changed" : ""}`;
    const time = h("span.rt-live-time", clock(told.start));
    if (told.state === "failed") { fill(row, time, h("p.rt-live-words", say("lines.lost", { from: clock(told.start), to: clock(told.end) }))); return; }
    const words = h("p.rt-live-words", { lang: told.language || "", dir: "auto" });
    if (told.state === "open") fill(words, spoken(told));
    else words.textContent = told.text;
    const change = told.state === "final" && this.edited && button({ icon: "edit", title: say("lines.edit"), kind: "quiet", onclick: () => this.#edit(line) });
    fill(row, time, words, change);
  }

  #speak(text) {
    this.voice.append(h("p", text));
    while (this.voice.childElementCount > 3) this.voice.firstElementChild.remove();
  }

  #edit(line) {
    const { row, told } = line;
    if (told.state !== "final" || row.classList.contains("editing")) return;
    const place = row.querySelector(".rt-live-words");
    row.classList.add("editing");
    place.contentEditable = "plaintext-only";
    if (place.contentEditable !== "plaintext-only") place.contentEditable = "true";
    place.setAttribute("role", "textbox");
    place.setAttribute("aria-label", say("lines.editing", { time: clock(told.start) }));
    const before = place.textContent;
    let kept = true;
    place.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      kept = event.key === "Enter";
      place.blur();
    });
    place.addEventListener("blur", () => {
      const text = place.textContent.replace(/\s+/g, " ").trim();
      row.classList.remove("editing");
      if (kept && text && text !== before) {
        line.told = { ...line.told, text, edited: true };
        this.edited(told.line, text);
      }
      this.#draw(line);
      this.#settle();
    }, { once: true });
    place.focus();
    getSelection().selectAllChildren(place);
    getSelection().collapseToEnd();
  }
}
