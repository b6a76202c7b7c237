// What changed between two sentences, word by word; signs of Chinese and Japanese are words of their own.

const WORD = /[\u3040-\u30ff\u3400-\u9fff]|[\p{L}\p{N}_'’]+|\s+|[^\s]/gu;
const MOST = 1200;

/** Returns [{kind, text}] with kind "same", "gone" or "new", in reading order. */
export function changes(before, after) {
  const old = before.match(WORD) || [], now = after.match(WORD) || [];
  // The table grows with both lengths: what is longer is told as a whole.
  if (old.length * now.length > MOST * MOST) return [{ kind: "gone", text: before }, { kind: "new", text: after }];
  const common = table(old, now), found = [];
  const put = (kind, text) => { const last = found.at(-1); if (last?.kind === kind) last.text += text; else found.push({ kind, text }); };
  let i = 0, j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) { put("same", old[i]); i += 1; j += 1; }
    else if (j >= now.length || (i < old.length && common[i + 1][j] >= common[i][j + 1])) { put("gone", old[i]); i += 1; }
    else { put("new", now[j]); j += 1; }
  }
  return gathered(found);
}

/** Returns how long the longest common run of words is behind each pair of places. */
function table(old, now) {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) rows[i][j] = old[i] === now[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
  }
  return rows;
}

/** Puts what is gone before what is new, so that a changed stretch reads as one. */
function gathered(found) {
  const told = [];
  let gone = "", fresh = "";
  const flush = () => { if (gone) told.push({ kind: "gone", text: gone }); if (fresh) told.push({ kind: "new", text: fresh }); gone = fresh = ""; };
  for (const { kind, text } of found) {
    if (kind === "gone") gone += text;
    else if (kind === "new") fresh += text;
    else { flush(); told.push({ kind, text }); }
  }
  flush();
  return told;
}
