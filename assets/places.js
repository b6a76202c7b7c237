// <rt-places>: the rooms of the System tab, one seen at a time: #rt-system, #rt-figures, #rt-planner, #rt-doctor.
import { fill, h } from "./dom.js";
import { say } from "./texts.js";

const PLACES = ["system", "figures", "planner", "doctor"];
document.head.append(h("link", { rel: "stylesheet", href: "screens/planner.css" }));

class Places extends HTMLElement {
  connectedCallback() {
    const asked = new URLSearchParams(location.search).get("place");
    this.#open(PLACES.includes(asked) ? asked : PLACES[0]);
  }

  #open(chosen) {
    for (const name of PLACES) document.getElementById(`rt-${name}`)?.classList.toggle("rt-away", name !== chosen);
    const buttons = PLACES.map((name) => h("button.rt-place", {
      type: "button", role: "tab", id: `rt-place-${name}`, "aria-selected": String(name === chosen), tabIndex: name === chosen ? 0 : -1,
      onclick: () => this.#open(name),
      onkeydown: (event) => this.#move(event, name),
    }, say(`place.${name}`)));
    fill(this, h("div.rt-place-row", { role: "tablist", "aria-label": say("place.all") }, buttons));
  }

  #move(event, name) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = PLACES[(PLACES.indexOf(name) + step + PLACES.length) % PLACES.length];
    this.#open(next);
    document.getElementById(`rt-place-${next}`)?.focus();
  }
}

customElements.define("rt-places", Places);
