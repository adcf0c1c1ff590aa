/** A dry run as a person at a terminal reads it: users grouped by what happens to them, the gravest last. */

import { printable } from '../lib/printable.ts';
import type { Preview } from '../model/plan.ts';
import { USER_ATTRIBUTES, type UserAttribute } from '../model/user.ts';
import type { AttributeSources } from './attribute-sources.ts';
import { entryNote } from './failure-text.ts';
import type { Colour, Paint } from './palette.ts';
import { shownValue } from './preview-text.ts';
import { count } from './quantity.ts';
import { userRecord, type UserRecord } from './user-record.ts';

interface Group {
  readonly action: UserRecord['action'];
  readonly title: string;
  readonly colour: Colour;
  /** Shown of it where there are too many users for a screen. */
  readonly first: number;
}

/** What needs a decision stands last: there the eye is when the run has ended. */
const GROUPS: readonly Group[] = [
  { action: 'skip', title: 'Skipped: inactive, and unknown to the service', colour: 'DIM', first: 5 },
  { action: 'unchanged', title: 'Without a change', colour: 'DIM', first: 5 },
  { action: 'resend', title: 'To send again', colour: 'DIM', first: 5 },
  { action: 'update', title: 'To update', colour: 'YELLOW', first: 25 },
  { action: 'create', title: 'To create', colour: 'GREEN', first: 25 },
  { action: 'reactivate', title: 'To reactivate', colour: 'GREEN', first: 25 },
  { action: 'deactivate', title: 'To deactivate', colour: 'RED', first: 25 },
  { action: 'failed', title: 'Failed', colour: 'RED', first: 25 },
];
/** Up to so many users all are shown, as a pipe gets them. */
const ALL_SHOWN = 200;
const WIDEST = { userName: 44, org: 32 } as const;
const IN_ROW: ReadonlySet<UserAttribute> = new Set(['userName', 'externalId', 'active', 'org', 'roles']);

/** Keeps the first users of each group and counts the others: memory does not grow with their number. */
export class PreviewGroups {
  readonly #sources: AttributeSources;
  readonly #scope: 'INCREMENTAL' | 'FULL';
  readonly #kept = new Map<UserRecord['action'], UserRecord[]>();
  readonly #counts = new Map<UserRecord['action'], number>();
  #total = 0;

  constructor(sources: AttributeSources, scope: 'INCREMENTAL' | 'FULL') {
    this.#sources = sources;
    this.#scope = scope;
  }

  add(preview: Preview): void {
    const record = userRecord(preview, 'PLANNED', this.#sources, this.#scope);
    const kept = this.#kept.get(record.action) ?? [];
    this.#kept.set(record.action, kept);
    if (kept.length < ALL_SHOWN) kept.push(record);
    this.#counts.set(record.action, (this.#counts.get(record.action) ?? 0) + 1);
    this.#total += 1;
  }

  /** @param command of this run as somebody would type it, to say how all of them can be seen */
  lines(paint: Paint, command: string): string[] {
    if (this.#total === 0) return [];
    const parts = GROUPS.flatMap((group) => this.#groupLines(group, paint));
    const hint = `Shown are the first of each group. All of them: ${command} --report plan.html, or ${command} | less`;
    return [
      'What the scripts say of each user, and what would change. "-" leaves it to the service.',
      ...parts,
      '',
      ...(this.#total > ALL_SHOWN ? [hint] : []),
    ];
  }

  #groupLines({ action, title, colour, first }: Group, paint: Paint): string[] {
    const all = this.#kept.get(action) ?? [];
    const number = this.#counts.get(action) ?? 0;
    if (number === 0) return [];
    const shown = this.#total <= ALL_SHOWN ? all : all.slice(0, first);
    const rows = shown.map(rowOf);
    const [nameWidth, orgWidth] = [widthOf(rows, 0, WIDEST.userName), widthOf(rows, 2, WIDEST.org)];
    const line = ([name = '', active = '', org = '', roles = '']: readonly string[]): string =>
      `  ${name.padEnd(nameWidth)}  ${active.padEnd(6)}  ${org.padEnd(orgWidth)}  ${roles}`.trimEnd();
    const users = shown.flatMap((record, at) => [
      line(rows[at] ?? []),
      ...detailLines(record, paint).map((detail) => `      ${detail}`),
    ]);
    const more = number - shown.length;
    return [
      '',
      paint(colour, `${title} (${count(number)})`),
      paint('DIM', line(['USERNAME', 'ACTIVE', 'ORG', 'ROLES'])),
      ...users,
      ...(more > 0 ? [paint('DIM', `  and ${count(more)} more`)] : []),
    ];
  }
}

function rowOf({ userName, active, org, roles }: UserRecord): string[] {
  return [printable(userName), active === null ? '-' : String(active), shownValue(org), shownValue(roles)];
}

function widthOf(rows: readonly (readonly string[])[], column: number, widest: number): number {
  return Math.min(widest, Math.max(8, ...rows.map((row) => row[column]?.length ?? 0)));
}

/** Old -> new of each attribute with what decides it; or, where nothing of that kind is to be said, the reason. */
function detailLines(
  { action, userName, attributes, withheld, reason, dn, identity }: UserRecord,
  paint: Paint,
): string[] {
  const changes = USER_ATTRIBUTES.flatMap((name) => {
    const change = attributes[name];
    return change === undefined ? [] : [{ name, ...change }];
  });
  switch (action) {
    case 'create': {
      const given = changes.filter(
        ({ name, to }) => !IN_ROW.has(name) && !(name === 'email' && to === userName),
      );
      const texts = given.map(({ name, to }) => `${name} ${shownValue(to)}`);
      return texts.length === 0 ? [] : [texts.join(', ')];
    }
    case 'update':
    case 'reactivate':
      return [
        ...changes.map(
          ({ name, from, to, source }) =>
            `${name}: ${shownValue(from)} -> ${shownValue(to)}  ${paint('DIM', `(${printable(source)})`)}`,
        ),
        ...withheld.map((name) => `${name}: changed`),
        ...(changes.length + withheld.length === 0 ? [printable(reason)] : []),
      ];
    case 'deactivate':
      return [printable(reason)];
    case 'failed':
      return [printable(reason + entryNote({ dn, identity }, `${userName}\n${reason}`))];
    case 'resend':
    case 'unchanged':
    case 'skip':
      return [];
  }
}
