// <rt-aloud>: a text is pasted, dropped or taken from a transcript, and read aloud.
import { api, send } from "./api.js";
import { AloudCard } from "./aloud_card.js";
import { aloudApi, ALOUD } from "./aloud_api.js";
import { AloudSettings } from "./aloud_settings.js";
import { ended } from "./card.js";
import { button, calm, fill, h, icon } from "./dom.js";
import { moment, say } from "./texts.js";
import { dialog, toast, trying } from "./toast.js";
import { isWritten, LINE_BY_LINE, writeApi } from "./write_api.js";
import { named } from "./write_work.js";

document.head.append(h("link", { rel: "stylesheet", href: "screens/aloud.css" }));

const ACCEPT = ".txt,.md,.docx,.srt,.vtt,.ass,text/plain";
const SHOWN = 30;
const DRAFT = "roomtone.aloud.text";

class AloudScreen extends HTMLElement {
  #made = false;
  #cards = new Map();
  #paper = null;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    const keep = calm(() => roomtone.kept.set(DRAFT, this.text.value.length < 100000 ? this.text.value : ""), 400);
    this.text = h("textarea.rt-aloud-text", { id: "rt-aloud-text", rows: 9, placeholder: say("aloud.paste"), "aria-label": say("aloud.paste"), value: roomtone.kept.get(DRAFT) || "", oninput: () => { keep(); this.#changed(); } });
    this.picker = h("input", { type: "file", accept: ACCEPT, hidden: true, id: "rt-aloud-picker", tabIndex: -1, "aria-label": say("aloud.file") });
    this.picker.onchange = () => { this.take(this.picker.files); this.picker.value = ""; };
    this.start = button({ label: say("aloud.start"), icon: "play", kind: "primary", id: "rt-aloud-start", onclick: trying(() => this.#begin()) });
    this.count = h("span.rt-hint.rt-aloud-count", { role: "status" });
    this.paper = h("div.rt-aloud-paper", { hidden: true });
    this.cards = h("div.rt-cards");
    this.jobs = h("section.rt-jobs", { "aria-label": say("aloud.jobs") }, h("header", {}, h("h2", say("aloud.jobs"))), this.cards);
    this.settings = new AloudSettings(() => this.#changed(), () => this.#load());
    this.append(h("div.rt-aloud-work", {}, this.#sheet(), this.jobs), this.settings.element);
    new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) this.#load(); }).observe(this);
    this.#changed();
  }

  /** Takes a file that was dropped anywhere while this tab is seen. */
  take(files) {
    const [file, ...rest] = files;
    if (!file) return;
    if (rest.length) toast(say("drop.rest", { n: 1, rest: rest.length }));
    const paper = { name: file.name, timed: /\.(srt|vtt|ass|ssa)$/i.test(file.name) };
    this.#hold(paper);
    trying(async () => {
      try {
        const sent = await send(file, file.name, () => {}).promise;
        if (this.#paper === paper) this.#hold({ ...paper, what: { upload: sent.id } });
      } catch (error) {
        if (this.#paper === paper) this.#hold(null);
        throw error;
      }
    })();
  }

  #sheet() {
    const choose = button({ label: say("aloud.file"), icon: "folder", id: "rt-aloud-choose", onclick: () => this.picker.click() });
    const from = button({ label: say("aloud.transcript"), icon: "history", id: "rt-aloud-from", onclick: trying(() => this.#pick()) });
    return h("section.rt-panel.rt-aloud-sheet", {}, this.text, this.paper, this.picker,
      h("div.rt-aloud-bar", {}, choose, from, this.count, h("span.rt-space"), this.start),
      h("p.rt-aloud-note", {}, icon("lock"), h("span", say("aloud.private"))));
  }

  #hold(paper) {
    this.#paper = paper;
    this.text.hidden = Boolean(paper);
    this.paper.hidden = !paper;
    fill(this.paper, paper && [icon("file"), h("strong", paper.name), h("small", { role: "status" }, !paper.what ? say("voices.sending") : paper.timed ? say("aloud.timed") : ""), button({ icon: "close", title: say("aloud.other"), kind: "quiet", onclick: () => this.#hold(null) })]);
    this.#changed();
  }

  async #pick() {
    // What was written from a recording belongs to it: only the room for writing lists it.
    const [{ jobs: heard }, written] = await Promise.all([api.jobs({ task: "automatic-speech-recognition", status: "succeeded", limit: 50 }), writeApi.recent(50)]);
    const jobs = [...heard, ...written.filter((one) => one.status === "succeeded")].sort((a, b) => b.created_at - a.created_at);
    const kindOf = (one) => (isWritten(one) ? named(one) : say("aloud.kind.transcript"));
    const job = await dialog(say("aloud.transcript"), (close) => h("div.rt-aloud-picks", {},
      jobs.length ? jobs.map((one) => h("button.rt-aloud-pick", { type: "button", onclick: () => close(one) }, h("strong", one.title), h("small", `${kindOf(one)} · ${moment(one.created_at)}`))) : h("p.rt-hint", say("aloud.transcript.none"))));
    if (!job) return;
    // A summary has no times of its own; what was written line by line has those of its lines.
    const timed = !isWritten(job) || LINE_BY_LINE.includes(job.request.kind);
    this.#hold({ name: isWritten(job) ? `${job.title} · ${named(job)}` : job.title, what: { job: job.id }, timed });
  }

  async #begin() {
    this.start.disabled = true;
    try {
      const what = this.#paper ? this.#paper.what : { text: this.text.value };
      const request = { ...this.settings.request(), in_time: Boolean(this.#paper?.timed) && this.settings.request().in_time };
      const jobs = await aloudApi.submit(what, request);
      for (const job of jobs) { this.#show(job, true); this.#cards.get(job.id)?.player.hear(0, true); }
      if (this.#paper) this.#hold(null);
    } finally { this.#changed(); }
  }

  #load = trying(async () => {
    const [told, { jobs }] = await Promise.all([aloudApi.voices(), api.jobs({ task: ALOUD, limit: SHOWN })]);
    this.settings.take(told);
    const known = new Set(jobs.map((job) => job.id));
    for (const [id, card] of this.#cards) if (!known.has(id) && ended(card.job)) card.close();
    for (const job of jobs) this.#show(job);
    this.#changed();
  });

  #changed() {
    if (!this.settings) return;
    const n = this.text.value.trim().length;
    this.count.textContent = this.#paper || !n ? "" : say("aloud.count", { n });
    this.start.disabled = (this.#paper ? !this.#paper.what : n === 0) || !this.settings.possible;
    this.jobs.hidden = this.#cards.size === 0;
  }

  #show(job, first = false) {
    if (this.#cards.has(job.id)) return;
    const card = new AloudCard(job, {
      closed: (id) => { this.#cards.delete(id); this.#changed(); },
      plays: (own) => { for (const other of this.#cards.values()) if (other !== own && other.player.playing) other.player.stop(); },
    });
    this.#cards.set(job.id, card);
    if (first) this.cards.prepend(card.element); else this.cards.append(card.element);
  }
}

customElements.define("rt-aloud", AloudScreen);
