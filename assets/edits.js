// What the person writes into the lines of a transcript, and what others write into them meanwhile.
import { api } from "./api.js";
import { fill, icon } from "./dom.js";
import { say } from "./texts.js";

const COMPARE_MS = 2000;
const byNumber = (lines) => Object.fromEntries(lines.map((line) => [line.number, line.text]));

/** `deeds` has job(), load(), changed(job) and merged(); `saved` is where the state of saving is told. */
export class Edits {
  #saving = Promise.resolve();
  #pending = 0;
  #timer = null;

  constructor(lines, saved, deeds) {
    this.lines = lines;
    this.saved = saved;
    this.deeds = deeds;
    document.addEventListener("visibilitychange", () => this.#compare());
  }

  /** Looks from now on whether the text is changed in another window. */
  open() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#compare(), COMPARE_MS);
  }

  /** Looks now. */
  look() { this.#compare(); }

  close() { clearTimeout(this.#timer); }

  /** Saves what a line says now. */
  write(line, text) {
    if (line.mine !== undefined) { this.#clash(line, text); return Promise.resolve(); }
    const before = { text: line.text, original_text: line.original_text }, { id } = this.deeds.job();
    const original = line.original_text ?? line.text;
    Object.assign(line, { text, original_text: text.trim() === original.trim() ? null : original });
    fill(this.saved, say("work.saving"));
    // One after the other: each tells what it has replaced.
    const saving = this.#saving.then(() => this.#save(id, line, text, before));
    this.#pending += 1;
    this.#saving = saving.catch(() => {}).then(() => { this.#pending -= 1; });
    return saving;
  }

  async #save(id, line, text, before) {
    if (line.mine !== undefined) { this.#clash(line, text); return; }
    try {
      const told = await api.edit(id, { [line.number]: text }, { [line.number]: before.text });
      const job = this.deeds.job();
      // Any other revision holds somebody else's change too, which the next look brings.
      if (job?.id === id && told.revision === job.revision + 1) job.revision = told.revision;
      fill(this.saved, icon("check"), say("work.saved"));
    } catch (error) {
      Object.assign(line, before);
      fill(this.saved, say("work.unsaved"));
      if (error.code !== "line_changed") throw error;
      const theirs = await this.#nowAt(id, line), moved = theirs.number !== line.number;
      Object.assign(line, { number: theirs.number, text: theirs.text, original_text: theirs.original_text });
      if (moved && theirs.text === before.text) { await this.write(line, text); return; }
      this.#clash(line, text);
    }
  }

  // Lines have other numbers after their speakers were told apart: the one that begins there, else the one of that number.
  async #nowAt(id, { number, start }) {
    const [same] = (await api.segments(id, number - 1, 1)).segments;
    if (same?.start === start) return same;
    for (let after = -1; after !== null && after !== undefined;) {
      const told = await api.segments(id, after, 2000), found = told.segments.find((line) => line.start === start);
      if (found) return found;
      after = told.next;
    }
    return same;
  }

  // Somebody else's text stands; the person's own is kept beside it, over a reload too, until one is chosen.
  #clash(line, mine) {
    line.mine = mine;
    this.#keep(line);
    fill(this.saved, say("work.unsaved"));
    this.lines.clash(line);
  }

  /** Ends a clash with the person's own text or with the other one. */
  async choose(line, mine) {
    document.activeElement?.blur();
    const { id } = this.deeds.job(), text = line.mine;
    if (mine) await api.edit(id, { [line.number]: text }, { [line.number]: line.text });
    if (mine) Object.assign(line, { text, original_text: line.original_text ?? line.text });
    delete line.mine;
    this.#keep(line);
    this.lines.clash(line);
    fill(this.saved, icon("check"), say("work.saved"));
    await this.#merge(await api.job(id));
  }

  /** Writes lines as they were, unless somebody has changed one of them meanwhile. */
  async rewrite(lines) {
    const numbers = new Set(lines.map((line) => line.number));
    const seen = this.lines.all.filter((line) => numbers.has(line.number));
    await api.edit(this.deeds.job().id, byNumber(lines), byNumber(seen));
    await this.deeds.load();
  }

  /** Brings back the person's own texts that lost to others before the page was loaded anew. */
  recall() {
    const kept = this.#kept();
    for (const line of this.lines.all) {
      const mine = kept[line.number];
      if (mine !== undefined && mine !== line.text) { line.mine = mine; this.lines.clash(line); }
    }
  }

  #place() { return `roomtone.mine.${this.deeds.job().id}`; }

  #kept() { return JSON.parse(roomtone.kept.get(this.#place()) || "{}"); }

  #keep(line) {
    const kept = JSON.stringify({ ...this.#kept(), [line.number]: line.mine });
    if (kept !== "{}") roomtone.kept.set(this.#place(), kept);
    else try { localStorage.removeItem(this.#place()); } catch { /* nothing was kept */ }
  }

  // By asking now and then: a stream for each window would soon take all the connections that a browser has for one server.
  async #compare() {
    clearTimeout(this.#timer);
    const job = this.deeds.job();
    if (job?.status !== "succeeded" || document.hidden) return;
    try {
      const now = await api.job(job.id);
      const others = now.revision !== job.revision, telling = now.speakers?.id !== job.speakers?.id || now.speakers?.status !== job.speakers?.status;
      if (this.deeds.job() === job && (others ? await this.#merge(now) : telling)) this.deeds.changed(now);
    } catch { /* the next look asks again */ }
    if (this.deeds.job()?.id === job.id) this.open();
  }

  /** Takes over what differs; false when it has to be looked at again. */
  async #merge(job) {
    const fresh = [];
    for (let after = -1; job.status === "succeeded" && after !== null && after !== undefined;) {
      const told = await api.segments(job.id, after, 2000);
      fresh.push(...told.segments);
      after = told.next;
    }
    if (this.#pending || this.deeds.job()?.id !== job.id) return false;
    if (job.status !== "succeeded") return true;
    if (fresh.length !== this.lines.all.length && this.lines.writing) return false;
    if (fresh.length !== this.lines.all.length) await this.deeds.load();
    else if (this.lines.merge(fresh)) this.deeds.merged();
    return true;
  }
}
