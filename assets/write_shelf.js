// On the page of a recording: its chapters, and what was written from it.
import { ended, stageOf } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { stream } from "./api.js";
import { clock, moment, say } from "./texts.js";
import { toast, trying } from "./toast.js";
import { go } from "./way.js";
import { writeApi } from "./write_api.js";
import { named } from "./write_work.js";

export class Shelf {
  #id = null;
  #follows = [];

  /** `hear(seconds)` plays the recording. */
  constructor(hear) {
    this.hear = hear;
    this.written = h("div.rt-write-shelf", { hidden: true });
    this.chapters = h("nav.rt-chapters", { hidden: true, "aria-label": say("write.chapters") });
    this.element = h("div.rt-write-beside", {}, this.written, this.chapters);
  }

  close() {
    this.#id = null;
    this.#follows.forEach((end) => end());
    this.#follows = [];
    this.written.hidden = this.chapters.hidden = true;
  }

  open = trying(async (job) => {
    this.close();
    this.#id = job.id;
    const [jobs, chapters] = await Promise.all([writeApi.of(job.id), writeApi.chapters(job.id)]);
    if (this.#id !== job.id) return;
    this.#drawWritten(jobs);
    this.#drawChapters(chapters);
  });

  #drawWritten(jobs) {
    this.written.hidden = !jobs.length;
    fill(this.written, h("strong", say("write.shelf")), jobs.slice(0, 12).map((job) => this.#link(job)));
  }

  #link(job) {
    const link = h("a.rt-write-link", { href: `?job=${encodeURIComponent(job.id)}`, onclick: (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); go(job.id); } });
    const draw = (now) => {
      const state = ended(now) ? (now.status === "succeeded" ? "" : say(`status.${now.status}`)) : now.status === "running" ? `${Math.round(now.progress * 100)} %` : stageOf(now);
      link.title = moment(now.created_at);
      fill(link, icon("text"), h("span", named(now)), state && h("small", state));
    };
    draw(job);
    if (!ended(job)) this.#follows.push(stream.follow(job.id, draw));
    return link;
  }

  #drawChapters(chapters) {
    this.chapters.hidden = !chapters.length;
    const drop = button({ icon: "close", title: say("write.chapters.drop"), kind: "quiet" });
    drop.onclick = trying(async () => {
      await writeApi.setChapters(this.#id, []);
      const id = this.#id;
      this.#drawChapters([]);
      toast(say("write.chapters.dropped"), { action: { label: say("action.undo"), run: trying(async () => { await writeApi.setChapters(id, chapters); if (this.#id === id) this.#drawChapters(chapters); }) } });
    });
    fill(this.chapters, h("strong", say("write.chapters")), chapters.map((one) => h("button.rt-chapter", { type: "button", onclick: () => this.hear(one.start) }, h("span.rt-line-time", clock(one.start)), h("span", one.title))), drop);
  }
}
