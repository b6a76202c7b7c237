// One speaker as a row: hear a sample, the name, when and how much he or she speaks, and what else can be done.
import { button, h } from "./dom.js";
import { clock, say } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 12;

/** What a speaker is called. */
export const nameOf = (one) => one.name || say("speaker.unnamed", { number: one.key });

/** Marks an element with a speaker's colour; colours go round after the twelfth. */
export function paint(element, key) {
  element.style.setProperty("--voice", `var(--voice-${((Number(key) - 1) % COLOURS) + 1})`);
  return element;
}

/** The name as a button that becomes a field: Enter keeps what was written, Escape does not. */
export function nameButton(one, save) {
  const told = nameOf(one);
  const made = h("button.rt-who", { type: "button", title: say("speakers.name", { name: told }), data: { key: one.key } }, h("span.rt-voice"), h("span.rt-who-name", told));
  made.onclick = (event) => { event.stopPropagation(); write(made, one, save); };
  return paint(made, one.key);
}

function write(made, one, save) {
  const field = h("input.rt-input.rt-naming", { value: one.name || "", placeholder: nameOf(one), maxLength: 80, "aria-label": say("speakers.naming", { name: nameOf(one) }), autocomplete: "off" });
  let over = false;
  const end = (keep) => {
    if (over) return;
    over = true;
    const name = field.value.trim();
    field.replaceWith(made);
    if (keep && name !== (one.name || "")) save(one.key, name || null);
  };
  field.onclick = (event) => event.stopPropagation();
  field.onblur = () => end(true);
  field.onkeydown = (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end(event.key === "Enter"); made.focus(); }
  };
  made.replaceWith(field);
  field.focus();
  field.select();
}

/** A row of the list of speakers; `told` has turns and duration, `deeds` hear, name, play and more. */
export function rowOf(one, told, deeds) {
  const name = nameOf(one), share = Math.round(one.share * 100);
  const hear = button({ icon: "play", title: say("speakers.hear", { name }), kind: "quiet", disabled: !one.sample, data: { key: one.key }, onclick: () => deeds.hear(one) });
  hear.classList.add("rt-sample");
  const more = button({ icon: "more", title: say("speakers.more", { name }), kind: "quiet", "aria-haspopup": "menu", onclick: () => deeds.more(one, more) });
  return paint(h("li.rt-speaker", { data: { key: one.key } }, hear, nameButton(one, deeds.name), laneOf(one, told, deeds.play),
    h("span.rt-speaker-share", { title: say("speakers.share.told", { name, time: clock(one.speech_s), share }) }, say("speakers.share", { share })), more), one.key);
}

/** When somebody speaks, as a strip over the whole recording; a click plays there, Enter the next time. */
function laneOf(one, { turns, duration, now }, play) {
  const mine = turns.filter(([, , key]) => key === one.key);
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${duration || 1} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  // Not thinner than can be seen, however long the recording is.
  path.setAttribute("d", mine.map(([start, end]) => `M${start} 0V1H${Math.max(end, start + duration / 500)}V0Z`).join(""));
  svg.append(path);
  const lane = h("button.rt-lane", { type: "button", title: say("speakers.lane", { name: nameOf(one) }), "aria-label": say("speakers.lane", { name: nameOf(one) }) });
  lane.append(svg);
  lane.onclick = (event) => {
    const box = lane.getBoundingClientRect(), next = mine.find(([start]) => start > now() + 0.05) || mine[0];
    if (event.detail > 0) play(((event.clientX - box.left) / box.width) * duration);
    else if (next) play(next[0]);
  };
  return lane;
}
