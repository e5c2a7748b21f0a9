// Measures the working time on a task: while the page is seen, and at most a while after the last thing a person did.

const IDLE = 30_000;

export class WorkClock {
  #spent = 0;
  #last = null;

  constructor() {
    const note = () => this.#note();
    for (const type of ['pointerdown', 'pointermove', 'keydown', 'wheel']) addEventListener(type, note, { passive: true, capture: true });
  }

  start() {
    this.#spent = 0;
    this.#last = performance.now();
  }

  #note() {
    if (document.hidden || this.#last === null) return;
    const now = performance.now();
    this.#spent += Math.min(now - this.#last, IDLE);
    this.#last = now;
  }

  /** Returns the seconds so far. */
  seconds() {
    this.#note();
    return Math.round(this.#spent) / 1000;
  }
}
