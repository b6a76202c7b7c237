// How far a recording is that is not text yet, why it is not, and what can be done about it.
import { api } from "./api.js";
import { StageLine, ended, stageOf } from "./card.js";
import { button, h, icon } from "./dom.js";
import { endSession, isMine } from "./live_others.js";
import { Pace, TICK_MS } from "./pace.js";
import { clock, roughly, say } from "./texts.js";
import { trying } from "./toast.js";
import { go, openTab } from "./way.js";

/** `retry()` runs the job again. */
export class WorkProgress {
  #job = null;
  #pace = new Pace();
  #tick = null;

  constructor(retry) { this.retry = retry; }

  /** Takes news of the job. */
  take(job) {
    this.#job = job;
    this.#pace.take(job);
    clearInterval(this.#tick);
    this.#tell();
    if (job.status === "running") this.#tick = setInterval(() => this.#tell(), TICK_MS);
  }

  close() {
    clearInterval(this.#tick);
    this.#job = null;
    this.#pace = new Pace();
  }

  /** Returns it as an element. */
  draw(job) {
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": job.title });
    this.told = new StageLine("p");
    this.later = h("p.rt-hint", say("work.later"));
    this.#tell();
    return h("div.rt-work-progress", {},
      !ended(job) && this.bar,
      job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)),
      h("div.rt-row", {}, this.told.element, this.#deed(job)),
      this.later);
  }

  #deed(job) {
    if (ended(job)) return job.can_retry && button({ label: say("action.retry"), icon: "again", onclick: trying(() => this.retry()) });
    if (isMine(job)) return button({ label: say("live.back"), icon: "mic", onclick: () => openTab("live") });
    if (job.live) return button({ label: say("live.end"), icon: "stop", onclick: trying(() => endSession(job.id)) });
    return button({ label: say("action.cancel"), onclick: trying(() => api.act(job.id, "cancel")) });
  }

  #tell() {
    const job = this.#job, share = this.#pace.share() || job?.stage_progress || 0;
    if (!job || !this.bar) return;
    this.later.hidden = job.status !== "running" || Boolean(job.live) || !(job.progress > 0);
    this.bar.classList.toggle("busy", job.status === "running");
    this.bar.style.setProperty("--share", share);
    this.bar.setAttribute("aria-valuenow", Math.round(share * 100));
    const rest = ended(job) ? null : this.#pace.left(job.time_left_s), left = rest !== null && say("card.left", { time: roughly(rest) });
    const far = job.status === "running" && job.duration_s && job.position_s > 0 && `${clock(job.position_s)} / ${clock(job.duration_s)}`;
    this.told.tell(stageOf(job), [far, left]);
  }
}

/** Says why a recording could not be opened, and where to go from there. */
export function notThere(error) {
  const gone = error.status === 404, unreachable = error.code === "unreachable";
  return h("div.rt-empty", {}, icon("warn"), h("h2", gone ? say("work.gone") : unreachable ? say("lost.title") : error.message || say("broken.title")),
    h("p", gone ? say("work.gone.hint") : unreachable ? say("lost.hint") : error.hint || ""),
    h("div.rt-row", {}, button({ label: say("work.toHistory"), kind: "strong", onclick: () => openTab("history") }), button({ label: say("work.start"), onclick: () => go(null) })));
}
