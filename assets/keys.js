// Shortcuts of the working place, and the sheet that explains them.
import { h, isWriting } from "./dom.js";
import { has, say } from "./texts.js";
import { dialog } from "./toast.js";

const SHEET = [
  ["Space", "keys.play"], ["← →", "keys.skip"], ["↑ ↓", "keys.line"], ["< >", "keys.speed"],
  ["N", "keys.doubt"], ["E", "keys.edit"], ["Ctrl Enter", "keys.next"], ["Esc", "keys.stop"],
  ["Ctrl F", "keys.find"], ["Alt P", "keys.writing"], ["?", "keys.help"],
];

export const help = () => dialog(say("keys.title"), () => h("dl.rt-keys", {}, SHEET.map(([keys, told]) => [
  h("dt", {}, keys.split(" ").map((key) => h("kbd", has(`key.${key}`) ? say(`key.${key}`) : key))), h("dd", say(told)),
])), "small");

/** Listens for keys while `active()`; `deeds` are named after the sheet. */
export function listen(active, deeds) {
  addEventListener("keydown", (event) => {
    if (!active() || event.defaultPrevented || event.isComposing) return;
    const deed = deedOf(event, deeds);
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}

function deedOf(event, deeds) {
  const { key } = event, command = event.ctrlKey || event.metaKey;
  if (command && key.toLowerCase() === "f" && !event.shiftKey && !document.querySelector("dialog[open]")) return deeds.find;
  if (event.altKey && event.code === "KeyP") return deeds.play;
  if (command || event.altKey || isWriting(event.target) || document.querySelector(".rt-menu, dialog[open]")) return null;
  if (key === " " && event.target.closest?.("button, a, summary, input")) return null;
  const plain = {
    " ": deeds.play, k: deeds.play, ArrowLeft: () => deeds.skip(-5), ArrowRight: () => deeds.skip(5), ArrowUp: () => deeds.line(-1), ArrowDown: () => deeds.line(1),
    "<": () => deeds.speed(-1), ">": () => deeds.speed(1), n: deeds.doubt, e: deeds.edit, "/": deeds.find, "?": help,
  };
  return plain[key.length === 1 ? key.toLowerCase() : key] || null;
}
