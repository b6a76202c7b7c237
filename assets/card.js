// One job as a card: its place in the queue, what happens to it, its text as it comes.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { button, fill, h, icon } from "./dom.js";
import { Pace, TICK_MS } from "./pace.js";
import { go, linkTo } from "./way.js";
import { clock, languageName, roughly, say } from "./texts.js";
import { offerDownload } from "./taking.js";
import { trying } from "./toast.js";

export const ended = (job) => job.status === "succeeded" || job.status === "failed" || job.status === "cancelled";

/** What happens to a job right now, in words. */
export function stageOf(job) {
  if (job.live && !ended(job)) return say("live.now");
  if (job.status === "queued" && job.stage === "waiting") return job.ahead ? say("stage.waiting", { n: job.ahead }) : say("stage.next");
  if (ended(job)) return say(`status.${job.status}`);
  return say(`stage.${job.stage === "waiting" ? "working" : job.stage}`, { model: job.model_title });
}

/** A line that tells a screen reader what happens now, and leaves the numbers that change every second for whoever looks. */
export class StageLine {
  constructor(kind) {
    this.stage = h("span", { role: "status" });
    this.numbers = h("span");
    this.element = h(kind, {}, this.stage, this.numbers);
  }

  /** Shows the stage in words and what else is known, of which nothing may be false. */
  tell(stage, others) {
    const told = others.filter(Boolean).map((one) => ` · ${one}`).join("");
    if (this.stage.textContent !== stage) this.stage.textContent = stage;
    if (this.numbers.textContent !== told) this.numbers.textContent = told;
  }
}

/** A card that keeps itself up to date until it is closed; `deeds` has changed() and closed(id). */
export class Card {
  #text = [];
  #after = -1;
  #asking = false;
  #pace = new Pace();
  #tick = null;

  constructor(job, deeds) {
    this.deeds = deeds;
    this.element = h("article.rt-card", { id: `rt-card-${job.id}` });
    this.head = h("header");
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.stage = new StageLine("p.rt-card-stage");
    this.live = h("div.rt-card-live", { lang: "" });
    this.foot = h("footer");
    this.element.append(this.head, this.bar, this.stage.element, this.live, this.foot);
    this.#take(job);
    this.unfollow = stream.follow(job.id, (news) => this.#take(news));
    this.#followTelling(job);
  }

  // Its speakers are told apart by a job of their own, whose end shows here too.
  #followTelling({ id, speakers }) {
    if (!speakers || ended(speakers) || this.telling === speakers.id) return;
    this.telling = speakers.id;
    const before = this.unfollow, unfollow = stream.follow(speakers.id, (child) => { if (ended(child)) trying(async () => this.#take(await api.job(id)))(); });
    this.unfollow = () => { before?.(); unfollow(); };
  }

  close() {
    clearInterval(this.#tick);
    this.unfollow();
    this.element.remove();
    this.deeds.closed(this.job.id);
  }

  #take(job) {
    const before = this.job;
    this.job = job;
    this.#pace.take(job);
    clearInterval(this.#tick);
    if (this.unfollow) this.#followTelling(job);
    if (job.status === "running") this.#tick = setInterval(() => this.#progress(), TICK_MS);
    if (job.deleted) { this.close(); return; }
    if (!before || before.status !== job.status || before.title !== job.title || before.speakers?.status !== job.speakers?.status) this.#frame();
    if (before && before.status !== job.status) this.deeds.changed();
    this.#progress();
    // Once it has ended the text is shown from its beginning.
    if (job.status === "running" || (job.status === "succeeded" && before?.status !== "succeeded")) this.#listen();
  }

  #frame() {
    const { job } = this;
    this.element.className = `rt-card ${job.status}`;
    fill(this.head, h("h3", { title: job.source_name || job.title }, linkTo(job)), h("div.rt-card-tools", {}, this.#tools()));
    this.bar.setAttribute("aria-label", say("files.progress", { name: job.title }));
    const error = job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint));
    const apart = job.speakers?.status === "failed" && h("p.rt-note", {}, icon("info"), h("span", say("speakers.card.failed")));
    fill(this.foot, error, notesOf(job), apart);
  }

  #tools() {
    const { job } = this, close = button({ icon: "close", title: say("card.close"), kind: "quiet", onclick: () => this.close() });
    const open = (kind) => button({ label: say("action.open"), icon: "open", kind, onclick: () => go(job.id) });
    if (!ended(job)) return [button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) })];
    if (job.status !== "succeeded") {
      const again = trying(async () => { this.#take(await api.act(job.id, "retry")); stream.wake(); });
      return [job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: again }), close];
    }
    const load = button({ icon: "download", title: say("action.download"), kind: "quiet", "aria-haspopup": "menu" });
    load.onclick = () => offerDownload(load, this.job);
    return [load, open("strong"), close];
  }

  #progress() {
    const { job } = this, stages = ["fetching_model", "reading", "cleaning"].includes(job.stage);
    const share = job.status === "succeeded" ? 1 : job.stage === "loading_model" ? 0 : stages && !job.progress ? job.stage_progress : this.#pace.share();
    this.bar.classList.toggle("unknown", !ended(job) && job.status !== "queued" && !share);
    this.bar.classList.toggle("busy", job.status === "running");
    this.bar.style.setProperty("--share", share || 0);
    this.bar.setAttribute("aria-valuenow", Math.round((share || 0) * 100));
    const rest = ended(job) ? null : this.#pace.left(job.time_left_s), left = rest !== null && say("card.left", { time: roughly(rest) });
    this.stage.tell(stageOf(job), [
      job.status === "running" && job.duration_s && job.position_s > 0 && `${clock(job.position_s)} / ${clock(job.duration_s)}`,
      left,
      ended(job) && job.duration_s && clock(job.duration_s),
      job.status === "succeeded" && job.language && languageName(job.language),
      job.speakers && !ended(job.speakers) && say("speakers.card.working"),
    ]);
  }

  async #listen() {
    if (this.#asking) return;
    this.#asking = true;
    let late = false;
    try {
      const done = this.job.status === "succeeded";
      const told = await api.segments(this.job.id, done ? -1 : this.#after, done ? 4 : 500);
      const lines = told.segments.map((line) => line.text.trim()).filter(Boolean);
      this.#text = done ? lines : [...this.#text, ...lines].slice(-6);
      if (told.live && told.next !== null && told.next !== undefined) this.#after = told.next;
      fill(this.live, this.#text.map((line) => h("p", line)));
      if (this.job.status === "succeeded" && !this.#text.length && !this.job.notes?.length) fill(this.live, h("p.rt-hint", say("work.silent")));
      this.live.classList.toggle("more", this.live.scrollHeight > this.live.clientHeight + 4);
      this.live.scrollTop = done ? 0 : this.live.scrollHeight;
      late = !done && this.job.status === "succeeded";
    } catch { /* the next change asks again */ } finally {
      this.#asking = false;
    }
    if (late) this.#listen();
  }
}
