/** What is wanted of a user beside what the state and the service hold, attribute by attribute. */

import { printable } from '../../lib/printable.ts';
import { columnWidths, rowLines } from '../../lib/wrapping.ts';
import { sameValue, USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../../model/user.ts';
import type { Paint } from '../../report/palette.ts';
import type { Explanation } from './explanation.ts';

interface Column {
  readonly title: string;
  readonly resource: Partial<UserResource>;
  /** Whether the value is for the service to choose: then there is nothing to compare. */
  readonly leaves: (name: UserAttribute) => boolean;
}

const MARGIN = 2;
const GAP = 2;
const MARKED = '*';
const UNMARKED = ' ';
const SAME = 'same';

/**
 * A column for each place that knows something of the user, and a row for each attribute with a value anywhere; where two
 * places differ the row is marked. Values that are not there have words of their own: see {@link valueText}.
 */
export function attributeTable(
  explanation: Explanation,
  managed: readonly UserAttribute[],
  paint: Paint,
  columns: number,
): string[] {
  const places = placesOf(explanation);
  // Of somebody new it has just been said what would be sent.
  if (places.length === 0 || (places.length === 1 && explanation.next?.kind === 'CREATE')) return [];
  const names = managed.filter((name) => places.some(({ resource }) => hasValue(resource[name])));
  const rows = names.map((name) => ({
    differs: differs(name, places),
    cells: [name, ...cellsOf(name, places)],
  }));
  const head = ['ATTRIBUTE', ...places.map(({ title }) => title)];
  const widths = columnWidths([head, ...rows.map(({ cells }) => cells)], columns - MARGIN, GAP);
  const lines = (cells: readonly string[], mark: string): string[] =>
    rowLines(cells, widths, GAP).map((line, at) => `${at === 0 ? mark : UNMARKED} ${line}`);
  // A sensitive attribute is shown by none of them.
  const without = managed.filter(
    (name) => !names.includes(name) && places.some(({ resource }) => resource[name] === null),
  );
  const left = USER_ATTRIBUTES.filter((name) => !managed.includes(name));
  return [
    ...lines(head, UNMARKED).map((line) => paint('DIM', line)),
    ...rows.flatMap(({ cells, differs: isMarked }) =>
      isMarked ? lines(cells, MARKED).map((line) => paint('YELLOW', line)) : lines(cells, UNMARKED),
    ),
    ...(rows.some((row) => row.differs)
      ? [paint('DIM', `${MARKED} not the same everywhere; ${SAME}: as in the column to its left`)]
      : []),
    ...(without.length === 0 ? [] : [paint('DIM', `  without a value anywhere: ${without.join(', ')}`)]),
    ...(left.length === 0
      ? []
      : [paint('DIM', `  left to the service by empty ldap.attrib properties: ${left.join(', ')}`)]),
  ];
}

function placesOf({ desired, state, service }: Explanation): Column[] {
  return [
    ...(desired === null ? [] : [{ title: 'WANTED', resource: desired, leaves: isLeft(desired) }]),
    ...(state?.confirmed
      ? [{ title: 'STATE', resource: state.confirmed, leaves: isLeft(state.confirmed) }]
      : []),
    ...(service.holds === null ? [] : [{ title: 'SERVICE', resource: service.holds, leaves: () => false }]),
  ];
}

/** A script that gives no organization, or no roles, leaves them to the service. */
function isLeft(resource: Partial<UserResource>): Column['leaves'] {
  return (name) => (name === 'org' || name === 'roles') && resource[name] === null;
}

/** Of an attribute that a place does not show nobody can say that it differs. */
function differs(name: UserAttribute, places: readonly Column[]): boolean {
  const known = places.flatMap(({ resource, leaves }) => {
    const value = resource[name];
    return value === undefined || leaves(name) ? [] : [value];
  });
  return known.some((value) => !sameValue(name, value, known[0] ?? null));
}

type Value = UserResource[UserAttribute];

function hasValue(value: Value | undefined): boolean {
  return value !== null && value !== undefined;
}

/** A value that stands beside its like is told once. */
function cellsOf(name: UserAttribute, places: readonly Column[]): string[] {
  const texts = places.map(({ resource, leaves }) => valueText(resource[name], leaves(name)));
  return texts.map((text, at) =>
    at > 0 && text === texts[at - 1] && hasValue(places[at]?.resource[name]) ? SAME : text,
  );
}

/** A value in words; "not shown": the place says nothing of it; "no value": it says that there is none. */
export function valueText(value: Value | undefined, isLeft = false): string {
  if (value === undefined) return 'not shown';
  if (value === null) return isLeft ? 'left to the service' : 'no value';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? 'empty' : printable(value);
  return value.length === 0 ? 'empty list' : value.map(printable).join(', ');
}
