// The address under which others read along.
import { button, h, icon } from "./dom.js";
import { say } from "./texts.js";
import { copyField, dialog, toast, trying } from "./toast.js";

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

/** Where others in the house reach this server; null when only this computer does. */
async function houseAddress() {
  const answer = await fetch("api/connect").catch(() => null), told = answer?.ok ? await answer.json() : {};
  if (told.addresses?.length) return `${told.addresses[0].replace(/\/+$/, "")}/`;
  return LOOPBACK.test(location.hostname) ? null : document.baseURI;
}

/** Shows the address for reading a session along, as words and as a picture for telephones. */
export async function share(word) {
  const home = await houseAddress(), path = `live/${encodeURIComponent(word)}`, address = new URL(path, home || document.baseURI).href;
  await dialog(say("live.share"), () => {
    const field = h("input.rt-input", { id: "rt-live-link", value: address, readOnly: true, "aria-label": say("live.share.link"), onfocus: () => field.select() });
    const copy = trying(async () => {
      await copyField(field);
      toast(say("work.copied"), { ms: 3000 });
    });
    const picture = home && h("img.rt-live-qr", { src: `${path}/qr.svg`, alt: say("live.share.picture"), width: 200, height: 200 });
    picture?.addEventListener("error", () => picture.remove());
    return [h("p", say("live.share.about")), h("div.rt-live-link", {}, field, button({ icon: "copy", label: say("action.copy"), kind: "primary", id: "rt-live-copy", onclick: copy })),
      picture, !home && h("p.rt-note", {}, icon("info"), h("span", say("live.share.here"))),
      h("a.rt-button.text", { href: path, target: "_blank", rel: "noopener" }, icon("open"), say("live.share.open"))];
  });
}
