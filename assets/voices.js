// <rt-voices>: the known voices, "same person?", how sure a name must be, and who used them.
import { api } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { offer } from "./dropped.js";
import { moment, say } from "./texts.js";
import { dialog, menu, toast, trying } from "./toast.js";
import { voicesApi } from "./voices_api.js";
import { day, enrol, look } from "./voices_enrol.js";
import { oneIn, Same } from "./voices_same.js";
import { hearButton, seconds, Source } from "./voices_source.js";

const SHARES = [0.01, 0.001, 0.0001];
const LOG_SHOWN = 12;
const date = (text) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));

class VoicesScreen extends HTMLElement {
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.voices = [];
    const seen = new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) this.#load(); });
    seen.observe(this);
    addEventListener("roomtone:voices", () => this.#load());
    const add = button({ icon: "mic", label: say("voices.add"), kind: "primary", id: "rt-voice-add", onclick: trying(() => this.#add()) });
    this.list = h("ul.rt-vlist");
    this.rule = h("div.rt-vrule");
    this.log = h("ul.rt-vlog");
    this.same = new Same(() => this.voices);
    this.pack = h("section.rt-panel", { hidden: true });
    fill(this, this.pack,
      h("section.rt-panel", {}, h("header.rt-vhead", {}, h("h2", say("voices.title")), add),
        h("div", {}, h("p", say("voices.about")), this.list, h("p.rt-note", {}, icon("lock"), say("voices.private")))),
      this.same.element,
      h("section.rt-panel", {}, h("h2", say("voices.rule")), this.rule),
      h("section.rt-panel", {}, h("h2", say("voices.log")), h("div", {}, this.log)));
  }

  /** Takes recordings that were dropped anywhere while this tab is seen: they are compared. */
  take(files) { return offer(this, files); }

  #load = trying(async () => {
    this.told = await voicesApi.all();
    this.voices = this.told.voices;
    this.#draw();
    const { packs } = await api.packs();
    this.pack.hidden = !packs.some((pack) => pack.name === "speakers" && !pack.installed);
    if (!this.pack.hidden && !this.pack.childElementCount) fill(this.pack, h("div", {}, h("p", say("voices.pack")), h("rt-pack", { pack: "speakers" })));
  });

  #draw() {
    fill(this.list, this.voices.length ? this.voices.map((one) => this.#row(one)) : h("li.rt-vnone", {}, icon("wave"), h("strong", say("voices.none")), h("span", say("voices.none.hint"))));
    this.#drawRule();
    fill(this.log, logLines(this.told.log.slice(0, LOG_SHOWN), this.voices));
    this.same.refresh();
  }

  #row(one) {
    const more = button({ icon: "more", title: say("voices.more", { name: one.name }), kind: "quiet", "aria-haspopup": "menu" });
    more.onclick = () => this.#menu(one, more);
    const time = one.ended ? say("voices.over", { day: date(one.ends_on) }) : one.ends_on && say("voices.until", { day: date(one.ends_on) });
    const facts = [say("voices.facts", { time: seconds(one.speech_s), day: date(one.agreed_on) }), time, one.n_named > 0 && say("voices.named", { n: one.n_named })].filter(Boolean).join(" · ");
    const hear = one.sample_s ? hearButton(voicesApi.sampleOf(one.id), [0, null], one.name) : h("span.rt-vmute", { title: say("voices.gone") }, icon("wave"));
    return h(`li${one.ended ? ".ended" : ""}`, { data: { voice: one.id } }, hear, h("div", {}, h("strong", one.name), h("span", facts)), more);
  }

  #menu(one, anchor) {
    menu(anchor, [
      { label: say("voices.grow"), run: trying(() => this.#grow(one)) },
      !one.ended && { label: say("voices.look"), run: () => look() },
      { label: say("voices.change"), run: trying(() => this.#change(one)) },
      { label: say("voices.consent.show"), run: trying(() => this.#consent(one)) },
      { label: say("voices.export"), hint: say("voices.export.hint"), href: voicesApi.exportOf(one.id) },
      { label: say("voices.revoke"), kind: "bad", run: trying(() => this.#revoke(one)) },
    ]);
  }

  async #add() { if (await enrol({ needed: this.told?.needed_s })) this.#load(); }

  async #change(one) {
    const name = h("input.rt-input", { value: one.name, required: true, maxLength: 80 }), ends = h("input.rt-input", { type: "date", value: one.ends_on || "", min: day() });
    const wanted = await dialog(one.name, (close) => h("form", { onsubmit: (event) => { event.preventDefault(); close({ name: name.value.trim(), ends: ends.value }); } },
      h("label.rt-field", {}, h("span", say("voices.name")), name), h("label.rt-field", {}, h("span", say("voices.ends")), ends, h("span.rt-hint", say("voices.ends.hint"))),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("action.save")))), "small");
    if (!wanted) return;
    await voicesApi.change(one.id, wanted.name, wanted.ends);
    this.#load();
  }

  async #grow(one) {
    const save = button({ label: say("action.save"), kind: "primary", disabled: true });
    const source = new Source({ kinds: ["file", "speaker"], alone: true, label: say("voices.recording"), changed: () => { save.disabled = !source.ref; } });
    const done = await dialog(one.name, (close) => {
      save.onclick = trying(async () => { await voicesApi.add(one.id, [source.ref]); close(true); });
      return h("div.rt-venrol", {}, source.element, h("footer.rt-row", {}, button({ label: say("action.cancel"), onclick: () => close() }), save));
    });
    if (!done) return;
    toast(say("voices.grown"));
    this.#load();
  }

  async #consent(one) {
    const log = await voicesApi.log(one.id);
    await dialog(one.name, () => [
      h("p.rt-hint", say("voices.agreed", { by: one.agreed_by, day: date(one.agreed_on) })), h("blockquote.rt-vquote", one.consent),
      h("h3", say("voices.recordings")), h("ul.rt-vreasons", {}, one.recordings.map((recording) => h("li", `${recording.title} · ${seconds(recording.speech_s)}`))),
      h("h3", say("voices.log")), h("ul.rt-vlog", {}, logLines(log, this.voices)),
    ]);
  }

  async #revoke(one) {
    const sure = await dialog(say("voices.revoke.sure", { name: one.name }), (close) => [h("p", say("voices.revoke.hint")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), button({ label: say("voices.revoke.do"), icon: "trash", kind: "primary", id: "rt-voice-forget", onclick: () => close(true) }))], "small");
    if (!sure) return;
    const n = await voicesApi.revoke(one.id);
    toast(say("voices.revoked", { n }));
    this.#load();
  }

  #drawRule() {
    const { pairs, wrong_share } = this.told;
    const shares = [...new Set([...SHARES, wrong_share])].sort((a, b) => b - a);
    const choose = h("select.rt-input", { id: "rt-voice-rule", "aria-label": say("voices.rule"), disabled: !this.told.may_set_rule, onchange: trying(async () => { this.told = await voicesApi.rule(Number(choose.value)); this.voices = this.told.voices; this.#draw(); toast(say("voices.rule.saved"), { ms: 3000 }); }) },
      shares.map((share) => h("option", { value: share, selected: share === wrong_share }, oneIn(share))));
    const n = pairs.different;
    fill(this.rule, h("p.rt-hint", say("voices.rule.hint")), choose, !this.told.may_set_rule && h("p.rt-hint", say("voices.rule.there")), h("p.rt-hint", n >= 30 ? say("voices.rule.local", { n, cohort: pairs.cohort }) : say("voices.rule.prior", { n })));
  }
}

function logLines(log, voices) {
  if (!log.length) return h("li", say("voices.log.none"));
  const names = new Map(voices.map((one) => [one.id, one.name]));
  const who = (address) => (address === "" ? say("voices.log.self") : ["127.0.0.1", "::1"].includes(address) ? say("voices.log.here") : address);
  return log.map((one) => h("li", {}, h("time", moment(one.at)), h("span", one.voice === null ? say("voices.log.all") : names.get(one.voice) || say(one.voice.startsWith("own-") ? "voices.log.own" : "voices.log.deleted")),
    h("span", {}, say(`voices.log.what.${one.what}`), one.job && [" ", h("a", { href: `?job=${encodeURIComponent(one.job)}` }, say("voices.log.open"))]), h("span", who(one.who))));
}

customElements.define("rt-voices", VoicesScreen);
