/** Makes ready for the methods by which a script replaces JavaScript's own, under names that only that script uses. */

const HOLDERS: ReadonlySet<unknown> = new Set(
  [Object, Function, Array, String, Boolean, Number, Date, RegExp].flatMap((one) => [one, one.prototype]),
);

/**
 * From now on `x.$c42uds_own_NAME` is `x.NAME` until a script defines it, and is defined where it is assigned to.
 * @param isNewer whether the original's engine had no such method: who asks the built-in object for it finds none
 */
export function own(name: string, isNewer: boolean): void {
  const key = `$c42uds_own_${name}`;
  if (Object.hasOwn(Object.prototype, key)) return;
  Object.defineProperty(Object.prototype, key, {
    get(this: unknown): unknown {
      if (isNewer && (HOLDERS.has(this) || this === Math)) return undefined;
      return Reflect.get(Object(this) as object, name, this);
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, key, { value, writable: true, enumerable: false, configurable: true });
    },
    enumerable: false,
    configurable: true,
  });
}
