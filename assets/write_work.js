// The page of a written text: how it grows, what became of it, and what can be done with it.
import { api, stream } from "./api.js";
import { notesOf } from "./again.js";
import { ended } from "./card.js";
import { button, fill, h } from "./dom.js";
import { remove } from "./records.js";
import { clock, moment, say } from "./texts.js";
import { complain, copyText, menu, toast, trying } from "./toast.js";
import { go, openTab } from "./way.js";
import { LINE_BY_LINE, writeApi } from "./write_api.js";
import { nameOf } from "./write_ask.js";
import { Blocks } from "./write_blocks.js";
import { askToWrite } from "./write_dialog.js";
import { Growing } from "./write_growing.js";
import { Pairs } from "./write_pairs.js";
import { WriteProgress } from "./write_progress.js";

const FILES = ["docx", "md", "txt"], SUBTITLES = ["srt2", "srt", "vtt2", "vtt"];
const LOOK_MS = 600;

/** What a written text is, in words: its kind, and how. */
export function named(job) {
  const { kind, style, length, language, template_name } = job.request || {};
  const how = kind === "polish" ? short(say(`write.style.${style}`)) : kind === "summary" ? short(say(`write.length.${length}`)) : kind === "template" ? template_name : "";
  const into = ["translate", "subtitles"].includes(kind) ? say("write.into.language", { language: nameOf(language) }) : how;
  return into ? say("write.named", { kind: say(`write.kind.${kind}`), how: into }) : say(`write.kind.${kind}`);
}

/** Numbers in order, those that follow each other as one stretch: 3–24. */
function stretches(numbers) {
  const found = [];
  for (const n of numbers) {
    if (found.length && found.at(-1)[1] === n - 1) found.at(-1)[1] = n;
    else found.push([n, n]);
  }
  return found.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(say("comma"));
}

/** The name of a choice without what explains it. */
const short = (told) => told.split(/[:：]/)[0];

export class WriteWork {
  #job = null;
  #unfollow = null;
  #state = null;
  #timer = null;

