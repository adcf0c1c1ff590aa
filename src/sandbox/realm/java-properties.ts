/** Getters and setters of Java's objects as properties, as the original's engine has them: `calendar.time = date`. */

/**
 * Defines properties over the methods `getX` or `isX` and `setX` that the prototype has or inherits. One without a
 * setter ignores what is assigned to it, as in the original's engine.
 */
export function addProperties(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    const suffix = name.charAt(0).toUpperCase() + name.slice(1);
    const get = [`get${suffix}`, `is${suffix}`].find((method) => method in prototype);
    const set = `set${suffix}`;
    Object.defineProperty(prototype, name, {
      ...(get === undefined ? {} : { get: callOf(get) }),
      ...(set in prototype ? { set: callOf(set) } : {}),
      enumerable: false,
      configurable: true,
    });
  }
}

/** Asks for the method at the time of the call: a class may have one of its own. */
function callOf(name: string): (this: object, ...args: unknown[]) => unknown {
  return function (this: object, ...args: unknown[]): unknown {
    const method = (this as Record<string, unknown>)[name];
    return Reflect.apply(method as (...given: unknown[]) => unknown, this, args);
  };
}
