// Plays sentence after sentence, also while later ones are still being spoken: two sounds take turns, so that the next one
// is there when the last one ends.
import { button, fill, h, icon } from "./dom.js";
import { aloudApi } from "./aloud_api.js";
import { clock, say } from "./texts.js";

export class AloudPlayer {
  #sounds = [new Audio(), new Audio()];
  #turn = 0;
  #sentences = [];
  #job = null;
  #wanted = false;
  #whole_s = null;
  #complete = false;

  /** `moved(number)` is told which sentence is heard; null when nothing is. */
  constructor(moved = () => {}) {
    this.moved = moved;
    this.number = 0;
    this.play = button({ icon: "play", title: say("player.play"), kind: "primary", id: "rt-aloud-play", onclick: () => this.toggle() });
    this.now = h("span.rt-aloud-now", { role: "timer" }, "0:00");
    this.line = h("input.rt-aloud-line", { type: "range", min: 0, max: 0, value: 0, step: 1, "aria-label": say("aloud.place") });
    this.line.oninput = () => this.hear(Number(this.line.value), this.#wanted);
    this.element = h("div.rt-aloud-player", {}, this.play, this.line, this.now);
    for (const sound of this.#sounds) {
      sound.preload = "auto";
      sound.onended = () => { if (sound === this.#sound) this.#next(); };
      sound.ontimeupdate = () => this.#draw();
      sound.onerror = () => { if (sound === this.#sound && this.#wanted && sound.getAttribute("src")) this.#next(); };
    }
  }

  get #sound() { return this.#sounds[this.#turn]; }

  get playing() { return this.#wanted; }

  /** Takes what is known of a job's sentences; one that was waited for begins now. */
  take(job, { sentences, complete, duration_s }) {
    const other = this.#job !== null && this.#job !== job.id;
    if (other) { this.stop(); this.number = 0; }
    this.#job = job.id;
    this.#sentences = sentences;
    this.#complete = complete;
    this.#whole_s = complete ? duration_s : null;
    this.line.max = Math.max(0, sentences.length - 1);
    if (this.#wanted && !this.#sound.getAttribute("src")) this.#start();
    this.#draw();
  }

  toggle() {
    if (this.#wanted) { this.#wanted = false; this.#sound.pause(); this.#draw(); this.moved(null); return; }
    if (this.number >= this.#sentences.length) this.number = 0;
    if (this.#sound.getAttribute("src") && !this.#sound.ended) { this.#wanted = true; this.#sound.play().catch(() => {}); this.#draw(); this.moved(this.number); }
    else this.hear(this.number, true);
  }

  /** Goes to a sentence and plays it if that is wanted. */
  hear(number, play = true) {
    this.#silence();
    this.number = number;
    this.#wanted = play;
    if (play) this.#start();
    this.#draw();
  }

  stop() {
    this.#wanted = false;
    this.#silence();
    this.#draw();
    this.moved(null);
  }

  /** Lets another job take its place. */
  forget() {
    this.#job = null;
    this.number = 0;
    this.#sentences = [];
  }

  #silence() { for (const sound of this.#sounds) { sound.pause(); sound.removeAttribute("src"); } }

  #ready(number) { const one = this.#sentences[number]; return one && one.end !== undefined ? one : null; }

  #source(one) { return aloudApi.soundOf(this.#job, one.number, `${one.round}-${one.end}-${one.text.length}`); }

  #start() {
    while (this.#sentences[this.number]?.failed) this.number += 1;
    const one = this.#ready(this.number);
    if (!one) { if (this.number >= this.#sentences.length && (this.#complete || this.#sentences.length)) this.stop(); return; }
    const source = this.#source(one);
    if (!this.#sound.src.endsWith(source)) this.#sound.src = source;
    this.#sound.play().catch((error) => { if (error.name === "NotAllowedError") this.stop(); });
    this.moved(this.number);
    this.#fetchNext();
  }

  // The next sentence is fetched while this one is heard.
  #fetchNext() {
    const other = this.#sounds[1 - this.#turn], one = this.#ready(this.number + 1);
    if (one) { other.src = this.#source(one); other.load(); } else other.removeAttribute("src");
  }

  #next() {
    this.#sound.removeAttribute("src");
    this.#turn = 1 - this.#turn;
    this.number += 1;
    if (this.number >= this.#sentences.length) { this.stop(); this.number = 0; this.#draw(); return; }
    this.#start();
    this.#draw();
  }

  #draw() {
    const name = say(this.#wanted ? "player.pause" : "player.play");
    if (this.play.title !== name || !this.play.firstChild) {
      fill(this.play, icon(this.#wanted ? "pause" : "play"));
      this.play.title = name;
      this.play.setAttribute("aria-label", name);
    }
    const one = this.#ready(this.number), last = this.#sentences.findLast?.((each) => each.end !== undefined);
    const at = (one?.start || 0) + (this.#sound.currentTime || 0);
    const total = this.#whole_s || (last ? last.end : 0);
    const waits = this.#wanted && !one && this.number < this.#sentences.length;
    this.now.textContent = waits ? say("aloud.waits") : `${clock(Math.min(at, total))} / ${clock(total)}`;
    this.line.value = this.number;
    this.line.setAttribute("aria-valuetext", say("aloud.sentence.of", { n: this.number + 1, all: this.#sentences.length }));
    this.play.disabled = !this.#sentences.some((each) => each.end !== undefined);
    this.element.classList.toggle("waits", waits);
  }
}
