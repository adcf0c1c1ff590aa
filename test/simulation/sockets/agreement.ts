/** What the service must hold when directory and service agree. */

import type { Decision } from '../../../src/model/decision.ts';
import type { DemoUser, ScimStore } from '../../../src/demo/scim-store.ts';
import { ENTERPRISE_URN, type Json } from '../../../src/demo/scim-schema.ts';
import type { People, Person } from './people.ts';
import type { ScriptSet } from './scripts.ts';

export interface Sides {
  readonly people: People;
  readonly scripts: ScriptSet;
  readonly store: ScimStore;
}

/** In what directory and service disagree. Who cannot be provisioned (his scripts fail, his name is another's) is left out. */
export function disagreements(sides: Sides): string[] {
  const { people, store, scripts } = sides;
  const found: string[] = [];
  for (const person of people.here()) {
    const decision = scripts.decide(person.attributes);
    if (decision === null || hasTwin(person, people)) continue;
    const accounts = store.byExternalId(person.identity);
    const [account, ...others] = accounts;
    if (others.length > 0) found.push(`${person.name} has ${accounts.length} accounts`);
    if (account === undefined) {
      if (decision.active && !isDisputed(person, store)) found.push(`${person.name} has no account`);
      continue;
    }
    // A change that is refused for its name is refused whole; to close the account takes no name.
    if (decision.active && isDisputed(person, store)) continue;
    if (account.active !== decision.active) {
      found.push(`${person.name} is ${account.active ? 'active' : 'inactive'} at the service`);
    }
    if (account.active && decision.active) {
      for (const [name, want, have] of attributePairs(person, decision, account, sides)) {
        if (want !== have) found.push(`${person.name}: ${name} is ${String(have)}, wanted ${String(want)}`);
      }
    }
  }
  return found;
}

export function hasTwin(person: Person, people: People): boolean {
  return people.here().some((other) => other !== person && nameOf(other) === nameOf(person));
}

function nameOf(person: Person): string {
  return (person.attributes['mail']?.[0] ?? '').toLowerCase();
}

/**
 * His name is at the service that of an account which is not his: of another entry, which may be gone, or of nobody. For
 * an administrator to decide.
 */
export function isDisputed(person: Person, store: ScimStore): boolean {
  const holder = store.byUserName(nameOf(person));
  if (holder === null || holder.externalId === person.identity) return false;
  // Nobody's account is taken over where there is none yet.
  return holder.externalId !== null || store.byExternalId(person.identity).length > 0;
}

type Pair = readonly [name: string, want: unknown, have: unknown];

function attributePairs(person: Person, decision: Decision, account: DemoUser, sides: Sides): Pair[] {
  const { resource } = account;
  const enterprise = (resource[ENTERPRISE_URN] ?? {}) as Json;
  const first = (name: string): string | null => person.attributes[name]?.[0] ?? null;
  const roles = decision.roles
    ?.map((role) => role.toLowerCase())
    .sort()
    .join();
  const heldRoles = account.roles
    .map((role) => role.toLowerCase())
    .sort()
    .join();
  return [
    ['userName', nameOf(person), account.userName.toLowerCase()],
    ['title', first('title'), resource['title'] ?? null],
    ['givenName', first('givenName'), ((resource['name'] ?? {}) as Json)['givenName'] ?? null],
    ['department', first('department'), enterprise['department'] ?? null],
    ...(decision.org === null ? [] : [['org', decision.org, account.org] as const]),
    ...(roles === undefined ? [] : [['roles', roles, heldRoles] as const]),
    ...managerPair(person, enterprise, sides),
  ];
}

/** The manager by his id at the service; nothing is said of one who has no account there. */
function managerPair(person: Person, enterprise: Json, { people, store }: Sides): Pair[] {
  const manager = person.manager === null ? undefined : people.all.get(person.manager);
  const held = ((enterprise['manager'] ?? {}) as Json)['value'] ?? null;
  if (manager === undefined) return [['manager', null, held]];
  if (!manager.isHere || hasTwin(manager, people)) return [];
  const [account] = store.byExternalId(manager.identity);
  return account === undefined ? [] : [['manager', account.id, held]];
}
