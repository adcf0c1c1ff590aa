/** A dry run as a person at a terminal reads it: users grouped by what happens to them, the gravest last. */

import { printable } from '../lib/printable.ts';
import { columnWidths, rowLines, wrapped } from '../lib/wrapping.ts';
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
const HEADINGS = ['USERNAME', 'ACTIVE', 'ORG', 'ROLES'];
const MARGIN = '  ';
const GAP = 2;
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

  /**
   * @param columns of the screen: lines are no longer, but for commands, which are there to be copied
   * @param command of this run as somebody would type it, to say how all of them can be seen
   */
  lines(paint: Paint, columns: number, command: string): string[] {
    if (this.#total === 0) return [];
    const parts = GROUPS.flatMap((group) => this.#groupLines(group, paint, columns));
    const all = [
      'Shown are the first of each group. All of them:',
      `  ${command} --report plan.html`,
      `  ${command} | less`,
    ];
    const head = 'What the scripts say of each user, and what would change. "-" means none.';
    return [...wrapped(head, columns, 0), ...parts, '', ...(this.#total > ALL_SHOWN ? all : [])];
  }

  #groupLines({ action, title, colour, first }: Group, paint: Paint, columns: number): string[] {
    const all = this.#kept.get(action) ?? [];
    const number = this.#counts.get(action) ?? 0;
    if (number === 0) return [];
    const shown = this.#total <= ALL_SHOWN ? all : all.slice(0, first);
    const rows = shown.map(rowOf);
    const widths = columnWidths([HEADINGS, ...rows], columns - MARGIN.length, GAP);
    const lines = (row: readonly string[]): string[] =>
      rowLines(row, widths, GAP).map((line) => MARGIN + line);
    const users = shown.flatMap((record, at) => [
      ...lines(rows[at] ?? []),
      ...detailLines(record, paint).flatMap((detail) => wrapped(`      ${detail}`, columns)),
    ]);
    const more = number - shown.length;
    return [
      '',
      paint(colour, `${title} (${count(number)})`),
      ...lines(HEADINGS).map((line) => paint('DIM', line)),
      ...users,
      ...(more > 0 ? [paint('DIM', `  and ${count(more)} more`)] : []),
    ];
  }
}

function rowOf({ userName, active, org, roles }: UserRecord): string[] {
  return [printable(userName), active === null ? '-' : String(active), shownValue(org), shownValue(roles)];
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
      return [printable(reason + entryNote({ dn, identity }, userName))];
    case 'resend':
    case 'unchanged':
    case 'skip':
      return [];
  }
}
