/** Lists that are views: part of a list, and the values of a map. What is changed in them is changed there. */

import {
  isAccepted,
  iteratorOf,
  javaEquals,
  JavaFixedList,
  JavaList,
  subListOf,
  valuesOf,
} from './java-lists.ts';
import { Unsupported } from './java-exceptions.ts';

type Mutator = (this: unknown, ...args: unknown[]) => unknown;

/** `List.subList`: a copy that writes what is done to it into the list that it is a part of. */
export class JavaSubList extends JavaList {
  readonly #parent: unknown[];
  readonly #start: number;
  #size: number;

  constructor(parent: unknown[], start: number, end: number) {
    super(parent.slice(start, end));
    this.#parent = parent;
    this.#start = start;
    this.#size = end - start;
  }
  iterator(): object {
    return iteratorOf(this, (_value, at) => {
      this.splice(at, 1);
      this.writeBack();
    });
  }
  /** To be called after a change. */
  writeBack(): void {
    if (this.length !== this.#size && this.#parent instanceof JavaFixedList) throw new Unsupported('subList');
    this.#parent.splice(this.#start, this.#size, ...this);
    this.#size = this.length;
    if (this.#parent instanceof JavaSubList) this.#parent.writeBack();
  }
}

for (const name of [
  'set',
  'add',
  'addAll',
  'remove',
  'removeAll',
  'retainAll',
  'removeIf',
  'clear',
  'sort',
]) {
  const inherited = (JavaList.prototype as unknown as Record<string, Mutator>)[name];
  Object.defineProperty(JavaSubList.prototype, name, {
    value(this: JavaSubList, ...args: unknown[]): unknown {
      const method = inherited ?? (Reflect.get(Array.prototype, name) as Mutator);
      const result = Reflect.apply(method, this, args);
      this.writeBack();
      return result;
    },
  });
}

subListOf.make = (values, start, end) => new JavaSubList(values as unknown[], start, end);

/** `Map.values()` as it is when it is asked for; what is removed from it leaves the map. */
export class JavaValues extends JavaList {
  readonly #forget: (at: number) => void;

  /** @param forget takes the position of a value that is removed */
  constructor(values: readonly unknown[], forget: (at: number) => void) {
    super(values);
    this.#forget = forget;
  }
  add(): boolean {
    throw new Unsupported('add');
  }
  remove(value: unknown): boolean {
    const at = this.findIndex((one) => javaEquals(one, value));
    if (at >= 0) this.#drop(at);
    return at >= 0;
  }
  removeIf(test: unknown): boolean {
    let changed = false;
    for (let at = this.length - 1; at >= 0; at -= 1) {
      if (!isAccepted(test, this[at])) continue;
      this.#drop(at);
      changed = true;
    }
    return changed;
  }
  removeAll(values: unknown): boolean {
    const gone = valuesOf(values);
    return this.removeIf((value: unknown) => gone.some((one) => javaEquals(one, value)));
  }
  retainAll(values: unknown): boolean {
    const kept = valuesOf(values);
    return this.removeIf((value: unknown) => !kept.some((one) => javaEquals(one, value)));
  }
  clear(): void {
    this.removeIf(() => true);
  }
  iterator(): object {
    return iteratorOf(this, (_value, at) => this.#drop(at));
  }
  #drop(at: number): void {
    this.splice(at, 1);
    this.#forget(at);
  }
}
