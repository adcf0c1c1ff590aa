/** Gives strings, arrays, numbers and booleans the methods of Java's, as the original's engine did. */

import { LIST_METHODS, type Method } from './java-lists.ts';
import { BOOLEAN_METHODS, NUMBER_METHODS } from './java-numbers.ts';
import { STRICT_STRING_METHODS, STRING_METHODS } from './java-text.ts';

/** Defines methods that `for (x in y)` does not see. */
function defineMethods(target: object, methods: Readonly<Record<string, Method>>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/**
 * To be called once, before any script is loaded.
 * @returns the methods, which scripts may replace by their own: nothing here relies on them
 */
export function installJavaMethods(): ReadonlySet<unknown> {
  defineMethods(String.prototype, STRING_METHODS);
  defineMethods(String.prototype, STRICT_STRING_METHODS);
  defineMethods(Array.prototype, LIST_METHODS);
  defineMethods(Number.prototype, NUMBER_METHODS);
  defineMethods(Boolean.prototype, BOOLEAN_METHODS);
  // Java's isEmpty() is also the property `empty` in the original's engine.
  Object.defineProperty(String.prototype, 'empty', {
    get(this: unknown) {
      return String(this) === '';
    },
    configurable: true,
  });
  const all = [STRING_METHODS, LIST_METHODS, NUMBER_METHODS, BOOLEAN_METHODS];
  return new Set(all.flatMap((methods) => Object.values(methods)));
}
