/**
 * The inside of the isolate: loads the three scripts and judges users with them. The folder of this file is compiled
 * into the isolate module by module; it knows nothing of Node and imports nothing from outside, types apart.
 */

// First: whatever else is loaded must meet the clock that the scripts are to see.
import './stopped-clock.ts';
import type { ScriptAnswer, ScriptTrial } from '../../model/scripts.ts';
import type { AnswersMessage, ScriptKind, WireAnswer, WireBatch, WireEntry } from '../protocol.ts';
import { activeOf, ContractBreach, orgOf, rolesOf } from './answers.ts';
import {
  eachOf,
  expectReads,
  forgetMissed,
  hasMissed,
  listed,
  readNames,
  viewOf,
  watchReads,
  withholdFrom,
} from './entry-view.ts';
import { javaGlobals, RESULT_CLASSES } from './java-classes.ts';
import { installJavaMethods } from './java-methods.ts';
import {
  addedToDescriptors,
  freezeBuiltIns,
  guardGlobals,
  lockBuiltIns,
  removeDangers,
  restoreShared,
  watchDefinitions,
  type GlobalGuard,
} from './lockdown.ts';
import { own } from './own-methods.ts';
import { functionOf, type ScriptFunction } from './script-function.ts';
import { describeThrown } from './thrown.ts';

type Wrapper = (this: undefined, module: { exports: unknown }, exports: object) => unknown;

interface LoadedScript {
  readonly kind: ScriptKind;
  readonly name: string;
  readonly judge: ScriptFunction;
}

const MAX_PRINTS = 200;
const MAX_PRINT_CHARS = 1_000;

const { stringify, parse } = JSON;
const scripts = new Map<ScriptKind, LoadedScript>();
let guard: GlobalGuard | null = null;

let running = '';
let users: readonly WireEntry[] = [];
let partial = false;
/** Users of the batch whose answers have been collected. */
let collected = 0;
let answers: WireAnswer[] = [];
let prints: string[] = [];
let spoiled = false;
let stopped = 0;

function print(...values: unknown[]): void {
  if (prints.length >= MAX_PRINTS) return;
  const text = values.map((value) => String(value).slice(0, MAX_PRINT_CHARS)).join(' ');
  prints.push(`${running}: ${text.slice(0, MAX_PRINT_CHARS)}`);
}

/** `value.length()`, where `length` is a property in JavaScript. */
function lengthOf(value: { length: unknown }): unknown {
  const { length } = value;
  return typeof length === 'function' ? Reflect.apply(length, value, []) : length;
}

removeDangers();
watchDefinitions();
lockBuiltIns(Object.getOwnPropertyNames(globalThis), installJavaMethods());
const consoleObject = { log: print, info: print, warn: print, error: print, debug: print };
const provided = {
  print,
  console: consoleObject,
  $c42uds_values: eachOf,
  $c42uds_length: lengthOf,
  $c42uds_list: listed,
  $c42uds_own: own,
  ...javaGlobals(print),
};
for (const [name, value] of Object.entries(provided)) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
const builtInNames = Object.getOwnPropertyNames(globalThis);

/** Takes the names, with commas, of attributes that entries come without because no script names them. */
export function withhold(names: string): null {
  withholdFrom(names === '' ? [] : names.split(','));
  return null;
}

/**
 * Runs a script file.
 * @returns why it cannot be used; `null` when it is loaded
 */
export function load(kind: ScriptKind, name: string, wrapper: Wrapper): string | null {
  running = name;
  try {
    const module = { exports: {} };
    const exported = Reflect.apply(wrapper, undefined, [module, module.exports]);
    const added = addedToDescriptors();
    if (added !== null)
      return `${name} gives every object a "${added}" (Object.prototype), which no other code survives`;
    const judge = functionOf(exported, kind);
    if (judge === null) return `${name} does not give a function`;
    scripts.set(kind, { kind, name, judge });
    return null;
  } catch (error) {
    return describeThrown(name, kind, error);
  }
}

/**
 * To be called when all scripts are loaded, before the first user.
 * @returns why users cannot be judged after what the scripts did to what they share; `null` where all is well
 */
