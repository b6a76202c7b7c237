// How other computers and telephones get here: the button in the header and what it opens.
import { api } from "./api.js";
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog, toast, trying } from "./toast.js";

const COMMAND = "python3 launch.py --lan";

/** Makes the header's button. */
export const connectButton = () => button({ icon: "devices", title: say("connect.panel"), kind: "quiet", id: "rt-connect", onclick: trying(open) });

/** Opens the address and its QR code, or says how to switch it on. */
async function open() {
  const told = await api.connect();
  await dialog(say("connect.panel"), () => (told.on ? (told.first ? found(told) : h("p", say("connect.panel.no_network"))) : off(told)), "small");
}

function found(told) {
  const [address, ...others] = told.addresses;
  const copy = trying(async () => {
    if (navigator.clipboard) await navigator.clipboard.writeText(address);
    else getSelection().selectAllChildren(place);
    toast(say("connect.panel.copied"), { ms: 3000 });
  });
  const place = h("strong.rt-connect-address", address);
  return [
    h("img.rt-connect-code", { src: "connect/qr.svg", width: 216, height: 216, alt: say("connect.panel.alt") }),
    h("div.rt-connect-line", {}, place, button({ icon: "copy", title: say("connect.panel.copy"), kind: "quiet", id: "rt-connect-copy", onclick: copy })),
    h("p", say("connect.panel.scan")),
    others.length > 0 && h("p.rt-hint", say("connect.panel.more", { addresses: others.join("  ") })),
    h("p", {}, h("a.rt-connect-help", { href: "connect", target: "_blank", rel: "noopener" }, say("connect.panel.help"))),
  ];
}

function off(told) {
  const parts = say(told.beyond ? "connect.panel.plain" : "connect.panel.off", { command: "\n" }).split("\n");
  return [fill(h("p"), parts[0], h("code.rt-connect-command", COMMAND), parts[1]),
    h("p", {}, h("a.rt-connect-help", { href: "connect", target: "_blank", rel: "noopener" }, say("connect.panel.help")))];
}
