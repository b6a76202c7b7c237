// What was let go over the page: files, and the recordings inside of folders.
import { say } from "./texts.js";
import { toast } from "./toast.js";

const MEDIA = /\.(m4a|mp3|wav|flac|og[ga]|opus|amr|aac|wma|caf|mka|mkv|mp4|m4v|mov|webm|avi|wmv|flv|m?ts|3gp|mpe?g|aiff?)$/i;
/** Folders in folders further down than this are not looked into. */
const DEEPEST = 8;

export const isMedia = (file) => /^(audio|video)\//.test(file.type) || MEDIA.test(file.name);

/**
 * Returns {files, empty}: what was dropped, with the files of folders that `wanted` takes, in the order of their names;
 * `empty` is the name of a folder that held none. Has to be called while the drop is handled, as the browser forgets it then.
 */
export async function dropped(transfer, wanted = isMedia) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = [];
  let empty = null;
  for (const { entry, file } of taken) {
    if (!entry?.isDirectory) { if (file) files.push(file); continue; }
    const inside = (await filesIn(entry, DEEPEST)).filter((each) => !each.name.startsWith(".") && wanted(each));
    if (!inside.length) empty = entry.name;
    files.push(...inside);
  }
  return { files, empty };
}

/** Gives files to what takes one inside of `place`, those that hold nothing yet first; returns whether there is such a thing. */
export function offer(place, files) {
  const takers = [...place.querySelectorAll("[data-takes]")], free = takers.filter((one) => one.dataset.takes === "free");
  const chosen = (free.length ? free : takers.slice(0, 1)).slice(0, files.length);
  chosen.forEach((one, i) => one.dispatchEvent(new CustomEvent("roomtone:take", { detail: files[i] })));
  if (chosen.length && files.length > chosen.length) toast(say("drop.rest", { n: chosen.length, rest: files.length - chosen.length }));
  return chosen.length > 0;
}

async function filesIn(folder, deep) {
  const reader = folder.createReader(), found = [], files = [];
  // The browser tells a hundred at a time, and none at the end.
  for (let more = [null]; more.length;) {
    more = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    found.push(...more);
  }
  const named = new Intl.Collator(undefined, { numeric: true });
  for (const entry of found.sort((a, b) => named.compare(a.name, b.name))) {
    if (entry.isFile) files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    else if (deep > 0) files.push(...await filesIn(entry, deep - 1));
  }
  return files;
}
