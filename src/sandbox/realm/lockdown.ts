/** Takes away what scripts must not have, and freezes what they share, so that no user's run changes the next one's. */

/** No way to run later, to run code from text, or to share memory: each would escape the limits of one user. */
const REMOVED_GLOBALS = [
  'Promise',
  'FinalizationRegistry',
  'WeakRef',
  'AsyncDisposableStack',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  // The engine's own does nothing; ours prints to the log.
  'console',
] as const;

const GLOBAL = globalThis as unknown as Record<PropertyKey, unknown>;

/** To be called before any script is loaded. */
export function removeDangers(): void {
  for (const name of REMOVED_GLOBALS) Reflect.deleteProperty(globalThis, name);
  Reflect.deleteProperty(Array, 'fromAsync');
  const refuse = function Function(): never {
    throw new TypeError('code in strings cannot be run');
  };
  // Every function leads to its constructor, so replacing the globals alone would change nothing.
  for (const sample of [function () {}, function* () {}, async function () {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(sample) as object;
    Object.defineProperty(prototype, 'constructor', { value: refuse, writable: false, configurable: false });
  }
  Object.defineProperty(refuse, 'prototype', { value: Function.prototype, writable: false });
  GLOBAL['Function'] = refuse;
  GLOBAL['eval'] = (): never => {
    throw new TypeError('code in strings cannot be run');
  };
}

/**
 * Makes what every built-in has now unchangeable. To be called before any script is loaded: our own code lives among
 * the same built-ins. New methods can still be added, and the `replaceable` ones replaced: many old scripts bring a
 * `String.prototype.contains` of their own.
 */
export function lockBuiltIns(names: readonly string[], replaceable: ReadonlySet<unknown>): void {
  for (const { prototype } of [Object, Error, TypeError, RangeError, SyntaxError]) allowOverriding(prototype);
  forEachBuiltIn(names, (builtIn) => {
    for (const key of Reflect.ownKeys(builtIn)) {
      const descriptor = Object.getOwnPropertyDescriptor(builtIn, key) ?? {};
      if (replaceable.has(descriptor.value)) continue;
      const isData = Object.hasOwn(descriptor, 'value');
      Object.defineProperty(builtIn, key, { configurable: false, ...(isData ? { writable: false } : {}) });
    }
  });
  fixGlobals(names);
}

/**
 * Takes back the additions to shared prototypes that would reach into our own answers: `toJSON`, which old libraries
 * bring along, and elements.
 * @returns the name of an addition that cannot be taken back; `null` where all is well
 */
export function restoreShared(): string | null {
  for (const prototype of [Object.prototype, Array.prototype]) {
    for (const key of Reflect.ownKeys(prototype)) {
      const isElement = typeof key === 'string' && /^\d+$/.test(key);
      if ((isElement || key === 'toJSON') && !Reflect.deleteProperty(prototype, key)) return String(key);
    }
  }
  return null;
}

/** Fields of a property descriptor: every definition of a property would inherit them. */
const DESCRIPTOR_FIELDS = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable'] as const;

/** The name that a script has added to all objects and that no definition of a property survives; `null` for none. */
export function addedToDescriptors(): string | null {
  return DESCRIPTOR_FIELDS.find((name) => Object.hasOwn(Object.prototype, name)) ?? null;
}

/** Freezes built-ins altogether, with what scripts added to them. To be called when the scripts are loaded. */
export function freezeBuiltIns(names: readonly string[], classes: readonly unknown[]): void {
  forEachBuiltIn(names, Object.freeze, classes);
  fixGlobals(names);
}

function fixGlobals(names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(globalThis, name, { writable: false, configurable: false });
  }
}

/**
 * An inherited read-only property cannot be assigned to on the heir, so freezing alone would break the everyday
 * `Thing.prototype.toString = …` and `error.message = …`. A setter that defines the property on the heir mends it.
 */
function allowOverriding(holder: object): void {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    if (!('value' in descriptor) || descriptor.configurable !== true) continue;
    const value: unknown = descriptor.value;
    Object.defineProperty(holder, key, {
      get: () => value,
      set(this: unknown, replacement: unknown) {
        if (this === holder) throw new TypeError(`${key} of a built-in object cannot be changed`);
        const options = { value: replacement, writable: true, enumerable: true, configurable: true };
        Object.defineProperty(this as object, key, options);
      },
      enumerable: descriptor.enumerable ?? false,
      configurable: true,
    });
  }
}

