// One tab of a browser is live at a time; another can take over.

const NAME = "roomtone.live";

/** Tells whether some tab of this browser has the right to be live. */
export async function anotherIsLive() {
  const { held = [] } = (await navigator.locks?.query()) || {};
  return held.some((lock) => lock.name === NAME);
}

/** The right to be live. `yielded` is called when another tab takes it. */
export class Turn {
  #release = null;
  #channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

  constructor(yielded) {
    if (this.#channel) this.#channel.onmessage = async ({ data }) => { if (data === "yield" && this.#release) { await yielded(); this.give(); } };
  }

  get mine() { return !navigator.locks || this.#release !== null; }

  /** Takes the right if no other tab has it; returns whether it did. */
  async take() {
    if (this.mine) return true;
    return this.#ask({ ifAvailable: true });
  }

  /** Waits until no other tab is live. */
  async free() { await navigator.locks?.request(NAME, () => {}); }

  /** Asks the tab that is live to let go, and takes the right when it has; after 4 s even if it does not answer. */
  async takeOver() {
    if (this.mine) return true;
    this.#channel?.postMessage("yield");
    const patience = AbortSignal.timeout(4000);
    return this.#ask({ signal: patience }).catch(() => this.#ask({ steal: true }));
  }

  give() {
    this.#release?.();
    this.#release = null;
  }

  #ask(how) {
    return new Promise((resolve, reject) => {
      navigator.locks.request(NAME, how, (lock) => {
        if (!lock) { resolve(false); return undefined; }
        return new Promise((release) => { this.#release = release; resolve(true); });
      }).catch((error) => { this.#release = null; reject(error); });
    });
  }
}
