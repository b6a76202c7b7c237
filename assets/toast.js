// Short messages at the foot of the page, and questions in a dialog.
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";

let place = null;

/** Shows a message; `action` is {label, run}. Errors stay until closed. */
export function toast(message, { hint = "", action = null, kind = "", ms = 7000 } = {}) {
  place ||= document.body.appendChild(h("div.rt-toasts", { role: "status", "aria-live": "polite" }));
  // Said twice it is shown once, except where each can be undone.
  if (!action) for (const other of place.children) if (other.dataset.told === message + hint) other.remove();
  const close = () => { clearTimeout(timer); note.remove(); };
  const note = h(`div.rt-toast${kind ? `.${kind}` : ""}`, { data: action ? {} : { told: message + hint } },
    h("div.rt-toast-words", {}, h("strong", message), hint && h("span", hint)),
    action && button({ label: action.label, kind: "text", onclick: () => { close(); action.run(); } }),
    button({ icon: "close", title: say("action.close"), kind: "quiet", onclick: close }));
  const timer = setTimeout(close, kind === "bad" ? 20000 : ms);
  place.append(note);
  return close;
}

/** Shows why something did not work. */
export function complain(error) {
  if (error?.name === "AbortError") return;
  if (error?.code === "unreachable") toast(say("lost.title"), { hint: say("lost.hint"), kind: "bad" });
  else if (error?.status !== undefined) toast(error.message, { hint: error.hint, kind: "bad" });
  else { console.error(error); toast(say("broken.title"), { hint: say("broken.hint"), kind: "bad" }); }
}

/** Runs what a button does and shows its error. */
export const trying = (work) => async (...args) => {
  try { return await work(...args); } catch (error) { complain(error); return undefined; }
};

function isOutside(box, { clientX, clientY }) {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

/** Does nothing while an earlier call still runs: what is pressed twice is done once. */
export const once = (work) => {
  let running = false;
  return async (...args) => {
    if (running) return undefined;
    running = true;
    try { return await work(...args); } finally { running = false; }
  };
};

/** Copies a text. */
export async function copyText(text) {
  const field = document.body.appendChild(h("textarea", { value: text }));
  try { await copyField(field); } finally { field.remove(); }
}

/** Copies what a field holds; pages that are no secure context have no clipboard of their own. */
export async function copyField(field) {
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
}

/**
 * Opens a dialog; `make(close)` returns what it holds. The promise resolves with what `close` is given. One of the kind
 * "firm" stays when the page beside it is pressed.
 */
export function dialog(title, make, kind = "") {
  return new Promise((resolve) => {
    const box = h(`dialog.rt-dialog${kind ? `.${kind}` : ""}`, { "aria-label": title, tabIndex: -1 });
    let result;
    const close = (value) => { result = value; box.close(); };
    box.append(h("header", {}, h("h2", title), button({ icon: "close", title: say("action.close"), kind: "quiet", onclick: () => close() })));
    box.append(fill(h("div.rt-dialog-body"), make(close)));
    box.addEventListener("close", () => { box.remove(); resolve(result); });
    // A press that began inside, as marking a text does, is none beside it; and what somebody has written is not thrown away.
    let beside = false, written = false;
    box.addEventListener("pointerdown", (event) => { beside = event.target === box && isOutside(box, event); });
    box.addEventListener("input", () => { written = true; });
    box.addEventListener("click", (event) => { if (beside && event.target === box && !written && !box.matches(".firm")) close(); });
    document.body.append(box);
    box.showModal();
    // Else the browser rings the button that closes it.
    (box.querySelector(".rt-dialog-body :is(input, select, textarea):not([type=checkbox])") || box).focus();
  });
}

/** Asks for one line of text; undefined when the person thought better of it. */
export function askLine(title, value, { hint = "", placeholder = "", maxLength = 200 } = {}) {
  return dialog(title, (close) => {
    const field = h("input.rt-input", { value, placeholder, maxLength, "aria-label": title });
    const form = h("form.rt-ask", { onsubmit: (event) => { event.preventDefault(); close(field.value.trim()); } },
      field, hint && h("p.rt-hint", hint),
      h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }),
        h("button.rt-button.primary", { type: "submit" }, say("action.save"))));
    setTimeout(() => field.select());
    return form;
  }, "small");
}

let shut = null;

/** Opens a menu below `anchor`, or closes it where it is open; `items` are {label, icon, run, href, current}. */
export function menu(anchor, items) {
  if (shut?.(anchor)) return;
  const close = () => { box.remove(); removeEventListener("pointerdown", outside, true); anchor.setAttribute("aria-expanded", "false"); shut = null; };
  shut = (other) => { close(); return other === anchor; };
  const outside = (event) => { if (!box.contains(event.target) && !anchor.contains(event.target)) close(); };
  const entry = (item) => {
    const made = item.href
      ? h("a", { href: item.href, download: "", role: "menuitem", onclick: () => setTimeout(close) }, item.label, item.hint && h("small", item.hint))
      : h("button", { type: "button", role: "menuitem", onclick: () => { close(); anchor.focus(); item.run(); } }, item.label, item.hint && h("small", item.hint));
    if (item.current) made.classList.add("current");
    if (item.kind) made.classList.add(item.kind);
    return made;
  };
  const box = h("div.rt-menu", { role: "menu" }, items.filter(Boolean).map(entry));
  box.addEventListener("keydown", (event) => {
    const all = [...box.children], i = all.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") { close(); anchor.focus(); }
    else if (event.key === "ArrowDown") all[(i + 1) % all.length].focus();
    else if (event.key === "ArrowUp") all[(i - 1 + all.length) % all.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(box);
  const from = anchor.getBoundingClientRect(), mine = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(from.left, innerWidth - mine.width - 8));
  const below = from.bottom + mine.height + 12 < innerHeight;
  box.style.left = `${left}px`;
  box.style.top = `${below ? from.bottom + 6 : Math.max(8, from.top - mine.height - 6)}px`;
  anchor.setAttribute("aria-expanded", "true");
  box.firstElementChild?.focus();
  setTimeout(() => addEventListener("pointerdown", outside, true));
}
