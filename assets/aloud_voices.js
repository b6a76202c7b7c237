// The voices: each with a button that lets it say a sentence in the reader's language.
import { aloudApi } from "./aloud_api.js";
import { makeButton, ownMenu } from "./aloud_own.js";
import { button, fill, h, icon } from "./dom.js";
import { has, say } from "./texts.js";
import { isOpen, termsOf } from "./terms.js";
import { complain } from "./toast.js";

const BIG = "qwen3-tts", OWN = "qwen3-tts-base", INDEX = "indextts";
const idOf = (name) => name.replace(/-index$/, "");
const labels = new Map();

export const voiceName = (name) => (has(`aloud.voice.${name}`) ? say(`aloud.voice.${name}`) : labels.get(name) || (name.startsWith("own-") ? say("aloud.own.gone") : name));

const ORDER = { zh: ["zh", "en-us", "en-gb"], en: ["en-us", "en-gb", "zh"] };

export class Voices {
  #voices = [];
  #heard = null;

  /** `changed(name)` is called when another voice is chosen; an empty name goes by the language of the text. `again()` when the voices are others. */
  constructor(chosen, changed, again) {
    this.chosen = chosen;
    this.changed = changed;
    this.again = again;
    this.sound = new Audio();
    this.sound.onended = this.sound.onpause = () => this.#silent();
    this.element = h("div.rt-readers", { role: "radiogroup", "aria-label": say("aloud.voice") });
  }

