// Where a voice comes from: a recording that is sent, a speaker of a transcript, or a known voice.
import { api, send, stream } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { isMedia } from "./dropped.js";
import { canRecord, record } from "./recorder.js";
import { moment, say } from "./texts.js";
import { complain, dialog, menu, toast, trying } from "./toast.js";
import { voicesApi } from "./voices_api.js";

const WORDS = { fetching_model: "voices.fetching", cleaning: "stage.cleaning" };
const ACCEPT = "audio/*,video/*,.m4a,.opus,.amr,.flac,.ogg,.oga,.wma,.aac,.mka,.mkv,.webm,.mov,.3gp";

/** Seconds of speech as a person reads them. */
export const seconds = (n) => say("voices.seconds", { n: n < 10 ? Number(n.toFixed(1)) : Math.round(n) });

/** Who speaks, as a choice. */
export const speakerName = (one) => one.name || say("speaker.unnamed", { number: one.key });

let playing = null;

/** Plays a stretch of a sound once; what played before stops. `mark(on)` says whether it plays. */
export function hear(source, [start, end], mark) {
  const before = playing;
  before?.stop();
  if (before?.source === source && before.start === start) return;
  const audio = new Audio(source);
  const stop = () => { if (playing === me) playing = null; audio.pause(); mark(false); };
  const me = { source, start, stop };
  playing = me;
  audio.ontimeupdate = () => { if (end !== null && audio.currentTime >= end) stop(); };
  audio.onended = stop;
  audio.onerror = () => { stop(); toast(say("voices.gone"), { kind: "bad" }); };
  audio.onloadedmetadata = () => { if (start) audio.currentTime = start; audio.play().catch(stop); };
  mark(true);
}

/** A button that plays a stretch. */
export function hearButton(source, stretch, name) {
  const made = button({ icon: "play", title: say("voices.hear", { name }), kind: "quiet" });
  made.onclick = () => hear(source, stretch, (on) => {
    made.querySelector("use").setAttribute("href", `#rt-icon-${on ? "stop" : "play"}`);
    made.setAttribute("aria-label", on ? say("voices.silence") : say("voices.hear", { name }));
  });
  return made;
}

