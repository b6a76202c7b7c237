// One recording whose sound is cleaned up, in the list of the tab.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { ended, StageLine, stageOf } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Pace, TICK_MS } from "./pace.js";
import { soundApi } from "./sound_api.js";
import { clock, roughly, say } from "./texts.js";
import { trying } from "./toast.js";
import { go, linkTo } from "./way.js";

/** What happens to a job, as [its stage in words, what else is known]. */
export function progressOf(job, pace) {
  const left = ended(job) ? null : pace.left(job.time_left_s);
  return [doing(job), [
    left !== null && say("card.left", { time: roughly(left) }), job.duration_s && clock(job.duration_s),
    job.status === "succeeded" && say(`sound.did.${wayOf(job)}`),
  ]];
}

// Other jobs write down what is said.
const doing = (job) => (ended(job) || (job.status === "queued" && job.stage === "waiting") || !["waiting", "working", "writing"].includes(job.stage) ? stageOf(job)
  : say(job.stage === "writing" ? "sound.stage.writing" : "sound.stage.working"));

export const wayOf = (job) => (job.request?.kind === "restore" ? ["restore", "high", "damaged"][job.request.mode] || "restore" : "denoise");

export class SoundCard {
  #pace = new Pace();
  #tick = null;

  constructor(job, deeds) {
    this.deeds = deeds;
    this.element = h("article.rt-card", { id: `rt-card-${job.id}` });
    this.head = h("header");
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.stage = new StageLine("p.rt-card-stage");
    this.foot = h("footer");
    this.element.append(this.head, this.bar, this.stage.element, this.foot);
    this.#take(job);
    this.unfollow = stream.follow(job.id, (news) => this.#take(news));
  }

  close() {
    clearInterval(this.#tick);
    this.unfollow?.();
    this.element.remove();
    this.deeds.closed(this.job.id);
  }

  #take(job) {
    const before = this.job;
    this.job = job;
    if (before && (before.status !== job.status || before.stage !== job.stage)) this.deeds.moved();
    this.#pace.take(job);
    clearInterval(this.#tick);
    if (job.status === "running") this.#tick = setInterval(() => this.#progress(), TICK_MS);
    if (job.deleted) { this.close(); return; }
    if (!before || before.status !== job.status || before.title !== job.title) this.#frame();
    this.#progress();
  }

  #frame() {
    const { job } = this;
    this.element.className = `rt-card ${job.status}`;
    fill(this.head, h("h3", { title: job.source_name || job.title }, linkTo(job)), h("div.rt-card-tools", {}, this.#tools()));
    this.bar.setAttribute("aria-label", say("files.progress", { name: job.title }));
    fill(this.foot, job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)), notesOf(job));
  }

  #tools() {
    const { job } = this;
    if (!ended(job)) return [button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) })];
    if (job.status !== "succeeded") {
      const again = trying(async () => { this.#take(await api.act(job.id, "retry")); stream.wake(); });
      return [job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: again })];
    }
    const load = h("a.rt-button.quiet", { href: soundApi.fileOf(job.id, "result", true), download: "", title: say("action.download"), "aria-label": say("action.download") });
    load.append(button({ icon: "download", title: "" }).firstChild);
    return [load, button({ label: say("sound.compare"), icon: "play", kind: "strong", onclick: () => go(job.id) })];
  }

  #progress() {
    const { job } = this, early = job.stage === "fetching_model" || job.stage === "reading" || job.stage === "writing";
    const share = job.status === "succeeded" ? 1 : early ? job.stage_progress : job.stage === "loading_model" ? 0 : this.#pace.share();
    this.bar.classList.toggle("unknown", !ended(job) && job.status !== "queued" && !share);
    this.bar.classList.toggle("busy", job.status === "running");
    this.bar.style.setProperty("--share", share || 0);
    this.bar.setAttribute("aria-valuenow", Math.round((share || 0) * 100));
    this.stage.tell(...progressOf(job, this.#pace));
  }
}