export function seal(): string | null {
  const spoilt = restoreShared();
  if (spoilt !== null) return `The scripts change ${spoilt} while they load, which no other code survives`;
  freezeBuiltIns(builtInNames, RESULT_CLASSES);
  guard = guardGlobals();
  guard.sweep();
  return null;
}

/** Takes the names of the attributes that users of a partial batch come with, a JSON array. */
export function expect(names: string): void {
  expectReads(parse(names) as readonly string[]);
}

/** Takes a batch, the JSON of a {@link WireBatch}. */
export function begin(batch: string): number {
  [partial, users] = parse(batch) as WireBatch;
  collected = 0;
  answers = [];
  return users.length;
}

/** Judges the next `count` users of the batch and {@link collect}s. May be stopped anywhere. */
export function run(count: number): string {
  guard?.sweep();
  const end = collected + count;
  while (collected + answers.length < end && !spoiled) {
    const user = users[collected + answers.length];
    if (user === undefined) break;
    forgetMissed();
    const judged = judgeUser(user);
    // Whatever was answered: it was said of a user who looked as if he had less than he has.
    const answer = hasMissed() ? null : judged;
    const leftover = guard?.sweep() ?? null;
    spoiled = leftover !== null;
    if (spoiled) stopped += 1;
    answers.push(spoiled ? `A script left ${String(leftover)} changed, which cannot be undone` : answer);
  }
  return collect();
}

/** Gives the user who was being judged when the run was stopped a failure. */
export function charge(message: string): string {
  answers.push(`${running} ${message}`);
  stopped += 1;
  return collect();
}

/** The answers since the last time, an {@link AnswersMessage}. */
export function collect(): string {
  const message: AnswersMessage = { answers, prints, spoiled, stopped };
  collected += answers.length;
  answers = [];
  prints = [];
  stopped = 0;
  return stringify(message);
}

function ask(kind: ScriptKind, user: WireEntry): unknown {
  const script = scripts.get(kind);
  if (script === undefined) throw new TypeError('not loaded');
  running = script.name;
  // Not as a method: `this` of an old-style function would be our own record of it.
  return Reflect.apply(script.judge, undefined, [viewOf(user, partial)]);
}

function judgeUser(user: WireEntry): WireAnswer {
  let kind: ScriptKind = 'active';
  try {
    const active = activeOf(ask(kind, user));
    kind = 'org';
    const org = orgOf(ask(kind, user));
    kind = 'role';
    return [active, org, rolesOf(ask(kind, user))];
  } catch (error) {
    return failureOf(kind, error);
  }
}

function failureOf(kind: ScriptKind, error: unknown): string {
  return isBreach(error) ? `${running} ${error.message}` : describeThrown(running, kind, error);
}

const ANSWER_OF = { active: activeOf, org: orgOf, role: rolesOf } as const;

/** Tries one script on the first user of the batch. May be stopped anywhere; {@link stopTrial} then says so. */
export function tryOn(kind: ScriptKind): string {
  guard?.sweep();
  const [user] = users;
  if (user === undefined) throw new TypeError('no user to try it on');
  watchReads(true);
  let answer: ScriptAnswer = null;
  let failure: string | null = null;
  try {
    answer = ANSWER_OF[kind](ask(kind, user));
  } catch (error) {
    failure = failureOf(kind, error);
  }
  return trialOf(kind, answer, failure);
}

export function stopTrial(kind: ScriptKind, message: string): string {
  return trialOf(kind, null, `${running} ${message}`);
}

function trialOf(kind: ScriptKind, answer: ScriptAnswer, failure: string | null): string {
  const { read, absent } = readNames();
  watchReads(false);
  const printed = prints;
  prints = [];
  const name = scripts.get(kind)?.name ?? kind;
  const trial: Omit<ScriptTrial, 'durationMs'> = {
    kind,
    name,
    answer,
    failure,
    read,
    absent,
    prints: printed,
  };
  return stringify(trial);
}

function isBreach(error: unknown): error is ContractBreach {
  try {
    return error instanceof ContractBreach;
  } catch {
    // A proxy was thrown whose traps throw in turn.
    return false;
  }
}
