// The page for reading along: text as it comes, and captions; it can change nothing.
import { button, fill, h, icon } from "./dom.js";
import { Captions } from "./live_caption.js";
import { LiveText } from "./live_text.js";
import { say } from "./texts.js";

const AGAIN_MS = 3000;
const word = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1));
const address = `api/live/watch/${encodeURIComponent(word)}?lang=${roomtone.language}`;

const text = new LiveText(), captions = new Captions();
const title = h("h1", "Roomtone"), dot = h("i.rt-live-dot"), told = h("strong"), state = h("p.rt-live-state", { role: "status" }, dot, told);
const large = button({ icon: "screen", label: say("live.captions"), id: "rt-live-captions", onclick: () => captions.open() });
const light = button({ icon: "moon", title: say("theme.dark"), kind: "quiet", id: "rt-theme", onclick: () => { roomtone.setTheme(roomtone.theme() === "dark" ? "light" : "dark"); paint(); } });
let ended = false;

function paint() {
  const dark = roomtone.theme() === "dark";
  fill(light, icon(dark ? "sun" : "moon"));
  light.title = say(dark ? "theme.light" : "theme.dark");
  light.setAttribute("aria-label", light.title);
}

function tell(kind, key) {
  dot.className = `rt-live-dot ${kind}`;
  if (told.textContent !== say(key)) told.textContent = say(key);
  captions.tell(kind === "bad" ? say(key) : "");
}

function take(line, quiet = false) { text.take(line, quiet); captions.take(line); }

function finish() {
  ended = true;
  tell("", "live.watch.ended");
}

function follow() {
  const source = new EventSource(address), on = (name, work) => source.addEventListener(name, (event) => work(JSON.parse(event.data)));
  on("lines", (all) => {
    text.clear();
    captions.clear();
    title.textContent = document.title = all.title;
    all.lines.forEach((line) => take(line, true));
    text.empty.textContent = say("live.watch.empty");
    if (all.ended) { finish(); source.close(); } else tell("good", "live.watch.live");
  });
  on("line", take);
  on("state", ({ speaking }) => tell("good", speaking ? "live.watch.speaking" : "live.watch.live"));
  source.addEventListener("ended", () => { finish(); source.close(); });
  source.onerror = async () => {
    if (ended) return;
    tell("bad", "live.watch.lost");
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isGone()) { gone(); return; }
    setTimeout(follow, AGAIN_MS);
  };
}

async function isGone() {
  const stop = new AbortController();
  const status = await fetch(address, { signal: stop.signal }).then((answer) => answer.status, () => 0);
  stop.abort();
  return status === 404;
}

function gone() {
  fill(document.body, h("div.rt-empty", {}, icon("mic"), h("h2", say("live.watch.gone")), h("p", say("live.watch.gone.hint"))));
}

paint();
document.body.className = "rt-live-page";
fill(document.body, h("header", {}, title, state, large, light), text.element);
tell("wait", "live.state.connecting");
follow();
document.documentElement.classList.add("rt-alive");
