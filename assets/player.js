// The sound of a recording with its waveform.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { clock, say } from "./texts.js";
import { menu } from "./toast.js";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const BAR = 3;

/** `moved(seconds)` is called on every frame while it plays, and after each jump. */
export class Player {
  #peaks = [];
  #frame = null;
  #wish = null;

  constructor(moved) {
    this.moved = moved;
    this.audio = h("audio", { preload: "metadata" });
    this.play = button({ icon: "play", title: say("player.play"), kind: "primary", id: "rt-play", onclick: () => this.toggle() });
    this.back = button({ icon: "back", title: say("player.back"), kind: "quiet", onclick: () => this.skip(-5) });
    this.on = button({ icon: "forward", title: say("player.forward"), kind: "quiet", onclick: () => this.skip(5) });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.wave = h("div.rt-wave", { role: "slider", tabIndex: 0, "aria-label": say("player.place"), "aria-valuemin": 0 }, this.canvas);
    this.now = h("span.rt-player-now", "0:00");
    this.total = h("span.rt-player-total", "0:00");
    this.pace = button({ label: "1×", title: say("player.speed"), kind: "quiet", id: "rt-speed", "aria-haspopup": "menu" });
    this.pace.onclick = () => menu(this.pace, SPEEDS.map((speed) => ({ label: `${speed}×`, current: speed === this.audio.playbackRate, run: () => this.speed(speed) })));
    this.element = h("section.rt-player", { "aria-label": say("player.title") },
      this.audio, this.back, this.play, this.on, this.now, this.wave, this.total, this.pace);
    this.#listen();
  }

  get duration() { return this.length || (Number.isFinite(this.audio.duration) ? this.audio.duration : 0); }

  get time() { return this.audio.currentTime; }

  /** Takes a recording; what could not be read has no sound and hides the player. */
  async open(id, duration) {
    this.close();
    this.id = id;
    this.length = duration || 0;
    this.audio.src = api.soundOf(id);
    this.#paint();
    try {
      const told = await api.peaks(id, 1200);
      if (this.id !== id) return;
      this.#peaks = told.peaks;
      this.length = told.duration_s || this.length;
      this.element.hidden = false;
    } catch {
      if (this.id === id) this.element.hidden = true;
    }
    this.#paint();
  }

  close() {
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.#peaks = [];
    this.#wish = null;
    this.id = null;
  }

  toggle() { if (this.audio.paused) this.audio.play().catch(() => {}); else this.audio.pause(); }

  /** Jumps to a second and, if asked, plays from there. */
  seek(seconds, play = false) {
    const at = Math.max(0, Math.min(seconds, this.duration || seconds));
    if (this.audio.readyState > 0) this.audio.currentTime = at; else this.#wish = at;
    if (play) this.audio.play().catch(() => {});
    this.#told(at);
  }

  skip(seconds) { this.seek(this.time + seconds); }

  speed(value) {
    this.audio.playbackRate = value;
    this.audio.defaultPlaybackRate = value;
    fill(this.pace, h("span", `${value}×`));
    roomtone.kept.set("roomtone.speed", String(value));
  }

  /** Changes the speed by one step. */
  faster(steps) {
    const i = SPEEDS.indexOf(this.audio.playbackRate) + steps;
    if (SPEEDS[i]) this.speed(SPEEDS[i]);
  }

  #listen() {
    const { audio, wave } = this;
    this.speed(Number(roomtone.kept.get("roomtone.speed")) || 1);
    audio.addEventListener("loadedmetadata", () => {
      if (this.#wish !== null) audio.currentTime = this.#wish;
      this.#wish = null;
      this.#paint();
    });
    audio.addEventListener("play", () => { this.#button("pause"); this.#run(); });
    audio.addEventListener("pause", () => this.#button("play"));
    audio.addEventListener("seeked", () => this.#told(audio.currentTime));
    const placeOf = (event) => {
      const box = wave.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.duration;
    };
    wave.addEventListener("pointerdown", (event) => { wave.setPointerCapture(event.pointerId); this.seek(placeOf(event)); });
    wave.addEventListener("pointermove", (event) => {
      wave.title = clock(placeOf(event));
      if (wave.hasPointerCapture(event.pointerId)) this.seek(placeOf(event));
    });
    wave.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageUp: 60, PageDown: -60 };
      if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.duration);
      else if (event.key in steps) this.skip(steps[event.key]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    new ResizeObserver(() => this.#paint()).observe(wave);
    addEventListener("roomtone:theme", () => setTimeout(() => this.#paint()));
  }

  #button(name) {
    fill(this.play, icon(name));
    this.play.setAttribute("aria-label", say(`player.${name}`));
    this.play.title = say(`player.${name}`);
  }

  #run() {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#told(this.audio.currentTime);
      if (!this.audio.paused) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #told(at) {
    const shown = clock(at);
    if (this.now.textContent !== shown) {
      this.now.textContent = shown;
      this.wave.setAttribute("aria-valuenow", Math.round(at));
      this.wave.setAttribute("aria-valuetext", shown);
    }
    this.#paint(at);
    this.moved(at);
  }

  #paint(at = this.audio.currentTime || 0) {
    const { canvas, wave } = this, wide = wave.clientWidth, tall = wave.clientHeight, fine = devicePixelRatio || 1;
    if (!wide || !tall) return;
    this.total.textContent = clock(this.duration);
    this.wave.setAttribute("aria-valuemax", Math.round(this.duration));
    if (canvas.width !== Math.round(wide * fine)) { canvas.width = Math.round(wide * fine); canvas.height = Math.round(tall * fine); }
    const pen = canvas.getContext("2d"), style = getComputedStyle(wave), n = Math.floor(wide / BAR);
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    const share = this.duration ? at / this.duration : 0, loudest = Math.max(40, ...this.#peaks);
    for (let i = 0; i < n; i += 1) {
      const peak = peakOf(this.#peaks, i / n, (i + 1) / n) / loudest, high = Math.max(2, peak * (tall - 4));
      pen.fillStyle = style.getPropertyValue(i / n <= share ? "--wave-heard" : "--wave-rest");
      pen.fillRect(i * BAR, (tall - high) / 2, BAR - 1, high);
    }
    pen.fillStyle = style.getPropertyValue("--wave-heard");
    pen.fillRect(Math.min(wide - 2, share * wide), 0, 2, tall);
  }
}

/** The loudest of a share of the peaks; between two of them, where a short recording has fewer peaks than bars. */
function peakOf(peaks, from, to) {
  const first = from * peaks.length, last = to * peaks.length;
  if (last - first >= 1) return Math.max(0, ...peaks.slice(Math.floor(first), Math.floor(last)));
  const left = Math.floor(first), share = first - left;
  return (peaks[left] || 0) * (1 - share) + (peaks[left + 1] ?? peaks[left] ?? 0) * share;
}
