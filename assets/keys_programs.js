// <rt-keys>: keys of programs on other computers, made and revoked.
import { ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { moment, say } from "./texts.js";
import { copyField, dialog, once, toast, trying } from "./toast.js";

const LIMITS = [["requests_a_minute", 1], ["hours_a_day", 0.5], ["upload_mb", 1]];

class Keys extends HTMLElement {
  #made = false;

  connectedCallback() {
    if (this.#made) return;
    this.#made = true;
    this.style.display = "contents";
    this.list = h("div", { "aria-live": "polite" });
    const make = button({ label: say("keys.programs.make"), id: "rt-keys-make", onclick: () => this.#make() });
    this.address = h("code", `${location.origin}/v1`);
    this.append(h("section.rt-panel", { id: "rt-keys-panel" }, h("h2", say("keys.programs.title")), h("div", {},
      h("p.rt-hint", say("keys.programs.about")),
      h("p.rt-hint", say("keys.programs.address"), " ", this.address),
      h("p.rt-hint", h("a", { href: "docs", id: "rt-keys-docs", target: "_blank", rel: "noopener" }, say("keys.programs.all_calls"))), this.list, h("div.rt-row", {}, make))));
    new IntersectionObserver((seen) => { if (seen.at(-1).isIntersecting) this.#look(); }).observe(this.firstElementChild);
  }

  async #look() {
    try { this.#show((await ask("GET", "keys")).keys); } catch (error) {
      fill(this.list, h("p.rt-hint", error.message, " ", error.hint));
      this.querySelector("#rt-keys-make").hidden = true;
    }
  }

  #show(keys) {
    this.querySelector("#rt-keys-make").hidden = false;
    if (!keys.length) fill(this.list, h("p.rt-hint", say("keys.programs.none")));
    else fill(this.list, h("ul.rt-models", {}, keys.map((key) => this.#key(key))));
  }

  #key(key) {
    const limits = LIMITS.filter(([name]) => key[name] !== null).map(([name]) => say(`keys.programs.limited.${name}`, { limit: key[name] }));
    const used = key.used_at ? say("keys.programs.used", { time: moment(key.used_at) }) : say("keys.programs.unused");
    return h("li", { data: { key: key.id } },
      h("div", {}, h("strong", key.name), h("span.rt-hint", [say(`keys.programs.scope.${key.scope}`), ...limits, say("keys.programs.ending", { ending: key.ending }), used].join(" · "))),
      button({ label: say("keys.programs.revoke"), title: say("keys.programs.revoke.of", { name: key.name }), onclick: () => this.#revoke(key) }));
  }

  async #revoke(key) {
    const sure = await dialog(say("keys.programs.revoke.of", { name: key.name }), (close) => [h("p", say("keys.programs.revoke.ask")),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close(false) }), button({ label: say("keys.programs.revoke"), kind: "primary", onclick: () => close(true) }))], "small");
    if (!sure) return;
    await trying(async () => { await ask("DELETE", `keys/${encodeURIComponent(key.id)}`); toast(say("keys.programs.revoked", { name: key.name })); })();
    await this.#look();
  }

  async #make() {
    const made = await dialog(say("keys.programs.make"), (close) => this.#form(close));
    if (made) await dialog(say("keys.programs.made", { name: made.name }), (close) => this.#secret(made, close), "small.firm");
    await this.#look();
  }

  #form(close) {
    const name = h("input.rt-input", { id: "rt-key-name", required: true, maxLength: 200, placeholder: say("keys.programs.name.like") });
    const scope = h("select.rt-input", { id: "rt-key-scope" }, ["transcribe", "all"].map((value) => h("option", { value }, say(`keys.programs.scope.${value}`))));
    const limits = LIMITS.map(([limit, step]) => [limit, h("input.rt-input", { id: `rt-key-${limit}`, type: "number", min: step, step: step === 1 ? 1 : "any", placeholder: say("keys.programs.unlimited") })]);
    const field = (label, control) => h("div.rt-field", {}, h("label", { htmlFor: control.id }, label), control);
    const send = trying(once(async () => {
      const wanted = Object.fromEntries(limits.map(([limit, control]) => [limit, control.value === "" ? null : Number(control.value)]));
      close(await ask("POST", "keys", { name: name.value.trim(), scope: scope.value, ...wanted }));
    }));
    return h("form.rt-set", { onsubmit: (event) => { event.preventDefault(); send(); } },
      field(say("keys.programs.name"), name), field(say("keys.programs.scope"), scope), limits.map(([limit, control]) => field(say(`keys.programs.limit.${limit}`), control)),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), h("button.rt-button.primary", { type: "submit" }, say("keys.programs.make"))));
  }

  #secret(made, close) {
    const shown = h("input.rt-input", { id: "rt-key-secret", readOnly: true, value: made.secret, "aria-label": say("keys.programs.title"), onfocus: (event) => event.target.select() });
    const copy = trying(async () => { await copyField(shown); toast(say("keys.programs.copied")); });
    return [h("p", say("keys.programs.once")), shown,
      h("footer", {}, button({ label: say("keys.programs.copy"), onclick: copy }), button({ label: say("action.close"), kind: "primary", onclick: () => close() }))];
  }
}

customElements.define("rt-keys", Keys);
