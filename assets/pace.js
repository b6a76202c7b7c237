// How far a job seems to be between two messages of the server: batches end many seconds apart, and a bar that stands still
// looks as if nothing went on.
const TRUSTED_S = 30, STEADY = 0.9;
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
    const gone = this.#left ? Math.min(now - this.#since, TRUSTED_S) / this.#left : 0;
    this.#shown = Math.max(this.#shown, this.#at, Math.min(0.99, this.#at + (1 - this.#at) * STEADY * Math.min(gone, 1)));
    return this.#shown;
  }

  /** The seconds left, or what the server says where nothing else is known. */
  left(told, now = performance.now() / 1000) {
    return this.#left === null || told === null ? told : Math.max(1, this.#left - (now - this.#since));
  }
}
