// "Clean up first": what it takes, the button that compares with the sound as it came, and both texts side by side.
import { api, stream } from "./api.js";
import { ended, stageOf } from "./card.js";
import { button, fill, h } from "./dom.js";
import { soundApi } from "./sound_api.js";
import { clock, roughly, say } from "./texts.js";
import { complain, dialog, trying } from "./toast.js";
import { go } from "./way.js";
import "./packs.js";

const MINUTES = 10;

// <rt-clean-time>: how long cleaning takes here, or the pack that it needs.
class CleanTime extends HTMLElement {
  #way = null;

  show(way) {
    if (way === this.#way) return;
    this.#way = way;
    if (way === null) this.replaceChildren();
    else soundApi.choices().then((choices) => this.#tell(way, choices.find((one) => one.kind === way))).catch(complain);
  }

  #tell(way, told) {
    if (way !== this.#way) return;
    fill(this, told?.pack ? h("rt-pack", { pack: told.pack })
      : h("p.rt-hint", told?.can_run ? say("clean.takes", { minutes: MINUTES, time: roughly(MINUTES * 60 / told.realtime_x) }) : say("sound.cannot")));
  }
}

customElements.define("rt-clean-time", CleanTime);

/** What can be done with a text whose sound was cleaned first, as entries of a menu. */
export const cleanedDeeds = (job) => (job.cleaned_by ? [{ label: say("clean.hear"), run: () => go(job.cleaned_by) }] : []);

/** The button that compares; null where nothing was cleaned. */
export const compareButton = (job) => (job.request?.clean && job.status === "succeeded"
  ? button({ label: say("clean.compare"), title: say("clean.compare.hint"), icon: "wave", id: "rt-compare", onclick: trying(() => compare(job)) }) : null);

/** Shows both texts beside each other; the other one is written first where there is none. */
async function compare(job) {
  let unfollow = null;
  const other = await soundApi.asItCame(job.id);
  await dialog(say("clean.compare.title"), (close) => {
    const body = h("div.rt-compare");
    const take = (news) => {
      if (news.status === "succeeded") show(body, job, news.id, close).catch(complain);
      else fill(body, h("p", { role: "status" }, say("clean.compare.writing", { stage: stageOf(news) })),
        news.error && h("div.rt-card-error", {}, h("strong", news.error.message), news.error.hint && h("span", news.error.hint)));
      if (ended(news)) unfollow?.();
    };
    take(other);
    if (!ended(other)) unfollow = stream.follow(other.id, take);
    return body;
  }, "wide");
  unfollow?.();
}

async function show(body, job, otherId, close) {
  const told = await soundApi.compare(otherId, job.id);
  const leave = (id, at = null) => { close(); go(id, at); };
  fill(body,
    h("p.rt-compare-sum", told.n_different ? say("clean.compare.sum", { n: told.n_different, all: told.n_words }) : say("clean.compare.same")),
    h("div.rt-compare-rows", {}, h("div.rt-compare-row.head", {}, h("span"), h("strong", say("clean.original")), h("strong", say("clean.cleaned"))),
      told.rows.map((row) => h("div.rt-compare-row", {},
        h("button.rt-compare-at", { type: "button", title: say("clean.compare.at"), onclick: () => leave(job.id, row.start) }, clock(row.start)),
        side(row.one, "clean.original"), side(row.other, "clean.cleaned")))),
    h("footer", {}, button({ label: say("clean.compare.take"), onclick: () => leave(otherId) }), button({ label: say("action.close"), kind: "primary", onclick: () => close() })));
}

const side = (runs, label) => h("p", { lang: "", data: { side: say(label) } }, runs.length
  ? runs.map(([text, same]) => (same ? text : [h("mark", text.trimEnd()), text.slice(text.trimEnd().length)])) : h("span.rt-hint", say("clean.compare.nothing")));
