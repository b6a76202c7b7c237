// The screen while somebody is live: what is heard as text, how it goes, and everything that can be done.
import { button, fill, h } from "./dom.js";
import { Captions } from "./live_caption.js";
import { Level } from "./live_level.js";
import { share } from "./live_share.js";
import { LiveText } from "./live_text.js";
import { clock, say } from "./texts.js";
import { trying } from "./toast.js";

/** `deeds` has pause, go, stop, settings, edited(line, text), another (a microphone). */
export class Room {
  constructor(deeds) {
    this.deeds = deeds;
    this.text = new LiveText({ edited: deeds.edited });
    this.captions = new Captions();
    this.level = new Level();
    this.dot = h("i.rt-live-dot");
    this.told = h("strong");
    this.hint = h("span");
    this.time = h("span.rt-live-clock", { role: "timer", "aria-label": say("live.time") }, "0:00");
    this.tools = h("div.rt-live-tools", { role: "toolbar", "aria-label": say("work.tools") });
    this.trouble = h("div.rt-live-troubles");
    this.bar = h("div.rt-live-bar", {}, h("div.rt-live-how", {}, this.dot, this.time, this.level.bar), h("p.rt-live-state", { role: "status", "aria-live": "polite" }, this.told, this.hint), this.tools);
    this.element = h("section.rt-live-room", { "aria-label": say("tab.live") }, this.bar, this.trouble, this.text.element);
    this.draw("live", null);
  }

  clear() {
    this.text.clear();
    this.captions.clear();
    fill(this.trouble);
    this.level.rest();
  }

  take(line) {
    this.text.take(line);
    this.captions.take(line);
  }

  /** Draws the buttons of a phase: "live", "paused", "kept", "gone" (its sound), "ending". */
  draw(phase, watch) {
    this.element.dataset.phase = phase;
    const { deeds } = this, focused = document.activeElement?.id;
    const pause = phase === "live" ? button({ icon: "pause", label: say("live.rest"), id: "rt-live-pause", onclick: deeds.pause }) : button({ icon: "mic", label: say("live.go"), kind: "strong", id: "rt-live-go", onclick: deeds.go });
    const caption = button({ icon: "screen", label: say("live.captions"), kind: "wide", id: "rt-live-captions", title: say("live.captions"), onclick: () => this.captions.open() });
    fill(this.tools,
      phase !== "ending" && [phase !== "gone" && pause, button({ icon: "stop", label: say("live.end"), kind: "primary", id: "rt-live-stop", onclick: deeds.stop })],
      h("span.rt-space"), caption,
      watch && button({ icon: "share", label: say("live.share"), kind: "wide", id: "rt-live-share", title: say("live.share"), onclick: trying(() => share(watch)) }),
      phase !== "ending" && button({ icon: "sliders", label: say("live.settings"), kind: "wide", id: "rt-live-settings", title: say("live.settings"), onclick: deeds.settings }));
    if (["rt-live-pause", "rt-live-go"].includes(focused)) pause.focus();
  }

  /** Says how it goes: {kind, text, hint}. */
  tell({ kind, text, hint }) {
    this.dot.className = `rt-live-dot ${kind}`;
    this.bar.dataset.kind = kind;
    if (this.told.textContent !== text) this.told.textContent = text;
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
    this.captions.tell(kind === "bad" ? text : "");
  }

  clock(seconds) { this.time.textContent = clock(seconds); }

  /** Puts something above the text, such as what to do about a microphone; nothing takes it away. */
  note(...parts) { fill(this.trouble, parts); }
}
