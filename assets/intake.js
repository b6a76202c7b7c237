// <rt-intake>: where recordings are dropped, and the cards of their jobs.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { Card, ended } from "./card.js";
import { dropped, isMedia } from "./dropped.js";
import { canRecord, record } from "./recorder.js";
import { isSound } from "./sound_api.js";
import { isVideo } from "./video_api.js";
import { isWritten } from "./write_api.js";
import { say } from "./texts.js";
import { complain, toast, trying } from "./toast.js";
import { Uploads } from "./uploads.js";
import { openTab } from "./way.js";

const CARDS = "roomtone.cards";
const ACCEPT = "audio/*,video/*,.m4a,.opus,.amr,.flac,.ogg,.oga,.wma,.aac,.caf,.mka,.mkv,.webm,.mov,.ts,.mts,.3gp";

class Intake extends HTMLElement {
  #cards = new Map();
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.uploads = new Uploads({ started: (jobs) => this.#started(jobs), changed: () => this.#changed() });
    this.start = button({ label: "", icon: "text", kind: "primary", id: "rt-start" });
    this.start.onclick = trying(() => this.uploads.start(roomtone.form.request()));
    this.ready = h("div.rt-ready", {}, this.uploads.list, h("div.rt-start", {}, this.start));
    this.cards = h("div.rt-cards");
    this.tidy = button({ label: say("jobs.tidy"), kind: "text", onclick: () => this.#done().forEach((card) => card.close()) });
    this.jobs = h("section.rt-jobs", { "aria-label": say("jobs.title") },
      h("header", {}, h("h2", say("jobs.title")), this.tidy), this.cards);
    this.append(this.#dropZone(), this.ready, this.jobs);
    this.#changed();
    this.#catchDrops();
    this.#recall().catch(complain);
    dispatchEvent(new Event("roomtone:intake"));
  }

  #dropZone() {
    this.picker = h("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true, id: "rt-picker", tabIndex: -1, "aria-label": say("drop.choose") });
    this.picker.onchange = () => { this.uploads.add(this.picker.files); this.picker.value = ""; };
    const choose = button({ label: say("drop.choose"), icon: "folder", kind: "strong", id: "rt-choose", onclick: () => this.picker.click() });
    const talk = button({ label: say("drop.record"), icon: "mic", kind: "strong", id: "rt-record" });
    talk.onclick = trying(async () => {
      if (!canRecord()) { toast(say("record.unsafe"), { hint: say("record.unsafe.hint"), ms: 15000, action: { label: say("connect.panel.show"), run: () => open("connect") } }); return; }
      const file = await record();
      if (file) this.uploads.add([file]);
    });
    this.zone = h("div.rt-drop", { id: "rt-drop" },
      h("div.rt-drop-mark", {}, icon("wave")),
      h("h1", say("drop.title")), h("p", say("drop.kinds")),
      h("div.rt-drop-ways", {}, choose, talk), this.picker,
      h("p.rt-drop-note", {}, icon("lock"), say("drop.private")));
    return this.zone;
  }

  // A file may be let go anywhere on the page.
  #catchDrops() {
    const holdsFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    const mark = (on) => document.documentElement.classList.toggle("rt-dragging", on);
    let depth = 0;
    addEventListener("dragenter", (event) => { if (holdsFiles(event)) { depth += 1; mark(true); } });
    addEventListener("dragleave", (event) => { if (holdsFiles(event)) { depth = Math.max(0, depth - 1); mark(depth > 0); } });
    addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
    addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      mark(false);
      this.#drop(event.dataTransfer).catch(complain);
    });
  }

  async #drop(transfer) {
    // Another tab that takes files gets what is dropped while it is seen.
    const other = [...document.querySelectorAll("rt-sound, rt-aloud, rt-video")].find((tab) => tab.checkVisibility());
    const { files, empty } = await dropped(transfer, other?.localName === "rt-aloud" ? () => true : isMedia);
    if (empty !== null) toast(say("drop.folder.empty", { name: empty }), { kind: "bad" });
    if (!files.length) return;
    if (other) { other.take(files); return; }
    if (!this.checkVisibility()) openTab("transcribe");
    this.uploads.add(files);
  }

  #done() { return [...this.#cards.values()].filter((card) => ended(card.job)); }

  #changed() {
    if (!this.start) return;
    const n = this.uploads.open.length;
    this.ready.hidden = this.uploads.items.length === 0;
    // Where all that is listed has failed there is nothing to start; what is on its way starts by itself.
    this.start.parentElement.hidden = n === 0;
    fill(this.start, icon("text"), h("span", n > 1 ? say("start.many", { n }) : say("start.one")));
    this.zone?.classList.toggle("small", this.uploads.items.length > 0 || this.#cards.size > 0);
    this.jobs.hidden = this.#cards.size === 0;
    this.tidy.hidden = this.#done().length < 2;
  }

  #started(jobs) {
    for (const job of [...jobs].reverse()) this.#show(job, true);
    this.#keep();
    this.#changed();
  }

  #show(job, first = false) {
    if (this.#cards.has(job.id)) return;
    const card = new Card(job, {
      changed: () => this.#changed(),
      closed: (id) => { this.#cards.delete(id); this.#keep(); this.#changed(); },
    });
    this.#cards.set(job.id, card);
    if (first) this.cards.prepend(card.element); else this.cards.append(card.element);
  }

  #keep() {
    try { localStorage.setItem(CARDS, JSON.stringify([...this.#cards.keys()].slice(0, 100))); } catch { /* not kept */ }
  }

  // Unfinished jobs come back, and those that were watched here until somebody closes them.
  async #recall() {
    const kept = JSON.parse(roomtone.kept.get(CARDS) || "[]");
    const [running, queued, ...seen] = await Promise.all([
      api.jobs({ status: "running", limit: 100 }), api.jobs({ status: "queued", limit: 100 }),
      ...kept.slice(0, 20).map((id) => api.job(id).catch(() => null)),
    ]);
    const found = [...running.jobs, ...queued.jobs, ...seen.filter((job) => job && !job.deleted)];
    for (const job of found.filter((one) => !isSound(one) && !isVideo(one) && !isWritten(one)).sort((a, b) => b.created_at - a.created_at)) this.#show(job);
    this.#keep();
    this.#changed();
  }
}

customElements.define("rt-intake", Intake);
