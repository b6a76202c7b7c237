// How far a job seems to be between two messages of the server: batches end many seconds apart, and a bar that stands still
// looks as if nothing went on.
// A machine that is busy with other things is slower than it was: the bar runs ahead by a third of the rest at most.
const AHEAD = 1 / 3;
export const TICK_MS = 1000;

export class Pace {
  #at = -1;
  #left = null;
  #since = 0;
  #shown = 0;

  /** Takes what the server told of a job at `now`, in seconds of a clock that never jumps. */
  take(job, now = performance.now() / 1000) {
    const done = job.progress || 0, moved = done !== this.#at;
    if (moved || job.status !== "running" || this.#left === null) { this.#since = now; this.#left = job.status === "running" ? job.time_left_s : null; }
    if (done < this.#at || job.status !== "running") this.#shown = done;
    this.#at = done;
  }

  /** The share that is done, 0 to 1; it never goes back while the job runs. */
  share(now = performance.now() / 1000) {
    const gone = this.#left ? 1 - Math.exp((this.#since - now) / this.#left) : 0;
    this.#shown = Math.max(this.#shown, this.#at, this.#at + (1 - this.#at) * AHEAD * gone);
    return this.#shown;
  }

  /** The seconds left; null where that is not known, or where it took longer than was thought. */
  left(told, now = performance.now() / 1000) {
    if (this.#left === null || told === null) return told;
    const left = this.#left - (now - this.#since);
    return left > 0 ? left : null;
  }
}
