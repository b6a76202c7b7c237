// Live sessions of this machine that other windows and people hold.
import { button, fill, h, icon } from "./dom.js";
import { clock, say } from "./texts.js";
import { dialog, toast, trying } from "./toast.js";
import { go } from "./way.js";

const MINE = "roomtone.live.job";

/** Returns the open sessions as {job, title, heard_s, connected}; none where the server knows of no live sessions. */
export async function liveSessions() {
  const answer = await fetch("api/live").catch(() => null);
  return answer?.ok ? (await answer.json()).sessions || [] : [];
}

/** Tells whether a job is the session of this browser. */
export const isMine = (job) => job.live && !["succeeded", "failed", "cancelled"].includes(job.status) && roomtone.kept.get(MINE) === job.id;

/** Notes which job is the session of this browser; null when it has ended. */
export const markMine = (id) => roomtone.kept.set(MINE, id || "");

/** Ends a session from here, after asking: somebody may be speaking into it. */
export async function endSession(job) {
  const sure = await dialog(say("live.others.end"), (close) => [h("p", say("live.others.end.hint")),
    h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("live.end"), kind: "primary", id: "rt-live-end-sure", onclick: () => close(true) }))], "small");
  if (!sure) return;
  const headers = { "X-Roomtone": "1", "X-Roomtone-Language": roomtone.language };
  const answer = await fetch(`api/live/${encodeURIComponent(job)}/stop`, { method: "POST", headers });
  if (answer.ok) { toast(say("live.others.ended")); return; }
  const { error } = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(error?.message || ""), { status: answer.status, hint: error?.hint || "" });
}

/** A list that is empty, and unseen, while nobody else is live. */
export class Others {
  constructor() { this.element = h("section.rt-panel.rt-live-others", { hidden: true }); }

  async look() {
    const all = (await liveSessions().catch(() => [])).filter((one) => one.job !== roomtone.kept.get(MINE));
    this.element.hidden = !all.length;
    fill(this.element, h("h2", say("live.others")), h("ul.rt-models", {}, all.map((one) => this.#row(one))));
  }

  #row(one) {
    const end = trying(async () => { await endSession(one.job); this.look(); });
    return h("li", {}, h("div", {}, h("strong", one.title), h("span.rt-hint", `${clock(one.heard_s)} · ${say(one.connected ? "live.others.here" : "live.others.away")}`)),
      h("div.rt-card-tools", {}, button({ label: say("live.others.read"), icon: "open", onclick: () => go(one.job) }), !one.connected && button({ label: say("live.end"), onclick: end })));
  }
}

/** Marks that somebody is live, wherever in the page the person is; a press leads back. */
export class Pill {
  constructor(back) {
    this.time = h("span", "0:00");
    this.words = h("span");
    this.element = h("button.rt-button.rt-live-pill", { type: "button", hidden: true, onclick: back }, icon("mic"), this.words, this.time);
    document.body.append(this.element);
  }

  show(on, listening) {
    this.element.hidden = !on;
    this.words.textContent = say(listening ? "live.now" : "live.now.rest");
  }

  clock(seconds) { this.time.textContent = clock(seconds); }
}
