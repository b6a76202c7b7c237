// <rt-video>: videos are dropped here and come back sharper and larger.
import { api } from "./api.js";
import { ended } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { say } from "./texts.js";
import { trying } from "./toast.js";
import { Uploads } from "./uploads.js";
import { VIDEO, videoApi } from "./video_api.js";
import { VideoCard } from "./video_card.js";
import { VideoSettings } from "./video_settings.js";
import { VideoStage } from "./video_stage.js";

const ACCEPT = "video/*,.mkv,.webm,.mov,.ts,.mts,.m2ts,.avi,.3gp,.wmv,.flv,.mpg";
const SHOWN = 30;

class VideoScreen extends HTMLElement {
  #made = false;
  #cards = new Map();
  #stages = new Map();

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.uploads = new Uploads({ started: () => {}, changed: () => this.#changed(), submit: videoApi.submit, kept: "roomtone.arrived.video" });
    this.settings = new VideoSettings(() => { for (const stage of this.#stages.values()) stage.later(); }, () => this.#ask());
    this.stages = h("div.rt-video-stages");
    this.ready = h("div.rt-ready", {}, this.uploads.list);
    this.cards = h("div.rt-cards");
    this.jobs = h("section.rt-jobs", { "aria-label": say("video.jobs") }, h("header", {}, h("h2", say("video.jobs"))), this.cards);
    this.append(h("div.rt-sound-work", {}, this.#dropZone(), this.ready, this.stages, this.jobs), this.settings.element);
    const seen = new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) this.#load(); });
    seen.observe(this);
    this.#changed();
  }

  /** Takes files that were dropped anywhere while this tab is seen. */
  take(files) { this.uploads.add(files); }

  /** A model that had to be fetched is here once a job has used it. */
  #ask = trying(async () => this.settings.take(await videoApi.choices()));

  #load = trying(async () => {
    await this.#ask();
    const told = await api.jobs({ task: VIDEO, limit: SHOWN });
    const known = new Set(told.jobs.map((job) => job.id));
    for (const [id, card] of this.#cards) if (!known.has(id) && ended(card.job)) card.close();
    for (const job of told.jobs) this.#show(job);
    this.#changed();
  });

  #dropZone() {
    this.picker = h("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true, id: "rt-video-picker", tabIndex: -1, "aria-label": say("drop.choose") });
    this.picker.onchange = () => { this.uploads.add(this.picker.files); this.picker.value = ""; };
    const choose = button({ label: say("drop.choose"), icon: "folder", kind: "strong", id: "rt-video-choose", onclick: () => this.picker.click() });
    this.zone = h("div.rt-drop", { id: "rt-video-drop" },
      h("div.rt-drop-mark", {}, icon("screen")), h("h1", say("video.drop")), h("p", say("video.drop.kinds")),
      h("div.rt-drop-ways", {}, choose), this.picker, h("p.rt-drop-note", {}, icon("lock"), say("drop.private")));
    return this.zone;
  }

  /** A video that has arrived gets a stage of its own, one that was taken away loses it. */
  #changed() {
    if (!this.jobs) return;
    const here = new Map(this.uploads.items.filter((item) => item.state === "arrived").map((item) => [item.id, item]));
    for (const [id, stage] of this.#stages) if (!here.has(id)) { stage.element.remove(); this.#stages.delete(id); }
    for (const [id, item] of here) if (!this.#stages.has(id)) this.#stage(id, item);
    this.ready.hidden = this.uploads.items.length === 0;
    this.zone.classList.toggle("small", this.uploads.items.length > 0 || this.#cards.size > 0);
    this.jobs.hidden = this.#cards.size === 0;
  }

  #stage(id, item) {
    const stage = new VideoStage(item, {
      request: () => this.settings.request(), possible: () => this.settings.possible,
      started: (jobs, what, trial) => { for (const job of jobs) this.#show(job, true); if (!trial) this.uploads.drop(what); this.#changed(); },
    });
    this.#stages.set(id, stage);
    this.stages.append(stage.element);
    stage.look();
  }

  #show(job, first = false) {
    if (this.#cards.has(job.id)) return;
    const card = new VideoCard(job, {
      closed: (id) => { this.#cards.delete(id); this.#changed(); },
      started: (jobs) => { for (const one of jobs) this.#show(one, true); this.cards.firstElementChild?.scrollIntoView({ block: "nearest" }); },
      moved: () => { if (this.settings.lacks) this.#ask(); },
    });
    this.#cards.set(job.id, card);
    if (first) this.cards.prepend(card.element); else this.cards.append(card.element);
    this.#changed();
  }
}

customElements.define("rt-video", VideoScreen);
