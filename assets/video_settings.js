// How a video is made sharper: what kind it is, how large, which part, and how it is packed.
import { choice } from "./again.js";
import { fill, h } from "./dom.js";
import { say, size } from "./texts.js";
import { Weights } from "./weights.js";
import "./packs.js";

const KEPT = "roomtone.video";
const SOURCES = ["clean", "compressed", "blurred", "quick"];
const SCALES = [2, 4];
const CODECS = ["h264", "h265", "av1"];
const QUALITIES = ["small", "good", "best"];

export class VideoSettings {
  #choices = [];
  #chosen = { source: "clean", scale: 4, codec: "h264", quality: "good" };

  /** `changed()` is called when something else was chosen, `ask()` to be given the choices as they are now. */
  constructor(changed, ask) {
    this.changed = changed;
    try { Object.assign(this.#chosen, JSON.parse(roomtone.kept.get(KEPT) || "{}")); } catch { /* the usual */ }
    this.ways = h("div.rt-ways", { role: "radiogroup", "aria-label": say("video.source") });
    this.lacking = h("div.rt-sound-lacking");
    this.weights = new Weights("rt-video-fetch", ask);
    this.scales = h("div.rt-sides", { role: "radiogroup", "aria-label": say("video.scale") });
    this.element = h("aside.rt-panel.rt-sound-settings", {}, h("h2", say("video.source")), this.ways, this.lacking, this.weights.element, this.#drawer());
    this.#draw();
  }

  /** Whether what is chosen can be done on this machine now. */
  get possible() {
    const told = this.#told(this.#chosen.source);
    return Boolean(told && told.can_run && !told.pack);
  }

  /** Whether the weights of what is chosen are not here yet. */
  get lacks() { return this.#told(this.#chosen.source)?.installed === false; }

  take(choices) {
    this.#choices = choices;
    this.#draw();
    this.changed();
  }

  request() {
    const { source, scale, codec, quality } = this.#chosen;
    return { source, scale: Number(scale), codec, quality };
  }

  #told(source) { return this.#choices.find((one) => one.source === source); }

  #set(change) {
    Object.assign(this.#chosen, change);
    roomtone.kept.set(KEPT, JSON.stringify(this.#chosen));
    this.#draw();
    this.changed();
  }

  #draw() {
    fill(this.ways, SOURCES.map((source) => this.#way(source)));
    fill(this.scales, SCALES.map((scale) => {
      const on = Number(this.#chosen.scale) === scale;
      return h(`button.rt-side${on ? ".on" : ""}`, { type: "button", role: "radio", id: `rt-video-x${scale}`, "aria-checked": String(on), onclick: () => this.#set({ scale }) }, say("video.times", { n: scale }));
    }));
    const told = this.#told(this.#chosen.source);
    fill(this.lacking, told?.pack && h("rt-pack", { pack: told.pack }));
    const lacks = told && !told.pack && told.can_run && !told.installed;
    this.weights.show(lacks && told, lacks && say("video.weights", { model: told.title, size: size(told.download_bytes) }));
  }

  #way(source) {
    const on = this.#chosen.source === source;
    const input = h("input", { type: "radio", name: "rt-video-source", value: source, checked: on, onchange: () => this.#set({ source }) });
    return h(`label.rt-way${on ? ".on" : ""}`, {}, input, h("strong", say(`video.source.${source}`)), h("span", say(`video.source.${source}.hint`)));
  }

  #drawer() {
    const quality = choice("rt-video-quality", say("video.quality"), QUALITIES.map((one) => [one, say(`video.quality.${one}`)]), this.#chosen.quality);
    const codec = choice("rt-video-codec", say("video.codec"), CODECS.map((one) => [one, say(`video.codec.${one}`)]), this.#chosen.codec);
    quality.querySelector("select").onchange = (event) => this.#set({ quality: event.target.value });
    codec.querySelector("select").onchange = (event) => this.#set({ codec: event.target.value });
    return h("div.rt-sound-more", {}, h("div.rt-video-scale", {}, h("span.rt-field-name", say("video.scale")), this.scales), quality, codec);
  }
}