/** One voice to be chosen. `kinds` says what may be offered: "file", "speaker", "voice"; `alone` takes no file in which others speak, too. */
export class Source {
  constructor({ kinds, changed, known = () => [], label, alone = false }) {
    Object.assign(this, { kinds, known, label, alone });
    this.changed = () => { this.#mark(); changed(); };
    this.element = h("div.rt-vsource", { role: "group", "aria-label": label });
    this.picker = h("input", { type: "file", accept: ACCEPT, hidden: true, tabIndex: -1, "aria-label": say("voices.file") });
    this.picker.onchange = () => { if (this.picker.files[0]) this.take(this.picker.files[0]); this.picker.value = ""; };
    this.element.addEventListener("drop", (event) => {
      // Several go to this one and its neighbours, which the page sees to; so do folders.
      const { files = [] } = event.dataTransfer || {};
      if (files.length !== 1 || !isMedia(files[0]) || !this.kinds.includes("file")) return;
      event.preventDefault();
      this.take(files[0]);
    });
    if (this.kinds.includes("file")) this.element.addEventListener("roomtone:take", (event) => this.take(event.detail));
    // Kept while another recording is chosen in place of this one.
    this.clean = h("input", { type: "checkbox" });
    this.cleaning = h("label.rt-check", { title: say("voices.clean.hint") }, this.clean, h("span", say("voices.clean")));
    this.#offer();
  }

  /** What the server is told, null while nothing is chosen. */
  get ref() { return this.refused ? null : this.voice ? { voice: this.voice.id } : this.told && this.key ? { job: this.told.job, key: this.key } : null; }

  /** Gives it another name. */
  called(label) {
    this.label = label;
    this.element.setAttribute("aria-label", label);
  }

  get refused() { return Boolean(this.alone && this.told?.clip && this.told.several); }

  get busy() { return Boolean(this.working); }

  // What is chosen or on its way gives way only where nothing is free.
  #mark() { if (this.kinds.includes("file")) this.element.dataset.takes = this.told || this.voice || this.working ? "held" : "free"; }

  get title() { return this.voice?.name || this.told?.title || ""; }

  clear() {
    this.#offer();
    this.changed();
  }

  // Whoever makes one hears of no change before it is there.
  #offer() {
    this.working?.();
    Object.assign(this, { told: null, voice: null, key: null, working: null });
    const offered = {
      file: () => button({ icon: "folder", label: say("voices.file"), kind: "strong", onclick: () => this.picker.click() }),
      mic: () => button({ icon: "mic", label: say("voices.record"), onclick: trying(() => this.#record()) }),
      speaker: () => button({ icon: "text", label: say("voices.speaker"), onclick: trying(() => this.#chooseSpeaker()) }),
      voice: () => { const made = button({ icon: "wave", label: say("voices.known"), "aria-haspopup": "menu", disabled: !this.known().length }); made.onclick = () => this.#chooseVoice(made); return made; },
    };
    const kinds = this.kinds.flatMap((kind) => (kind === "file" && canRecord() ? ["file", "mic"] : [kind]));
    fill(this.element, h("strong.rt-vsource-name", this.label), h("div.rt-vsource-ways", {}, kinds.map((kind) => offered[kind]())), kinds.includes("file") && this.cleaning, this.picker);
    this.#mark();
  }

  async take(file) {
    this.working?.();
    let over = false, sending = null, unfollow = null;
    this.working = () => { over = true; sending?.stop(); unfollow?.(); };
    this.voice = this.told = this.key = null;
    const bar = h("div.rt-bar", { role: "progressbar", "aria-label": say("voices.hearing") });
    const words = h("span", say("voices.sending"));
    fill(this.element, h("strong.rt-vsource-name", file.name), h("div.rt-vsource-wait", {}, words, button({ icon: "close", title: say("action.cancel"), kind: "quiet", onclick: () => this.clear() })), bar);
    const share = (value) => { bar.style.setProperty("--share", value ?? 0); bar.classList.toggle("unknown", value === null); };
    this.changed();
    try {
      sending = send(file, file.name, share);
      const upload = await sending.promise;
      if (over) return;
      words.textContent = say("voices.hearing");
      share(null);
      const job = await voicesApi.take(upload.id, this.clean.checked ? "denoise" : null);
      const ended = await new Promise((resolve) => {
        const look = (news) => { if (["succeeded", "failed", "cancelled"].includes(news.status)) resolve(news); else words.textContent = say(WORDS[news.stage] || "voices.hearing"); };
        unfollow = stream.follow(job, look);
        api.job(job).then(look, () => {});
      });
      unfollow();
      if (over) return;
      this.working = null;
      if (ended.status !== "succeeded") { this.clear(); toast(ended.error?.message || say("voices.unheard"), { hint: ended.error?.hint, kind: "bad" }); return; }
      this.show(await voicesApi.clip(job));
    } catch (error) {
      if (over) return;
      this.working = null;
      this.clear();
      complain(error);
    }
  }

  /** Takes a speaker of a recording; `told` is what the server says of its people. */
  show(told, key = told.people[0]?.key) {
    if (!told.people.length) { this.clear(); toast(say("voices.unheard"), { kind: "bad" }); return; }
    Object.assign(this, { told, key, voice: null });
    this.#drawPerson();
    this.changed();
  }

  #drawPerson() {
    const { told } = this, one = told.people.find((other) => other.key === this.key);
    const who = told.people.length > 1 && !this.refused && h("select.rt-input", { "aria-label": say("voices.who"), onchange: (event) => { this.key = event.target.value; this.#drawPerson(); this.changed(); } },
      told.people.map((other) => h("option", { value: other.key, selected: other.key === this.key }, `${speakerName(other)} · ${seconds(other.speech_s)}`)));
    fill(this.element, h("strong.rt-vsource-name", told.title), this.#away(),
      h("div.rt-vsource-told", {}, one.sample && hearButton(api.soundOf(told.job), one.sample, told.title), who || h("span", say("voices.speech", { time: seconds(one.speech_s) }))),
      told.cleaned && h("p.rt-note", {}, icon("info"), say("voices.cleaned")),
      this.refused ? h("div.rt-card-error", { role: "alert" }, h("strong", say("voices.not_alone")), h("span", say("voices.not_alone.hint")))
        : told.clip && told.several && h("p.rt-note", {}, icon("warn"), say("voices.several")));
  }

  #away() { return button({ icon: "close", title: say("voices.other"), kind: "quiet", onclick: () => this.clear() }); }

  #chooseVoice(anchor) {
    menu(anchor, this.known().map((voice) => ({ label: voice.name, hint: seconds(voice.speech_s), run: () => {
      Object.assign(this, { voice, told: null, key: null });
      fill(this.element, h("strong.rt-vsource-name", voice.name), this.#away(), h("div.rt-vsource-told", {}, voice.sample_s && hearButton(voicesApi.sampleOf(voice.id), [0, null], voice.name), h("span", say("voices.known.one", { time: seconds(voice.speech_s) }))));
      this.changed();
    } })));
  }

  async #record() {
    const file = await record();
    if (file) this.take(file);
  }

  async #chooseSpeaker() {
    const spoken = await voicesApi.recordings();
    const chosen = await dialog(say("voices.speaker"), (close) => (spoken.length
      ? h("ul.rt-vjobs", {}, spoken.map((job) => h("li", {}, h("button", { type: "button", onclick: () => close(job) }, h("strong", job.title), h("span", moment(job.created_at))))))
      : h("p", say("voices.speaker.none"))), "small");
    if (chosen) this.show(await voicesApi.clip(chosen.job));
  }
}
