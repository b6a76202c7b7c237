// <rt-header>: the name, the language and the light.
import { connectButton } from "./connect.js";
import { button, fill, h, icon } from "./dom.js";
import { say } from "./texts.js";
import { go } from "./way.js";

class Header extends HTMLElement {
  connectedCallback() {
    const dark = roomtone.theme() === "dark";
    const light = button({ icon: dark ? "sun" : "moon", title: say(dark ? "theme.light" : "theme.dark"), kind: "quiet", id: "rt-theme" });
    light.onclick = () => { roomtone.setTheme(roomtone.theme() === "dark" ? "light" : "dark"); this.connectedCallback(); };
    const other = roomtone.language === "zh" ? "en" : "zh";
    const language = h("button.rt-button.quiet", { type: "button", id: "rt-language", lang: other, title: say("switch.language"), onclick: () => roomtone.setLanguage(other) }, icon("globe"), h("span", other === "zh" ? "中文" : "English"));
    fill(this,
      h("a.rt-brand", { href: location.pathname, "aria-label": say("brand.home"), onclick: (event) => { event.preventDefault(); go(null); } }, icon("roomtone"), h("span", "Roomtone")),
      h("div.rt-lost-note", { role: "alert" }, icon("warn"), say("lost.again")), connectButton(), language, light);
  }
}

customElements.define("rt-header", Header);
