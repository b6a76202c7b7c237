// Small pieces of the page. Whatever comes from files or people goes in as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

// The icons lie in the page itself: one that is drawn while the server is away would stay empty, and with it the button to try again.
fetch("screens/icons/sprite.svg").then((answer) => answer.text()).then((text) => {
  const icons = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  for (const symbol of icons.querySelectorAll("symbol")) symbol.id = `rt-icon-${symbol.id}`;
  icons.setAttribute("aria-hidden", "true");
  icons.style.display = "none";
  document.body.append(icons);
}).catch(() => { /* the page is there without them */ });

/** Makes an element: `h("button.rt-button", {onclick, "aria-label"}, "text", child)`. */
export function h(kind, given = {}, ...children) {
  const [name, ...classes] = kind.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  const isProps = given !== null && typeof given === "object" && !(given instanceof Node) && !Array.isArray(given);
  for (const [key, value] of Object.entries(isProps ? given : {})) set(element, key, value);
  put(element, isProps ? children : [given, ...children]);
  return element;
}

function set(element, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "data") Object.assign(element.dataset, value);
  else if (key in element && key !== "list" && key !== "role") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}

function put(element, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replaces what an element holds; whoever was at one of its buttons or fields with the keyboard is there again. */
export function fill(element, ...children) {
  const held = document.activeElement, inside = held !== element && element.contains(held);
  const like = inside && [...element.querySelectorAll(held.localName)].filter((one) => sameAs(one, held)).indexOf(held);
  element.replaceChildren();
  put(element, children);
  if (inside) [...element.querySelectorAll(held.localName)].filter((one) => sameAs(one, held))[like]?.focus({ preventScroll: true });
  return element;
}

const nameOf = (one) => one.id || (one.type === "radio" && `${one.name}=${one.value}`) || one.getAttribute("aria-label") || one.textContent;
const sameAs = (one, other) => nameOf(one) === nameOf(other);

/** Makes one of our icons; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "rt-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#rt-icon-${name}`);
  svg.append(use);
  return svg;
}

/** Makes a button with an icon, its label seen (`label`) or only told (`title`). */
export function button({ icon: name, label, title, kind = "", ...rest }) {
  const told = title && !label ? { "aria-label": title, title } : { title };
  return h(`button.rt-button${kind ? `.${kind}` : ""}`, { type: "button", ...told, ...rest }, name && icon(name), label && h("span", label));
}

/** Calls `work` at most once in `ms`, and once more for calls that came meanwhile. */
export function calm(work, ms) {
  let timer = null;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
}

/** True while somebody writes somewhere, when single keys must not be shortcuts. */
export const isWriting = (target) => Boolean(target?.closest?.("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]:not([contenteditable=false]), dialog"));
