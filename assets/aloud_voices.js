// The voices: each with a button that lets it say a sentence in the reader's language.
import { aloudApi } from "./aloud_api.js";
import { button, fill, h, icon } from "./dom.js";
import { has, say } from "./texts.js";
import { complain } from "./toast.js";

export const voiceName = (name) => (has(`aloud.voice.${name}`) ? say(`aloud.voice.${name}`) : name);

const ORDER = { zh: ["zh", "en-us", "en-gb"], en: ["en-us", "en-gb", "zh"] };

export class Voices {
  #voices = [];
  #heard = null;

  /** `changed(name)` is called when another voice is chosen; an empty name goes by the language of the text. */
  constructor(chosen, changed) {
    this.chosen = chosen;
    this.changed = changed;
    this.sound = new Audio();
    this.sound.onended = this.sound.onpause = () => this.#silent();
    this.element = h("div.rt-readers", { role: "radiogroup", "aria-label": say("aloud.voice") });
  }

  get one() { return this.#voices.find((voice) => voice.name === this.chosen); }

  get all() { return this.#voices; }

  take(voices) {
    this.#voices = voices;
    if (this.chosen && !this.one) this.chosen = "";
    this.#draw();
  }

  #draw() {
    const order = ORDER[roomtone.language === "zh" ? "zh" : "en"];
    const groups = order.map((language) => [language, this.#voices.filter((voice) => voice.language === language)]).filter(([, voices]) => voices.length);
    const auto = this.#row({ name: "", label: say("aloud.voice.auto"), hint: say("aloud.voice.auto.hint") });
    fill(this.element, auto, groups.map(([language, voices]) => h("details.rt-reader-group", { open: language === order[0] || voices.some((voice) => voice.name === this.chosen) },
      h("summary", say(`aloud.language.${language}`), h("small", String(voices.length))),
      voices.map((voice) => this.#row({ name: voice.name, label: voiceName(voice.name), hint: [say(`aloud.sex.${voice.sex}`), voice.model === "hibari" && say("aloud.voice.quick")].filter(Boolean).join(" · "), voice })))));
  }

  #row({ name, label, hint, voice }) {
    const on = this.chosen === name;
    const input = h("input", { type: "radio", name: "rt-aloud-voice", value: name, checked: on, onchange: () => { this.chosen = name; this.#draw(); this.changed(name); } });
    const listen = voice && button({ icon: "play", title: say("aloud.listen", { name: label }), kind: "quiet", id: `rt-reader-${name}`, disabled: Boolean(voice.pack) });
    if (listen) listen.onclick = (event) => { event.preventDefault(); this.#hear(name, listen); };
    return h(`label.rt-reader${on ? ".on" : ""}`, {}, input, h("span.rt-reader-name", {}, h("strong", label), h("small", hint)), listen);
  }

  #hear(name, listen) {
    if (this.#heard === listen) { this.sound.pause(); return; }
    this.#silent();
    this.#heard = listen;
    listen.classList.add("waits");
    this.sound.src = aloudApi.sampleOf(name);
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