  get one() { return this.#voices.find((voice) => voice.name === this.chosen); }

  get all() { return this.#voices; }

  take(voices, speakers = []) {
    this.#voices = voices;
    this.speakers = new Map(speakers.map((one) => [one.model, one]));
    for (const voice of voices) if (voice.label) labels.set(voice.name, voice.label);
    if (this.chosen && !this.one) this.chosen = "";
    this.#draw();
  }

  #draw() {
    const order = ORDER[roomtone.language === "zh" ? "zh" : "en"];
    const small = this.#voices.filter((voice) => ![BIG, OWN, INDEX].includes(voice.model));
    const groups = order.map((language) => [language, small.filter((voice) => voice.language === language)]).filter(([, voices]) => voices.length);
    const auto = this.#row({ name: "", label: say("aloud.voice.auto"), hint: say("aloud.voice.auto.hint") });
    fill(this.element, auto, groups.map(([language, voices]) => h("details.rt-reader-group", { id: `rt-readers-${language}`, open: this.element.querySelector(`#rt-readers-${language}`)?.open ?? (language === order[0] || voices.some((voice) => voice.name === this.chosen)) },
      h("summary", say(`aloud.language.${language}`), h("small", String(voices.length))),
      voices.map((voice) => this.#row({ name: voice.name, label: voiceName(voice.name), hint: [say(`aloud.sex.${voice.sex}`), voice.model === "hibari" && say("aloud.voice.quick")].filter(Boolean).join(" · "), voice })))),
    this.#big(), this.#own());
  }

  // Those of the larger model: they want a graphics card, and a pack of their own.
  #big() {
    const voices = this.#voices.filter((voice) => voice.model === BIG);
    if (!voices.length) return null;
    const rows = voices.map((voice) => this.#row({ name: voice.name, label: voiceName(voice.name), hint: [say(`aloud.sex.${voice.sex}`), say(`aloud.speaks.${voice.name}`)].join(" · "), voice }));
    return this.#group("big", voices, say("aloud.big"), voices.length, [h("p.rt-hint", say("aloud.big.hint")), voices[0].pack && h("rt-pack", { pack: voices[0].pack }), rows]);
  }

  #own() {
    const base = this.speakers.get(OWN), other = this.speakers.get(INDEX);
    if (!base) return null;
    // One row for each model that can speak with it now; where none can, one row all the same.
    const shown = [!base.pack && OWN, other && !other.pack && INDEX].filter(Boolean);
    const voices = this.#voices.filter((voice) => (shown.length ? shown : [OWN]).includes(voice.model)).sort((a, b) => (idOf(a.name) < idOf(b.name) ? -1 : 1));
    const rows = voices.map((voice) => {
      const more = button({ icon: "more", title: say("voices.more", { name: voice.label }), kind: "quiet", "aria-haspopup": "menu" });
      more.onclick = (event) => { event.preventDefault(); ownMenu(more, idOf(voice.name), this.again); };
      return this.#row({ name: voice.name, label: voice.label, hint: shown.length > 1 ? voice.title : say("aloud.own.hint"), voice, more, sound: aloudApi.ownSound(idOf(voice.name)) });
    });
    const made = (id) => { this.chosen = base.pack && other && !other.pack ? `${id}-index` : id; this.changed(this.chosen); this.again(); };
    return this.#group("own", voices, say("aloud.own"), voices.length, [h("p.rt-hint", say("aloud.own.about")), base.pack && h("rt-pack", { pack: base.pack }), other && this.#index(other), rows, makeButton(made)]);
  }

  // The other model for such voices: what it needs, and on what conditions it may be used.
  #index(other) {
    const open = this.element.querySelector("#rt-readers-index")?.open;
    return h("details.rt-reader-more", { id: "rt-readers-index", open }, h("summary", say("aloud.index")),
      h("p.rt-hint", say("aloud.index.hint")), termsOf(INDEX, other.terms, this.again),
      other.pack && !isOpen(other.terms) && h("rt-pack", { pack: other.pack }));
  }

  #group(name, voices, title, n, inside) {
    const open = this.element.querySelector(`.rt-reader-group.${name}`)?.open || voices.some((voice) => voice.name === this.chosen);
    return h(`details.rt-reader-group.${name}`, { open, id: `rt-readers-${name}` }, h("summary", title, n > 0 && h("small", String(n))), inside);
  }

  #row({ name, label, hint, voice, more = null, sound = null }) {
    const on = this.chosen === name;
    const input = h("input", { type: "radio", name: "rt-aloud-voice", value: name, checked: on, onchange: () => { this.chosen = name; this.#mark(); this.changed(name); } });
    const listen = voice && button({ icon: "play", title: say("aloud.listen", { name: label }), kind: "quiet", id: `rt-reader-${name}`, disabled: Boolean(voice.pack && !sound) });
    if (listen) listen.onclick = (event) => { event.preventDefault(); this.#hear(name, listen, sound); };
    return h(`label.rt-reader${on ? ".on" : ""}`, { data: { name } }, input, h("span.rt-reader-name", {}, h("strong", label), h("small", hint)), listen, more);
  }

  #mark() { for (const row of this.element.querySelectorAll(".rt-reader")) row.classList.toggle("on", row.dataset.name === this.chosen); }

  #hear(name, listen, sound) {
    if (this.#heard === listen) { this.sound.pause(); return; }
    this.#silent();
    this.#heard = listen;
    listen.classList.add("waits");
    this.sound.src = sound || aloudApi.sampleOf(name);
    this.sound.onplaying = () => { listen.classList.remove("waits"); fill(listen, icon("stop")); };
    this.sound.play().catch((error) => { this.#silent(); if (error.name !== "AbortError") this.#why(name); });
  }

  // A sound that does not come says nothing of the reason: it is asked for once more, as data.
  async #why(name) {
    const answer = await fetch(aloudApi.sampleOf(name), { headers: { "X-Roomtone": "1", "X-Roomtone-Language": roomtone.language } }).catch(() => null);
    if (!answer || answer.ok) return;
    const told = await answer.json().catch(() => ({}));
    complain({ message: told.error?.message || "", hint: told.error?.hint || "", status: answer.status });
  }

  #silent() {
    const listen = this.#heard;
    this.#heard = null;
    if (!listen) return;
    listen.classList.remove("waits");
    fill(listen, icon("play"));
  }
}
