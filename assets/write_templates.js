// The forms of the office: everybody sees and may change them.
import { button, fill, h } from "./dom.js";
import { say } from "./texts.js";
import { dialog, trying } from "./toast.js";
import { writeApi } from "./write_api.js";

/** Opens the forms; resolves with {templates, id} after a change, undefined without one. */
export function editTemplates(templates, chosen) {
  return dialog(say("write.templates"), (close) => {
    let all = templates, id = chosen || null, told;
    const pick = h("select.rt-input", { id: "rt-template-pick", "aria-label": say("write.template") });
    const name = h("input.rt-input", { id: "rt-template-name", maxLength: 80, placeholder: say("write.template.name.example") });
    const text = h("textarea.rt-input", { id: "rt-template-text", rows: 10, maxLength: 8000, placeholder: say("write.template.text.example") });
    const drop = button({ label: say("action.delete"), icon: "trash", kind: "bad" });
    const save = button({ label: say("action.save"), kind: "primary", id: "rt-template-save" });
    const draw = () => {
      const one = all.find((each) => each.id === id);
      fill(pick, h("option", { value: "" }, say("write.template.new")), all.map((each) => h("option", { value: each.id, selected: each.id === id }, each.name)));
      pick.value = one?.id || "";
      name.value = one?.name || "";
      text.value = one?.text || "";
      drop.hidden = !one;
      ready();
    };
    const ready = () => { save.disabled = !name.value.trim() || !text.value.trim(); };
    name.oninput = text.oninput = ready;
    pick.onchange = () => { id = pick.value || null; draw(); };
    save.onclick = trying(async () => {
      const asked = [name.value.trim(), text.value.trim()];
      told = id ? await writeApi.changeTemplate(id, ...asked) : await writeApi.addTemplate(...asked);
      close(told);
    });
    drop.onclick = trying(async () => { told = await writeApi.dropTemplate(id); all = told.templates; id = null; draw(); });
    draw();
    return h("div.rt-write-forms", {}, h("p.rt-hint", say("write.templates.hint")), pick,
      h("label.rt-field", {}, h("span", say("write.template.name")), name), h("label.rt-field", {}, h("span", say("write.template.text")), text),
      h("footer", {}, drop, h("span.rt-space"), button({ label: say("action.cancel"), onclick: () => close(told) }), save));
  });
}
