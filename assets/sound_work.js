// A cleaned recording beside the one that came: heard at the same place, seen, measured, taken away.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { ended, StageLine } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { Pace } from "./pace.js";
import { remove, rename } from "./records.js";
import { soundApi } from "./sound_api.js";
import { progressOf, wayOf } from "./sound_card.js";
import { loudest, picture } from "./sound_picture.js";
import { clock, moment, say } from "./texts.js";
import { complain, trying } from "./toast.js";
import { go, openTab } from "./way.js";

const SIDES = ["before", "after"];
const APART_S = 0.04;

export class SoundWork {
  #job = null;
  #unfollow = null;
  #side = "after";
  #frame = null;
  #pace = new Pace();

  constructor() {
    this.head = h("header.rt-work-head");
    this.state = h("div.rt-work-state");
    this.stage = new StageLine("p");
    this.body = h("div.rt-sound-body");
    this.element = h("section.rt-sound-done", { hidden: true }, this.head, this.state, this.body);
  }

  open(job) {
    this.close();
    this.element.hidden = false;
    this.#take(job);
    this.#unfollow = stream.follow(job.id, (news) => this.#take(news));
  }

  close() {
    this.#unfollow?.();
    this.#unfollow = null;
    this.#job = null;
    cancelAnimationFrame(this.#frame);
    for (const side of SIDES) { this[side]?.pause(); this[side]?.removeAttribute("src"); }
    fill(this.body);
    this.element.hidden = true;
  }

  #take(job) {
    const before = this.#job;
    this.#job = job;
    this.#pace.take(job);
    // Buttons stay where fingers and keys have found them while only the numbers change.
    if (!before || before.status !== job.status || before.title !== job.title || before.model_title !== job.model_title) this.#drawHead();
    if (!before || before.status !== job.status || JSON.stringify(before.notes) !== JSON.stringify(job.notes)) this.#drawState();
    this.#progress();
    if (job.status === "succeeded" && before?.status !== "succeeded") this.#load(job).catch(complain);
  }

