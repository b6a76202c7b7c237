// "Same person?": one voice against another, or against many.
import { button, fill, h, icon } from "./dom.js";
import { say } from "./texts.js";
import { trying } from "./toast.js";
import { voicesApi } from "./voices_api.js";
import { percent, picture } from "./voices_picture.js";
import { seconds, Source } from "./voices_source.js";

const ICONS = { same: "check", different: "close", unsure: "info" };
const KINDS = ["file", "speaker", "voice"];
const MOST = 20;

/** How often such an answer is wrong, as "1 in 1000". */
export const oneIn = (share) => say("voices.onein", { n: new Intl.NumberFormat(document.documentElement.lang).format(Math.round(1 / share)) });

/** `known()` returns the known voices. */
export class Same {
  constructor(known) {
    this.known = known;
    this.many = false;
    this.out = h("div.rt-vanswer", { "aria-live": "polite" });
    this.place = h("div.rt-vtwo");
    this.go = button({ label: say("voices.compare"), icon: "search", kind: "primary", id: "rt-voice-compare", onclick: trying(() => this.#ask()) });
    const mode = (many, label, id) => h("button.rt-place", { type: "button", role: "tab", id, "aria-selected": String(this.many === many), onclick: (event) => {
      this.many = many;
      for (const other of event.currentTarget.parentElement.children) other.setAttribute("aria-selected", String(other === event.currentTarget));
      this.#draw();
    } }, label);
    this.element = h("section.rt-panel.rt-vsame", {}, h("h2", say("voices.same.title")), h("div", {}, h("p.rt-hint", say("voices.same.hint")),
      h("div.rt-place-row", { role: "tablist" }, mode(false, say("voices.two"), "rt-voice-two"), mode(true, say("voices.many"), "rt-voice-many")),
      this.place, h("div.rt-row", {}, this.go), this.out));
    this.#draw();
  }

  /** Draws what may be chosen anew, after the known voices changed. */
  refresh() { for (const one of this.sources) if (!one.ref && !one.busy) one.clear(); }

  #source(label) { return new Source({ kinds: KINDS, changed: () => this.#changed(), known: () => this.known().filter((voice) => !voice.ended), label }); }

  #draw() {
    // What is chosen already stays when it is asked in the other way.
    const kept = (this.sources || []).filter((one) => one.ref || one.busy), names = this.many ? ["voices.one", "voices.against"] : ["voices.first", "voices.second"];
    this.sources = names.map((name, i) => { const one = kept[i] || this.#source(say(name)); one.called(say(name)); return one; });
    if (this.many) this.sources.push(...kept.slice(2));
    fill(this.place, this.sources.map((one) => one.element));
    if (this.many) this.place.append(h("p.rt-hint", say("voices.against.hint")));
    this.#changed();
  }

  #changed() {
    const { sources } = this;
    if (!sources || sources.length < 2) return;
    if (this.many && sources.every((one) => one.ref) && sources.length < MOST) {
      const more = this.#source(say("voices.against.more"));
      sources.push(more);
      this.place.insertBefore(more.element, this.place.lastElementChild);
    }
    const against = sources.slice(1).some((one) => one.ref) || (this.many && this.known().some((voice) => !voice.ended));
    this.go.disabled = !sources[0].ref || !against || sources.some((one) => one.busy);
    fill(this.out);
  }

  async #ask() {
    const [first, ...others] = this.sources, against = others.map((one) => one.ref).filter(Boolean);
    this.go.disabled = true;
    this.element.setAttribute("aria-busy", "true");
    try {
      fill(this.out, this.many ? ranked(await voicesApi.rank(first.ref, against)) : answered(await voicesApi.compare(first.ref, against[0])));
      this.out.scrollIntoView({ block: "nearest" });
    } finally {
      this.go.disabled = false;
      this.element.removeAttribute("aria-busy");
    }
  }
}

function reason(one, clips) {
  const values = { n: one.code === "short" ? seconds(one.value) : Math.round(one.value), clip: clips[one.clip - 1] || "" };
  return h("li", say(`voices.reason.${one.code}`, values));
}

function answered(found) {
  const clips = found.clips.map((one) => one.title);
  const same = clips[0] === clips[1] ? [say("voices.first"), say("voices.second")] : clips;
  return [
    h(`div.rt-vverdict.${found.says}`, {}, icon(ICONS[found.says]), h("strong", say(`voices.says.${found.says}`))),
    h("ul.rt-vreasons", {}, found.reasons.map((one) => reason(one, same))),
    picture(found),
    h("p.rt-hint", found.says === "unsure" ? say("voices.wrong.unsure") : say(`voices.wrong.${found.says}`, { rate: oneIn(found.place.wrong_share) })),
  ];
}

function ranked(found) {
  const from = percent(found.same_from);
  const line = (one) => h(`li.${one.says}`, {}, h("span.rt-vrank-name", one.title), h("span.rt-vrank-bar", { "aria-hidden": "true", style: `--share:${percent(one.score) / 100};--from:${from / 100}` }), h("span.rt-vrank-score", percent(one.score)),
    h("span.rt-vrank-says", {}, icon(ICONS[one.says]), say(`voices.says.${one.says}.short`)), one.says === "unsure" && h("ul.rt-vreasons", {}, one.reasons.map((why) => reason(why, [found.title, one.title]))));
  const same = found.lines.filter((one) => one.says === "same").length;
  const head = say(same ? "voices.rank.found" : "voices.rank.none", { n: same });
  return [
    h(`div.rt-vverdict.${same ? "same" : "unsure"}`, {}, icon(same ? "check" : "info"), h("strong", head)),
    h("ol.rt-vrank", {}, found.lines.map(line)),
    found.lines.length > 0 && picture({ ...found, different_to: found.same_from }, found.lines.map((one) => one.score)),
    h("p.rt-hint", say("voices.rank.wrong", { n: found.lines.length, rate: found.expected_wrong ? oneIn(Math.min(1, found.expected_wrong)) : "" })),
  ];
}
