// A text while it is written: part by part, each as it comes.
import { fill, h, icon } from "./dom.js";
import { say } from "./texts.js";
import { dialog } from "./toast.js";

const MARK = /\s*[[【]\s*[\d,，、;；\-–~ ]+\s*[\]】]/g, LEAD = /^\s*[[【]\s*\d+\s*[\]】]\s*/gm;
/** Some models repeat what the program puts around the text that they are given. */
const FENCE = /^\s*<<\/?[0-9a-f]{0,6}>{0,2}[ \t]*$/gm;

/** What a model wrote, without the numbers that only the program reads. */
const readable = (text) => (text.trimStart().startsWith("{") ? shaped(text) : text.replace(FENCE, "").replace(LEAD, "").replace(MARK, "").replace(/^[-*]\s+/gm, "· ").trim());

/** The words of an answer in JSON, finished or not: each entry on a line. */
function shaped(text) {
  return [...text.matchAll(/"(text|title|who|what|when)"\s*:\s*"((?:[^"\\]|\\.)*)/g)].map(([, name, words]) => `${["text", "title", "who"].includes(name) ? "\n· " : " · "}${words.replace(/\\(.)/g, "$1")}`).join("").trim();
}

export class Growing {
  #places = new Map();
  #list = null;

  clear() { this.#places.clear(); this.#list = null; }

  /** Shows the questions that have an answer or are being answered; those that wait are only counted. */
  draw(body, asks, job) {
    if (!this.#list) {
      this.#list = h("div.rt-write-growing", { "aria-live": "off" });
      fill(body, this.#list);
    }
    const shown = asks.filter((ask) => ask.text || ask.reasoning || ask.failed), near = innerHeight + scrollY > document.documentElement.scrollHeight - 200;
    for (const ask of shown) this.#place(ask);
    this.#list.classList.toggle("busy", job.status === "running");
    if (near && job.status === "running" && shown.length) scrollTo({ top: document.documentElement.scrollHeight });
  }

  #place(ask) {
    let place = this.#places.get(ask.number);
    if (!place) {
      place = { head: h("h3"), text: h("p", { lang: "" }), thinks: h("p.rt-hint") };
      place.element = h("section.rt-write-part", {}, place.head, place.thinks, place.text);
      this.#places.set(ask.number, place);
      this.#list.append(place.element);
    }
    const title = ask.stage === "combine" ? say("write.stage.combine") : ask.stage === "again" ? say("write.stage.again") : say("write.stage.read", { n: ask.part + 1, of: ask.of });
    fill(place.head, title, ask.done && !ask.failed && icon("check"));
    place.element.classList.toggle("done", ask.done);
    place.thinks.hidden = Boolean(ask.text) || !ask.reasoning;
    place.thinks.textContent = say("write.thinks");
    const told = ask.failed ? say("write.part.failed") : readable(ask.text);
    if (place.text.textContent !== told) place.text.textContent = told;
  }

  /** Shows what the model thought; it is no part of the result. */
  thoughts(all) {
    dialog(say("write.thoughts"), () => h("div.rt-write-thoughts", {}, h("p.rt-hint", say("write.thoughts.hint")), all.map((text) => h("pre", text))));
  }
}
