// One text that is read aloud, in the list of the tab: it can be heard from its first sentence on.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { aloudApi, KINDS } from "./aloud_api.js";
import { AloudPlayer } from "./aloud_player.js";
import { voiceName } from "./aloud_voices.js";
import { ended, StageLine, stageOf } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Pace, TICK_MS } from "./pace.js";
import { clock, roughly, say } from "./texts.js";
import { menu, trying } from "./toast.js";
import { go, linkTo } from "./way.js";

const BRISK_MS = 100, REST = 4, MOST_REST_MS = 15000;

/** What happens to a job, as [its stage in words, what else is known]. */
export function progressOf(job, pace, known) {
  const left = ended(job) ? null : pace.left(job.time_left_s);
  const working = job.status === "running" && ["working", "waiting"].includes(job.stage) && known;
  const done = working ? known.sentences.filter((one) => one.end !== undefined).length : 0;
  const listening = working && known.checked && done === known.sentences.length;
  return [
    working ? say(listening ? "aloud.stage.hears" : "aloud.stage.speaks", { n: done, all: known.sentences.length }) : stageOf(job), [
    left !== null && !listening && say("card.left", { time: roughly(left) }), ended(job) && known?.duration_s && clock(known.duration_s),
    voiceName(job.request?.voice || ""),
  ]];
}

/** A menu of the kinds of file. */
export function offerFiles(anchor, job) {
  menu(anchor, KINDS.map((kind) => ({ label: say(`aloud.format.${kind}`), href: aloudApi.fileOf(job.id, kind) })));
}

/** Keeps the sentences of a job known while it runs; `told(known)` is called with each change. */
export class Following {
  #asking = false;
  #again = false;

  constructor(told) { this.told = told; this.known = null; }

  async look(job) {
    if (this.#asking) { this.#again = true; return; }
    this.#asking = true;
    const begun = performance.now();
    try { this.known = await aloudApi.sentences(job.id); this.told(this.known); } catch { /* the next change asks again */ }
    // A novel has ten thousand sentences: asking and drawing may take a fifth of the time, never all of it.
    const took = performance.now() - begun;
    if (took > BRISK_MS) await new Promise((resolve) => { setTimeout(resolve, Math.min(MOST_REST_MS, REST * took)); });
    this.#asking = false;
    if (this.#again) { this.#again = false; this.look(job); }
  }
}

export class AloudCard {
  #pace = new Pace();
  #tick = null;

  constructor(job, deeds) {
    this.deeds = deeds;
    this.player = new AloudPlayer((number) => { if (number !== null) deeds.plays(this); });
    this.following = new Following((known) => { this.player.take(this.job, known); this.#progress(); });
    this.element = h("article.rt-card.rt-aloud-card", { id: `rt-card-${job.id}` });
    this.head = h("header");
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.stage = new StageLine("p.rt-card-stage");
    this.foot = h("footer");
    this.element.append(this.head, this.bar, this.stage.element, this.player.element, this.foot);
    this.#take(job);
    this.unfollow = stream.follow(job.id, (news) => this.#take(news));
  }

  close() {
    clearInterval(this.#tick);
    this.player.stop();
    this.unfollow?.();
    this.element.remove();
    this.deeds.closed(this.job.id);
  }

  #take(job) {
    const before = this.job;
    this.job = job;
    this.#pace.take(job);
    clearInterval(this.#tick);
    if (job.status === "running") this.#tick = setInterval(() => this.#progress(), TICK_MS);
    if (job.deleted) { this.close(); return; }
    if (!before || before.status !== job.status || before.title !== job.title) this.#frame();
    if (!before || before.revision !== job.revision) this.following.look(job);
    this.#progress();
  }

  #frame() {
    const { job } = this;
    this.element.className = `rt-card rt-aloud-card ${job.status}`;
    fill(this.head, h("h3", { title: job.source_name || job.title }, linkTo(job)), h("div.rt-card-tools", {}, this.#tools()));
    this.bar.setAttribute("aria-label", say("files.progress", { name: job.title }));
    fill(this.foot, job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)), notesOf(job));
  }

  #tools() {
    const { job } = this, open = button({ label: say("action.open"), icon: "open", kind: "strong", onclick: () => go(job.id) });
    if (!ended(job)) return [button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) }), open];
    if (job.status !== "succeeded") {
      const again = trying(async () => { this.#take(await api.act(job.id, "retry")); stream.wake(); });
      return [job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: again })];
    }
    const load = button({ icon: "download", label: say("action.download"), id: `rt-load-${job.id}`, "aria-haspopup": "menu", onclick: () => offerFiles(load, job) });
    return [load, open];
  }

  #progress() {
    const { job } = this, early = ["fetching_model", "writing"].includes(job.stage);
    const share = job.status === "succeeded" ? 1 : early ? job.stage_progress : job.stage === "loading_model" ? 0 : this.#pace.share();
    this.bar.classList.toggle("unknown", !ended(job) && job.status !== "queued" && !share);
    this.bar.classList.toggle("busy", job.status === "running");
    this.bar.style.setProperty("--share", share || 0);
    this.bar.setAttribute("aria-valuenow", Math.round((share || 0) * 100));
    this.stage.tell(...progressOf(job, this.#pace, this.following.known));
  }
}
