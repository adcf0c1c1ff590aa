/** One user of the plan as text: what the scripts said, and what would change. */

import { printable } from '../lib/printable.ts';
import type { Change, Preview } from '../model/plan.ts';
import { USER_ATTRIBUTES, differingAttributes } from '../model/user.ts';
import type { UserAttribute, UserResource } from '../model/user.ts';
import { entryNote } from './failure-text.ts';
import type { Colour, Paint } from './palette.ts';

/**
 * The words of the first column. `resend`: a full sync sends the user without a difference; `skip`: inactive and
 * unknown to the service, so never created.
 */
export type PreviewKind =
  'create' | 'update' | 'resend' | 'reactivate' | 'deactivate' | 'unchanged' | 'skip' | 'FAILED';

const DONE: Readonly<Record<PreviewKind, string>> = {
  create: 'created',
  update: 'updated',
  resend: 'sent again',
  reactivate: 'reactivated',
  deactivate: 'deactivated',
  unchanged: 'unchanged',
  skip: 'skipped',
  FAILED: 'FAILED',
};

const COLOURS: Readonly<Record<PreviewKind, Colour>> = {
  create: 'GREEN',
  update: 'YELLOW',
  resend: 'DIM',
  reactivate: 'GREEN',
  deactivate: 'RED',
  unchanged: 'DIM',
  skip: 'DIM',
  FAILED: 'RED',
};

// Fixed widths: a table that measures its columns would have to hold every row first. A longer value pushes its own
// line to the right and is never cut, because an administrator searches for it.
const WIDTHS = { kind: 10, userName: 36, active: 6, org: 24 } as const;
const INDENT = ' '.repeat(WIDTHS.kind + 1);
const NONE = '-';

/** Attributes whose values are not shown; see `AttributeSources`. */
type Sensitive = ReadonlySet<UserAttribute>;
const NONE_SENSITIVE: Sensitive = new Set();

/** The two lines above the rows. */
export function previewHeader(): string[] {
  return [
    'What the scripts say of each user, and what would change. "-" means none.',
    row('CHANGE', 'USERNAME', 'ACTIVE', 'ORG', 'ROLES'),
  ];
}

export function previewKind({ change, failure }: Preview): PreviewKind {
  if (failure !== null) return 'FAILED';
  // Inactive, unknown to the service, and without even a userName.
  if (change === null) return 'skip';
  switch (change.kind) {
    case 'CREATE':
      return 'create';
    case 'UPDATE':
      return changeDetails(change, NONE_SENSITIVE).length === 0 ? 'resend' : 'update';
    case 'REACTIVATE':
      return 'reactivate';
    case 'DEACTIVATE':
      return 'deactivate';
    case 'NONE':
      return change.from === null ? 'skip' : 'unchanged';
  }
}

/**
 * The row of one user, and below it a line for each attribute that differs (old -> new) or for the failure. Every value
 * is made {@link printable}.
 */
export function previewLines(
  preview: Preview,
  paint: Paint,
  sensitive: Sensitive = NONE_SENSITIVE,
): string[] {
  const kind = previewKind(preview);
  const { decision, change } = preview;
  const { active, org, roles } = decision ?? change?.to ?? { active: null, org: null, roles: null };
  const first = row(
    kind,
    printable(preview.userName),
    active === null ? NONE : String(active),
    shownValue(org),
    shownValue(roles),
  );
  const painted = paint(COLOURS[kind], first.slice(0, WIDTHS.kind)) + first.slice(WIDTHS.kind);
  const details = preview.failure === null ? changeDetails(change, sensitive) : [failureLine(preview)];
  return [painted, ...details.map((detail) => INDENT + detail)];
}

/** What happened, and the entry that it happened to. */
function failureLine({ userName, failure, change, entry }: Preview): string {
  const message = failure?.message ?? '';
  const note = entryNote(change ?? entry ?? { dn: null, identity: null }, userName);
  return printable(message + note);
}

/** What the service has confirmed of one user, on one line, for the log of a live run. */
export function outcomeSentence(preview: Preview, sensitive: Sensitive = NONE_SENSITIVE): string {
  const details = changeDetails(preview.change, sensitive);
  const tail = details.length === 0 ? '' : ` (${details.join('; ')})`;
  const { org = null, roles = null } = preview.change?.to ?? {};
  const place =
    preview.change?.kind === 'CREATE' ? `, org ${shownValue(org)}, roles ${shownValue(roles)}` : '';
  return `${DONE[previewKind(preview)]} ${preview.userName}${place}${tail}`;
}

function row(kind: string, userName: string, active: string, org: string, roles: string): string {
  return [
    kind.padEnd(WIDTHS.kind),
    userName.padEnd(WIDTHS.userName),
    active.padEnd(WIDTHS.active),
    org.padEnd(WIDTHS.org),
    roles,
  ].join(' ');
}

function changeDetails(change: Change | null, sensitive: Sensitive): string[] {
  if (change === null || change.kind === 'NONE') return [];
  const cause = change.cause === 'ABSENT' ? ['absent from the search base too often'] : [];
  if (change.kind === 'CREATE') return [...createDetails(change, sensitive), ...cause];
  const differing = change.from === null ? [] : differingAttributes(change.from, change.to);
  // The manager of a user who awaits one is not in `to` yet.
  const own = change.awaitsManager === null ? differing : differing.filter((name) => name !== 'manager');
  const lines = own.map((name) =>
    sensitive.has(name) ? `${name}: changed` : difference(name, change.from, change.to),
  );
  if (change.awaitsManager !== null) lines.push('manager: created in the same run');
  return [...cause, ...lines];
}

/** What a new user gets besides the columns of the row. */
function createDetails(change: Change, sensitive: Sensitive): string[] {
  const inRow: readonly UserAttribute[] = ['userName', 'active', 'org', 'roles', 'externalId'];
  const given = USER_ATTRIBUTES.filter(
    (name) =>
      !inRow.includes(name) &&
      change.to[name] !== null &&
      !(name === 'email' && change.to.email === change.to.userName),
  );
  const values = given
    .filter((name) => !sensitive.has(name))
    .map((name) => `${name} ${shownValue(change.to[name])}`);
  // Once the change has been sent, the manager's account is known.
  if (change.awaitsManager !== null && change.to.manager === null)
    values.push('manager created in the same run');
  return values.length === 0 ? [] : [values.join(', ')];
}

function difference(name: UserAttribute, from: UserResource | null, to: UserResource): string {
  return `${name}: ${shownValue(from?.[name] ?? null)} -> ${shownValue(to[name])}`;
}

/** A value on one line: `-` for none. */
export function shownValue(value: UserResource[UserAttribute]): string {
  if (value === null) return NONE;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? '""' : printable(value);
  return value.length === 0 ? '(none)' : value.map((item) => printable(item)).join(', ');
}
