// The conditions of a model's licence: what they are in short, where they are read, and who has accepted them.
import { api } from "./api.js";
import { button, h, icon } from "./dom.js";
import { moment, say } from "./texts.js";
import { toast, trying } from "./toast.js";

/** Whether a model must not be fetched yet because nobody has accepted its licence. */
export const isOpen = (terms) => Boolean(terms && !terms.accepted);

/** Returns what is shown of a licence with conditions, null for any other; `again()` is called once it was accepted. */
export function termsOf(name, terms, again) {
  if (!terms) return null;
  const link = h("a", { href: terms.link, target: "_blank", rel: "noreferrer" }, say("terms.link"));
  if (terms.accepted) return h("p.rt-hint", say("terms.accepted", { who: terms.accepted.who, when: moment(terms.accepted.at) }), " ", link);
  const who = h("input.rt-input", { id: `rt-terms-${name}-who`, maxLength: 100, autocomplete: "name", oninput: () => changed() });
  const read = h("input", { type: "checkbox", id: `rt-terms-${name}-read`, onchange: () => changed() });
  const accept = button({ label: say("terms.accept"), icon: "check", kind: "strong", id: `rt-terms-${name}-accept` });
  const changed = () => { accept.disabled = !read.checked || !who.value.trim(); };
  accept.onclick = trying(async () => { await api.acceptTerms(name, who.value.trim()); toast(say("terms.done")); again(); });
  changed();
  return h("div.rt-terms", {}, h("p", {}, icon("info"), h("span", say(`terms.${name}`), " ", link)),
    h("label.rt-terms-read", {}, read, h("span", say("terms.read"))),
    h("div.rt-terms-who", {}, h("label.rt-field", {}, h("span", say("terms.who")), who), accept));
}
