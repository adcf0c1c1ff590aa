/**
 * What a conformance scenario for SCIM clients is: how a service behaves, what the client is asked to do, and what the
 * client and the service must end with. Nothing here knows any client: one is put through it by an adapter.
 */

import type { Body } from '../servers/hostile-scim-store.ts';
import type { HostileScim } from '../servers/hostile-scim.ts';

/** A user as the client is told to have it at the service; `null` for no value. */
export interface Person {
  readonly userName: string;
  readonly externalId: string;
  readonly active: boolean;
  readonly givenName: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly email: string | null;
  readonly org: string | null;
  readonly roles: readonly string[] | null;
}

/** How one task ended: done under an id, failed for that user, or the client has stopped altogether. */
export type Result =
  | { readonly kind: 'DONE'; readonly id: string; readonly words: string }
  | { readonly kind: 'FAILED' | 'STOPPED'; readonly words: string };

export interface Target {
  readonly baseUrl: string;
  readonly userName: string;
  readonly password: string;
  /** The most requests that the client may have on their way at a time. */
  readonly connections: number;
  /** After which the client should give an answer up. */
  readonly requestTimeoutMs: number;
}

/** A client of a service. Waits between attempts should be short: some 10 ms where the service does not say otherwise. */
export interface ClientUnderTest {
  /** Sees to it that the service has the person, whom it may have already. */
  provision(person: Person): Promise<Result>;
  /** Brings the user of this id from one state to another. */
  change(id: string, before: Person, after: Person): Promise<Result>;
  /** The ids of all users; `null` for a client that does not list. */
  list(): Promise<string[] | null>;
  close(): Promise<void>;
}

export interface ClientAdapter {
  readonly name: string;
  open(target: Target): ClientUnderTest;
}

export type Task =
  | { readonly provision: Person }
  /** The person of this state, whom an earlier task or `given` provisioned under this userName, gets these values. */
  | { readonly change: string; readonly to: Partial<Person> }
  /** The ids that a list must bring, in any order. */
  | { readonly list: (server: HostileScim) => readonly string[] };

export interface Scenario {
  /** The number in docs/scim-cases.md. */
  readonly number: number;
  readonly title: string;
  readonly connections?: number;
  /** Persons whom the client has provisioned before, when all was well. */
  readonly given?: readonly Person[];
  /** Puts others there, and makes the service misbehave from now on. */
  readonly service: (server: HostileScim) => void;
  readonly tasks: readonly Task[];
  /** Whether the tasks are given to the client all at once. */
  readonly atOnce?: boolean;
  readonly expect: {
    /** How each task has to end; one for all where all end alike. */
    readonly ends: Result['kind'] | readonly Result['kind'][];
    /** Every user that the service must hold in the end, and what of each matters; by userName. */
    readonly users: Readonly<Record<string, Body>>;
    /** The most requests that the tasks may take. */
    readonly requests: number;
    /** What the words about a failure or a deviation must contain. */
    readonly words?: RegExp;
    readonly orgs?: readonly string[];
    /** Whatever else is wrong, in words. */
    readonly wrong?: (server: HostileScim) => string | null;
  };
}

/** A person with a value for most attributes; the externalId follows from the name. */
export function person(userName: string, overrides: Partial<Person> = {}): Person {
  return {
    userName,
    externalId: `id-of-${Buffer.from(userName.normalize('NFC').toLowerCase()).toString('hex').slice(0, 40)}`,
    active: true,
    givenName: 'Ada',
    title: 'Analyst',
    department: 'Engines',
    email: userName,
    org: null,
    roles: null,
    ...overrides,
  };
}
