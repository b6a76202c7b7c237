// <rt-workplace>: one recording with its text, to be heard, corrected and taken away.
import { api, stream } from "./api.js";
import { isAloud } from "./aloud_api.js";
import { AloudWork } from "./aloud_work.js";
import { bestAgain, notesOf, runAgain } from "./again.js";
import { ended } from "./card.js";
import { button, fill, h } from "./dom.js";
import { Edits } from "./edits.js";
import { Finder } from "./finder.js";
import { help, listen } from "./keys.js";
import { Lines } from "./lines.js";
import { Player } from "./player.js";
import { remove, rename, settingsOf, tag } from "./records.js";
import { isSound } from "./sound_api.js";
import { cleanedDeeds, compareButton } from "./sound_first.js";
import { SoundWork } from "./sound_work.js";
import { Speakers } from "./speakers.js";
import { isVideo } from "./video_api.js";
import { VideoWork } from "./video_work.js";
import { copyLines, nameCopies, offerDownload } from "./taking.js";
import { clock, languageName, moment, say } from "./texts.js";
import { complain, menu, toast, trying } from "./toast.js";
import { go, here } from "./way.js";
import { isWritten } from "./write_api.js";
import { askToWrite } from "./write_dialog.js";
import { Shelf } from "./write_shelf.js";
import { WriteWork } from "./write_work.js";
import { WorkProgress, notThere } from "./work_progress.js";

