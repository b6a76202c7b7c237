// How many people speak: asked in dialogs; and the pack that telling them apart needs, offered where it is missing.
import { api } from "./api.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog } from "./toast.js";

const COUNTS = ["auto", "exact", "range", "channels"];
const MOST = 30;

/** Returns {element, wish()}: automatic, exactly so many, or between two numbers; filled as an earlier wish says. */
export function countFields(was) {
  const count = was?.channels ? "channels" : was?.n_speakers ? "exact" : was?.at_least || was?.at_most ? "range" : "auto";
  const choice = h("select.rt-input", { id: "rt-ask-count" }, COUNTS.map((name) => h("option", { value: name, selected: name === count }, say(`form.speakers.${name}`))));
  const number = (name, value) => h("label.rt-field", {}, h("span", say(`form.speakers.${name}`)), h("input.rt-input", { type: "number", id: `rt-ask-${name}`, min: 1, max: MOST, step: 1, value }));
  const n = number("n", was?.n_speakers || 2), least = number("least", was?.at_least || 2), most = number("most", was?.at_most || 6);
  const fit = () => { n.hidden = choice.value !== "exact"; least.hidden = most.hidden = choice.value !== "range"; };
  choice.onchange = fit;
  fit();
  const valueOf = (field) => field.querySelector("input").valueAsNumber || null;
  return {
    element: h("div.rt-ask-people", {}, h("label.rt-field", {}, h("span", say("form.speakers.count")), choice), n, least, most),
    wish: () => roomtone.form.people({ count: choice.value, n: valueOf(n), least: valueOf(least), most: valueOf(most) }),
  };
}

/** Returns {element, wish()} of a switch with the number of people below it; null is a switch that is off. */
export function speakersSwitch(was) {
  const fields = countFields(was), on = h("input", { type: "checkbox", id: "rt-again-speakers", checked: Boolean(was) });
  const missing = h("rt-speakers-pack");
  const fit = async () => {
    fields.element.hidden = !on.checked;
    missing.show(on.checked && await lacksPack() && !fields.wish().channels);
  };
  on.onchange = fit;
  fields.element.addEventListener("change", fit);
  fit();
  return {
    element: h("div.rt-ask-speakers", {}, h("label.rt-check", {}, on, h("span", say("form.speakers"))), fields.element, missing),
    wish: () => (on.checked && (!roomtone.form.lacks.speakers || fields.wish().channels) ? fields.wish() : null),
  };
}

/** Asks how many people there are, or offers the pack that is missing; undefined when nothing is to be done. */
export async function askTelling(title, was, hint = "") {
  const missing = await lacksPack(), fields = countFields(was);
  const offer = missing && h("div", {}, h("p", say("speakers.pack.work")), h("rt-pack", { pack: "speakers" }));
  const run = h("button.rt-button.primary", { type: "submit", id: "rt-ask-run" }, say("speakers.run"));
  // One person a channel needs no pack.
  const fit = () => { if (offer) offer.hidden = !(run.disabled = !fields.wish().channels); };
  fields.element.addEventListener("change", fit);
  fit();
  return dialog(title, (close) => h("form.rt-ask", { onsubmit: (event) => { event.preventDefault(); if (!run.disabled) close(fields.wish()); } },
    fields.element, offer, hint && h("p.rt-hint", hint), h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), run)), "small");
}

async function lacksPack() {
  const told = await api.packs().catch(() => null);
  if (told) roomtone.form.lacks.speakers = told.packs.some((pack) => pack.name === "speakers" && !pack.installed);
  return Boolean(roomtone.form.lacks.speakers);
}

// <rt-speakers-pack>: nothing, until show(true) says that the pack is missing.
class SpeakersPack extends HTMLElement {
  show(on) {
    if (on === this.childElementCount > 0) return;
    if (on) fill(this, h("p.rt-hint", say("speakers.pack")), h("rt-pack", { pack: "speakers" })); else this.replaceChildren();
  }
}

customElements.define("rt-speakers-pack", SpeakersPack);
