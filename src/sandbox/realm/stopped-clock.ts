/** A clock that stands still at a given moment, for judging as if it were another day. Nothing where none is given. */

const VARIABLE = '$c42uds_clock';

const given: unknown = Reflect.get(globalThis, VARIABLE);
Reflect.deleteProperty(globalThis, VARIABLE);
if (typeof given === 'number') stopAt(given);

function stopAt(nowMs: number): void {
  const RealDate = Date;
  const stopped = function Date(...args: unknown[]): unknown {
    // Called without `new`, a date is the text of now, whatever the arguments (ECMA-262 21.4.2.1).
    if (new.target === undefined) return new RealDate(nowMs).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [nowMs] : args, new.target) as unknown;
  };
  const { prototype, parse, UTC } = RealDate;
  const shared = { prototype, parse, UTC, now: () => nowMs };
  for (const [name, value] of Object.entries(shared)) {
    const writable = name !== 'prototype';
    Object.defineProperty(stopped, name, { value, writable, enumerable: false, configurable: writable });
  }
  // Every date leads to its constructor, so replacing the global alone would leave the real clock in reach.
  Object.defineProperty(prototype, 'constructor', { value: stopped });
  Object.defineProperty(globalThis, 'Date', { value: stopped });
}
