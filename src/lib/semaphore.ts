/** A counting semaphore whose size may change: at most so many at a time, the others in the order in which they came. */

export class Semaphore {
  #slots: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param slots how many may be inside at once; at least 1 */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many may be inside at once. */
  get slots(): number {
    return this.#slots;
  }

  /** Whether a slot is free now. */
  get isFree(): boolean {
    return this.#taken < this.#slots;
  }

  /** Lets more or fewer inside from now on; whoever is inside may stay. */
  resize(slots: number): void {
    this.#slots = slots;
    this.#admit();
  }

  /** Takes a slot if one is free now. Each slot that was taken has to be given back by one {@link release}. */
  tryAcquire(): boolean {
    if (!this.isFree) return false;
    this.#taken += 1;
    return true;
  }

  /** Resolves when a slot is ours, which has to be given back as after {@link tryAcquire}. */
  async acquire(): Promise<void> {
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a slot back, to whoever has waited longest. */
  release(): void {
    this.#taken -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.tryAcquire()) this.#waiting.shift()?.();
  }
}
