// How far a piece of writing is, and what can be done about it: stop, go on.
import { api, stream } from "./api.js";
import { ended, stageOf } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Pace } from "./pace.js";
import { roughly, say } from "./texts.js";
import { trying } from "./toast.js";

export class WriteProgress {
  #pace = new Pace();
  #drawn = "";

  /** `taken(job)` is told the job after it was stopped or went on. */
  constructor(taken) {
    this.taken = taken;
    this.element = h("div.rt-work-progress", { hidden: true });
  }

  clear() { this.#pace = new Pace(); this.#drawn = ""; this.element.hidden = true; }

  take(job) {
    this.#pace.take(job);
    this.element.hidden = job.status === "succeeded";
    const drawn = `${job.id} ${job.status} ${job.error?.code || ""}`;
    if (drawn !== this.#drawn) { this.#drawn = drawn; this.#draw(job); }
    const share = this.#pace.share(), early = ["fetching_model", "loading_model"].includes(job.stage);
    this.bar.classList.toggle("busy", job.status === "running");
    this.bar.style.setProperty("--share", early ? job.stage_progress || 0 : share);
    this.bar.setAttribute("aria-valuenow", Math.round(share * 100));
    const told = this.#told(job);
    if (this.told.textContent !== told) this.told.textContent = told;
  }

  #told(job) {
    if (job.status === "cancelled") return say("write.stopped");
    if (ended(job) || (job.status === "queued" && job.stage === "waiting") || ["fetching_model", "loading_model"].includes(job.stage)) return stageOf(job);
    const left = this.#pace.left(job.time_left_s);
    return [say(job.stage === "writing" ? "write.stage.checks" : "write.stage.writes"), left !== null && job.progress > 0 && say("card.left", { time: roughly(left) })].filter(Boolean).join(" · ");
  }

  #draw(job) {
    this.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": job.title });
    this.told = h("p", { role: "status" });
    const stop = button({ label: say("write.stop"), icon: "stop", id: "rt-write-stop", onclick: trying(async () => this.taken(await api.act(job.id, "cancel"))) });
    const on = button({ label: say(job.status === "failed" ? "action.retry" : "write.continue"), icon: "play", id: "rt-write-continue", onclick: trying(async () => { this.taken(await api.act(job.id, "retry")); stream.wake(); }) });
    fill(this.element, !ended(job) && this.bar,
      job.error && h("div.rt-card-error", {}, h("strong", job.error.message), job.error.hint && h("span", job.error.hint)),
      h("div.rt-row", {}, this.told, ended(job) ? job.can_retry && on : stop));
  }
}
