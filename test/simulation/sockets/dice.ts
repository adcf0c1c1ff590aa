/** Chance from a seed: in a row, or by what it is about, since packets overtake each other and a row would be another. */

/** mulberry32's last step: small, and the same everywhere. */
function scramble(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}

/** In [0, 1): always the same for the same seed and words. */
export function chanceOf(seed: number, ...words: readonly (string | number)[]): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const letter of words.join('\n')) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return scramble((hash + 0x6d2b79f5) >>> 0);
}

/** One of the items, by a number in [0, 1). */
export function pickBy<T>(share: number, items: readonly T[]): T {
  return items[Math.floor(share * items.length)] as T;
}

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return scramble(this.#state);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return pickBy(this.next(), items);
  }
}
