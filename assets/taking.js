// Taking a text away: as a file, or copied.
import { api } from "./api.js";
import { clock, say } from "./texts.js";
import { copyText, menu, toast } from "./toast.js";

export const FORMATS = ["docx", "txt", "srt", "vtt", "json"];
const WITH_SPEAKERS = [...FORMATS, "rttm"];

/** Opens the list of file formats of a job, with one more where its speakers were told apart. */
export function offerDownload(anchor, job, told = job.speakers?.status === "succeeded") {
  const formats = told ? WITH_SPEAKERS : FORMATS;
  menu(anchor, formats.map((format) => ({ label: say(`format.${format}`), hint: say(`format.${format}.hint`), href: api.exportOf(job.id, format) })));
}

/** Copies all lines, with the names of who says them where that is known. */
export async function copyLines(lines, speakers, times = false) {
  const text = lines.all.filter((line) => line.text).map((line) => (times ? `[${clock(line.start)}] ` : "") + speakers.said(line)).join("\n");
  await copyText(text);
  toast(say("work.copied"), { ms: 3000 });
}

/** Puts the names before the lines that somebody marks and copies by hand; buttons, as which names are shown, are left out else. */
export function nameCopies(lines, speakers) {
  lines.element.addEventListener("copy", (event) => {
    const chosen = getSelection(), range = chosen.rangeCount ? chosen.getRangeAt(0) : null;
    const rows = range && speakers.known ? [...lines.element.querySelectorAll(".rt-line")].filter((row) => range.intersectsNode(row.querySelector(".rt-line-text"))) : [];
    if (rows.length < 2) return;
    const told = rows.map((row) => speakers.said({ ...lines.all[Number(row.dataset.i)], text: within(range, row.querySelector(".rt-line-text")) }));
    event.clipboardData.setData("text/plain", told.join("\n"));
    event.preventDefault();
  });
}

/** The part of an element's text that lies in a range. */
function within(range, element) {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}
