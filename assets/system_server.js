// <rt-server>: the address of another server that writes, entered, tried and removed.
import { ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog, toast, trying } from "./toast.js";

const PATH = "writing/server";
const NUMBERS = [["context", 1024, 8192], ["silence_s", 1, 60], ["at_once", 1, 2]];

class Server extends HTMLElement {
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.style.display = "contents";
    this.state = h("div", { "aria-live": "polite" });
    Object.assign(this.state.style, { display: "grid", gap: "12px" });
    this.append(h("section.rt-panel", { id: "rt-server-panel" }, h("h2", say("server.title")),
      h("div", {}, h("p.rt-hint", say("server.about")), this.state)));
    new IntersectionObserver((seen) => { if (seen.at(-1).isIntersecting) this.#look(); }).observe(this.firstElementChild);
  }

  async #look() {
    try { this.#show((await ask("GET", PATH)).server); } catch (error) { fill(this.state, h("p.rt-hint", error.message, " ", error.hint)); }
  }

  #show(server) {
    const change = button({ label: say(server ? "server.change" : "server.enter"), id: "rt-server-change", onclick: () => this.#change(server) });
    if (!server) { fill(this.state, h("p.rt-hint", say("server.none")), h("div.rt-row", {}, change)); return; }
    const told = say("server.set", { model: server.model, server: new URL(server.base_url).host });
    fill(this.state, h("p", told, " ", h("span.rt-hint", say(server.has_key ? "server.key.there" : "server.key.none"))),
      h("div.rt-row", {}, change, button({ label: say("server.forget"), id: "rt-server-forget", onclick: () => this.#forget() })));
  }

  async #change(server) {
    const saved = await dialog(say("server.title"), (close) => this.#form(server, close));
    if (saved) toast(say("server.saved"), { ms: 3000 });
    await this.#look();
  }

  async #forget() {
    const sure = await dialog(say("server.forget"), (close) => [h("p", say("server.forget.ask")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("server.forget"), kind: "primary", onclick: () => close(true) }))], "small");
    if (!sure) return;
    await trying(async () => { await ask("DELETE", PATH); toast(say("server.forgotten"), { ms: 3000 }); })();
    await this.#look();
  }

  #form(server, close) {
    const text = (name, more) => h("input.rt-input", { id: `rt-server-${name}`, value: server?.[name] ?? "", autocomplete: "off", spellcheck: false, ...more });
    const url = text("base_url", { required: true, type: "url", maxLength: 2000, placeholder: say("server.base_url.hint") });
    const model = text("model", { required: true, maxLength: 200, placeholder: say("server.model.hint") });
    const key = text("key", { value: "", type: "password", autocomplete: "new-password", maxLength: 2000, placeholder: server?.has_key ? say("server.key.kept") : "" });
    const numbers = NUMBERS.map(([name, min, usual]) => [name, text(name, { type: "number", min, required: true, value: server?.[name] ?? usual })]);
    const field = (label, control, hint) => h("div.rt-field", {}, h("label", { htmlFor: control.id }, label), control, hint && h("p.rt-hint", hint));
    const wanted = () => ({ base_url: url.value.trim(), model: model.value.trim(), ...(key.value && { key: key.value.trim() }),
      ...Object.fromEntries(numbers.map(([name, control]) => [name, Number(control.value)])) });
    const outcome = h("p.rt-hint", { "aria-live": "polite", id: "rt-server-outcome" });
    const form = h("form.rt-set", { onsubmit: (event) => { event.preventDefault(); trying(async () => { await ask("PUT", PATH, wanted()); close(true); })(); } },
      field(say("server.base_url"), url), field(say("server.model"), model), field(say("server.key"), key, say("server.key.hint")),
      numbers.map(([name, control]) => field(say(`server.${name}`), control)), outcome,
      h("footer", {}, button({ label: say("server.test"), id: "rt-server-test", onclick: () => form.reportValidity() && this.#test(wanted(), outcome) }),
        button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit", id: "rt-server-save" }, say("server.save"))));
    return form;
  }

  async #test(wanted, outcome) {
    fill(outcome, say("server.testing"));
    try {
      const { first_s, total_s } = await ask("POST", `${PATH}/test`, wanted);
      fill(outcome, say("server.works", { first: Math.max(0.1, first_s), total: Math.max(0.1, total_s) }));
    } catch (error) { fill(outcome, error.message, " ", error.hint); }
  }
}

customElements.define("rt-server", Server);
