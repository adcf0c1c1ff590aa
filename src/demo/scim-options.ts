/** How the demo service behaves: like Code42's unless told otherwise. */

import type { FaultPlan } from './fault-plan.ts';

export interface DemoServiceOptions {
  readonly username?: string;
  readonly password?: string;
  /** The bearer token; both ways to log in are open. */
  readonly token?: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** Milliseconds between the check whether an organization exists and its creation: room for a second one. */
  readonly orgGapMs?: number;
  /** The organization of users who name none. */
  readonly defaultOrg?: string;
  /** Roles that the service manages; others are ignored. */
  readonly roles?: readonly string[];
  /** Roles of users who name none that the service manages. */
  readonly defaultRoles?: readonly string[];
  /** Most users in one answer. */
  readonly maxPage?: number;
  /** How long a deactivated user is still shown as active. */
  readonly deactivationDelayMs?: number;
  /** Names of users who belong to the service alone: a create is a 409, and no filter returns them. */
  readonly localUsers?: readonly string[];
  /** Every answer takes this much longer. */
  readonly latencyMs?: number;
  /** Whether answers show a user's organization. */
  readonly showOrg?: boolean;
  /** A letter beyond ASCII in a filter is a 400, as with Apache SCIMple. */
  readonly nonAsciiFilter400?: boolean;
  /** An extension as an object in a PATCH is a 500, as with Apache SCIMple; paths work. */
  readonly nestedExtensionPatch500?: boolean;
  /** An empty list has no `Resources`. */
  readonly omitEmptyResources?: boolean;
  /** No PATCH: 501, and the discovery says so. */
  readonly noPatch?: boolean;
  /** PATCH and PUT answer 204 without a body. */
  readonly noContent?: boolean;
  /** POST answers 201 without a body: the id is in Location alone. */
  readonly emptyCreated?: boolean;
  /** More requests than that are answered 429; `burst` may come at once (one second's worth unless given). */
  readonly rateLimit?: { readonly perMinute: number; readonly burst?: number };
  /** Faults on request. */
  readonly faults?: FaultPlan;
  /** How many of the latest requests are kept to be looked at. */
  readonly recordLimit?: number;
}

export type ServiceBehaviour = Required<Omit<DemoServiceOptions, 'rateLimit' | 'faults' | 'host' | 'port'>>;

export const DEFAULT_BEHAVIOUR: ServiceBehaviour = {
  username: 'demo_provider@cloud.example.com',
  password: 'demo-scim-password',
  token: 'demo-scim-token',
  orgGapMs: 50,
  defaultOrg: 'Example Inc.',
  roles: [
    'Desktop User',
    'PROe User',
    'Org Admin',
    'Org Help Desk',
    'Security Center User',
    'Customer Cloud Admin',
  ],
  defaultRoles: ['Desktop User', 'PROe User'],
  maxPage: 200,
  deactivationDelayMs: 0,
  localUsers: [],
  latencyMs: 0,
  showOrg: true,
  nonAsciiFilter400: false,
  nestedExtensionPatch500: false,
  omitEmptyResources: false,
  noPatch: false,
  noContent: false,
  emptyCreated: false,
  recordLimit: 1000,
};