  #drawHead() {
    const job = this.#job;
    document.title = `${job.title} · Roomtone`;
    const change = trying(async () => { const changed = await rename(job); if (changed) this.#take(changed); });
    fill(this.head,
      button({ icon: "left", label: say("work.back"), kind: "text", onclick: () => (history.state?.from === null ? history.back() : openTab("sound")) }),
      h("div.rt-work-title", {}, h("h1", { title: job.source_name }, job.title), button({ icon: "edit", title: say("action.rename"), kind: "quiet", onclick: change })),
      h("p.rt-work-facts", [moment(job.created_at), job.duration_s && clock(job.duration_s), job.status === "succeeded" && say(`sound.did.${wayOf(job)}`), job.model_title].filter(Boolean).join(" · ")));
  }

  #drawState() {
    const job = this.#job, retry = trying(async () => { this.#take(await api.act(job.id, "retry")); stream.wake(); });
    fill(this.state, job.status !== "succeeded" && this.stage.element,
      job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)),
      !ended(job) && button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) }),
      ended(job) && job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: retry }), notesOf(job));
  }

  #progress() { this.stage.tell(...progressOf(this.#job, this.#pace)); }

  async #load(job) {
    const [facts, pictures] = await Promise.all([soundApi.facts(job.id), soundApi.pictures(job.id)]);
    if (this.#job?.id !== job.id) return;
    this.length = facts.duration_s;
    for (const side of SIDES) this[side] = h("audio", { preload: "auto", src: soundApi.fileOf(job.id, `preview_${side}`) });
    this.after.onended = this.before.onended = () => this.#playing(false);
    this.play = button({ icon: "play", title: say("player.play"), kind: "primary", id: "rt-sound-play", onclick: () => this.#toggle() });
    this.now = h("span.rt-sound-now", "0:00");
    this.switches = SIDES.map((side) => h("button.rt-side", { type: "button", id: `rt-side-${side}`, role: "radio", onclick: () => this.#choose(side) }, say(`sound.${side}`)));
    const full = loudest(...SIDES.map((side) => pictures[side]));
    this.rows = SIDES.map((side) => this.#row(side, pictures[side], full));
    const download = h("a.rt-button.strong", { href: soundApi.fileOf(job.id, "result", true), download: "", id: "rt-sound-download" }, icon("download"), h("span", say("action.download")));
    const bin = button({ icon: "trash", title: say("action.delete"), kind: "quiet", onclick: trying(async () => { if (await remove([job])) go(null); }) });
    fill(this.body,
      h("div.rt-sound-bar", {}, this.play, this.now, h("div.rt-sides", { role: "radiogroup", "aria-label": say("sound.switch") }, this.switches), h("span.rt-hint", say("sound.switch.hint")), h("span.rt-space"), download, bin),
      this.before, this.after, this.rows.map((row) => row.element),
      h("section.rt-panel.rt-sound-facts", {}, h("h2", say("sound.measured")), h("ul", {}, told(facts).map((line) => h("li", line)))));
    this.#choose("after");
  }

  #row(side, drawn, full) {
    const line = h("i.rt-sound-line"), canvas = h("canvas", { "aria-hidden": "true" });
    const place = h("div.rt-sound-picture", { role: "slider", tabIndex: 0, "aria-label": say("sound.place", { side: say(`sound.${side}`) }), "aria-valuemin": 0, "aria-valuemax": Math.round(this.length) }, canvas, line);
    place.onclick = (event) => { this.#choose(side); this.#seek((event.offsetX / place.clientWidth) * this.length); };
    place.onkeydown = (event) => {
      const step = { ArrowRight: 5, ArrowLeft: -5 }[event.key];
      if (step) { event.preventDefault(); this.#seek(this.#heard.currentTime + step); }
      if (event.key === " ") { event.preventDefault(); this.#toggle(); }
    };
    const element = h("section.rt-sound-row", { data: { side } }, h("h3", say(`sound.${side}`)), place);
    picture(canvas, drawn, full);
    return { side, element, line, place };
  }

  get #heard() { return this[this.#side]; }

  #choose(side) {
    const from = this.#heard, to = this[side], was = this.#side !== side;
    this.#side = side;
    if (was && Math.abs(to.currentTime - from.currentTime) > APART_S) to.currentTime = from.currentTime;
    for (const one of SIDES) this[one].muted = one !== side;
    this.switches.forEach((one, i) => { one.setAttribute("aria-checked", String(SIDES[i] === side)); one.classList.toggle("on", SIDES[i] === side); });
    this.rows.forEach((row) => row.element.classList.toggle("on", row.side === side));
  }

  #seek(at) {
    for (const side of SIDES) this[side].currentTime = Math.min(this.length, Math.max(0, at));
    this.#draw();
  }

  #toggle() {
    const on = this.#heard.paused;
    if (on) { const at = this.#heard.currentTime; for (const side of SIDES) { this[side].currentTime = at; this[side].play().catch(() => {}); } }
    else for (const side of SIDES) this[side].pause();
    this.#playing(on);
  }

  #playing(on) {
    fill(this.play, icon(on ? "pause" : "play"));
    const name = say(on ? "player.pause" : "player.play");
    this.play.setAttribute("aria-label", name);
    this.play.title = name;
    cancelAnimationFrame(this.#frame);
    const step = () => { this.#draw(); if (!this.#heard.paused) this.#frame = requestAnimationFrame(step); };
    step();
  }

  #draw() {
    const at = this.#heard.currentTime;
    this.now.textContent = `${clock(at)} / ${clock(this.length)}`;
    for (const row of this.rows) {
      row.line.style.left = `${(at / (this.length || 1)) * 100}%`;
      row.place.setAttribute("aria-valuenow", Math.round(at));
      row.place.setAttribute("aria-valuetext", clock(at));
    }
  }
}

const round = (number) => String(Math.round(number));
const kilo = (hz) => (hz / 1000).toFixed(1);

/** What was measured, in sentences. */
function told({ before, after }) {
  const quieter = before.noise_db - after.noise_db, lines = [];
  if (after.loudness === null) return [say("sound.told.silent")];
  lines.push(quieter >= 1 ? say("sound.told.noise", { n: round(quieter) }) : say("sound.told.noise.same"));
  const change = before.loudness === null ? 0 : after.loudness - before.loudness;
  lines.push(Math.abs(change) < 0.5 ? say("sound.told.loudness.same", { lufs: after.loudness.toFixed(1) })
    : say(change > 0 ? "sound.told.louder" : "sound.told.softer", { n: Math.abs(change).toFixed(1), lufs: after.loudness.toFixed(1) }));
  const wider = after.bandwidth_hz - before.bandwidth_hz;
  lines.push(Math.abs(wider) < 500 ? say("sound.told.width.same", { khz: kilo(after.bandwidth_hz) }) : say("sound.told.width", { before: kilo(before.bandwidth_hz), after: kilo(after.bandwidth_hz) }));
  return lines;
}
