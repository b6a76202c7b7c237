// <rt-history>: everything that was done, and a search through all that was said.
import { api, stream } from "./api.js";
import { runAgain } from "./again.js";
import { ended, stageOf } from "./card.js";
import { button, calm, fill, h, icon } from "./dom.js";
import { endSession, isMine } from "./live_others.js";
import { deleteForGood, remove, rename, settingsOf, tag, takeBack } from "./records.js";
import { FORMATS } from "./taking.js";
import { clock, languageName, moment, say } from "./texts.js";
import { complain, menu, trying } from "./toast.js";
import { go, openTab } from "./way.js";

const TASKS = ["automatic-speech-recognition", "audio-to-audio", "text-to-speech", "text-generation", "video-to-video"];
const STATES = ["succeeded", "running", "queued", "failed", "cancelled"];
// Chosen among the states: what was deleted and can still be had back.
const BIN = "bin";
const SPANS = { day: 1, week: 7, month: 30, year: 365 };

class History extends HTMLElement {
  #made = false;
  #next = null;
  #asking = null;
  #chosen = new Map();
  #followed = [];

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    const changed = calm(() => this.#anew(), 220);
    this.words = h("input.rt-input", { type: "search", id: "rt-search", maxLength: 500, placeholder: say("history.search"), "aria-label": say("history.search"), oninput: changed });
    const pick = (id, label, options) => h("select.rt-input", { id, "aria-label": label, onchange: () => this.#anew() }, h("option", { value: "" }, label), options.map(([value, told]) => h("option", { value }, told)));
    this.state = pick("rt-filter-status", say("history.anyStatus"), [...STATES.map((name) => [name, say(`status.${name}`)]), [BIN, say("bin")]]);
    this.span = pick("rt-filter-date", say("history.anyTime"), Object.keys(SPANS).map((name) => [name, say(`history.${name}`)]));
    // A span of days of one's own: both of them count, and either may be left open.
    const day = (id, label) => h("input.rt-input", { id, type: "date", "aria-label": say(label), title: say(label), onchange: () => this.#anew() });
    this.from = day("rt-filter-from", "history.from");
    this.to = day("rt-filter-to", "history.to");
    this.days = h("div.rt-days", { hidden: true }, this.from, h("span", "–"), this.to);
    this.span.append(h("option", { value: "days" }, say("history.days")));
    this.span.addEventListener("change", () => { this.days.hidden = this.span.value !== "days"; if (!this.days.hidden) this.from.focus(); });
    this.kind = pick("rt-filter-task", say("history.anyKind"), TASKS.map((name) => [name, say(`task.${name}`)]));
    this.tagged = h("button.rt-tag.on", { type: "button", hidden: true, onclick: () => { this.tagged.value = ""; this.#anew(); } });
    this.picked = h("div.rt-picked", { hidden: true, role: "toolbar", "aria-label": say("history.picked.tools") });
    this.bin = h("div.rt-bin", { hidden: true }, h("p.rt-hint", say("bin.hint")), button({ icon: "trash", label: say("bin.empty"), id: "rt-bin-empty", onclick: trying(() => deleteForGood()) }));
    this.list = h("div.rt-records", { role: "list", "aria-label": say("tab.history") });
    this.end = h("div.rt-end");
    this.append(h("div.rt-search", {}, h("div.rt-search-box", {}, icon("search"), this.words), h("div.rt-filters", {}, this.kind, this.span, this.state, this.days, this.tagged)), this.bin, this.picked, this.list, this.end);
    new IntersectionObserver((seen) => { if (seen[0].isIntersecting && this.#next) this.#more().catch(complain); }, { rootMargin: "600px" }).observe(this.end);
    addEventListener("roomtone:changed", () => this.#anew());
    // The tab is hidden until it is chosen, and shows then what is true then.
    let seen = false;
    new IntersectionObserver((entries) => {
      const now = entries[0].isIntersecting;
      if (now && !seen && !this.words.value && scrollY < 400) this.#anew();
      seen = now;
    }).observe(this);
  }

  get #binned() { return this.state.value === BIN; }

  #filter() {
    const days = SPANS[this.span.value], own = this.span.value === "days";
    const since = own ? dayAt(this.from.value, 0) : days && Math.floor(Date.now() / 1000 - days * 86400);
    const binned = this.#binned, status = binned ? "" : this.state.value;
    return { task: this.kind.value, status, deleted: binned || undefined, tag: this.tagged.value, since, until: own ? dayAt(this.to.value, 1) : undefined };
  }

  async #anew() {
    this.#asking?.abort();
    this.#next = null;
    this.#followed.forEach((end) => end());
    this.#followed = [];
    this.#pick(null);
    this.tagged.hidden = !this.tagged.value;
    fill(this.tagged, icon("tag"), this.tagged.value, icon("close"));
    await this.#more(true).catch(complain);
  }

  async #more(first = false) {
    if (this.#asking && !first) return;
    const asking = new AbortController(), words = this.words.value.trim(), before = first ? undefined : this.#next;
    this.#asking = asking;
    try {
      const told = words && !this.#binned ? await api.search({ ...this.#filter(), q: words, before, limit: 50 }, asking.signal) : await api.jobs({ ...this.#filter(), q: words, before, limit: 50 }, asking.signal);
      const titles = words && first && !this.#binned ? await this.#titles(words, asking.signal) : [];
      if (asking.signal.aborted) return;
      this.#next = told.next;
      const rows = words && !this.#binned ? [...titles, ...this.#hits(told.hits)] : told.jobs.map((job) => this.#row(job));
      if (first) fill(this.list, rows); else this.list.append(...rows);
      const empty = first && !rows.length;
      if (first) this.bin.hidden = !this.#binned || empty;
      fill(this.end, empty ? h("div.rt-empty", {}, icon(words ? "search" : "history"), h("h2", say(words ? "history.nothing" : this.#binned ? "bin.nothing" : "history.empty")), h("p", say(words ? "history.nothing.hint" : this.#binned ? "bin.hint" : "history.empty.hint"))) : null);
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }

  /** Returns the recordings whose names hold the words, a few at first; the button behind them brings the next. */
  async #titles(words, signal, before = undefined) {
    const told = await api.jobs({ ...this.#filter(), q: words, before, limit: before ? 50 : 5 }, signal);
    const rows = told.jobs.map((job) => this.#row(job));
    if (!told.next) return rows;
    const more = button({ label: say("history.titles.more"), kind: "text" });
    const place = h("div.rt-titles-more", { role: "listitem" }, more);
    more.onclick = trying(async () => {
      more.disabled = true;
      try {
        const next = await this.#titles(words, undefined, told.next);
        place.after(...next);
        place.remove();
      } finally { more.disabled = false; }
    });
    return [...rows, place];
  }

  #hits(hits) {
    let last = this.list.lastElementChild?.dataset.hitOf;
    return hits.map((hit) => {
      const head = hit.job_id !== last && h("h3", {}, hit.title, h("small", hit.created_at ? moment(hit.created_at) : ""));
      last = hit.job_id;
      const line = h("button.rt-hit", { type: "button", onclick: () => go(hit.job_id, hit.start) }, h("span.rt-line-time", clock(hit.start)), h("span", {}, marked(hit.text, hit.ranges)));
      return h("div.rt-hits", { role: "listitem", data: { hitOf: hit.job_id } }, head, line);
    });
  }

  #row(job) {
    const row = h("article.rt-record", { role: "listitem", id: `rt-record-${job.id}` });
    const draw = (now) => {
      row.className = `rt-record ${now.status}`;
      const box = h("input", { type: "checkbox", checked: this.#chosen.has(now.id), "aria-label": say("history.choose", { title: now.title }), onchange: () => this.#pick(now, box.checked) });
      const more = button({ icon: "more", title: say("action.more"), kind: "quiet", "aria-haspopup": "menu", onclick: () => menu(more, this.#deeds(now, draw)) });
      fill(row, h("label.rt-record-box", {}, box),
        h("a.rt-record-main", { href: `?job=${encodeURIComponent(now.id)}`, onclick: (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); if (isMine(now)) openTab("live"); else go(now.id); } },
          h("span.rt-record-title", now.title), h("span.rt-record-facts", this.#facts(now))),
        h("div.rt-tags", {}, now.tags.map((name) => h("button.rt-tag", { type: "button", title: say("history.byTag"), onclick: () => { this.tagged.value = name; this.#anew(); } }, name))),
        h("span.rt-record-length", now.duration_s ? clock(now.duration_s) : ""),
        h(`span.rt-state.${now.live && !ended(now) ? "running" : now.status}`, {}, now.live && !ended(now) ? say("live.now") : now.status === "running" ? `${Math.round(now.progress * 100)} %` : say(`status.${now.status}`)), more);
    };
    draw(job);
    if (!ended(job)) this.#followed.push(stream.follow(job.id, draw));
    return row;
  }

  #facts(job) {
    const state = ended(job) ? job.error?.message : !job.live && stageOf(job);
    const took = job.status === "succeeded" && job.started_at && !job.live ? Math.round(job.finished_at - job.started_at) : 0;
    return [moment(job.created_at), say(`task.${job.task}`), job.language && languageName(job.language), job.model_title, ...settingsOf(job), took > 0 && say("history.took", { time: clock(took) }), state].filter(Boolean).join(" · ");
  }

  #deeds(job, draw) {
    if (job.deleted) {
      return [
        { label: say("action.open"), run: () => go(job.id) },
        { label: say("deleted.back"), run: trying(() => takeBack([job])) },
        { label: say("bin.gone"), kind: "bad", run: trying(() => deleteForGood([job])) },
      ];
    }
    const change = (what) => trying(async () => { const changed = await what(job); if (changed) draw(changed); });
    return [
      { label: say("action.open"), run: () => go(job.id) },
      { label: say("action.rename"), run: change(rename) },
      { label: say("action.tag"), run: change(tag) },
      (job.status !== "failed" || job.can_retry) && { label: say("action.again"), run: () => runAgain(job) },
      job.live && !ended(job) && { label: say("live.end"), run: trying(() => endSession(job.id)) },
      !job.live && !ended(job) && { label: say("action.cancel"), run: change((one) => api.act(one.id, "cancel")) },
      { label: say("action.delete"), kind: "bad", run: trying(() => remove([job])) },
    ];
  }

  #pick(job, on) {
    if (!job) this.#chosen.clear();
    else if (on) this.#chosen.set(job.id, job);
    else this.#chosen.delete(job.id);
    const jobs = [...this.#chosen.values()], n = jobs.length, zip = button({ icon: "download", label: say("history.zip"), kind: "strong", id: "rt-zip", "aria-haspopup": "menu" });
    zip.onclick = () => menu(zip, FORMATS.map((format) => ({ label: say(`format.${format}`), href: api.zipOf(jobs.map((one) => one.id), format) })));
    this.picked.hidden = n === 0;
    const deeds = this.#binned
      ? [button({ label: say("deleted.back"), onclick: trying(() => takeBack(jobs)) }), button({ icon: "trash", label: say("bin.gone"), onclick: trying(() => deleteForGood(jobs)) })]
      : [zip, button({ icon: "trash", label: say("action.delete"), onclick: trying(() => remove(jobs)) })];
    fill(this.picked, h("strong", say("history.picked", { n })), deeds,
      button({ label: say("history.pickNone"), kind: "text", onclick: () => { this.#pick(null); this.querySelectorAll(".rt-record-box input").forEach((box) => { box.checked = false; }); } }));
  }
}

/** Returns when a day begins here, or the one after it, in seconds since 1970; undefined where none is named. */
function dayAt(value, after) {
  const [year, month, day] = value.split("-").map(Number);
  return value ? new Date(year, month - 1, day + after).getTime() / 1000 : undefined;
}

/** Returns a line with the words that were looked for marked. */
function marked(text, ranges) {
  const made = [];
  let from = 0;
  for (const [start, end] of ranges || []) {
    made.push(text.slice(from, start), h("mark", text.slice(start, end)));
    from = end;
  }
  return [...made, text.slice(from)];
}

customElements.define("rt-history", History);
