// The page for people who write programs: every address, what it takes and answers, and a call to copy.
import { button, fill, h, icon } from "./dom.js";
import { has, say } from "./texts.js";
import { copyText, toast, trying } from "./toast.js";

const told = await (await fetch(`api/openapi.json?lang=${roomtone.language}`)).json();
const schemas = told.components.schemas;
const calls = Object.entries(told.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, call]) => ({ path, method: method.toUpperCase(), ...call })));

/** Returns `text` with what stands between backticks as code. */
const written = (text) => text.split("`").map((part, i) => (i % 2 ? h("code", part) : part));
const slug = (words) => words.toLowerCase().replace(/[^a-z]+/g, "_");
const area = (tag) => (has(`reference.area.${slug(tag)}`) ? say(`reference.area.${slug(tag)}`) : tag);

function whole(schema) {
  return schema?.$ref ? whole(schemas[schema.$ref.split("/").at(-1)]) : schema || {};
}

/** Returns what may stand in a field, in a few words. */
function kind(schema) {
  const found = whole(schema);
  if (found.enum) return found.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  const several = found.anyOf || found.oneOf;
  if (several) return [...new Set(several.map(kind))].join(" | ");
  if (found.type === "array") return `[${kind(found.items)}]`;
  if (found.format === "binary") return "file";
  return [found.type].flat().join(" | ") || "any";
}

/** Returns the fields of a body, those inside of others by their whole name. */
function fields(schema, before = "") {
  const found = whole(schema);
  return Object.entries(found.properties || {}).flatMap(([name, field]) => {
    const inner = whole(field), needed = (found.required || []).includes(name);
    const one = { name: before + name, type: kind(field), needed, usual: field.default, about: field.description || inner.description };
    return inner.properties && !before ? [one, ...fields(inner, `${name}.`)] : [one];
  });
}

function table(title, rows) {
  return rows.length ? [h("h3", title), h("div.rt-call-table", {}, h("table", {}, h("tbody", {}, rows.map((row) => h("tr", {},
    h("th", { scope: "row" }, h("code", row.name), row.needed ? h("small", say("reference.needed")) : null), h("td", h("code", row.type)),
    h("td", row.usual !== undefined && row.usual !== null && typeof row.usual !== "object" ? say("reference.usual", { value: JSON.stringify(row.usual) }) : ""))))))] : [];
}

function bodies(call) {
  return Object.entries(call.requestBody?.content || {}).flatMap(([type, content]) => {
    const schema = whole(content.schema);
    const kinds = schema.oneOf ? schema.oneOf.map(whole) : [schema];
    return kinds.flatMap((one) => table(kinds.length > 1 ? `${type} · ${one.properties?.task?.const || one.title}` : type, fields(one)));
  });
}

function answers(call) {
  return [h("h3", say("reference.answers")), h("ul.rt-call-answers", {}, Object.entries(call.responses).map(([status, one]) => h("li", {},
    h("code", status), " ", Object.keys(one.content || {}).join(", "), " ", shape(one))))];
}

function shape(answer) {
  const found = Object.values(answer.content || {})[0]?.schema;
  const names = Object.keys(whole(found).properties || {});
  return names.length ? h("span.rt-hint", `{${names.join(", ")}}`) : null;
}

function sample(call) {
  const [{ source }] = call["x-codeSamples"], here = source.replaceAll("http://127.0.0.1:7860", location.origin);
  const copy = trying(async () => { await copyText(here); toast(say("reference.copied")); });
  return [h("h3", say("reference.example")), h("div.rt-call-sample", {}, h("pre", h("code", here)), button({ icon: "copy", title: say("reference.copy"), kind: "quiet", onclick: copy }))];
}

function opened(call) {
  const parameters = (call.parameters || []).map((one) => ({ name: one.name, type: kind(one.schema), needed: one.required, usual: one.schema?.default }));
  return [call.description ? h("p", written(call.description)) : null, ...table(say("reference.parameters"), parameters), ...bodies(call), ...answers(call), ...sample(call)];
}

function shown(call) {
  const inner = h("div.rt-call-inner");
  const row = h("details.rt-call", { id: call.operationId, data: { words: `${call.method} ${call.path} ${call.summary}`.toLowerCase() } },
    h("summary", {}, h(`b.rt-call-method.${call.method.toLowerCase()}`, call.method), h("code", call.path), h("span", written(call.summary))), inner);
  row.addEventListener("toggle", () => { if (row.open && !inner.childNodes.length) fill(inner, opened(call)); });
  return row;
}

function section(tag) {
  return h("section", { id: `area-${slug(tag)}` }, h("h2", area(tag)), calls.filter((call) => call.tags[0] === tag).map(shown));
}

const first = ["OpenAI's interface", "Jobs"];
const tags = [...new Set([...first, ...calls.map((call) => call.tags[0])])];
const none = h("p.rt-hint", { hidden: true, role: "status" }, say("reference.none"));
const sections = tags.map(section);
const find = h("input.rt-input", { type: "search", id: "rt-reference-find", placeholder: say("reference.find"), "aria-label": say("reference.find"), oninput: () => seek(find.value) });

function seek(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const part of sections) {
    const rows = [...part.querySelectorAll(".rt-call")];
    for (const row of rows) row.hidden = !wanted.every((word) => row.dataset.words.includes(word));
    part.hidden = rows.every((row) => row.hidden);
  }
  none.hidden = sections.some((part) => !part.hidden);
}

const other = roomtone.language === "zh" ? "en" : "zh";
document.title = `${say("reference.title")} · Roomtone`;
document.body.append(h("main.rt-reference", {},
  h("header", {}, h("a", { href: "./", className: "rt-reference-home" }, icon("left"), "Roomtone"), button({ label: other === "zh" ? "中文" : "English", kind: "quiet", id: "rt-language", onclick: () => roomtone.setLanguage(other) })),
  h("h1", say("reference.title")), h("p", say("reference.about")),
  h("p", say("reference.address"), " ", h("code", `${location.origin}/v1`)),
  h("p", say("reference.elsewhere")),
  h("p", h("a", { href: "api/openapi.json", download: "roomtone-openapi.json" }, say("reference.download"))),
  find, h("nav", { "aria-label": say("reference.areas") }, tags.map((tag) => h("a", { href: `docs#area-${slug(tag)}` }, area(tag)))), none, sections));
if (location.hash) {
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted?.matches("details")) wanted.open = true;
  wanted?.scrollIntoView();
}
