// <rt-webhooks>: addresses that are told when jobs have ended.
import { ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { moment, say } from "./texts.js";
import { copyField, dialog, once, toast, trying } from "./toast.js";

class Webhooks extends HTMLElement {
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.style.display = "contents";
    this.list = h("div", { "aria-live": "polite" });
    this.add = button({ label: say("keys.hooks.add"), id: "rt-hooks-add", onclick: () => this.#add() });
    this.append(h("section.rt-panel", { id: "rt-hooks-panel" }, h("h2", say("keys.hooks.title")), h("div", {},
      h("p.rt-hint", say("keys.hooks.about")), this.list, h("div.rt-row", {}, this.add))));
    new IntersectionObserver((seen) => { if (seen.at(-1).isIntersecting) this.#look(); }).observe(this.firstElementChild);
  }

  async #look() {
    try { this.#show((await ask("GET", "webhooks")).webhooks); } catch (error) {
      fill(this.list, h("p.rt-hint", error.message, " ", error.hint));
      this.add.hidden = true;
    }
  }

  #show(hooks) {
    this.add.hidden = false;
    if (!hooks.length) fill(this.list, h("p.rt-hint", say("keys.hooks.none")));
    else fill(this.list, h("ul.rt-models", {}, hooks.map((hook) => this.#hook(hook))));
  }

  #hook(hook) {
    const { url, last } = hook;
    return h("li", { data: { hook: hook.id } },
      h("div", {}, h("strong", url), h("span.rt-hint", lastOf(last))),
      button({ label: say("keys.hooks.test"), title: say("keys.hooks.test.of", { url }), onclick: () => this.#test(hook) }),
      button({ label: say("keys.hooks.remove"), title: say("keys.hooks.remove.of", { url }), onclick: () => this.#remove(hook) }));
  }

  async #test({ id, url }) {
    await trying(async () => {
      const { last } = await ask("POST", `webhooks/${encodeURIComponent(id)}/test`);
      if (last.fine) toast(say("keys.hooks.tested", { url }));
      else if (last.status) toast(say("keys.hooks.tested.unfit", { url, status: last.status }));
      else toast(say("keys.hooks.tested.silent", { url }));
    })();
    await this.#look();
  }

  async #remove({ id, url }) {
    const sure = await dialog(say("keys.hooks.remove.of", { url }), (close) => [h("p", say("keys.hooks.remove.ask")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("keys.hooks.remove"), kind: "primary", onclick: () => close(true) }))], "small");
    if (!sure) return;
    await trying(async () => { await ask("DELETE", `webhooks/${encodeURIComponent(id)}`); toast(say("keys.hooks.removed", { url })); })();
    await this.#look();
  }

  async #add() {
    const made = await dialog(say("keys.hooks.add"), (close) => this.#form(close), "small");
    if (made) await dialog(say("keys.hooks.added", { url: made.url }), (close) => this.#secret(made, close), "small.firm");
    await this.#look();
  }

  #form(close) {
    const url = h("input.rt-input", { id: "rt-hook-url", type: "url", required: true, maxLength: 2000, placeholder: say("keys.hooks.url.like") });
    const send = trying(once(async () => close(await ask("POST", "webhooks", { url: url.value.trim() }))));
    return h("form.rt-set", { onsubmit: (event) => { event.preventDefault(); send(); } },
      h("div.rt-field", {}, h("label", { htmlFor: url.id }, say("keys.hooks.url")), url),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("keys.hooks.add"))));
  }

  #secret(made, close) {
    const shown = h("input.rt-input", { id: "rt-hook-secret", readOnly: true, value: made.secret, "aria-label": say("keys.hooks.title"), onfocus: (event) => event.target.select() });
    const copy = trying(async () => { await copyField(shown); toast(say("keys.hooks.copied")); });
    return [h("p", say("keys.hooks.once")), shown,
      h("footer", {}, button({ label: say("keys.hooks.copy"), onclick: copy }), button({ label: say("action.close"), kind: "primary", onclick: () => close() }))];
  }
}

function lastOf(last) {
  if (!last) return say("keys.hooks.quiet");
  const time = moment(last.at);
  if (last.fine) return say("keys.hooks.fine", { time });
  return last.status ? say("keys.hooks.unfit", { time, status: last.status }) : say("keys.hooks.silent", { time });
}

customElements.define("rt-webhooks", Webhooks);
