// <rt-sound>: recordings are dropped here and come back with clean sound.
import { api } from "./api.js";
import { ended } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { soundApi, SOUND } from "./sound_api.js";
import { SoundCard } from "./sound_card.js";
import { SoundSettings } from "./sound_settings.js";
import { say } from "./texts.js";
import { trying } from "./toast.js";
import { Uploads } from "./uploads.js";

const ACCEPT = "audio/*,video/*,.m4a,.opus,.amr,.flac,.ogg,.oga,.wma,.aac,.caf,.mka,.mkv,.webm,.mov,.ts,.mts,.3gp";
const SHOWN = 30;

class SoundScreen extends HTMLElement {
  #made = false;
  #cards = new Map();

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.uploads = new Uploads({
      started: (jobs) => { for (const job of [...jobs].reverse()) this.#show(job, true); this.#changed(); },
      changed: () => this.#changed(), submit: soundApi.submit, kept: "roomtone.arrived.sound",
    });
    this.settings = new SoundSettings(() => this.#changed(), () => this.#ask());
    this.start = button({ label: say("sound.start"), icon: "wave", kind: "primary", id: "rt-sound-start" });
    this.start.onclick = trying(() => this.uploads.start(this.settings.request()));
    this.ready = h("div.rt-ready", {}, this.uploads.list, h("div.rt-start", {}, this.start));
    this.cards = h("div.rt-cards");
    this.jobs = h("section.rt-jobs", { "aria-label": say("sound.jobs") }, h("header", {}, h("h2", say("sound.jobs"))), this.cards);
    this.append(h("div.rt-sound-work", {}, this.#dropZone(), this.ready, this.jobs), this.settings.element);
    const seen = new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) this.#load(); });
    seen.observe(this);
    this.#changed();
  }

  /** Takes files that were dropped anywhere while this tab is seen. */
  take(files) { this.uploads.add(files); }

  /** A model that had to be fetched is here once a job has used it. */
  #ask = trying(async () => this.settings.take(await soundApi.choices()));

  #load = trying(async () => {
    await this.#ask();
    const told = await api.jobs({ task: SOUND, limit: SHOWN });
    const known = new Set(told.jobs.map((job) => job.id));
    for (const [id, card] of this.#cards) if (!known.has(id) && ended(card.job)) card.close();
    for (const job of told.jobs) this.#show(job);
    this.#changed();
  });

  #dropZone() {
    this.picker = h("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true, id: "rt-sound-picker", tabIndex: -1, "aria-label": say("drop.choose") });
    this.picker.onchange = () => { this.uploads.add(this.picker.files); this.picker.value = ""; };
    const choose = button({ label: say("drop.choose"), icon: "folder", kind: "strong", id: "rt-sound-choose", onclick: () => this.picker.click() });
    this.zone = h("div.rt-drop", { id: "rt-sound-drop" },
      h("div.rt-drop-mark", {}, icon("wave")), h("h1", say("sound.drop")), h("p", say("sound.drop.kinds")),
      h("div.rt-drop-ways", {}, choose), this.picker, h("p.rt-drop-note", {}, icon("lock"), say("drop.private")));
    return this.zone;
  }

  #changed() {
    if (!this.start) return;
    this.ready.hidden = this.uploads.items.length === 0;
    this.start.disabled = this.uploads.open.length === 0 || !this.settings.possible;
    this.zone.classList.toggle("small", this.uploads.items.length > 0 || this.#cards.size > 0);
    this.jobs.hidden = this.#cards.size === 0;
  }

  #show(job, first = false) {
    if (this.#cards.has(job.id)) return;
    const card = new SoundCard(job, { closed: (id) => { this.#cards.delete(id); this.#changed(); }, moved: () => { if (this.settings.lacks) this.#ask(); } });
    this.#cards.set(job.id, card);
    if (first) this.cards.prepend(card.element); else this.cards.append(card.element);
  }
}

customElements.define("rt-sound", SoundScreen);
