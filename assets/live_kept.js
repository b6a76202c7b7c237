// What was spoken and is not yet on the server's disk, kept in this browser so that no reload or crash loses it.

const NAME = "roomtone-live", SESSIONS = "sessions", PACKETS = "packets";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Sessions and their packets in IndexedDB. A packet is named by its session and its number. */
export class Kept {
  #base;

  constructor(base) { this.#base = base; }

  /** Opens what this browser keeps; where it keeps nothing (some private windows) memory stands in. */
  static async open() {
    try {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore(SESSIONS, { keyPath: "id" });
        asked.result.createObjectStore(PACKETS);
      };
      return new Kept(await done(asked));
    } catch {
      return new Forgetful();
    }
  }

  get lasting() { return true; }

  #in(store, mode = "readonly") { return this.#base.transaction(store, mode, { durability: "relaxed" }).objectStore(store); }

  sessions() { return done(this.#in(SESSIONS).getAll()); }

  save(session) { return done(this.#in(SESSIONS, "readwrite").put(session)); }

  put(id, n, packet) { return done(this.#in(PACKETS, "readwrite").put(packet, [id, n])); }

  /** Returns up to `most` packets from number `from` on, as [number, packet]. */
  async some(id, from, most) {
    const store = this.#in(PACKETS), range = IDBKeyRange.bound([id, from], [id, Infinity]);
    const [keys, packets] = await Promise.all([done(store.getAllKeys(range, most)), done(store.getAll(range, most))]);
    return keys.map(([, n], i) => [n, packets[i]]);
  }

  /** Returns the numbers of the first and the last packet, null when there is none. */
  async ends(id) {
    const range = IDBKeyRange.bound([id, -Infinity], [id, Infinity]), store = this.#in(PACKETS);
    const of = async (way) => (await done(store.openKeyCursor(range, way)))?.key[1];
    const [first, last] = await Promise.all([of("next"), of("prev")]);
    return first === undefined ? null : { first, last };
  }

  /** Forgets the packets before a number. */
  forget(id, before) { return done(this.#in(PACKETS, "readwrite").delete(IDBKeyRange.bound([id, -Infinity], [id, before], false, true))); }

  /** Forgets a session with all that is kept of it. */
  async drop(id) {
    await this.forget(id, Infinity);
    await done(this.#in(SESSIONS, "readwrite").delete(id));
  }
}

/** The same for as long as the page is open. */
class Forgetful {
  #sessions = new Map();
  #packets = new Map();

  get lasting() { return false; }

  async sessions() { return [...this.#sessions.values()]; }

  async save(session) { this.#sessions.set(session.id, session); }

  async put(id, n, packet) { this.#packets.set(n, packet); }

  async some(id, from, most) { return [...this.#packets].filter(([n]) => n >= from).slice(0, most); }

  async ends() { const all = [...this.#packets.keys()]; return all.length ? { first: all[0], last: all.at(-1) } : null; }

  async forget(id, before) { for (const n of this.#packets.keys()) if (n < before) this.#packets.delete(n); }

  async drop(id) { this.#packets.clear(); this.#sessions.delete(id); }
}
