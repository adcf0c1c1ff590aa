/** What edited scripts change, as text: how many users of each kind, and the first of them. */

import { printable } from '../lib/printable.ts';
import {
  IMPACT_KINDS,
  type ImpactExample,
  type ImpactKind,
  type ImpactSide,
  type ScriptImpact,
} from '../model/impact.ts';
import { count, counted } from './quantity.ts';

const TITLES: Readonly<Record<ImpactKind, string>> = {
  DEACTIVATE: 'deactivated',
  CREATE: 'created',
  REACTIVATE: 'reactivated',
  ORG: 'other organization',
  ROLES: 'other roles',
  FAILS: 'fail now',
  MENDED: 'fail no longer',
  SPARED: 'left alone now',
  OTHER: 'other attributes',
};

const WIDTH = 20;

/** The table of a preview: nothing has been written when it is shown. */
export function impactLines(impact: ScriptImpact): string[] {
  const since =
    impact.since === null ? '' : `, in force since ${impact.since.slice(0, 16).replace('T', ' ')} UTC`;
  const head = [
    `Edited: ${impact.changedScripts.join(', ')}. Compared with the scripts of the last live run${since}.`,
    `${counted(impact.judged, 'user')} judged by both, and ${counted(impact.users, 'user')} would be treated otherwise:`,
  ];
  const kinds = IMPACT_KINDS.filter((kind) => impact.kinds[kind].count > 0);
  const lines = kinds.flatMap((kind) => {
    const { count: users, first } = impact.kinds[kind];
    const more =
      users > first.length ? [`${' '.repeat(WIDTH + 12)}... and ${count(users - first.length)} more`] : [];
    return [
      `  ${TITLES[kind].padEnd(WIDTH)}${count(users).padStart(8)}`,
      ...first.map((one) => `${' '.repeat(WIDTH + 12)}${exampleText(kind, one)}`),
      ...more,
    ];
  });
  const several = kinds.length > 1 ? ['A user may be counted in several lines.'] : [];
  return [...head, ...lines, ...several, ...restLines(impact)];
}

function restLines({ withoutEffect, otherChanges }: ScriptImpact): string[] {
  return [
    ...(withoutEffect === 0
      ? []
      : [
          `${counted(withoutEffect, 'user')} more ${withoutEffect === 1 ? 'is' : 'are'} judged otherwise, but nothing follows: inactive and unknown to the service, say.`,
        ]),
    ...(otherChanges === 0
      ? []
      : [
          `Besides, the next live run makes ${counted(otherChanges, 'change')} that ${otherChanges === 1 ? 'does' : 'do'} not come from the scripts.`,
        ]),
  ];
}

function exampleText(kind: ImpactKind, { userName, from, to, failure }: ImpactExample): string {
  const name = printable(userName);
  switch (kind) {
    case 'FAILS':
    case 'MENDED':
      return `${name}: ${printable(failure ?? '')}`;
    case 'ORG':
      return `${name}: ${place(from)} -> ${place(to)}`;
    case 'ROLES':
      return `${name}: ${rolesOf(from)} -> ${rolesOf(to)}`;
    case 'CREATE':
    case 'REACTIVATE':
      return `${name}: org ${place(to)}, roles ${rolesOf(to)}`;
    case 'DEACTIVATE':
    case 'SPARED':
    case 'OTHER':
      return name;
  }
}

function place(side: ImpactSide): string {
  return printable(side?.org ?? '-');
}

function rolesOf(side: ImpactSide): string {
  return (side?.roles ?? ['-']).map(printable).join(', ');
}
