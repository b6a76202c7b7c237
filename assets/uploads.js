// Files on their way: listed at once with a bar each, turned into jobs when the person says so.
import { api, isServing, send } from "./api.js";
import { button, fill, h, icon } from "./dom.js";
import { say, size } from "./texts.js";
import { complain } from "./toast.js";

const AT_ONCE = 3;
const LOOK_MS = 2000;
const KEPT = "roomtone.arrived";

/** The list of files; `started(jobs, request)` is called with new jobs, `changed()` whenever the list is another. */
export class Uploads {
  #looking = false;

  constructor({ started, changed, submit = api.submit, kept = KEPT }) {
    this.items = [];
    this.started = started;
    this.changed = changed;
    this.submit = submit;
    this.kept = kept;
    this.list = h("ul.rt-files", { "aria-label": say("files.title") });
    addEventListener("beforeunload", (event) => { if (this.items.some((item) => ["waiting", "sending", "lost"].includes(item.state))) event.preventDefault(); });
    this.#recall();
  }

  /** Files that are not jobs yet and have not failed. */
  get open() { return this.items.filter((item) => item.state !== "failed" && !item.request); }

  add(files) {
    for (const file of files) this.#show({ file, name: file.name || say("files.unnamed"), size: file.size, state: "waiting", share: 0 });
    this.#next();
    this.changed();
  }

  /** Takes a file off the list. */
  drop(item) { this.#forget(item); }

  /** Makes jobs of all files: at once of those that have arrived, of the others as they do. */
  async start(request) {
    const ready = this.open.filter((item) => item.state === "arrived");
    for (const item of this.open) item.request = request;
    this.items.forEach((item) => this.#draw(item));
    this.changed();
    if (ready.length) await this.#submit(ready, request);
  }

  #show(item) {
    item.row = h("li.rt-file");
    this.items.push(item);
    this.list.append(item.row);
    this.#draw(item);
  }

  #next() {
    if (this.#looking) return;
    const sending = this.items.filter((item) => item.state === "sending").length;
    for (const item of this.items.filter((each) => each.state === "waiting").slice(0, AT_ONCE - sending)) this.#send(item);
  }

  async #send(item) {
    item.state = "sending";
    item.way = send(item.file, item.name, (share) => { item.share = share; this.#bar(item); });
    this.#draw(item);
    try {
      Object.assign(item, { id: (await item.way.promise).id, state: "arrived", share: 1 });
      this.#keep();
      if (item.request) await this.#submit([item], item.request);
    } catch (error) {
      if (error.name !== "AbortError") await this.#failed(item, error);
    }
    if (this.items.includes(item)) this.#draw(item);
    this.changed();
    this.#next();
  }

  // What did not get through is sent again when the server is back; a file that the browser cannot read fails the second time.
  async #failed(item, error) {
    const away = error.code === "unreachable" || error.status === 503;
    if (away && !(await isServing())) {
      Object.assign(item, { state: "lost", share: 0 });
      this.#look();
    } else if (away && !item.again) Object.assign(item, { state: "waiting", share: 0, again: true });
    else Object.assign(item, { state: "failed", error });
  }

  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    const lost = () => this.items.filter((item) => item.state === "lost");
    while (lost().length) {
      await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
      if (!(await isServing())) continue;
      for (const item of lost()) { item.state = "waiting"; this.#draw(item); }
    }
    this.#looking = false;
    this.#next();
    this.changed();
  }

  async #submit(items, request) {
    try {
      const jobs = await this.submit(items.map((item) => item.id), request);
      items.forEach((item) => this.#forget(item));
      this.started(jobs, request);
    } catch (error) {
      for (const item of items) {
        item.request = null;
        if (error.status === 404) Object.assign(item, { state: "failed", error });
        this.#draw(item);
      }
      complain(error);
    }
    this.#keep();
    this.changed();
  }

  #forget(item) {
    item.way?.stop();
    item.row.remove();
    this.items = this.items.filter((other) => other !== item);
    this.#keep();
    this.changed();
  }

  #again(item) {
    Object.assign(item, { state: "waiting", share: 0, error: null });
    this.#draw(item);
    this.#next();
    this.changed();
  }

  #bar(item) {
    if (!item.bar) return;
    item.bar.style.setProperty("--share", item.share);
    item.bar.setAttribute("aria-valuenow", Math.round(item.share * 100));
    fill(item.told, this.#words(item));
  }

  #words(item) {
    if (item.state === "waiting") return say("files.waiting");
    if (item.state === "sending") return `${Math.round(item.share * 100)} %`;
    if (item.state === "lost") return say("files.lost");
    if (item.state === "failed") return say("files.failed");
    return item.request ? say("files.starting") : say("files.ready");
  }

  #draw(item) {
    const name = { "aria-label": say("files.progress", { name: item.name }) };
    item.bar = h("div.rt-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, ...name });
    item.told = h("span.rt-file-state");
    item.row.className = `rt-file ${item.state}`;
    fill(item.row,
      h("span.rt-file-icon", {}, icon(item.state === "failed" ? "warn" : item.state === "arrived" ? "check" : "file")),
      h("div.rt-file-words", {},
        h("div.rt-file-name", { title: item.name }, item.name),
        item.state === "failed" ? h("div.rt-file-error", {}, h("span", item.error.code === "unreachable" ? say("lost.title") : item.error.message), item.error.hint && h("span", item.error.hint)) : item.bar),
      h("span.rt-file-size", size(item.size)), item.told,
      item.state === "failed" && item.file && button({ icon: "again", title: say("action.retry"), kind: "quiet", onclick: () => this.#again(item) }),
      button({ icon: "close", title: say("files.remove"), kind: "quiet", onclick: () => this.#forget(item) }));
    this.#bar(item);
  }

  // A reload loses no file that has arrived.
  #keep() {
    const arrived = this.items.filter((item) => item.state === "arrived").map(({ id, name, size: bytes }) => ({ id, name, size: bytes }));
    sessionStorage.setItem(this.kept, JSON.stringify(arrived));
  }

  #recall() {
    for (const kept of JSON.parse(sessionStorage.getItem(this.kept) || "[]")) this.#show({ ...kept, state: "arrived", share: 1 });
  }
}
