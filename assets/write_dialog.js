// Asks what is to be written from a recording, and begins.
import { button, h } from "./dom.js";
import { say } from "./texts.js";
import { complain, dialog, trying } from "./toast.js";
import { go } from "./way.js";
import { writeApi } from "./write_api.js";
import { WriteAsk } from "./write_ask.js";

/** Opens the question; `source` is {job}. Goes to the page of what is written. */
export async function askToWrite(source) {
  const request = await dialog(say("write.title"), (close) => {
    const start = button({ label: say("write.start"), icon: "text", kind: "primary", id: "rt-write-go" });
    const ask = new WriteAsk(() => { start.disabled = !ask.possible; }, { prefix: "rt-ask" });
    start.disabled = true;
    start.onclick = () => close(ask.request());
    ask.load().catch(complain);
    return h("div.rt-write-dialog", {}, ask.element, h("footer", {}, button({ label: say("action.cancel"), onclick: () => close() }), start));
  });
  if (!request) return;
  await trying(async () => go((await writeApi.submit(source, request)).id))();
}
