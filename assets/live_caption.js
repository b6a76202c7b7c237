// Captions for a projector: two or three large lines over the whole screen.
import { button, fill, h } from "./dom.js";
import { spoken } from "./live_text.js";
import { say } from "./texts.js";

const SIZES = [4, 5, 6, 7.5, 9, 11], SHOWN = 5, REST_MS = 3000;
const KEPT = "roomtone.captions";

/** Opened and closed by the person; fed with lines all the time. */
export class Captions {
  #lines = new Map();
  #timer = null;
  #before = null;

  constructor() {
    this.chosen = { size: 2, rows: 3, light: false, ...JSON.parse(roomtone.kept.get(KEPT) || "{}") };
    this.words = h("div.rt-caption-words");
    this.frame = h("div.rt-caption-frame", {}, this.words);
    const way = (title, label, run) => button({ label, title, kind: "quiet", "aria-label": title, onclick: () => { run(); this.#apply(); } });
    this.tools = h("div.rt-caption-tools", { role: "toolbar", "aria-label": say("live.captions") },
      way(say("live.captions.smaller"), "A−", () => this.#grow(-1)), way(say("live.captions.larger"), "A+", () => this.#grow(1)),
      way(say("live.captions.rows"), say("live.captions.rows"), () => { this.chosen.rows = this.chosen.rows === 3 ? 2 : 3; }),
      way(say("live.captions.light"), say("live.captions.light"), () => { this.chosen.light = !this.chosen.light; }),
      button({ icon: "close", label: say("action.close"), kind: "quiet", id: "rt-caption-close", onclick: () => this.close() }));
    this.note = h("p.rt-caption-note", { role: "status" });
    this.element = h("div.rt-caption", { hidden: true, role: "dialog", "aria-modal": "true", "aria-label": say("live.captions"), tabIndex: -1 }, this.note, this.frame, this.tools);
    for (const kind of ["pointermove", "pointerdown", "focusin"]) this.element.addEventListener(kind, () => this.#awake());
    this.element.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && !this.element.hidden) this.#hide(); });
  }

  take(told) {
    if (told.state === "failed" || (told.state === "final" && !told.text)) this.#lines.delete(told.line);
    else this.#lines.set(told.line, told);
    const numbers = [...this.#lines.keys()].sort((a, b) => a - b);
    for (const number of numbers.slice(0, -SHOWN)) this.#lines.delete(number);
    if (!this.element.hidden) this.#draw();
  }

  clear() { this.#lines.clear(); this.#draw(); }

  /** Says something that the room should know, such as a lost connection; empty takes it away. */
  tell(text) { this.note.textContent = text; }

  async open() {
    this.#before = document.activeElement;
    // Inside Gradio's page a parent could cover it.
    document.body.append(this.element);
    this.element.hidden = false;
    this.#apply();
    this.#draw();
    this.#awake();
    this.element.focus();
    await this.element.requestFullscreen?.().catch(() => {});
  }

  close() {
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    this.#hide();
  }

  #hide() {
    this.element.hidden = true;
    this.element.remove();
    this.#before?.focus?.();
  }

  #key(event) {
    if (event.key === "Escape") this.close();
    else if (event.key === "+" || event.key === "=") this.#grow(1);
    else if (event.key === "-") this.#grow(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.#apply();
  }

  #grow(by) { this.chosen.size = Math.max(0, Math.min(SIZES.length - 1, this.chosen.size + by)); }

  #apply() {
    this.element.style.setProperty("--size", SIZES[this.chosen.size]);
    this.element.style.setProperty("--rows", this.chosen.rows);
    this.element.classList.toggle("light", this.chosen.light);
    roomtone.kept.set(KEPT, JSON.stringify(this.chosen));
  }

  #draw() {
    const lines = [...this.#lines.values()].sort((a, b) => a.line - b.line);
    fill(this.words, lines.map((told) => h("p", { lang: told.language || "", dir: "auto" }, told.state === "final" ? told.text : spoken(told))));
    if (!lines.length) fill(this.words, h("p.provisional", say("live.captions.empty")));
  }

  #awake() {
    this.element.classList.add("awake");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (!this.tools.contains(document.activeElement)) this.element.classList.remove("awake"); }, REST_MS);
  }
}
