// A video that was made sharper: one moment before and after, the whole to be watched, and taken away.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { ended, StageLine } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { Pace } from "./pace.js";
import { remove, rename } from "./records.js";
import { clock, moment, roughly, say, size } from "./texts.js";
import { complain, trying } from "./toast.js";
import { videoApi } from "./video_api.js";
import { didOf, progressOf, speedOf } from "./video_card.js";
import { compare, fit, shownSize } from "./video_compare.js";
import { go, openTab } from "./way.js";

export class VideoWork {
  #job = null;
  #unfollow = null;
  #pace = new Pace();

  constructor() {
    this.head = h("header.rt-work-head");
    this.state = h("div.rt-work-state");
    this.stage = new StageLine("p");
    this.body = h("div.rt-sound-body");
    this.element = h("section.rt-video-done", { hidden: true }, this.head, this.state, this.body);
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
    this.player?.pause();
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
      button({ icon: "left", label: say("work.back"), kind: "text", onclick: () => (history.state?.from === null ? history.back() : openTab("video")) }),
      h("div.rt-work-title", {}, h("h1", { title: job.source_name }, job.title), button({ icon: "edit", title: say("action.rename"), kind: "quiet", onclick: change })),
      h("p.rt-work-facts", [moment(job.created_at), didOf(job), job.model_title].filter(Boolean).join(" · ")));
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
    const facts = await videoApi.facts(job.id);
    if (this.#job?.id !== job.id) return;
    const result = videoApi.fileOf(job.id, "result");
    const download = h("a.rt-button.strong", { href: videoApi.fileOf(job.id, "result", true), download: "", id: "rt-video-download" }, icon("download"), h("span", say("action.download")));
    const bin = button({ icon: "trash", title: say("action.delete"), kind: "quiet", onclick: trying(async () => { if (await remove([job])) go(null); }) });
    this.player = h("video.rt-video-loop", { src: result, controls: true, playsInline: true, preload: "metadata", poster: videoApi.fileOf(job.id, "still_after"), "aria-label": say("video.result") });
    fit(this.player, shownSize(facts));
    this.player.onerror = () => this.player.replaceWith(h("p.rt-hint", say("video.notPlayed")));
    fill(this.body, h("div.rt-sound-bar", {}, h("span.rt-hint", say("video.compare.hint")), h("span.rt-space"), download, bin),
      compare(videoApi.fileOf(job.id, "still_before"), videoApi.fileOf(job.id, "still_after"), shownSize(facts)),
      this.player,
      h("section.rt-panel.rt-sound-facts", {}, h("h2", say("video.facts")), h("ul", {}, [
        say("video.facts.size", { from: `${facts.width} × ${facts.height}`, to: `${facts.out_width} × ${facts.out_height}` }),
        say("video.facts.frames", { n: facts.n_frames, length: clock(facts.duration_s) }),
        facts.speed && say("video.facts.speed", { speed: speedOf(facts.speed), time: roughly(facts.took_s) }),
        say("video.facts.file", { size: size(facts.bytes) }),
      ].filter(Boolean).map((line) => h("li", line)))));
  }
}
