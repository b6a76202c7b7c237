// Gives one or several lines to another speaker.
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { menu } from "./toast.js";

/** `deeds` has people() as [{key, name}] and give(numbers, key); a key of null is somebody new. */
export class Picker {
  constructor(lines, deeds) {
    this.lines = lines;
    this.deeds = deeds;
    this.told = h("strong", { role: "status" });
    this.to = button({ label: say("speakers.giveTo"), kind: "primary", id: "rt-give-to", "aria-haspopup": "menu", onclick: () => menu(this.to, this.#people(this.#picked(), null)) });
    this.bar = h("div.rt-pick", { role: "toolbar", "aria-label": say("speakers.several"), hidden: true }, this.told, this.to, button({ label: say("action.cancel"), onclick: () => this.end() }));
    addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(".rt-menu")) this.end(); });
  }

  /** Asks who says a line. */
  ask(line, anchor) {
    menu(anchor, [...this.#people([line.number], line.speaker), { label: say("speakers.several"), run: () => this.begin(line) }]);
  }

  #people(numbers, but) {
    const give = (key) => { this.end(); this.deeds.give(numbers, key); };
    return [
      ...this.deeds.people().map((one) => ({ label: one.name, current: one.key === but, run: () => one.key !== but && give(one.key) })),
      { label: say("speakers.new"), run: () => give(null) },
    ];
  }

  #picked() { return [...this.lines.picked].sort((a, b) => a - b); }

  /** Lets lines be chosen, beginning with one. */
  begin(line) {
    this.lines.pick(new Set([line.number]), () => this.#tell());
    this.bar.hidden = false;
    this.#tell();
  }

  end() {
    if (this.bar.hidden) return;
    this.bar.hidden = true;
    this.lines.pick(null);
  }

  #tell() {
    const n = this.lines.picked.size;
    fill(this.told, n ? say("speakers.picked", { n }) : "", h("small", say("speakers.picked.none")));
    this.to.disabled = !n;
  }
}
