// Before a live session: where the sound comes from, whether it can be heard, and how it is to be written.
import { button, fill, h, icon } from "./dom.js";
import { mayListen, mayShare, microphones } from "./live_capture.js";
import { lastSettings, settingsFields } from "./live_settings.js";
import { Trial } from "./live_trial.js";
import { say } from "./texts.js";

const KEPT = "roomtone.live.source", SOURCES = { mic: "mic", screen: "screen", both: "both" };

/** Shows why there is no sound and what to do; `more` are buttons. */
export const troubleOf = (key, ...more) => h("div.rt-live-trouble", { role: "alert" }, icon("warn"),
  h("div", {}, h("strong", say(`live.no.${key}`)), h("p", say(`live.no.${key}.hint`)), more.length > 0 && h("div.rt-row", {}, more)));

/** The panel; `begin({source, device, settings, title})` is called by its large button. */
export class Ready {
  #test = null;

  constructor(begin) {
    const chosen = JSON.parse(roomtone.kept.get(KEPT) || "{}");
    this.begin = begin;
    this.source = mayShare() && chosen.source in SOURCES ? chosen.source : "mic";
    this.device = chosen.device || "";
    this.trouble = h("div.rt-live-troubles");
    this.mics = h("select.rt-input", { id: "rt-live-mic", "aria-label": say("live.mic"), onchange: () => { this.device = this.mics.value; this.#keep(); if (this.#test) this.#listen(); } });
    this.testing = h("div.rt-live-test");
    this.start = button({ icon: "mic", label: say("live.start"), kind: "primary", id: "rt-live-start", onclick: () => this.#go() });
    this.fields = settingsFields(lastSettings());
    this.title = h("input.rt-input", { id: "rt-live-title", maxLength: 200, placeholder: say("live.title.example") });
    this.element = h("div.rt-live-ready", {}, this.#main(), this.#side());
    this.#fit();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#list());
  }

  #main() {
    const pick = (name, mark) => h("label.rt-live-source", {}, h("input", { type: "radio", name: "rt-live-source", value: name, checked: name === this.source, onchange: () => { this.source = name; this.#keep(); this.#fit(); } }), icon(mark), h("span", say(`live.source.${name}`)));
    this.sources = h("div.rt-live-sources", { role: "radiogroup", "aria-label": say("live.source"), hidden: !mayShare() }, pick("mic", "mic"), pick("screen", "screen"), pick("both", "both"));
    this.shareNote = h("p.rt-hint", say("live.source.hint"));
    this.micRow = h("div.rt-live-mic", {}, h("label.rt-field", {}, h("span", say("live.mic")), this.mics), this.testing);
    return h("section.rt-live-main", {}, h("div.rt-drop-mark", {}, icon("mic")), h("h1", say("live.heading")), h("p", say("live.about")),
      this.trouble, this.sources, this.shareNote, this.micRow, this.start,
      h("p.rt-drop-note", {}, icon("lock"), say("drop.private")));
  }

  #side() {
    return h("aside.rt-live-side", {}, h("label.rt-field", {}, h("span", say("live.title")), this.title), this.fields.element);
  }

  /** Shows why it did not begin. */
  complain(key, ...more) {
    fill(this.trouble, troubleOf(key, ...more));
    this.busy(false);
  }

  /** Shows a sentence that the server chose. */
  refuse(message, hint) {
    fill(this.trouble, h("div.rt-live-trouble", { role: "alert" }, icon("warn"), h("div", {}, h("strong", message), hint && h("p", hint))));
    this.busy(false);
  }

  busy(on) { this.start.disabled = on; }

  /** Looks at what there is, whenever the panel comes into sight. */
  async look() {
    fill(this.trouble);
    this.busy(false);
    if (!mayListen()) {
      this.complain("unsafe", h("a.rt-button.strong", { href: "connect" }, icon("open"), say("live.no.unsafe.open")));
      this.start.hidden = true;
      this.micRow.hidden = this.sources.hidden = this.shareNote.hidden = true;
      return;
    }
    await this.#list();
  }

  async #list() {
    const all = await microphones().catch(() => []);
    const named = all.filter((one) => one.label && !["default", "communications"].includes(one.id));
    if (!named.some((one) => one.id === this.device)) this.device = "";
    fill(this.mics, h("option", { value: "" }, say("live.mic.usual")), named.map((one) => h("option", { value: one.id, selected: one.id === this.device }, one.label)));
    this.mics.value = this.device;
  }

  #fit() {
    this.micRow.hidden = this.source === "screen";
    this.shareNote.hidden = this.source === "mic";
    this.#quiet();
  }

  #keep() { roomtone.kept.set(KEPT, JSON.stringify({ source: this.source, device: this.device })); }

  #quiet() {
    this.#test?.close();
    this.#test = null;
    fill(this.testing, button({ icon: "wave", label: say("live.test"), id: "rt-live-try", onclick: () => this.#listen() }));
  }

  async #listen() {
    this.#test?.close();
    fill(this.trouble);
    const test = new Trial(() => this.fields.settings());
    this.#test = test;
    try {
      await test.open(this.device, () => this.#quiet());
      fill(this.testing, test.level.bar, test.level.words, test.line, button({ label: say("live.test.end"), kind: "text", onclick: () => this.#quiet() }));
      this.#list();
    } catch (error) {
      if (error.key === "stopped") return;
      this.#quiet();
      if (!error.key) throw error;
      this.complain(error.key);
    }
  }

  #go() {
    this.busy(true);
    fill(this.trouble);
    this.#quiet();
    this.begin({ source: this.source, device: this.device, settings: this.fields.settings(), title: this.title.value.trim() });
  }

  /** Stops listening when the panel goes away. */
  leave() { this.#quiet(); }
}
