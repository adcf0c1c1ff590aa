/** An explanation as text: what follows first, the evidence below. Every value from elsewhere is made printable. */

import { printable } from '../../lib/printable.ts';
import { padded } from '../../lib/text-width.ts';
import { wrapped } from '../../lib/wrapping.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../../model/user.ts';
import { changeLines } from '../../report/history-text.ts';
import type { Paint } from '../../report/palette.ts';
import { counted, moment } from '../../report/quantity.ts';
import { trialLines } from '../../report/trial-text.ts';
import { attributeTable, valueText } from './attribute-table.ts';
import type { Explanation, ServicePart } from './explanation.ts';

const MOST_VALUES = 8;
const MOST_CHARACTERS = 120;
const NAME_WIDTH = 24;

/**
 * @param managed the attributes that are not left to the service
 * @param columns of the screen, for the table and the values below each other; longer lines are the caller's to wrap
 */
export function explanationLines(
  explanation: Explanation,
  managed: readonly UserAttribute[],
  paint: Paint,
  columns: number,
): string[] {
  const { scripts, changes, directory } = explanation;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint('CYAN', title), ...lines];
  return [
    ...headLines(explanation),
    ...section(
      'What follows',
      explanation.findings.map((finding) => `  ${printable(finding)}`),
    ),
    ...section('What the next run would send, and what decides it', nextLines(explanation)),
    ...section('What is wanted, and what is held', attributeTable(explanation, managed, paint, columns)),
    ...section('The scripts', trialLines(scripts, paint)),
    ...section('The state', stateLines(explanation)),
    ...section('The service, asked now', serviceLines(explanation.service)),
    ...section('The last changes', changes.length === 0 ? ['  none is known'] : changes.flatMap(changeLines)),
    ...section('The entry, as the scripts see it', entryLines(directory, columns)),
  ];
}

function headLines({ asked, identity, userName, directory }: Explanation): string[] {
  const { place, dn } = directory;
  return [
    printable(userName ?? dn ?? asked),
    `  ${dn === null ? 'no entry' : `entry ${printable(dn)}`}${place === 'FOUND' ? '' : ` (${PLACES[place]})`}`,
    ...(identity === null ? [] : [`  identity ${printable(identity)}`]),
  ];
}

const PLACES: Readonly<Record<Explanation['directory']['place'], string>> = {
  FOUND: 'read',
  OUTSIDE_FILTER: 'outside of ldap.search.filter',
  OUTSIDE_BASE: 'outside of ldap.baseDn',
  DELETED: 'deleted',
  MISSING: 'not found',
};

function nextLines({ next, directory }: Explanation): string[] {
  if (next === null)
    return [directory.place === 'FOUND' ? '  nothing' : '  nothing: no run reads such an entry'];
  const { action, reason, attributes, withheld, kind } = next;
  const isNew = kind === 'CREATE';
  if (action === 'unchanged' || action === 'skip')
    return [`  nothing: ${printable(reason || 'no difference')}`];
  if (action === 'failed') return ['  nothing, as long as he fails'];
  return [
    `  ${action}`,
    ...Object.entries(attributes).map(([name, { from, to, source }]) => {
      const value = isNew ? valueText(to) : `${valueText(from)} -> ${valueText(to)}`;
      return `    ${name}: ${value} (${printable(source)})`;
    }),
    ...withheld.map((name) => `    ${name}: changed`),
  ];
}

function entryLines({ attributes }: Explanation['directory'], columns: number): string[] {
  if (attributes === null) return [];
  const names = Object.keys(attributes).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return names.flatMap((name) => valueLines(printable(name), attributes[name] ?? [], columns));
}

function valueLines(name: string, values: readonly string[], columns: number): string[] {
  const more = values.length - MOST_VALUES;
  const texts = [
    ...values.slice(0, MOST_VALUES).map(shortened),
    ...(more > 0 ? [`and ${more} more values`] : []),
  ];
  return texts.flatMap((text, at) =>
    wrapped(`  ${padded(at === 0 ? name : '', NAME_WIDTH)} ${text}`, columns, NAME_WIDTH + 5),
  );
}

/** Photos and certificates are base64 here; `--json` has them whole. */
function shortened(value: string): string {
  if (value.length <= MOST_CHARACTERS) return printable(value);
  return `${printable(value.slice(0, MOST_CHARACTERS))}… (${value.length} characters)`;
}

function stateLines({ state, next }: Explanation): string[] {
  if (state === null) return ['  nothing: no live run has confirmed or tried him'];
  const { scimId, confirmedAt, failure, deviation, trace, unsettled } = state;
  return [
    scimId === null
      ? '  never confirmed by the service'
      : `  ${state.active ? 'active' : 'inactive'}, id ${printable(scimId)} at the service${confirmedAt === null ? '' : `, confirmed ${moment(confirmedAt)}`}`,
    absenceLine(state),
    ...(failure === null
      ? []
      : [
          `  failing since ${moment(failure.since)}, ${counted(failure.attempts, 'attempt')}, next try ${moment(failure.retryAt)}`,
          // What he fails for now has been said.
          ...(failure.message === next?.failure?.message ? [] : [`    ${printable(failure.message)}`]),
        ]),
    ...(unsettled.length === 0 ? [] : [`  sent and never confirmed: ${unsettled.join(', ')}`]),
    ...(deviation === null
      ? []
      : [`  shown otherwise by the service since ${moment(deviation.since)}: ${valuesOf(deviation.holds)}`]),
    ...(trace?.links === true ? ['  each incremental run compares his groups with what they were'] : []),
    ...(trace?.dueAt ? [`  judged again at ${moment(trace.dueAt)}, a moment that his entry names`] : []),
  ];
}

/** Of a closed account `missed` is no more than a mark that its entry was not read. */
function absenceLine({
  active,
  missed,
  threshold,
  countsAbsence,
}: NonNullable<Explanation['state']>): string {
  if (!active && missed > 0) return '  absent; of closed accounts absences are not counted';
  const note = countsAbsence ? '' : ' (not counted: missed.user.check is false)';
  return `  absent from ${missed} of ${threshold} complete live runs in a row${note}`;
}

function valuesOf(resource: Partial<UserResource>): string {
  const names = USER_ATTRIBUTES.filter((name) => resource[name] !== undefined);
  return names.map((name) => `${name} ${valueText(resource[name])}`).join(', ');
}

function serviceLines({ kind, by, scimId, reason, otherwise }: ServicePart): string[] {
  if (kind === 'NONE') return ['  holds nobody of this id, externalId or userName'];
  if (kind === 'UNKNOWN') return [`  not known: ${printable(reason ?? '')}`];
  return [
    `  id ${printable(scimId ?? '')}, found by ${by === 'scimId' ? 'id' : (by ?? '')}`,
    ...(otherwise.length === 0 ? [] : [`  otherwise than confirmed: ${otherwise.join(', ')}`]),
  ];
}
