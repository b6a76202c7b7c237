// A summary, minutes or chapters: each sentence is heard where it came from; what has no support is marked.
import { fill, h, icon } from "./dom.js";
import { clock, say } from "./texts.js";

export class Blocks {
  #heard = [];

  /** `deeds` has hear(seconds). */
  constructor(deeds) { this.deeds = deeds; }

  draw(body, result) {
    this.#heard = [];
    if (result.kind === "title") { fill(body, h("p.rt-write-title", { lang: "" }, result.title || say("write.nothing"))); return; }
    const parts = [];
    let group = "", list = null;
    for (const block of result.blocks) {
      if (block.group !== group) { group = block.group; list = null; parts.push(h("h2", say(`write.group.${group}`))); }
      if (block.shape === "heading") { list = null; parts.push(h("h2", { lang: "" }, block.sentences[0].text)); continue; }
      if (block.shape === "paragraph") { list = null; parts.push(h("p", { lang: "" }, this.#said(block))); continue; }
      if (!list) { list = h(`ul.rt-write-list.${block.shape}`); parts.push(list); }
      list.append(this.#item(block));
    }
    fill(body, this.#odd(result), parts.length ? h("div.rt-write-text", {}, parts) : h("p.rt-empty", say("write.nothing")));
  }

  /** Marks the sentences that come from what is heard at this second. */
  mark(at) {
    for (const { spans, element } of this.#heard) element.classList.toggle("heard", spans.some(([start, end]) => start <= at && at < end));
  }

  #odd(result) {
    const all = result.blocks.filter((block) => block.shape !== "heading").flatMap((block) => block.sentences), bare = all.filter((one) => one.state === "unsupported").length, odd = all.filter((one) => one.odd.length).length;
    if (!bare && !odd) return null;
    return h("p.rt-note.rt-write-odd", {}, icon("warn"), h("span", [bare && say("write.unsupported.n", { n: bare }), odd && say("write.odd.n", { n: odd })].filter(Boolean).join(" ")));
  }

  #item(block) {
    if (block.shape !== "task") return h("li", { lang: "" }, this.#said(block));
    const facts = [block.who && h("span.rt-write-who", {}, icon("people"), block.who), h("span.rt-write-when", {}, block.when || say("write.task.open"))];
    return h("li.rt-write-task", { lang: "" }, h("span", {}, this.#said(block)), h("span.rt-write-facts", {}, facts));
  }

  #said(block) {
    return block.sentences.map((one, i) => {
      const spaced = i > 0 && !/[\u2e80-\uffef]$/.test(block.sentences[i - 1].text);
      return [spaced ? " " : "", this.#sentence(one)];
    });
  }

  #sentence(one) {
    const bare = one.state === "unsupported", [first] = one.spans;
    const notes = [bare && say("write.unsupported"), one.odd.length && say("write.odd", { what: one.odd.join(say("comma")) })].filter(Boolean);
    const words = h("span", one.text);
    const element = first
      ? h("button.rt-write-said", { type: "button", title: [say("write.hear", { time: clock(first[0]) }), ...notes].join(" · "), onclick: () => this.deeds.hear(first[0]) }, words)
      : h("span.rt-write-said", { title: notes.join(" · ") }, words);
    if (notes.length) element.classList.add("odd");
    const times = one.spans.slice(0, 4).map(([start]) => h("button.rt-write-time", { type: "button", title: say("write.hear", { time: clock(start) }), onclick: () => this.deeds.hear(start) }, clock(start)));
    const warn = notes.length > 0 && h("span.rt-write-warn", {}, icon("warn"), notes.join(" · "));
    if (one.spans.length) this.#heard.push({ spans: one.spans, element });
    return h("span.rt-write-sentence", {}, element, times, warn);
  }
}
