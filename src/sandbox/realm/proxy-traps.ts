/** The traps of proxies that scripts hold. */

/**
 * Traps that nothing can be added to. Without a prototype: what a script adds to every object (`Object.prototype.apply = …`)
 * would be taken for a trap that we left out, and would be given the object behind the proxy.
 */
export function trapsOf<T extends object>(traps: ProxyHandler<T>): ProxyHandler<T> {
  Object.setPrototypeOf(traps, null);
  return Object.freeze(traps);
}
