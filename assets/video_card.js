// One video that is made sharper, in the list of the tab; a second that was tried shows what came of it.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { ended, StageLine, stageOf } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Pace, TICK_MS } from "./pace.js";
import { clock, roughly, say, size } from "./texts.js";
import { complain, trying } from "./toast.js";
import { videoApi } from "./video_api.js";
import { compare, fit, shownSize } from "./video_compare.js";
import { go, linkTo } from "./way.js";

/** What happens to a job, as [its stage in words, what else is known]. */
export function progressOf(job, pace) {
  const left = ended(job) ? null : pace.left(job.time_left_s), rate = job.status === "running" && job.stage === "working" && job.frames_a_second;
  const own = job.status === "running" && { reading: "video.reading", working: "video.working", waiting: "video.working", writing: "video.writing" }[job.stage];
  const stage = own ? say(own) : stageOf(job);
  return [stage, [rate && speedOf(rate), left !== null && say("card.left", { time: roughly(left) }), didOf(job)]];
}

export const partOf = (start, end) => say("video.did.part", { start: clock(start || 0), end: end ? clock(end) : say("video.did.end") });

/** What was asked for: the kind, the size, the part. */
export function didOf(job) {
  const { source, scale, start, end, trial } = job.request || {};
  const part = start || end ? partOf(start, end) : "";
  return [say(`video.source.${source}`), say("video.times", { n: scale }), trial ? say("video.did.trial", { at: clock(start) }) : part].filter(Boolean).join(" · ");
}

/** How fast frames are made, in words. */
export function speedOf(rate) {
  const slow = rate < 1, n = slow ? 1 / rate : rate;
  return say(slow ? "video.speed.slow" : "video.speed", { n: n < 10 ? n.toFixed(1) : Math.round(n) });
}

export class VideoCard {
  #pace = new Pace();
  #tick = null;

  /** `deeds.closed(id)` is called when the card is gone, `deeds.started(jobs)` with the job of the whole, `deeds.moved()` when
   * the job has got on to something else. */
  constructor(job, deeds) {
    this.deeds = deeds;
    this.element = h("article.rt-card.rt-video-card", { id: `rt-card-${job.id}` });
    this.head = h("header");
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.stage = new StageLine("p.rt-card-stage");
    this.shown = h("div.rt-video-shown", { hidden: true });
    this.foot = h("footer");
    this.element.append(this.head, this.bar, this.stage.element, this.shown, this.foot);
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
    if (job.status === "succeeded" && job.request.trial && before?.status !== "succeeded") this.#show(job).catch(complain);
    this.#progress();
  }

  #frame() {
    const { job } = this;
    this.element.className = `rt-card rt-video-card ${job.status}`;
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
    if (job.request.trial) return [];
    const load = h("a.rt-button.quiet", { href: videoApi.fileOf(job.id, "result", true), download: "", title: say("action.download"), "aria-label": say("action.download") });
    load.append(button({ icon: "download", title: "" }).firstChild);
    return [load, button({ label: say("video.see"), icon: "play", kind: "strong", onclick: () => go(job.id) })];
  }

  /** A tried second: before and after, the second itself over and over, and what the whole will take. */
  async #show(job) {
    const [facts, { free_bytes }] = await Promise.all([videoApi.facts(job.id), videoApi.room()]);
    const loop = h("video.rt-video-loop", { src: videoApi.fileOf(job.id, "result"), loop: true, muted: true, autoplay: true, controls: true, playsInline: true, "aria-label": say("video.loop") });
    loop.muted = true;
    fit(loop, shownSize(facts));
    loop.play().catch(() => {});
    const { wanted } = facts, { then_start, then_end } = job.request, part = Boolean(then_start || then_end);
    const start = button({ label: part ? say("video.whole.part", { part: partOf(then_start, then_end) }) : say("video.whole"), kind: "primary", id: "rt-video-whole" });
    start.onclick = trying(async () => { this.deeds.started([await videoApi.again(job.id, { ...job.request, start: then_start || 0, end: then_end ?? null, then_start: 0, then_end: null, trial: false })]); });
    const room = { time: roughly(wanted.time_s), size: size(wanted.bytes), n: wanted.n_frames, room: size(wanted.room_bytes), free: size(free_bytes) };
    const told = part ? say("video.part.told", { speed: speedOf(facts.speed), ...room }) : say("video.whole.told", { speed: speedOf(facts.speed), ...room });
    this.shown.hidden = false;
    fill(this.shown, h("div.rt-video-pair", {},
      compare(videoApi.fileOf(job.id, "still_before"), videoApi.fileOf(job.id, "still_after"), shownSize(facts)), loop),
      h("p.rt-video-expected", told, wanted.room_bytes > free_bytes && h("strong", say("video.room"))), h("div.rt-video-deeds", {}, start));
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
