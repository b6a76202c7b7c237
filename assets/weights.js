// What is lacking of a model that was chosen: how large it is, a button that brings or checks it, how far that is, and why not.
import { api } from "./api.js";
import { button, fill, h } from "./dom.js";
import { say, size } from "./texts.js";
import { trying } from "./toast.js";

const LOOK_MS = 1000;

export class Weights {
  #told = null;
  #from = "";
  #model = null;
  #timer = null;
  #coming = false;

  /** `id` is that of the button; `came()` is called once a model that was fetched is here. */
  constructor(id, came) {
    this.id = id;
    this.came = came;
    this.element = h("div.rt-sound-weights", { hidden: true });
  }

  /** Shows a model that lacks, by `{model, title, download_bytes, unchecked}` and a sentence; nothing without one. */
  show(told, from = "") {
    const other = told?.model !== this.#told?.model;
    this.#told = told || null;
    this.#from = from;
    if (other) {
      this.#model = null;
      this.#coming = false;
    }
    clearTimeout(this.#timer);
    if (told) this.#look();
    this.#draw();
  }

  /** Follows a fetch to its end, also one that began before this page was opened. */
  #look = async () => {
    const { model: name } = this.#told, models = await api.models().catch(() => null);
    if (name !== this.#told?.model) return;
    const model = models?.find((one) => one.name === name) || null;
    if (model) this.#model = model;
    if (!models || model?.fetching) {
      this.#coming ||= Boolean(model);
      this.#timer = setTimeout(this.#look, LOOK_MS);
    } else if (this.#coming) {
      this.#coming = false;
      this.came();
    }
    this.#draw();
  };

  #draw() {
    const told = this.#told;
    this.element.hidden = !told;
    if (!told) return;
    const { fetching, error } = this.#model || {}, coming = this.#coming || Boolean(fetching);
    const words = told.unchecked ? say("weights.unchecked", { model: told.title, size: size(told.download_bytes) }) : this.#from;
    const label = error ? say("action.retry") : told.unchecked ? say("weights.check") : say("sound.fetch", { size: size(told.download_bytes) });
    const press = button({ label, icon: error ? "again" : told.unchecked ? "check" : "download", kind: "strong", id: this.id });
    press.onclick = trying(async () => {
      const { models } = await api.fetchModel(told.model);
      clearTimeout(this.#timer);
      this.#coming = true;
      this.#model = models.find((one) => one.name === told.model) || null;
      this.#draw();
      this.#timer = setTimeout(this.#look, LOOK_MS);
    });
    fill(this.element, h("p", words), !coming && error && h("div.rt-card-error", { role: "alert" }, h("strong", error.message), error.hint && h("span", error.hint)),
      coming ? this.#bar(fetching) : press);
  }

  #bar(fetching) {
    const share = fetching?.progress ?? null, percent = Math.round((share || 0) * 100);
    const bar = h(`div.rt-bar${share === null ? ".unknown" : ""}`, { role: "progressbar", "aria-label": this.#told.title, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": percent });
    bar.style.setProperty("--share", share || 0);
    const checking = fetching?.step === "checking";
    const doing = share === null ? say("weights.coming") : say(checking ? "weights.checking" : "weights.fetching", { percent });
    return h("div.rt-weights-coming", {}, bar, h("span.rt-hint", doing));
  }
}
