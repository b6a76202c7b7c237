// One uploaded video before anything is done: a moment of it, which part is wanted, and what it will take.
import { button, calm, fill, h } from "./dom.js";
import { clock, roughly, say, size } from "./texts.js";
import { trying } from "./toast.js";
import { videoApi } from "./video_api.js";
import { partOf } from "./video_card.js";

const TRIAL_S = 1;

export class VideoStage {
  #told = null;
  #asked = "";

  /** `deeds`: request() gives what was chosen, possible() whether it can be done; started(jobs, item, trial) is called. */
  constructor(item, deeds) {
    this.item = item;
    this.deeds = deeds;
    this.picture = h("img.rt-video-still", { alt: say("video.still", { name: item.name }) });
    this.at = h("input.rt-video-at", { type: "range", min: 0, max: 0, step: 1, value: 0, id: "rt-video-at", "aria-label": say("video.moment") });
    this.at.oninput = () => this.#moment();
    this.now = h("span.rt-sound-now", "0:00");
    this.facts = h("p.rt-video-facts");
    this.from = this.#time("from");
    this.to = this.#time("to");
    this.expected = h("p.rt-video-expected", { role: "status", "aria-live": "polite" });
    this.problem = h("div.rt-card-error", { hidden: true });
    this.trial = button({ label: say("video.trial"), icon: "play", kind: "primary", id: "rt-video-trial" });
    this.trial.onclick = trying(() => this.#start(this.#second(), true));
    this.whole = button({ label: say("video.start"), kind: "strong", id: "rt-video-start" });
    this.whole.onclick = trying(() => this.#start(this.#request(), false));
    this.element = h("section.rt-panel.rt-video-stage", {},
      h("h2", { title: item.name }, item.name), this.facts, this.problem,
      h("div.rt-video-look", {}, this.picture, h("div.rt-video-way", {}, h("span", say("video.moment")), this.at, this.now)),
      h("div.rt-video-part", {}, h("span.rt-field-name", say("video.part")), this.from, h("span", say("video.part.to")), this.to),
      this.expected, h("div.rt-video-deeds", {}, this.trial, this.whole));
    this.later = calm(() => this.look(), 300);
    this.show = calm(() => { this.picture.src = videoApi.stillOf(item.id, this.moment); }, 250);
  }

  get moment() { return Math.max(0, Math.min(Number(this.at.value), Math.max(0, this.length - TRIAL_S))); }

  get length() { return this.#told?.facts.duration_s || 0; }

  /** Asks what the video is and what the request will take. */
  look = trying(async () => {
    const request = this.#request(), asked = JSON.stringify(request);
    if (asked === this.#asked) { this.#draw(); return; }
    this.#asked = asked;
    try {
      this.#told = await videoApi.look(this.item.id, request);
    } catch (error) {
      this.#asked = "";
      if (!error.hint && !error.message) throw error;
      this.#refused(error);
      return;
    }
    if (!this.picture.src) {
      this.at.max = Math.max(0, Math.floor(this.length - TRIAL_S));
      this.at.value = Math.floor(this.length / 3);
      this.#moment();
    }
    this.#draw();
  });

  #time(name) {
    const input = h("input.rt-input.rt-video-time", { id: `rt-video-${name}`, inputMode: "numeric", placeholder: say(`video.part.${name === "to" ? "end" : name}`), "aria-label": say(`video.part.${name === "to" ? "end" : name}`), size: 7 });
    input.onchange = () => this.later();
    return input;
  }

  /** Marks times that are none or lie wrong; returns whether all are right. */
  #checked() {
    const start = seconds(this.from.value), end = seconds(this.to.value), given = (input) => input.value.trim() !== "";
    const wrong = [given(this.from) && (start === null || (this.length > 0 && start >= this.length)), given(this.to) && (end === null || end <= (start || 0))];
    [this.from, this.to].forEach((input, n) => { input.classList.toggle("bad", wrong[n]); input.setAttribute("aria-invalid", String(wrong[n])); });
    return !wrong.some(Boolean);
  }

  #request() {
    const request = { ...this.deeds.request() }, start = seconds(this.from.value), end = seconds(this.to.value);
    if (start) request.start = start;
    if (end !== null && end > (start || 0)) request.end = end;
    return request;
  }

  /** One second at the moment that is shown; the part that is wanted after it goes along. */
  #second() {
    const request = this.#request(), { start = 0, end = null } = request;
    return { ...request, start: this.moment, end: this.moment + TRIAL_S, trial: true, then_start: start, then_end: end };
  }

  #moment() {
    this.now.textContent = clock(this.moment);
    this.at.setAttribute("aria-valuetext", clock(this.moment));
    this.show();
  }

  #refused(error) {
    this.problem.hidden = false;
    this.element.classList.add("refused");
    fill(this.problem, h("strong", error.message), error.hint && h("span", error.hint));
    this.trial.disabled = this.whole.disabled = true;
  }

  #draw() {
    const { facts, problem, notes, expected } = this.#told, request = this.#request(), wrong = problem[request.scale];
    this.problem.hidden = !wrong;
    this.element.classList.remove("refused");
    this.expected.hidden = Boolean(wrong);
    if (wrong) fill(this.problem, h("strong", wrong.message), wrong.hint && h("span", wrong.hint));
    const room = expected.room_bytes > expected.free_bytes;
    fill(this.facts, [`${facts.width} × ${facts.height} → ${facts.width * request.scale} × ${facts.height * request.scale}`, clock(facts.duration_s),
      say("video.rate", { n: Math.round(facts.rate[0] / facts.rate[1] * 100) / 100 }), !facts.has_sound && say("video.mute"), ...notes].filter(Boolean).join(" · "));
    const part = Boolean(request.start || request.end), told = part ? "video.expected.part" : "video.expected";
    this.whole.querySelector("span").textContent = part ? say("video.whole.part", { part: partOf(request.start, request.end) }) : say("video.start");
    const fine = this.#checked();
    if (!fine) fill(this.expected, h("strong", say("video.part.bad", { length: clock(this.length) })));
    else fill(this.expected, say(told, { time: roughly(expected.time_s), size: size(expected.bytes), room: size(expected.room_bytes), free: size(expected.free_bytes) }),
      room && h("strong", say("video.room")));
    const able = this.deeds.possible() && !wrong && fine;
    this.trial.disabled = !able;
    this.whole.disabled = !able || room;
  }

  async #start(request, trial) {
    this.trial.disabled = this.whole.disabled = true;
    try { this.deeds.started(await videoApi.submit([this.item.id], request), this.item, trial); } finally { if (this.#told) this.#draw(); }
  }
}

/** Returns the seconds of 1:02:03, 4:05 or 12; null for anything else. */
export function seconds(text) {
  const parts = text.trim().split(/[:：]/);
  if (!text.trim() || parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part))) return null;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}
