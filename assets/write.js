// <rt-write>: a recording or a text is chosen, and what is to be written from it.
import { api, stream } from "./api.js";
import { ended, stageOf } from "./card.js";
import { button, fill, h, icon } from "./dom.js";
import { isMedia } from "./dropped.js";
import { moment, say } from "./texts.js";
import { textOf } from "./text_file.js";
import { toast, trying } from "./toast.js";
import { go, openTab } from "./way.js";
import { isWritten, writeApi } from "./write_api.js";
import { WriteAsk } from "./write_ask.js";
import { named } from "./write_work.js";

const SHOWN = 100;
const DRAFT = "roomtone.write.text";
const TEXT = /\.(txt|md|markdown)$/i;

class WriteScreen extends HTMLElement {
  #made = false;
  #from = "job";
  #follows = [];

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.ask = new WriteAsk(() => this.#changed());
    this.start = button({ label: say("write.start"), icon: "text", kind: "primary", id: "rt-write-start" });
    this.start.onclick = trying(() => this.#begin());
    this.pick = h("select.rt-input", { id: "rt-write-job", "aria-label": say("write.recording"), onchange: () => this.#changed() });
    this.none = h("div.rt-write-none", { hidden: true }, h("p.rt-hint", say("write.recording.none")), button({ label: say("write.recording.first"), icon: "wave", kind: "strong", onclick: () => openTab("transcribe") }));
    this.text = h("textarea.rt-input", { id: "rt-write-text", rows: 12, "aria-label": say("write.text"), placeholder: say("write.text.example"), value: roomtone.kept.get(DRAFT) || "" });
    this.text.oninput = () => { roomtone.kept.set(DRAFT, this.text.value.slice(0, 200000)); this.#changed(); };
    this.length = h("span.rt-hint");
    this.jobs = h("section.rt-jobs", { "aria-label": say("write.recent"), hidden: true });
    this.source = h("section.rt-panel.rt-write-source");
    this.append(h("div.rt-write-work", {}, this.source, this.jobs), h("aside.rt-panel.rt-write-settings", {}, h("h2", say("write.what")), this.ask.element, this.start));
    this.#drawSource();
    new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) this.#load(); }).observe(this);
  }

  /** Takes a text that was dropped anywhere while this tab is seen; false for recordings, which have to be text first. */
  take(files) {
    const texts = files.filter((file) => /^text\//.test(file.type) || TEXT.test(file.name));
    if (texts.length) { this.#read(texts); return true; }
    if (files.some(isMedia)) return false;
    toast(say("write.text.unread", { name: files[0].name }), { kind: "bad" });
    return true;
  }

  #read = trying(async ([file, ...rest]) => {
    const text = await textOf(file);
    if (text === null) { toast(say("write.text.unread", { name: file.name }), { kind: "bad" }); return; }
    const before = this.text.value;
    const put = (value) => { this.text.value = value; this.text.oninput(); };
    put(text);
    if (this.#from !== "text") { this.#from = "text"; this.#drawSource(); this.#changed(); }
    if (rest.length) toast(say("drop.rest", { n: 1, rest: rest.length }));
    if (before.trim() && before !== text) toast(say("write.text.replaced", { name: file.name }), { action: { label: say("action.undo"), run: () => put(before) } });
  });

  #load = trying(async () => {
    await this.ask.load();
    const told = await api.jobs({ task: "automatic-speech-recognition", status: "succeeded", limit: SHOWN }), chosen = this.pick.value;
    fill(this.pick, told.jobs.map((job) => h("option", { value: job.id, selected: job.id === chosen }, `${job.title} · ${moment(job.created_at)}`)));
    this.none.hidden = told.jobs.length > 0;
    this.pick.hidden = !told.jobs.length;
    await this.#recent();
    this.#changed();
  });

  async #recent() {
    const jobs = await writeApi.recent();
    this.#follows.forEach((end) => end());
    this.#follows = [];
    this.jobs.hidden = !jobs.length;
    fill(this.jobs, h("header", {}, h("h2", say("write.recent"))), h("div.rt-records", { role: "list" }, jobs.map((job) => this.#row(job))));
  }

  #row(job) {
    const row = h("article.rt-record", { role: "listitem" });
    const draw = (now) => {
      row.className = `rt-record ${now.status}`;
      fill(row, h("a.rt-record-main", { href: `?job=${encodeURIComponent(now.id)}`, onclick: (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); go(now.id); } },
        h("span.rt-record-title", `${named(now)} · ${now.title}`), h("span.rt-record-facts", [moment(now.created_at), now.model_title].filter(Boolean).join(" · "))),
      h(`span.rt-state.${now.status}`, {}, now.status === "running" ? `${Math.round(now.progress * 100)} %` : ended(now) ? say(`status.${now.status}`) : stageOf(now)));
    };
    draw(job);
    if (!ended(job)) this.#follows.push(stream.follow(job.id, draw));
    return row;
  }

  #drawSource() {
    const side = (name) => h(`button.rt-side${this.#from === name ? ".on" : ""}`, { type: "button", role: "radio", id: `rt-write-from-${name}`, "aria-checked": String(this.#from === name), onclick: () => { this.#from = name; this.#drawSource(); this.#changed(); } }, say(`write.from.${name}`));
    const file = h("input", { type: "file", accept: ".txt,.md,.markdown,text/plain", hidden: true, onchange: () => { const one = file.files[0]; if (one) this.#read([one]); file.value = ""; } });
    const load = button({ label: say("write.text.file"), icon: "folder", kind: "text", onclick: () => file.click() });
    fill(this.source, h("div.rt-sides", { role: "radiogroup", "aria-label": say("write.from") }, side("job"), side("text")),
      this.#from === "job" ? [this.pick, this.none] : [this.text, h("div.rt-row", {}, load, file, this.length)]);
  }

  #changed() {
    if (!this.start) return;
    const n = this.text.value.trim().length;
    this.length.textContent = n ? say("write.text.signs", { n }) : "";
    this.ask.suit(this.#from === "job");
    this.start.disabled = !this.ask.possible || (this.#from === "job" ? !this.pick.value : !n);
    fill(this.start, icon("text"), h("span", say("write.start.kind", { kind: say(`write.kind.${this.ask.kind}`) })));
  }

  async #begin() {
    this.start.disabled = true;
    try {
      const source = this.#from === "job" ? { job: this.pick.value } : { text: this.text.value };
      const job = await writeApi.submit(source, this.ask.request());
      if (isWritten(job)) go(job.id);
    } finally { this.#changed(); }
  }
}

customElements.define("rt-write", WriteScreen);