  /** `player` is that of the page: a written text is heard where it came from. */
  constructor(player) {
    this.player = player;
    this.head = h("header.rt-work-head");
    this.tools = h("div.rt-work-tools", { role: "toolbar", "aria-label": say("work.tools") });
    this.told = h("div.rt-work-state");
    this.body = h("div.rt-write-body");
    this.progress = new WriteProgress((job) => this.#take(job));
    this.growing = new Growing();
    this.pairs = new Pairs({ hear: (at) => this.player.seek(at, true), refused: (numbers) => this.#refuse(numbers) });
    this.blocks = new Blocks({ hear: (at) => this.player.seek(at, true) });
    this.element = h("section.rt-write-done", { hidden: true }, this.head, this.tools, this.told, this.progress.element, this.body);
  }

  open(job) {
    this.close();
    this.element.hidden = false;
    this.#take(job);
    this.#unfollow = stream.follow(job.id, (news) => this.#take(news));
  }

  close() {
    this.#unfollow?.();
    this.#unfollow = null;
    this.#job = this.#state = null;
    this.progress.clear();
    this.growing.clear();
    for (const part of [this.head, this.tools, this.told, this.body]) fill(part);
    this.element.hidden = true;
  }

  /** Marks what is heard at this second. */
  hear(at) { if (this.#job) { this.blocks.mark(at); this.pairs.mark(at); } }

  get isOpen() { return Boolean(this.#job); }

  #take(job) {
    const before = this.#job;
    this.#job = job;
    this.progress.take(job);
    if (!before || before.status !== job.status || before.title !== job.title) this.#drawHead();
    this.#drawTold();
    if (!before || !ended(before) || before.status !== job.status) this.#lookSoon();
  }

  // Between the news of a job the text grows: it is asked for while somebody looks at it.
  #lookSoon() {
    this.#timer ??= setTimeout(() => { this.#timer = null; this.#look().catch(complain); }, LOOK_MS);
  }

  async #look() {
    const { id } = this.#job || {};
    if (!id) return;
    const state = await writeApi.state(id);
    if (this.#job?.id !== id) return;
    const first = !this.#state;
    this.#state = state;
    if (first) this.#drawHead();
    if (first && state.source && !this.player.id) this.player.open(state.source.id, state.source.duration_s);
    if (first && !state.source) this.player.element.hidden = true;
    this.#drawTold();
    this.#drawBody();
    if (!ended(this.#job)) this.#lookSoon();
  }

  #drawHead() {
    const job = this.#job, source = this.#state?.source;
    document.title = `${named(job)} · ${job.title} · Roomtone`;
    const back = button({ icon: "left", label: say(source ? "write.toSource" : "work.back"), kind: "text", id: "rt-back", onclick: () => (source ? go(source.id) : history.state?.from === null ? history.back() : openTab("write")) });
    fill(this.head, back, h("div.rt-work-title", {}, h("h1", named(job))),
      h("p.rt-work-facts", [job.title, moment(job.created_at), job.model_title].filter(Boolean).join(" · ")));
  }

  #drawTold() {
    const job = this.#job, parts = this.#partsTold();
    fill(this.told, notesOf(job), parts && h("p.rt-write-parts", parts));
  }

  /** How many parts there are, and what became of them. */
  #partsTold() {
    const { result, asks } = this.#state || {};
    if (result) {
      const n = result.parts.length, lost = result.parts.filter((part) => part.state === "failed").length, unused = LINE_BY_LINE.includes(result.kind) || result.kind === "title" ? [] : result.parts.filter((part) => !part.n_used);
      return [say("write.parts.read", { n }), lost ? say("write.parts.failed", { n: lost }) : "", unused.length ? say("write.parts.unused", { parts: stretches(unused.map((part) => part.number + 1)) }) : ""].join(" ").trim();
    }
    if (!asks?.length) return "";
    const n = asks[0].of, done = new Set(asks.filter((ask) => ask.done && !ask.failed && ask.part !== null).map((ask) => ask.part)).size;
    const more = ended(this.#job) ? 0 : asks.filter((ask) => ask.part === null || ask.stage === "again").length;
    return [say("write.parts.of", { n, done }), more ? say("write.parts.more", { n: more }) : ""].join(" ").trim();
  }

  #drawBody() {
    const job = this.#job, { result, refused, asks } = this.#state;
    if (!result) { this.growing.draw(this.body, asks || [], job); fill(this.tools); return; }
    if (result.pairs.length) this.pairs.draw(this.body, result, refused);
    else this.blocks.draw(this.body, result);
    this.#drawTools();
  }

  #drawTools() {
    const job = this.#job, { result, source } = this.#state, compare = result.pairs.length > 0;
    const applies = source && (result.pairs.length ? result.kind === "polish" : ["title", "chapters"].includes(result.kind)) && (result.title || result.blocks.length || result.pairs.length);
    const load = button({ icon: "download", label: say("action.download"), kind: "strong", id: "rt-write-download", "aria-haspopup": "menu", onclick: () => menu(load, this.#files()) });
    const thoughts = (result.reasoning || []).filter(Boolean);
    fill(this.tools, load,
      button({ icon: "copy", label: say("action.copy"), id: "rt-write-copy", onclick: trying(() => this.#copy()) }),
      applies && button({ icon: "check", label: say(`write.apply.${result.kind}`), id: "rt-write-apply", onclick: trying(() => this.#apply()) }),
      h("span.rt-space"), compare && this.pairs.switches(),
      thoughts.length > 0 && button({ icon: "info", label: say("write.thoughts"), kind: "text", id: "rt-write-thoughts", onclick: () => this.growing.thoughts(thoughts) }),
      button({ icon: "again", label: say("write.again"), kind: "text", id: "rt-write-again", onclick: trying(() => askToWrite(source ? { job: source.id } : null)) }),
      button({ icon: "trash", title: say("action.delete"), kind: "quiet", onclick: trying(async () => { if (await remove([job])) { if (source) go(source.id); else openTab("write"); } }) }));
    if (!source) this.tools.querySelector("#rt-write-again")?.remove();
  }

  #files() {
    const { result } = this.#state, timed = result.pairs.some((pair) => pair.start !== null);
    const kinds = result.kind === "subtitles" ? [...SUBTITLES, ...FILES] : timed ? [...FILES, ...SUBTITLES] : FILES;
    return kinds.map((kind) => ({ label: say(`write.file.${kind}`), href: writeApi.fileOf(this.#job.id, kind) }));
  }

  async #copy() {
    const answer = await fetch(writeApi.fileOf(this.#job.id, "txt"));
    await copyText((await answer.text()).split("\n").slice(2).join("\n").trim());
    toast(say("work.copied"));
  }

  async #refuse(numbers) {
    const before = this.#state.refused;
    this.#state.refused = numbers;
    try { await writeApi.refuse(this.#job.id, numbers); } catch (error) { this.#state.refused = before; this.pairs.draw(this.body, this.#state.result, before); throw error; }
  }

  /** Takes the result over into the recording's text; what was there before comes back with one click. */
  async #apply() {
    const { source, result } = this.#state, was = await writeApi.apply(this.#job.id), n = Object.keys(was.lines).length;
    const undo = trying(async () => {
      if (was.kind === "title") await api.change(source.id, { title: was.title });
      else if (was.kind === "chapters") await writeApi.setChapters(source.id, was.chapters);
      else if (n) await api.edit(source.id, was.lines);
      toast(say("write.undone"));
    });
    const told = result.kind === "polish" ? say("write.applied.polish", { n }) : say(`write.applied.${result.kind}`);
    toast(told, { hint: was.n_skipped ? say("write.applied.skipped", { n: was.n_skipped }) : "", action: { label: say("action.undo"), run: undo }, ms: 15000 });
  }
}
