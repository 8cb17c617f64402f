const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

/** After a failed init the same user's next one waits: 1 s, 2 s, 4 s, then 8 s each. */
export class InitThrottle {
  #waits = new Map();

  waitFor(userId) {
    return this.#waits.get(userId) ?? 0;
  }

  failed(userId) {
    const wait = this.waitFor(userId);
    this.#waits.set(userId, wait ? Math.min(wait * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS);
  }

  succeeded(userId) {
    this.#waits.delete(userId);
  }
}
