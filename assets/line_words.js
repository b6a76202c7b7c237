// The words of a line, each with its time, and the doubtful ones marked.
import { say } from "./texts.js";

// Whisper is unsure of the first word of a line even where it is right, so that one is marked for strong doubt only.
const DOUBT = 0.5, STRONG_DOUBT = 0.25;
export const isDoubtful = (probability, n) => probability < (n ? DOUBT : STRONG_DOUBT);

const bare = (text) => text.replace(/\s+/g, "");

/** Words carry their times only while they are what the line says: not after an edit, nor where numbers became digits. */
export const wordsOf = (line) => {
  const words = line.words || [];
  return words.length && bare(words.map((word) => word[2]).join("")) === bare(line.text) ? words : [];
};

/** Writes a line into its place, word by word where each has a time. */
export function writeWords(place, line) {
  const words = wordsOf(line);
  if (!words.length) { place.textContent = line.text.trim(); return; }
  const made = words.flatMap(([start, , text, probability], n) => {
    const word = document.createElement("span"), [, gap, told] = /^(\s*)(.*)$/s.exec(text);
    word.textContent = told;
    word.dataset.t = start;
    if (isDoubtful(probability, n)) {
      word.className = probability < STRONG_DOUBT ? "doubt strong" : "doubt";
      word.title = say("lines.doubt", { share: Math.round(probability * 100) });
    }
    return n && gap ? [gap, word] : [word];
  });
  place.replaceChildren(...made);
}
