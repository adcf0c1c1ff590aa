/** A counting semaphore: at most so many at a time, the others in the order in which they came. */

export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param slots how many may be inside at once; at least 1 */
  constructor(slots: number) {
    this.#free = slots;
  }

  /** Resolves when a slot is ours. Each acquired slot has to be given back by one {@link release}. */
  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a slot back, to whoever has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
