/** A state that dies with its process at the nth write: what is on the disk then is all that the next run finds. */

import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { OpenState } from '../../../src/local/state.ts';
import type { Change } from '../../../src/model/plan.ts';

/** As if the process had died at this point: nothing behind it is run. */
export class Killed extends Error {}

export interface Doom {
  /** The write at which it happens, from 1; `null` for never. */
  readonly atWrite: number | null;
  /** Whether that write is still done. */
  readonly done: boolean;
  /** Called at once: whatever the process had open is gone. */
  readonly onDeath: () => void;
}

export interface StateWatch {
  begun(identity: string): void;
  confirmed(identity: string): void;
}

const WRITES = [
  'learn',
  'beginWriting',
  'storePlan',
  'begin',
  'confirm',
  'fail',
  'settle',
  'remember',
] as const satisfies readonly (keyof OpenState)[];
/** Parts of the state, and by what they write. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  runs: ['add'] satisfies (keyof OpenState['runs'])[],
  deviations: ['seenOpen', 'seenClosed'] satisfies (keyof OpenState['deviations'])[],
  traces: [],
};
const SIDE_FILES = ['', '-wal'];
const AT_DEATH = '.at-death';

/** The state itself, but that it is doomed and watched. `bury` leaves on disk what was there at the moment of death. */
export function doomed(
  state: OpenState,
  path: string,
  doom: Doom,
  watch: StateWatch,
): { readonly state: OpenState; isDead(): boolean; bury(): void } {
  let writes = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    for (const side of SIDE_FILES) {
      if (existsSync(path + side)) copyFileSync(path + side, `${path}${AT_DEATH}${side}`);
    }
    doom.onDeath();
    throw new Killed();
  };
  const guarded = <T extends object>(whole: T, writing: readonly string[]): T =>
    new Proxy(whole, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        const word = String(name);
        if (typeof value === 'object' && value !== null && word in PARTS)
          return guarded(value, PARTS[word] ?? []);
        if (typeof value !== 'function') return value;
        return (...words: unknown[]): unknown => {
          if (dead && word !== 'close') throw new Killed();
          const call = (): unknown => (value as (...all: unknown[]) => unknown).apply(target, words);
          if (!writing.includes(word)) return call();
          writes += 1;
          const isTheEnd = writes === doom.atWrite;
          if (isTheEnd && !doom.done) die();
          const result = call();
          if (word === 'begin') watch.begun((words[0] as Change).identity);
          if (word === 'confirm') watch.confirmed((words[0] as Change).identity);
          if (isTheEnd) die();
          return result;
        };
      },
    });
  return {
    state: guarded(state, WRITES),
    isDead: () => dead,
    bury: () => {
      for (const side of ['', '-wal', '-shm', '-journal']) rmSync(path + side, { force: true });
      for (const side of SIDE_FILES) {
        if (existsSync(`${path}${AT_DEATH}${side}`)) renameSync(`${path}${AT_DEATH}${side}`, path + side);
      }
    },
  };
}
