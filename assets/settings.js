// Dresses Gradio's fields: the model's name beside each quality, and what does not apply is put away.
import { api } from "./api.js";
import "./model_choice.js";
import { packs } from "./packs.js";
import "./sound_first.js";
import "./speakers_ask.js";
import { say } from "./texts.js";

const CHINESE = ["auto", "zh", "yue"];

function fit(values) {
  const languages = values.languages || ["auto"];
  const chinese = values.output !== "english" && languages.some((code) => CHINESE.includes(code));
  shown("rt-script", chinese);
  fitModel(values);
  fitSpeakers(values);
  fitClean(values);
}

let quality = null;

/** A model chosen by name stands in for the quality, until another quality is chosen. */
function fitModel(values) {
  const other = quality !== null && values.quality !== quality;
  quality = values.quality ?? quality;
  if (other && values.model) { roomtone.form.take(["model"], [""]); return; }
  document.getElementById("rt-quality")?.classList.toggle("rt-overruled", Boolean(values.model));
  document.querySelector("rt-model-choice")?.show?.();
}

const shown = (id, on) => document.getElementById(id)?.classList.toggle("rt-away", !on);

function fitSpeakers(values) {
  const on = Boolean(values["speakers.on"]), count = values["speakers.count"], can = on && (!roomtone.form.lacks.speakers || count === "channels");
  if (on && roomtone.form.lacks.speakers === undefined) packs.look();
  document.querySelector("#rt-speakers-group rt-speakers-pack")?.show(on && !can);
  shown("rt-speakers-count", on);
  shown("rt-speakers-n", can && count === "exact");
  for (const bound of ["least", "most"]) shown(`rt-speakers-${bound}`, can && count === "range");
}

function fitClean(values) {
  const on = Boolean(values["clean.on"]);
  shown("rt-clean-way", on);
  document.querySelector("rt-clean-time")?.show(on ? values["clean.way"] : null);
}

/** Writes the model that each quality means on this machine below its name. */
async function nameModels() {
  const models = await api.models().catch(() => []);
  for (const input of document.querySelectorAll("#rt-quality input[type=radio]")) {
    const model = models.find((one) => one.qualities?.includes(input.value)), label = input.closest("label");
    if (label && model) label.dataset.model = model.title;
  }
}

/** Waits until Gradio has built the form. */
function whenBuilt(work) {
  const built = () => document.querySelector("#rt-quality input[type=radio]") && document.getElementById("rt-languages");
  if (built()) { work(); return; }
  const watch = new MutationObserver(() => { if (built()) { watch.disconnect(); work(); } });
  watch.observe(document.body, { childList: true, subtree: true });
}

/** Gradio tells a screen reader "remove 0" for the first chosen language; this says which one goes. */
function nameTokens() {
  for (const token of document.querySelectorAll("#rt-languages .token")) {
    const cross = token.querySelector(".token-remove"), told = say("files.remove.one", { name: token.textContent.trim() });
    if (!cross || cross.getAttribute("aria-label") === told) continue;
    cross.setAttribute("aria-label", told);
    cross.title = told;
  }
}

/** A number beyond what its field takes becomes the nearest that it does: Gradio passes on any, which the server would refuse. */
function keepWithin({ target: field }) {
  if (field.type !== "number" || field.value === "") return;
  const whole = Number.isInteger(Number(field.step)) ? Math.round(field.value) : Number(field.value);
  const fit = Math.min(field.max === "" ? Infinity : Number(field.max), Math.max(field.min === "" ? -Infinity : Number(field.min), whole));
  if (fit === Number(field.value)) return;
  field.value = fit;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const chosen = () => ({ ...roomtone.form.usual, ...roomtone.form.values });

/** Learns whether the pack for speakers is here, once that matters, and looks again while it is missing. */
function watchPack() {
  const matters = () => chosen()["speakers.on"] && roomtone.form.lacks.speakers !== false;
  packs.follow((told) => {
    roomtone.form.lacks.speakers = told.packs.some((pack) => pack.name === "speakers" && !pack.installed);
    fitSpeakers(chosen());
  }, () => Boolean(matters() && document.getElementById("rt-speakers-switch")?.checkVisibility()));
}

export function dressForm() {
  addEventListener("roomtone:form", (event) => fit(event.detail));
  whenBuilt(() => { fit(chosen()); nameModels(); watchPack();
    nameTokens();
    document.getElementById("rt-settings").addEventListener("change", keepWithin);
    new MutationObserver(nameTokens).observe(document.getElementById("rt-languages"), { childList: true, subtree: true, characterData: true, attributeFilter: ["title"] });
  });
}
