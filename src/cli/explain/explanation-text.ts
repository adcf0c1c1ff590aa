/** An explanation as text for a terminal: every value from elsewhere is made printable. */

import { printable } from '../../lib/printable.ts';
import type { UserAttribute, UserResource } from '../../model/user.ts';
import { USER_ATTRIBUTES } from '../../model/user.ts';
import { changeLines } from '../../report/history-text.ts';
import type { Paint } from '../../report/palette.ts';
import { shownValue } from '../../report/preview-text.ts';
import { trialLines } from '../../report/trial-text.ts';
import type { Explanation, ServicePart, StatePart } from './explanation.ts';

const MOST_VALUES = 8;
const MOST_CHARACTERS = 120;

export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const { asked, identity, userName, findings, directory, scripts, desired, state, service } = explanation;
  const title = (text: string): string => paint('CYAN', text);
  return [
    printable(userName ?? directory.dn ?? asked) +
      (identity === null ? '' : `, identity ${printable(identity)}`),
    ...findings.map((finding) => `  ${printable(finding)}`),
    '',
    title('The directory'),
    ...directoryLines(directory),
    ...(scripts.length === 0 ? [] : ['', title('The scripts'), ...trialLines(scripts, paint)]),
    '',
    title('Wanted'),
    ...resourceLines(desired, 'nothing: no resource follows from the entry'),
    '',
    title('The state'),
    ...stateLines(state),
    '',
    title('The service, asked now'),
    ...serviceLines(service),
    '',
    title('The next run'),
    ...nextLines(explanation),
    '',
    title('The last changes'),
    ...(explanation.changes.length === 0 ? ['  none is known'] : explanation.changes.flatMap(changeLines)),
  ];
}

function directoryLines({ place, dn, attributes }: Explanation['directory']): string[] {
  if (attributes === null) return [dn === null ? '  no entry' : `  ${printable(dn)} (${PLACES[place]})`];
  const names = Object.keys(attributes).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return [
    `  ${printable(dn ?? '')}`,
    ...names.flatMap((name) => valueLines(printable(name), attributes[name] ?? [])),
  ];
}

const PLACES: Readonly<Record<Explanation['directory']['place'], string>> = {
  FOUND: 'read',
  OUTSIDE_FILTER: 'outside of ldap.search.filter',
  OUTSIDE_BASE: 'outside of ldap.baseDn',
  DELETED: 'deleted',
  MISSING: 'not found',
};

function valueLines(name: string, values: readonly string[]): string[] {
  const lines = values.slice(0, MOST_VALUES).map((value) => `  ${name.padEnd(24)} ${shortened(value)}`);
  const more = values.length - lines.length;
  return more > 0 ? [...lines, `  ${name.padEnd(24)} and ${more} more values`] : lines;
}

/** Photos and certificates are base64 here; `--json` has them whole. */
function shortened(value: string): string {
  if (value.length <= MOST_CHARACTERS) return printable(value);
  return `${printable(value.slice(0, MOST_CHARACTERS))}… (${value.length} characters)`;
}

function resourceLines(resource: Partial<UserResource> | null, none: string): string[] {
  if (resource === null) return [`  ${none}`];
  const names = USER_ATTRIBUTES.filter((name) => isGiven(name, resource));
  return names.map((name) => `  ${name.padEnd(12)} ${shownValue(resource[name] ?? null)}`);
}

function isGiven(name: UserAttribute, resource: Partial<UserResource>): boolean {
  return (resource[name] ?? null) !== null;
}

function stateLines(state: StatePart | null): string[] {
  if (state === null) return ['  nothing: no live run has confirmed or tried him'];
  const { scimId, confirmedAt, missed, threshold, failure, deviation, trace, unsettled } = state;
  return [
    scimId === null
      ? '  never confirmed by the service'
      : `  ${state.active ? 'active' : 'inactive'}, id ${printable(scimId)} at the service${confirmedAt === null ? '' : `, confirmed ${confirmedAt}`}`,
    ...(state.confirmed === null ? [] : resourceLines(state.confirmed, '').map((line) => `  ${line}`)),
    `  missed ${missed} of ${threshold}${state.countsAbsence ? '' : ' (missed.user.check is false)'}`,
    ...(failure === null
      ? []
      : [
          `  failing since ${failure.since}, attempts ${failure.attempts}, next try ${failure.retryAt}`,
          `    ${printable(failure.message)}`,
        ]),
    ...(unsettled.length === 0 ? [] : [`  sent and never confirmed: ${unsettled.join(', ')}`]),
    ...(deviation === null
      ? []
      : [
          `  shown otherwise by the service since ${deviation.since}:`,
          ...resourceLines(deviation.holds, '').map((line) => `  ${line}`),
        ]),
    ...(trace?.links === true ? ['  his groups are compared by every sweep'] : []),
    ...(trace?.dueAt ? [`  judged again at ${trace.dueAt}, a moment that his entry names`] : []),
  ];
}

function serviceLines({ kind, by, scimId, holds, reason, otherwise }: ServicePart): string[] {
  if (kind === 'NONE') return ['  nobody'];
  if (kind === 'UNKNOWN') return [`  unknown: ${printable(reason ?? '')}`];
  return [
    `  id ${printable(scimId ?? '')}, found by ${by === 'scimId' ? 'id' : (by ?? '')}`,
    ...resourceLines(holds, '').map((line) => `  ${line}`),
    ...(otherwise.length === 0 ? [] : [`  otherwise than confirmed: ${otherwise.join(', ')}`]),
  ];
}

function nextLines({ next, directory }: Explanation): string[] {
  if (next === null) return [directory.place === 'FOUND' ? '  nothing' : '  nothing: it does not read him'];
  const { action, reason, attributes, withheld, kind } = next;
  const isNew = kind === 'CREATE';
  return [
    `  ${action}${reason === '' ? '' : `: ${printable(reason)}`}`,
    ...Object.entries(attributes).map(([name, { from, to, source }]) => {
      const value = isNew ? shownValue(to) : `${shownValue(from)} -> ${shownValue(to)}`;
      return `    ${name}: ${value} (${printable(source)})`;
    }),
    ...withheld.map((name) => `    ${name}: changed`),
  ];
}
