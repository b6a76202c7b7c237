// The words of a text file, in whatever signs its editor has written them.

const MARKS = [["utf-16le", [0xff, 0xfe]], ["utf-16be", [0xfe, 0xff]]];

/** Returns the text of a file; null where it holds none, as a picture does. Chinese editors still write GB 18030. */
export async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const marked = MARKS.find(([, mark]) => mark.every((one, i) => bytes[i] === one));
  if (marked) return new TextDecoder(marked[0]).decode(bytes);
  if (bytes.includes(0)) return null;
  for (const signs of ["utf-8", "gb18030"]) {
    try { return new TextDecoder(signs, { fatal: true }).decode(bytes); } catch { /* the next */ }
  }
  return null;
}