/** Built-ins that no global name leads to, but the results of calls, or syntax alone. */
function hiddenBuiltIns(): unknown[] {
  const segments = new Intl.Segmenter().segment('a');
  const iterators = [
    [].values(),
    ''[Symbol.iterator](),
    new Map().values(),
    new Set().values(),
    'a'.matchAll(/a/g),
    [].values().map(String),
    Iterator.from({ next: () => ({ done: true, value: null }) }),
    segments,
    segments[Symbol.iterator](),
  ];
  const functions = [function () {}, function* () {}, async function () {}, async function* () {}];
  const prototypes = [...iterators, ...functions, (function* () {})(), (async function* () {})()].map(
    (value) => Object.getPrototypeOf(value) as unknown,
  );
  // V8 gives every error the same two functions.
  const stack = Object.values(Object.getOwnPropertyDescriptor(new Error(), 'stack') ?? {}) as unknown[];
  return [...prototypes, Object.getPrototypeOf(globalThis), ...stack];
}

/** Visits all objects that the named globals, or syntax alone, lead to. */
function forEachBuiltIn(
  names: readonly string[],
  visit: (builtIn: object) => void,
  more: readonly unknown[] = [],
): void {
  const seen = new Set<unknown>([globalThis]);
  const waiting = [...names.map((name) => GLOBAL[name]), ...hiddenBuiltIns(), ...more];
  for (let value = waiting.pop(); waiting.length > 0 || value !== undefined; value = waiting.pop()) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue;
    seen.add(value);
    waiting.push(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      waiting.push(...(Object.values(Object.getOwnPropertyDescriptor(value, key) ?? {}) as unknown[]));
    }
    visit(value);
  }
}

/** Watches over the global object while users are judged. */
export interface GlobalGuard {
  /**
   * Removes every global that is not there by right.
   * @returns the name of one that cannot be removed, which spoils the isolate; `null` where all is well
   */
  sweep(): string | null;
}

/** Whether something was defined the long way: on the global object, for all we know, or on a proxy of it. */
let definedOnGlobal = false;

/** To be called before any script is loaded. */
export function watchDefinitions(): void {
  const defineProperty = Object.defineProperty.bind(Object);
  const defineProperties = Object.defineProperties.bind(Object);
  const defineByReflect = Reflect.defineProperty;
  const watched = {
    defineProperty<T>(
      this: void,
      target: T,
      key: PropertyKey,
      descriptor: PropertyDescriptor & ThisType<unknown>,
    ): T {
      definedOnGlobal = true;
      return defineProperty(target, key, descriptor);
    },
    defineProperties<T>(this: void, target: T, descriptors: PropertyDescriptorMap & ThisType<unknown>): T {
      definedOnGlobal = true;
      return defineProperties(target, descriptors);
    },
  };
  for (const [name, value] of Object.entries(watched)) defineProperty(Object, name, { value });
  const value = (target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean => {
    definedOnGlobal = true;
    return defineByReflect(target, key, descriptor);
  };
  defineProperty(Reflect, 'defineProperty', { value });
}

/** A global that a script has taken away, put back as it was when the scripts were loaded. */
function restorer(keys: readonly PropertyKey[]): () => void {
  const kept = keys.map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key) ?? {}] as const);
  const define = Reflect.defineProperty;
  return () => {
    for (const [key, descriptor] of kept) {
      if (!Object.hasOwn(globalThis, key)) define(globalThis, key, descriptor);
    }
  };
}

/** To be called when the scripts are loaded: the globals that are there now stay. */
export function guardGlobals(): GlobalGuard {
  const keys = Reflect.ownKeys(globalThis);
  const kept = new Set(keys);
  const keptEnumerable = Object.keys(globalThis).length;
  const keptSymbols = Object.getOwnPropertySymbols(globalThis).length;
  const restore = restorer(keys);
  const prototype: unknown = Object.getPrototypeOf(globalThis);
  const remove = (keys: readonly PropertyKey[]): string | null => {
    const stuck = keys.find((key) => !kept.has(key as string) && !Reflect.deleteProperty(globalThis, key));
    return stuck === undefined ? null : String(stuck);
  };
  return {
    sweep() {
      // RegExp.$1 of the last match is a global by another name.
      /()()()()()()()()()/.exec('');
      if (!Object.isExtensible(globalThis) || Object.getPrototypeOf(globalThis) !== prototype)
        return 'globalThis';
      // Listing all keys takes 3 µs, ten times as long as this loop, and it runs for every user.
      const symbols = Object.getOwnPropertySymbols(globalThis);
      if (!definedOnGlobal && symbols.length === keptSymbols && symbols.every((symbol) => kept.has(symbol))) {
        let stuck: string | null = null;
        let found = 0;
        for (const key in globalThis) {
          if (kept.has(key)) found += 1;
          else stuck = remove([key]) ?? stuck;
        }
        if (found !== keptEnumerable) restore();
        return stuck;
      }
      const stuck = remove(Reflect.ownKeys(globalThis));
      restore();
      // Only now: what is stopped half way must be done again.
      definedOnGlobal = false;
      return stuck;
    },
  };
}
