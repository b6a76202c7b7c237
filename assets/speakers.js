// Who says what in one recording: the list of its speakers above the text, and their names in the lines.
import { api, stream } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { askTelling } from "./speakers_ask.js";
import { Picker } from "./speakers_pick.js";
import { nameOf, rowOf } from "./speakers_rows.js";
import { roughly, say } from "./texts.js";
import { dialog, menu, toast, trying } from "./toast.js";
import { look } from "./voices_enrol.js";
import { rememberVoice } from "./voices_remember.js";

const OPEN = "roomtone.speakers.open";
const isOver = (status) => status === "succeeded" || status === "failed" || status === "cancelled";

/** `deeds` has job(), play(seconds), told() after the speakers changed, and news(job). */
export class Speakers {
  #people = [];
  #turns = [];
  #followed = null;
  #unfollow = null;
  #revision = null;
  #until = null;
  #asked = false;

  constructor(lines, player, deeds) {
    Object.assign(this, { lines, player, deeds });
    this.state = h("div.rt-telling");
    this.list = h("section.rt-speakers", { "aria-label": say("speakers.title"), hidden: true });
    this.element = h("div.rt-speakers-place", {}, this.state, this.list);
    lines.speakers = this;
    this.name = trying((key, name) => this.#take(api.nameSpeaker(this.#id, key, name)));
    this.picker = new Picker(lines, {
      people: () => this.#people.map((one) => ({ key: one.key, name: nameOf(one) })),
      give: trying((numbers, key) => this.#give(numbers, key)),
    });
    player.audio.addEventListener("pause", () => this.#stopSample());
  }

  get #id() { return this.deeds.job().id; }

  /** True where speakers were told apart. */
  get known() { return this.#people.length > 0; }

  /** The speaker of a line, null where nobody is known. */
  of(line) { return line.speaker ? this.#people.find((one) => one.key === line.speaker) || { key: line.speaker, name: null } : null; }

  /** What is said by whom, for copying. */
  said(line) {
    const one = this.known && this.of(line), text = line.text.trim();
    return one ? say("speakers.pair", { name: nameOf(one), text }) : text;
  }

  /** Takes news of the job: how far the telling apart is, and whether the speakers are others now. */
  take(job) {
    this.#follow(job.status === "succeeded" && job.speakers && !isOver(job.speakers.status) ? job.speakers.id : null);
    this.#drawState(job);
    if (job.status !== "succeeded" || this.#revision === job.revision) return;
    this.#revision = job.revision;
    this.#take(api.speakers(job.id)).catch(() => {});
  }

  close() {
    this.#follow(null);
    this.#people = [];
    this.#turns = [];
    this.#revision = null;
    this.#asked = false;
    this.picker.end();
    this.state.replaceChildren();
    this.list.hidden = true;
  }

  /** Moves the mark in the strips; ends a sample that is over. */
  hear(at) {
    const { duration } = this.player;
    if (this.known && duration) this.list.style.setProperty("--at", (at / duration).toFixed(4));
    if (!this.#until) return;
    const { key, start, end } = this.#until;
    if (at < start - 1 || at > end + 1) { this.#until = null; this.#markSample(key, false); } else if (at >= end) this.player.audio.pause();
  }

  /** Asks how many people there are, then tells them apart (again). */
  async tell() {
    const again = this.known, job = this.deeds.job();
    const wanted = job.request?.speakers, was = again && !wanted?.channels ? { n_speakers: this.#people.length } : wanted;
    const wish = await askTelling(say(again ? "speakers.again" : "speakers.tell"), was, again ? say("speakers.again.hint") : "");
    if (wish) this.deeds.news(await api.tellSpeakers(job.id, wish));
  }

  async #take(asked) {
    const id = this.#id, told = await asked;
    if (this.deeds.job()?.id !== id) return;
    this.#asked = true;
    this.#people = told.speakers;
    this.#turns = told.turns;
    this.#draw();
    this.#drawState(this.deeds.job());
    this.deeds.told();
  }

  async #give(numbers, key) {
    const before = new Set(this.#people.map((one) => one.key)), chosen = new Set(numbers);
    const told = await api.giveLines(this.#id, numbers, key);
    const to = key ?? told.speakers.find((one) => !before.has(one.key))?.key;
    for (const line of this.lines.all) if (chosen.has(line.number)) line.speaker = to;
    await this.#take(told);
    this.lines.redrawAll();
    const one = this.#people.find((other) => other.key === to);
    if (one) toast(say("speakers.given", { n: numbers.length, name: nameOf(one) }), { ms: 4000 });
  }

  async #merge(one, into) {
    const kept = into.name || one.name || nameOf(into);
    const sure = await dialog(say("speakers.merge"), (close) => [
      h("p", say("speakers.merge.ask", { name: nameOf(one), into: nameOf(into), kept })), h("p.rt-hint", say("speakers.merge.back")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), button({ label: say("speakers.merge"), kind: "primary", id: "rt-merge", onclick: () => close(true) })),
    ], "small");
    if (!sure) return;
    const told = await api.mergeSpeakers(this.#id, one.key, into.key);
    for (const line of this.lines.all) if (line.speaker === one.key) line.speaker = into.key;
    await this.#take(told);
    this.lines.redrawAll();
    toast(say("speakers.merged", { name: kept }), { action: { label: say("action.undo"), run: trying(() => this.#part(one)) } });
  }

  async #part(one) {
    const told = await api.partSpeaker(this.#id, one.key);
    await this.#take(told);
    toast(say("speakers.parted", { name: nameOf(one) }), { ms: 4000 });
  }

  #menuOf(one, anchor) {
    const others = this.#people.filter((other) => other.key !== one.key);
    const rename = () => this.list.querySelector(`.rt-who[data-key="${one.key}"]`)?.click();
    const same = trying((into) => this.#merge(one, into));
    menu(anchor, [
      { label: say("speakers.rename"), run: rename },
      one.name && { label: say("speakers.unname"), run: () => this.name(one.key, null) },
      { label: say("voices.remember"), run: trying(() => rememberVoice(this.#id, one.key)) },
      !one.name && { label: say("voices.look.here"), run: () => look(this.#id) },
      others.length > 0 && { label: say("speakers.same"), run: () => menu(anchor, others.map((into) => ({ label: nameOf(into), run: () => same(into) }))) },
      ...one.merged.map((gone) => ({ label: say("speakers.part", { name: nameOf(gone) }), run: trying(() => this.#part(gone)) })),
    ]);
  }

  #hearSample(one) {
    const running = this.#until?.key === one.key;
    this.player.audio.pause();
    if (running) return;
    const [start, end] = one.sample;
    this.#until = { key: one.key, start, end };
    this.#markSample(one.key, true);
    this.deeds.play(start);
  }

  #stopSample() {
    if (!this.#until || !this.player.audio.paused) return;
    this.#markSample(this.#until.key, false);
    this.#until = null;
  }

  #markSample(key, on) {
    const one = this.#people.find((other) => other.key === key), hear = this.list.querySelector(`.rt-sample[data-key="${key}"]`);
    if (!one || !hear) return;
    fill(hear, icon(on ? "stop" : "play"));
    hear.title = on ? say("speakers.silence") : say("speakers.hear", { name: nameOf(one) });
    hear.setAttribute("aria-label", hear.title);
  }

  #draw() {
    this.list.hidden = !this.known;
    if (!this.known) return;
    const open = roomtone.kept.get(OPEN) !== "no", n = this.#people.length;
    const told = { turns: this.#turns, duration: this.deeds.job().duration_s || this.player.duration, now: () => this.player.time };
    const deeds = { hear: (one) => this.#hearSample(one), name: this.name, play: (at) => this.deeds.play(at), more: (one, anchor) => this.#menuOf(one, anchor) };
    const toggle = h("button.rt-speakers-toggle", { type: "button", id: "rt-speakers-toggle", "aria-expanded": String(open), onclick: () => { roomtone.kept.set(OPEN, open ? "no" : "yes"); this.#draw(); this.list.querySelector("#rt-speakers-toggle").focus(); } },
      icon("down"), h("strong", say("speakers.title")), h("span", say("speakers.n", { n })));
    fill(this.list, h("header", {}, toggle, button({ label: say("speakers.again"), icon: "again", kind: "text", id: "rt-tell-again", onclick: trying(() => this.tell()) })),
      open && h("ul.rt-speaker-rows", {}, this.#people.map((one) => rowOf(one, told, deeds))));
  }

  // The job that tells apart is followed itself: the recording's own job has ended before it begins.
  #follow(id) {
    if (id === this.#followed) return;
    this.#unfollow?.();
    this.#followed = id;
    this.#unfollow = id && stream.follow(id, (child) => {
      const job = this.deeds.job();
      if (job?.speakers?.id !== id) return;
      if (isOver(child.status)) { trying(async () => this.deeds.news(await api.job(job.id)))(); return; }
      Object.assign(job.speakers, { status: child.status, progress: child.progress, stage: child.stage, stage_progress: child.stage_progress, time_left_s: child.time_left_s, error: child.error });
      this.#drawState(job);
    });
  }

  #drawState(job) {
    const telling = job.status === "succeeded" && job.speakers;
    this.list.classList.toggle("telling", Boolean(telling && !isOver(telling.status)));
    if (!telling) { this.state.replaceChildren(); return; }
    const again = (label) => button({ label: say(label), icon: "again", id: "rt-tell-retry", onclick: trying(() => this.tell()) });
    if (telling.status === "succeeded") fill(this.state, !this.known && this.#asked && h("p.rt-note", {}, icon("info"), h("span", say("speakers.nobody")), again("speakers.again")),
      this.known && (telling.notes || []).filter((note) => note.code === "no_channels").map((note) => h("p.rt-note", {}, icon("info"), h("span", note.message))));
    else if (telling.status === "cancelled") fill(this.state, h("p.rt-note", {}, icon("info"), h("span", say("speakers.cancelled")), again("action.retry")));
    else if (telling.status === "failed") {
      fill(this.state, h("div.rt-card-error", { role: "alert" }, h("strong", say("speakers.failed")),
        h("span", [telling.error?.message, telling.error?.hint, say("speakers.failed.hint")].filter(Boolean).join(" ")), h("div.rt-row", {}, again("action.retry"))));
    } else this.#drawProgress(telling);
  }

  #drawProgress(telling) {
    const stage = telling.status === "queued" && telling.stage === "waiting" ? "waiting" : telling.stage === "fetching_model" ? "fetching" : "working";
    const share = telling.progress || (stage === "fetching" && telling.stage_progress) || 0, left = stage === "working" && telling.progress > 0 && telling.time_left_s;
    if (!this.state.querySelector(".rt-telling-now")) {
      this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": say("speakers.working") });
      this.now = h("strong", { role: "status" });
      fill(this.state, h("div.rt-telling-now", {}, h("div.rt-row", {}, h("span", {}, this.now, h("small", say("speakers.still"))),
        button({ label: say("action.cancel"), id: "rt-tell-stop", onclick: trying(() => api.act(this.#followed, "cancel")) })), this.bar));
    }
    const words = [say(`speakers.${stage}`), left && say("card.left", { time: roughly(left) })].filter(Boolean).join(" · ");
    if (this.now.textContent !== words) this.now.textContent = words;
    this.bar.classList.toggle("unknown", !share);
    this.bar.classList.add("busy");
    this.bar.style.setProperty("--share", share);
    this.bar.setAttribute("aria-valuenow", Math.round(share * 100));
  }
}
