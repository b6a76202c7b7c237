// <rt-intake>: where recordings are dropped, and the cards of their jobs.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { Card, ended } from "./card.js";
import { dropped, isMedia, offer } from "./dropped.js";
import { canRecord, record } from "./recorder.js";
import { isSound } from "./sound_api.js";
import { isVideo } from "./video_api.js";
import { isWritten } from "./write_api.js";
import { say } from "./texts.js";
import { FORMATS } from "./taking.js";
import { complain, menu, toast, trying } from "./toast.js";
import { Uploads } from "./uploads.js";
import { openTab } from "./way.js";

const CARDS = "roomtone.cards";
const RECALLED = 40;
const ACCEPT = "audio/*,video/*,.m4a,.opus,.amr,.flac,.ogg,.oga,.wma,.aac,.caf,.mka,.mkv,.webm,.mov,.ts,.mts,.3gp";

class Intake extends HTMLElement {
  #cards = new Map();
  #made = false;
  #left = 0;
  #last = new WeakMap();

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.uploads = new Uploads({ started: (jobs, request) => this.#started(jobs, request), changed: () => this.#changed() });
    this.start = button({ label: "", icon: "text", kind: "primary", id: "rt-start" });
    this.start.onclick = trying(() => this.uploads.start(roomtone.form.request()));
    this.ready = h("div.rt-ready", {}, this.uploads.list, h("div.rt-start", {}, this.start));
    this.cards = h("div.rt-cards");
    this.count = h("span.rt-jobs-count");
    this.zip = button({ label: say("history.zip"), icon: "download", kind: "text", id: "rt-jobs-zip", "aria-haspopup": "menu" });
    this.zip.onclick = () => menu(this.zip, FORMATS.map((format) => ({ label: say(`format.${format}`), href: api.zipOf(this.#texts().map((card) => card.job.id), format) })));
    this.rest = h("p.rt-hint.rt-jobs-rest");
    this.tidy = button({ label: say("jobs.tidy"), kind: "text", onclick: () => this.#done().forEach((card) => card.close()) });
    this.jobs = h("section.rt-jobs", { "aria-label": say("jobs.title") },
      h("header", {}, h("h2", {}, say("jobs.title"), this.count), this.zip, this.tidy), this.cards, this.rest);
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
      const taken = event.defaultPrevented;
      event.preventDefault();
      depth = 0;
      mark(false);
      if (!taken) this.#drop(event.dataTransfer).catch(complain);
    });
  }

  async #drop(transfer) {
    // Another tab that takes files gets what is dropped while it is seen.
    const other = [...document.querySelectorAll("rt-sound, rt-aloud, rt-video, rt-voices, rt-write")].find((tab) => tab.checkVisibility());
    // While something is asked, what lies behind the question stays as it is.
    const asked = document.querySelector("dialog[open]");
    const { files, empty } = await dropped(transfer, ["rt-aloud", "rt-write"].includes(other?.localName) ? () => true : isMedia);
    if (empty !== null) toast(say("drop.folder.empty", { name: empty }), { kind: "bad" });
    if (!files.length) return;
    if (asked) { if (!offer(asked, files)) toast(say("drop.asked"), { kind: "bad" }); return; }
    if (other && other.take(files) !== false) return;
    if (!this.checkVisibility()) openTab("transcribe");
    this.uploads.add(files);
  }

  #done() { return [...this.#cards.values()].filter((card) => ended(card.job)); }

  #texts() { return this.#done().filter((card) => card.job.status === "succeeded"); }

  #changed() {
    if (!this.start) return;
    const n = this.uploads.open.length;
    this.ready.hidden = this.uploads.items.length === 0;
    // Where all that is listed has failed there is nothing to start; what is on its way starts by itself.
    this.start.parentElement.hidden = n === 0;
    fill(this.start, icon("text"), h("span", n > 1 ? say("start.many", { n }) : say("start.one")));
    this.zone?.classList.toggle("small", this.uploads.items.length > 0 || this.#cards.size > 0);
    this.jobs.hidden = this.#cards.size === 0;
    const done = this.#done().length, all = this.#cards.size;
    this.tidy.hidden = done < 2;
    this.zip.hidden = this.#texts().length < 2;
    fill(this.count, all > 3 && say("jobs.count", { done, n: all }));
    this.rest.hidden = this.#left === 0;
    fill(this.rest, say("jobs.rest", { n: this.#left }), " ", button({ label: say("jobs.all"), kind: "text", onclick: () => openTab("history") }));
  }

  // What was started together stays in its order, though every file becomes a job when it has arrived.
  #started(jobs, request) {
    for (const job of jobs) {
      const card = this.#show(job), last = this.#last.get(request);
      if (!card) continue;
      if (last?.isConnected) last.after(card.element); else this.cards.prepend(card.element);
      this.#last.set(request, card.element);
    }
    this.#keep();
    this.#changed();
  }

  #show(job) {
    if (this.#cards.has(job.id)) return null;
    const card = new Card(job, {
      changed: () => this.#changed(),
      closed: (id) => { this.#cards.delete(id); this.#keep(); this.#changed(); },
    });
    this.#cards.set(job.id, card);
    this.cards.append(card.element);
    return card;
  }

  #keep() {
    try { localStorage.setItem(CARDS, JSON.stringify([...this.#cards.keys()].slice(0, 100))); } catch { /* not kept */ }
  }

  // Unfinished jobs come back in the order in which they are done, then those that were watched here until somebody closes them.
  async #recall() {
    const kept = JSON.parse(roomtone.kept.get(CARDS) || "[]");
    const [running, queued, ...seen] = await Promise.all([
      api.jobs({ status: "running", limit: 200 }), api.jobs({ status: "queued", limit: 200 }),
      ...kept.slice(0, RECALLED).map((id) => api.job(id).catch(() => null)),
    ]);
    const found = [...running.jobs, ...queued.jobs, ...seen.filter((job) => job && !job.deleted)];
    for (const job of found.filter((one) => !isSound(one) && !isVideo(one) && !isWritten(one)).sort(byTurn)) this.#show(job);
    // Those that are not shown stay kept no longer: they are in the history.
    this.#left = kept.slice(RECALLED).filter((id) => !this.#cards.has(id)).length;
    this.#keep();
    this.#changed();
  }
}

/** What runs comes first, then what waits as it will be done, then what has ended, the latest first. */
function byTurn(a, b) {
  const rank = (job) => (job.status === "running" ? 0 : ended(job) ? 2 : 1);
  return rank(a) - rank(b) || (ended(a) ? b.created_at - a.created_at : (a.ahead ?? 0) - (b.ahead ?? 0) || a.created_at - b.created_at);
}

customElements.define("rt-intake", Intake);
