// "Remember this voice…" for a speaker of a transcript.
import { voicesApi } from "./voices_api.js";
import { enrol } from "./voices_enrol.js";

/** Asks whose voice it is and who agreed; resolves true when it is known. */
export async function rememberVoice(job, key) {
  const told = await voicesApi.clip(job);
  const one = told.people.find((other) => other.key === key);
  const known = await enrol({ given: one ? [{ told, key }] : [], name: one?.name || "" });
  if (known) dispatchEvent(new Event("roomtone:voices"));
  return Boolean(known);
}
