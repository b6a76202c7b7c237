// How loud it is: a bar that moves, and a verdict in words.
import { h } from "./dom.js";
import { say } from "./texts.js";

const FLOOR_DB = -60, QUIET_DB = -45, SPEECH_DB = -38, LOUD_PEAK = 0.985, ZERO_S = 4;
const decibels = (level) => 20 * Math.log10(Math.max(level, 1e-6));

/** A meter; `hear(rms, peak)` is called about twenty times a second. */
export class Level {
  #best = -Infinity;
  #clipped = 0;
  #zero = 0;
  #shown = 0;

  constructor({ verdict = false } = {}) {
    this.bar = h("div.rt-level", { role: "meter", "aria-label": say("live.level"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, h("i"));
    this.words = verdict ? h("p.rt-level-words", { role: "status" }, say("live.test.speak")) : null;
  }

  /** True when nothing but digital silence has come for seconds: a muted or broken microphone. */
  get silent() { return this.#zero > ZERO_S * 20; }

  hear(rms, peak) {
    const db = decibels(rms), share = Math.max(0, Math.min(1, (db - FLOOR_DB) / -FLOOR_DB));
    // Falls slower than it rises, as the eye expects.
    this.#shown = Math.max(share, this.#shown - 0.06);
    this.bar.style.setProperty("--share", this.#shown.toFixed(3));
    this.bar.classList.toggle("loud", peak > LOUD_PEAK);
    this.bar.setAttribute("aria-valuenow", Math.round(this.#shown * 100));
    this.#zero = peak === 0 ? this.#zero + 1 : 0;
    this.#best = Math.max(this.#best - 0.1, db);
    this.#clipped = peak > LOUD_PEAK ? 40 : Math.max(0, this.#clipped - 1);
    if (this.words) this.#judge();
  }

  rest() {
    this.#shown = 0;
    this.#zero = 0;
    this.bar.style.setProperty("--share", 0);
    this.bar.classList.remove("loud");
  }

  #judge() {
    const told = say(this.silent ? "live.test.nothing" : this.#clipped ? "live.test.loud" : this.#best > SPEECH_DB ? "live.test.good" : this.#best > QUIET_DB ? "live.test.quiet" : "live.test.speak");
    if (this.words.textContent !== told) this.words.textContent = told;
  }
}
