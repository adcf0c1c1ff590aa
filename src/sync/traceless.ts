/** Changes that leave no trace on the entry they concern: which attributes have them, and how a run gets to see them. */

import { createHash } from 'node:crypto';
import { valuesOf, type Entry } from '../model/entry.ts';
import type { DirectoryFacts, Judge } from '../model/ports.ts';
import type { RunParts } from './run-parts.ts';

/**
 * Attributes that the directory keeps by itself, or that are worked out: when they change, neither the time stamp nor
 * the USN of the entry moves. Groups come first; a manager is among them because his rename rewrites the reference.
 */
const LINKS = [
  'memberOf',
  'isMemberOf',
  'nsRole',
  'directReports',
  'managedObjects',
  'manager',
  'secretary',
  'assistant',
] as const;

/** Active Directory works these out, and gives them only to a search that asks for one entry by its DN ([MS-ADTS] 3.1.1.4.5). */
const ONE_ENTRY_ONLY = [
  'tokenGroups',
  'tokenGroupsGlobalAndUniversal',
  'tokenGroupsNoGCAcceptable',
  'msds-memberOfTransitive',
] as const;

/** How an incremental run sees the changes of {@link LINKS}. */
export interface LinkTracking {
  /** The attributes that decisions may depend on, to be read by name. */
  readonly attributes: readonly string[];
  /** Whether an incremental run compares them for every user with what they were when he was last judged. */
  readonly compares: boolean;
  /** What is done and why, for the log. */
  readonly sentence: string;
  /** What the scripts read and no run can give them; `null` for nothing. */
  readonly warning: string | null;
}

export function linkTracking(parts: RunParts, facts: DirectoryFacts): LinkTracking {
  const { rules } = parts;
  const reasons = new Map<string, string>();
  for (const name of LINKS) {
    const reason = reasonFor(name, parts, facts);
    if (reason !== null) reasons.set(name, reason);
  }
  // Worked out by a search of its own, so only for a script that says its name.
  const nested = parts.judge.names('memberOfAll');
  if (nested !== null) reasons.set('memberOfAll', nested);
  if (rules.groupChanges === 'SWEEP' && reasons.size === 0) {
    reasons.set('memberOf', 'ldap.group.changes is SWEEP');
  }
  for (const [name, reason] of workedOut(parts.judge, facts))
    if (!reasons.has(name)) reasons.set(name, reason);
  const attributes = [...reasons.keys()];
  const warning = oneEntryWarning(parts.judge, facts);
  const why = [...new Set(reasons.values())].join(', ');
  if (attributes.length === 0) {
    return {
      attributes,
      compares: false,
      sentence:
        warning === null
          ? 'Changes of groups are not looked for: no script, mapping or search filter reads them.'
          : 'Changes of groups are not looked for: what the scripts read of them is not given to a run.',
      warning,
    };
  }
  if (rules.groupChanges === 'OFF') {
    return {
      attributes,
      compares: false,
      sentence: `ldap.group.changes is OFF: only full runs see changes of ${attributes.join(', ')}, though ${why}.`,
      warning,
    };
  }
  return {
    attributes,
    compares: true,
    sentence: `Changes of groups are found by comparing ${attributes.join(', ')} of every user: ${why}.`,
    warning,
  };
}

/** Account states that move without a trace, each where a kind of directory works it out, and who reads it. */
function workedOut(judge: Judge, { kind }: DirectoryFacts): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  if (kind === '389_DIRECTORY_SERVER') {
    // An account that is locked by a role: a class of service gives it the attribute, and its entry is not touched.
    const lock = judge.mayRead('nsAccountLock') ?? judge.names('disabled');
    if (lock !== null) found.push(['nsAccountLock', lock]);
  }
  if (kind === 'ACTIVE_DIRECTORY') {
    // A lock that ends by itself, and a password that expires, leave no USN.
    const computed = judge.names('msDS-User-Account-Control-Computed');
    if (computed !== null) found.push(['msDS-User-Account-Control-Computed', computed]);
  }
  return found;
}

function oneEntryWarning(judge: Judge, { kind }: DirectoryFacts): string | null {
  if (kind !== 'ACTIVE_DIRECTORY') return null;
  const reasons = ONE_ENTRY_ONLY.map((name) => judge.names(name)).filter((reason) => reason !== null);
  if (reasons.length === 0) return null;
  return `${reasons.join(', ')}, and finds nothing: the server gives it for one entry at a time only. Use entry.memberOfAll, the DNs of all groups, nested ones included.`;
}

/** What must be asked for by name for these scripts to see a user as in a run. */
export function namedFor(judge: Judge): readonly string[] {
  const links: string[] = LINKS.filter((name) => judge.mayRead(name) !== null);
  // Kept by 389 Directory Server alone; any other server gives nothing for the name.
  if ((judge.mayRead('nsAccountLock') ?? judge.names('disabled')) !== null) links.push('nsAccountLock');
  const nested = judge.names('memberOfAll') === null ? [] : ['memberOfAll'];
  return [...new Set([...links, ...nested, ...(judge.named?.reads ?? [])])];
}

function reasonFor(name: string, { judge, rules }: RunParts, facts: DirectoryFacts): string | null {
  const read = judge.mayRead(name);
  if (read !== null) return read;
  // The state itself follows a manager who is renamed.
  const mapped = Object.entries<string | readonly string[]>({ ...rules.mapping }).find(
    ([key, attributes]) =>
      key !== 'manager' && [attributes].flat().some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  if (mapped !== undefined) return `ldap.attrib maps ${name} to ${mapped[0]}`;
  const inFilter = new RegExp(`\\(\\s*${name}[:=~<>]`, 'i').test(facts.userFilter);
  return inFilter ? `ldap.search.filter asks for ${name}` : null;
}

/** A digest of the entry's values of these attributes, the same in whatever order the server sends them. */
export function linksOf(entry: Entry, attributes: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of attributes) {
    hash.update(`${name}\0`);
    for (const value of [...valuesOf(entry, name)].sort()) hash.update(`${value}\0`);
    hash.update('\0');
  }
  return hash.digest('base64').slice(0, 22);
}

/** Words by which a script tells the time; one that has none of them decides the same at any moment. */
const CLOCKS = ['Date', 'Calendar', 'currentTimeMillis', 'nanoTime', 'expired'];

export function readsClock({ judge }: RunParts): boolean {
  return CLOCKS.some((word) => judge.names(word) !== null);
}
