// A text that is read aloud, sentence by sentence: heard from anywhere, one of them changed or spoken anew, taken away.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { aloudApi } from "./aloud_api.js";
import { Following, offerFiles, progressOf } from "./aloud_card.js";
import { AloudPlayer } from "./aloud_player.js";
import { intoVideo } from "./aloud_video.js";
import { ended, StageLine } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Pace } from "./pace.js";
import { remove, rename } from "./records.js";
import { clock, moment, say } from "./texts.js";
import { dialog, trying } from "./toast.js";
import { go, openTab } from "./way.js";

export class AloudWork {
  #job = null;
  #unfollow = null;
  #rows = [];
  #states = [];
  #whole = false;
  #drawn = "";
  #stateDrawn = "";
  #doubtful = false;
  #pace = new Pace();

  constructor() {
    this.player = new AloudPlayer((number) => this.#heard(number));
    this.following = new Following((known) => this.#told(known));
    this.head = h("header.rt-work-head");
    this.state = h("div.rt-work-state");
    this.stage = new StageLine("p");
    this.bar = h("div.rt-aloud-work-bar");
    this.list = h("ol.rt-sentences", { "aria-label": say("aloud.sentences") });
    this.element = h("section.rt-aloud-done", { hidden: true }, this.head, this.state, this.bar, this.list);
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
    this.#drawn = this.#stateDrawn = "";
    this.#states = [];
    this.#doubtful = false;
    this.following.known = null;
    this.player.stop();
    this.player.forget();
    fill(this.list);
    this.element.hidden = true;
  }

  #take(job) {
    const before = this.#job;
    this.#job = job;
    this.#pace.take(job);
    // Buttons stay where fingers and keys have found them while only the numbers change.
    if (!before || before.status !== job.status || before.title !== job.title || before.model_title !== job.model_title) this.#drawHead();
    this.#drawState();
    if (!before || before.revision !== job.revision) this.following.look(job);
  }

  #told(known) {
    if (!this.#job) return;
    this.player.take(this.#job, known);
    this.#drawState();
    const drawn = JSON.stringify([known.sentences, this.#doubtful, known.complete]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#drawList(known);
  }

  #drawHead() {
    const job = this.#job;
    document.title = `${job.title} · Roomtone`;
    const change = trying(async () => { const changed = await rename(job); if (changed) this.#take(changed); });
    fill(this.head,
      button({ icon: "left", label: say("work.back"), kind: "text", onclick: () => (history.state?.from === null ? history.back() : openTab("aloud")) }),
      h("div.rt-work-title", {}, h("h1", { title: job.source_name }, job.title), button({ icon: "edit", title: say("action.rename"), kind: "quiet", onclick: change })),
      h("p.rt-work-facts", [moment(job.created_at), job.model_title].filter(Boolean).join(" · ")));
    const load = button({ icon: "download", label: say("action.download"), kind: "strong", id: "rt-aloud-download", "aria-haspopup": "menu", onclick: () => offerFiles(load, job) });
    const bin = button({ icon: "trash", title: say("action.delete"), kind: "quiet", onclick: trying(async () => { if (await remove([job])) go(null); }) });
    const video = button({ label: say("aloud.video"), icon: "screen", id: "rt-aloud-video", onclick: trying(() => intoVideo(job, this.following.known)) });
    fill(this.bar, this.player.element, job.status === "succeeded" && job.request.in_time && video, job.status === "succeeded" && load, ended(job) && bin);
  }

  #drawState() {
    const job = this.#job, retry = trying(async () => { this.#take(await api.act(job.id, "retry")); stream.wake(); });
    const doubts = (this.following.known?.sentences || []).filter((one) => one.doubt).length;
    this.stage.tell(...progressOf(job, this.#pace, this.following.known));
    const drawn = JSON.stringify([job.id, job.status, job.can_retry, job.error, job.notes, doubts > 0]);
    if (drawn === this.#stateDrawn) return;
    this.#stateDrawn = drawn;
    fill(this.state, this.stage.element,
      job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)),
      !ended(job) && button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) }),
      ended(job) && job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: retry }), notesOf(job),
      doubts > 0 && h("label.rt-check", {}, h("input", { type: "checkbox", id: "rt-aloud-doubts", checked: this.#doubtful, onchange: (event) => { this.#doubtful = event.target.checked; this.#told(this.following.known); } }), h("span", say("aloud.doubts.only"))));
  }

  #drawList(known) {
    const done = ended(this.#job), told = known.sentences.map((one) => JSON.stringify([one, done]));
    // Of ten thousand sentences one is new at a time: only rows that changed are made again.
    if (told.length === this.#states.length && !this.#doubtful && this.#whole) {
      told.forEach((one, place) => {
        if (one === this.#states[place]) return;
        const row = this.#row(known.sentences[place], place);
        this.#rows[place].replaceWith(row);
        this.#rows[place] = row;
      });
    } else {
      this.#rows = known.sentences.map((one, place) => this.#row(one, place));
      fill(this.list, this.#rows.filter((row, place) => !this.#doubtful || known.sentences[place].doubt));
    }
    this.#states = told;
    this.#whole = !this.#doubtful;
    if (this.player.playing) this.#heard(this.player.number);
  }

  #row(one, place) {
    const spoken = one.end !== undefined, done = ended(this.#job);
    const edit = button({ icon: "edit", title: say("aloud.edit"), kind: "quiet", onclick: trying(() => this.#edit(one)) });
    const again = button({ icon: "again", title: say("aloud.again"), kind: "quiet", onclick: trying(() => this.#again(one)) });
    return h(`li.rt-sentence${spoken ? "" : ".waits"}${one.doubt ? ".doubt" : ""}`, { data: { number: one.number } },
      h("button.rt-sentence-play", { type: "button", disabled: !spoken, "aria-label": say("aloud.hear", { n: place + 1 }), onclick: () => this.player.hear(place) }, h("span.rt-line-time", spoken ? clock(one.start) : "·")),
      h("div.rt-sentence-words", {}, h("p", one.text),
        one.failed && h("small", say("aloud.failed")),
        one.doubt && h("small", {}, h("b", say(`aloud.doubt.${one.doubt}`)), one.heard ? say("aloud.heard", { text: one.heard }) : "")),
      done && h("div.rt-sentence-tools", {}, edit, again));
  }

  async #edit(one) {
    const text = await dialog(say("aloud.edit"), (close) => {
      const field = h("textarea.rt-input", { rows: 4, value: one.text, maxLength: 2000, "aria-label": say("aloud.edit") });
      return h("form.rt-ask", { onsubmit: (event) => { event.preventDefault(); close(field.value.trim()); } }, field, h("p.rt-hint", say("aloud.edit.hint")),
        h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("aloud.again"))));
    });
    if (text) await this.#again(one, text);
  }

  async #again(one, text = undefined) {
    this.player.stop();
    this.#take(await aloudApi.again(this.#job.id, one.number, text));
    stream.wake();
  }

  #heard(number) {
    this.list.querySelector(".rt-sentence.now")?.classList.remove("now");
    if (number === null) return;
    const row = this.#rows[number];
    row?.classList.add("now");
    const box = row?.getBoundingClientRect();
    if (box && box.height && (box.top < 0 || box.bottom > innerHeight)) row.scrollIntoView({ block: "center", behavior: "smooth" });
  }
}