class Workplace extends HTMLElement {
  #made = false;
  #job = null;
  #unfollow = null;
  #loading = null;
  #after = -1;
  #asking = false;
  #following = true;
  #before = null;
  #drawn = "";

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.player = new Player((at) => this.#heard(at));
    this.lines = new Lines({
      hear: (at) => { this.#before = { at: this.player.time, paused: this.player.audio.paused }; this.#follow(true); this.player.seek(at, true); },
      // The first click of the two that begin an edit was not meant to play.
      unhear: () => { if (this.#before?.paused) { this.player.audio.pause(); this.player.seek(this.#before.at); } },
      edited: (line, text) => this.edits.write(line, text).catch(complain),
      restored: (line) => this.edits.write(line, line.original_text).then(() => this.lines.redraw(this.lines.all.indexOf(line))).catch(complain),
      chosen: trying((line, mine) => this.edits.choose(line, mine)),
      retry: trying(() => this.#retry()),
    });
    this.speakers = new Speakers(this.lines, this.player, {
      job: () => this.#job,
      play: (at) => { this.#follow(false); this.player.seek(at, true); },
      told: () => { this.lines.redrawAll(); this.#drawTools(); },
      news: (job) => this.#heardOf(job),
    });
    nameCopies(this.lines, this.speakers);
    this.progress = new WorkProgress(() => this.#retry());
    this.finder = new Finder(this.lines, {
      edited: (line, text) => this.edits.write(line, text),
      replaceAll: async (find, replacement, exact) => { const n = await api.replace(this.#job.id, find, replacement, exact); await this.#load(); return n; },
      undo: async (lines) => { await this.edits.rewrite(lines); this.finder.look(); },
    });
    this.sound = new SoundWork();
    this.video = new VideoWork();
    this.aloud = new AloudWork();
    this.writing = new WriteWork(this.player);
    this.shelf = new Shelf((at) => { this.#follow(true); this.player.seek(at, true); });
    this.#build();
    this.edits = new Edits(this.lines, this.saved, {
      job: () => this.#job,
      load: () => this.#load(),
      changed: (job) => this.#take(job),
      merged: () => this.finder.look(),
    });
    addEventListener("roomtone:way", () => this.#arrive());
    for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => this.#follow(false), { passive: true });
    this.#keys();
    this.#arrive();
  }

  #build() {
    this.title = "";
    this.head = h("header.rt-work-head");
    this.notes = h("div.rt-work-notes");
    this.saved = h("span.rt-saved", { role: "status", "aria-live": "polite" });
    this.tools = h("div.rt-work-tools", { role: "toolbar", "aria-label": say("work.tools") });
    this.toLine = button({ label: say("work.toLine"), icon: "down", kind: "pill", hidden: true, onclick: () => { this.#follow(true); this.lines.show(this.lines.current); } });
    this.state = h("div.rt-work-state");
    this.append(h("div.rt-work", {}, this.head, this.notes, this.tools, this.finder.element, this.state, this.shelf.element, this.speakers.element, this.lines.element, this.toLine), this.speakers.picker.bar, this.player.element, this.sound.element, this.video.element, this.aloud.element, this.writing.element);
    this.classList.toggle("doubts", roomtone.kept.get("roomtone.doubts") !== "no");
  }

  #arrive() {
    const { job, at } = here();
    if (!job) { this.#leave(); return; }
    if (this.#job?.id === job) { if (at !== null) this.#jump(at); return; }
    this.#leave(); this.#open(job, at);
  }

  #leave() {
    this.#unfollow?.();
    this.#unfollow = null;
    this.#job = null;
    this.edits.close();
    this.speakers.close();
    this.progress.close();
    this.classList.remove("gone", "sound", "video", "aloud", "writing");
    this.sound.close();
    this.video.close();
    this.aloud.close();
    this.writing.close();
    this.shelf.close();
    this.#loading?.abort();
    this.player.close();
    this.finder.close();
    this.lines.clear();
    for (const part of [this.head, this.notes, this.tools, this.state]) part.replaceChildren();
    document.title = "Roomtone";
  }

  async #open(id, at) {
    scrollTo(0, 0);
    fill(this.state, h("p.rt-hint", say("work.opening")));
    try {
      const job = await api.job(id);
      if (here().job !== id) return;
      this.classList.toggle("sound", isSound(job));
      if (isSound(job)) { this.sound.open(job); return; }
      this.classList.toggle("video", isVideo(job));
      if (isVideo(job)) { this.video.open(job); return; }
      this.classList.toggle("aloud", isAloud(job));
      if (isAloud(job)) { this.aloud.open(job); return; }
      this.classList.toggle("writing", isWritten(job));
      if (isWritten(job)) { this.writing.open(job); return; }
      this.#take(job);
      this.#unfollow = stream.follow(id, (news) => this.#heardOf(news));
      if (at !== null) this.#wish = at;
    } catch (error) {
      if (here().job !== id) return;
      this.classList.add("gone");
      fill(this.state, notThere(error));
    }
  }

  #wish = null;

  // A finished text that changed is looked at line by line: somebody may be writing in one.
  #heardOf(news) {
    const before = this.#job, changed = before?.status === "succeeded" && news.status === "succeeded" && news.revision !== before.revision;
    if (changed) this.edits.look(); else this.#take(news);
  }

  #take(job) {
    const before = this.#job;
    this.#job = job;
    this.progress.take(job);
    const news = !before || before.status !== job.status;
    if (news || before.title !== job.title || before.tags.join() !== job.tags.join() || before.language !== job.language) this.#drawHead();
    this.#drawState();
    if (news || before.speakers?.status !== job.speakers?.status) this.#drawTools();
    this.speakers.take(job);
    if (news && (ended(job) || !before)) {
      this.lines.fixed = job.status !== "succeeded";
      this.#load().catch(complain);
      this.player.open(job.id, job.duration_s);
      this.edits.open();
      if (job.status === "succeeded") this.shelf.open(job);
    } else if (job.status === "running") this.#live();
  }

  #drawHead() {
    const job = this.#job;
    document.title = `${job.title} · Roomtone`;
    const facts = [moment(job.created_at), job.duration_s && clock(job.duration_s), job.language && languageName(job.language), job.model_title, ...settingsOf(job)];
    const change = trying(async (what) => { const changed = await what(job); if (changed) this.#take(changed); });
    fill(this.head,
      button({ icon: "left", label: say("work.back"), kind: "text", id: "rt-back", onclick: () => (history.state?.from === null ? history.back() : go(null)) }),
      h("div.rt-work-title", {}, h("h1", { title: job.source_name }, job.title), button({ icon: "edit", title: say("action.rename"), kind: "quiet", onclick: () => change(rename) })),
      h("p.rt-work-facts", facts.filter(Boolean).join(" · ")),
      h("div.rt-tags", {}, job.tags.map((name) => h("span.rt-tag", name)), button({ icon: "tag", label: say("action.tag"), kind: "text", onclick: () => change(tag) })));
  }

  #drawState() {
    const job = this.#job, notes = notesOf(job);
    fill(this.notes, notes);
    if (job.status === "succeeded") {
      fill(this.state, this.lines.all.length || this.#loading || notes.length ? [] : h("p.rt-empty", say("work.silent")));
      return;
    }
    // Drawn anew only where it is another: else the button that somebody has come to by keys, or is pressing, goes away.
    const drawn = JSON.stringify([job.id, job.status, job.can_retry, job.error, job.live]);
    if (this.#drawn === drawn && this.state.contains(this.progress.bar)) return;
    this.#drawn = drawn;
    fill(this.state, this.progress.draw(job));
  }

  #drawTools() {
    const job = this.#job, done = job.status === "succeeded";
    const doubts = h("label.rt-check.rt-doubt-switch", { title: say("work.doubts.hint") },
      h("input", { type: "checkbox", id: "rt-doubts", checked: this.classList.contains("doubts"), onchange: (event) => this.#showDoubts(event.target.checked) }), h("span.doubt", say("work.doubts")));
    const load = button({ icon: "download", label: say("action.download"), kind: "strong", id: "rt-download", "aria-haspopup": "menu", onclick: () => offerDownload(load, this.#job, this.speakers.known) });
    const copy = button({ icon: "copy", label: say("action.copy"), id: "rt-copy", onclick: trying(() => copyLines(this.lines, this.speakers)) });
    const more = button({ icon: "more", title: say("action.more"), kind: "quiet", id: "rt-work-more", "aria-haspopup": "menu", onclick: () => menu(more, this.#others()) });
    const tell = done && !this.speakers.known && !job.speakers;
    const write = button({ icon: "edit", label: say("write.button"), title: say("write.button.hint"), kind: "strong", id: "rt-write-open", onclick: trying(() => askToWrite({ job: job.id })) });
    fill(this.tools, done && [load, write, copy, button({ icon: "search", label: say("action.find"), id: "rt-open-find", onclick: () => this.finder.open() }),
        tell && button({ icon: "people", label: say("speakers.tell"), title: say("speakers.tell"), id: "rt-tell", onclick: trying(() => this.speakers.tell()) }),
        compareButton(job),
        job.live && job.request.quality !== "best" && button({ icon: "again", label: say("live.best"), title: say("live.best.hint"), id: "rt-best", onclick: trying(() => bestAgain(job)) })],
      h("span.rt-space"), this.saved, done && doubts, button({ icon: "keys", title: say("keys.title"), kind: "quiet", id: "rt-keys", onclick: help }), more);
  }

  #showDoubts(on) { this.classList.toggle("doubts", on); roomtone.kept.set("roomtone.doubts", on ? "yes" : "no"); }

  #others() {
    const job = this.#job;
    const doubts = this.classList.contains("doubts");
    return [
      job.status === "succeeded" && matchMedia("(max-width: 760px)").matches && { label: say(doubts ? "work.doubts.hide" : "work.doubts.show"), run: () => this.#showDoubts(!doubts) },
      (job.status !== "failed" || job.can_retry) && { label: say("action.again"), run: () => runAgain(job) },
      job.status === "succeeded" && { label: say("work.restore"), run: trying(() => this.#restore()) },
      job.status === "succeeded" && { label: say("work.copyTimes"), run: trying(() => copyLines(this.lines, this.speakers, true)) },
      ...cleanedDeeds(job),
      { label: say("work.sound"), href: `${api.soundOf(job.id)}?download=true` },
      { label: say("action.delete"), kind: "bad", run: trying(async () => { if (await remove([job])) go(null); }) },
    ];
  }

  async #load() {
    this.#loading?.abort();
    const loading = new AbortController(), { id, status } = this.#job, top = scrollY, kept = this.lines.all.length > 0;
    this.#loading = loading;
    this.#after = -1;
    const fresh = [];
    try {
      for (let after = -1; ;) {
        const told = await api.segments(id, after, after < 0 ? 200 : 2000, loading.signal);
        if (kept) fresh.push(...told.segments);
        else { this.lines.add(told.segments); this.#first(told.next === null); }
        if (told.live) this.#after = told.next ?? this.#after;
        if (told.live || told.next === null || told.next === undefined) break;
        after = told.next;
      }
      if (kept) { this.lines.clear(); this.lines.add(fresh); scrollTo(0, top); }
      this.edits.recall();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (status === "succeeded") throw error;
    }
    if (this.#loading === loading) this.#loading = null;
    this.#first(true);
    this.#drawState();
    this.finder.look();
  }

  // Goes to the second that the address names, once its line is here.
  #first(last) {
    if (this.#wish === null || !this.lines.all.length) return;
    if (!last && this.lines.all.at(-1).start < this.#wish) return;
    const at = this.#wish;
    this.#wish = null;
    this.#jump(at);
  }

  #jump(at) {
    this.#follow(true);
    this.player.seek(at);
    this.lines.hear(at + 0.05);
    const i = this.lines.at(at + 0.05);
    if (i >= 0) { this.lines.show(i, false); this.lines.find(i); }
  }

  async #live() {
    if (this.#asking || this.#loading) return;
    this.#asking = true;
    const { id } = this.#job;
    try {
      const told = await api.segments(id, this.#after, 500);
      if (this.#job?.id === id && told.live) {
        const bottom = innerHeight + scrollY > document.documentElement.scrollHeight - 160;
        this.lines.add(told.segments);
        this.#after = told.next ?? this.#after;
        if (bottom && told.segments.length && this.player.audio.paused) scrollTo({ top: document.documentElement.scrollHeight, behavior: "smooth" });
      }
    } catch { /* the next change asks again */ } finally { this.#asking = false; }
  }

  #heard(at) {
    if (this.writing.isOpen) { this.writing.hear(at); return; }
    this.speakers.hear(at);
    if (!this.lines.hear(at) || this.player.audio.paused || !this.#following) return;
    if (!this.lines.seen(this.lines.current)) this.lines.show(this.lines.current);
  }

  #follow(on) {
    if (this.#following === on) return;
    this.#following = on;
    this.toLine.hidden = on || this.player.audio.paused;
  }

  async #restore() {
    const changed = this.lines.all.filter((line) => line.original_text !== null && line.original_text !== undefined);
    if (!changed.length) { toast(say("work.restore.none")); return; }
    const before = changed.map(({ number, text }) => ({ number, text }));
    await api.act(this.#job.id, "restore");
    await this.#load();
    const undo = trying(() => this.edits.rewrite(before));
    toast(say("work.restored", { n: changed.length }), { action: { label: say("action.undo"), run: undo } });
  }

  async #retry() { this.#take(await api.act(this.#job.id, "retry")); stream.wake(); }

  #keys() {
    const step = (by) => {
      const line = this.lines.all[Math.max(0, Math.min(this.lines.all.length - 1, this.lines.current + by))];
      if (line) { this.#follow(true); this.player.seek(line.start); this.lines.hear(line.start); this.lines.show(this.lines.current); }
    };
    listen(() => Boolean(this.#job), {
      play: () => this.player.toggle(),
      skip: (seconds) => this.player.skip(seconds),
      speed: (by) => this.player.faster(by),
      line: step,
      find: () => this.#job.status === "succeeded" && this.finder.open(),
      edit: () => { const i = Math.max(0, this.lines.current); this.lines.show(i, false); setTimeout(() => this.lines.edit(i), 40); },
      doubt: () => { const i = this.lines.nextDoubt(this.lines.current); if (i >= 0) step(i - this.lines.current); },
    });
  }
}

customElements.define("rt-workplace", Workplace);
