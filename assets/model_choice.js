// <rt-model-choice>: one certain model in place of what a quality means here, for those who know which they want.
import { api } from "./api.js";
import { fill, h } from "./dom.js";
import { say } from "./texts.js";

/** Returns what can be chosen beside the qualities, as [value, words]: the models on this machine that write down speech. */
export async function chosenByName() {
  const models = await api.models().catch(() => []);
  return models.filter((one) => one.task === "automatic-speech-recognition" && one.installed)
    .map((one) => [one.name, one.english_only ? `${one.title} · ${say("system.english")}` : one.title]);
}

class ModelChoice extends HTMLElement {
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.select = h("select.rt-input", { id: "rt-model", onchange: () => roomtone.form.take(["model"], [this.select.value]) });
    // What was fetched meanwhile is there as soon as somebody looks.
    this.select.addEventListener("focus", () => this.#look());
    this.append(h("label.rt-field", {}, h("span", say("form.model")), this.select, h("span.rt-hint", say("form.model.info"))));
    this.#look();
  }

  async #look() {
    const models = await chosenByName(), chosen = this.#chosen;
    // A model that is no longer here is fetched again when it is asked for.
    if (chosen && !models.some(([name]) => name === chosen)) models.push([chosen, chosen]);
    const told = JSON.stringify(models);
    if (told !== this.told) fill(this.select, h("option", { value: "" }, say("form.model.quality")), models.map(([name, title]) => h("option", { value: name }, title)));
    this.told = told;
    this.show();
  }

  get #chosen() { return roomtone.form.values.model || ""; }

  /** Shows what is chosen. */
  show() { if (this.select && this.told) this.select.value = this.#chosen; }
}

customElements.define("rt-model-choice", ModelChoice);
