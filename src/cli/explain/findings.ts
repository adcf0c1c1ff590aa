/** What follows from where a user is and is not, in sentences that an administrator can act on. */

import type { Settings } from '../../config/options.ts';
import { moment } from '../../report/quantity.ts';
import type { Explanation } from './explanation.ts';

type Facts = Omit<Explanation, 'findings'>;

export interface Hints {
  /** Absent, but somebody else claims the userName. */
  readonly isSpared: boolean;
  /** The next run takes the account of the service for his. */
  readonly isLearned: boolean;
}

/** The most telling first. Values are as they came: whoever shows them makes them printable. */
export function findingsOf(facts: Facts, settings: Settings, hints: Hints): string[] {
  return [
    ...placeFindings(facts, settings),
    ...absenceFindings(facts, hints),
    ...nextFindings(facts, hints),
    ...failureFindings(facts),
    ...serviceFindings(facts),
    ...closureFindings(facts),
  ];
}

function placeFindings({ directory, state, service }: Facts, settings: Settings): string[] {
  const { place, dn } = directory;
  const onlyAtService = state === null && service.kind === 'FOUND';
  const consequence = onlyAtService
    ? ['Only the service has him: c42uds does not touch accounts of which it knows no entry.']
    : [];
  switch (place) {
    case 'FOUND':
      return [];
    case 'OUTSIDE_FILTER':
      return [
        `The entry ${dn ?? ''} is in the search base, but outside of ldap.search.filter (${settings['ldap.search.filter'] || "the directory's usual filter"}): no run reads it.`,
        ...consequence,
      ];
    case 'OUTSIDE_BASE':
      return [
        `The entry ${dn ?? ''} is outside of ldap.baseDn (${settings['ldap.baseDn']}): no run reads it.`,
        ...consequence,
      ];
    case 'DELETED':
      return ['The directory says that the entry was deleted.', ...consequence];
    case 'MISSING':
      return ['No entry of the search base, nor any that ldap.bind.user may see.', ...consequence];
  }
}

function absenceFindings({ directory, state, next }: Facts, { isSpared }: Hints): string[] {
  if (directory.place === 'FOUND' || state === null || state.scimId === null) return [];
  if (!state.active) return ['His account is closed already: nothing follows from the absence.'];
  if (!state.countsAbsence) {
    return ['Absence has no effect: missed.user.check is false, so his account stays as it is.'];
  }
  const counted = `Absent ${state.missed} of ${state.threshold}`;
  if (isSpared) {
    return [
      `${counted}, but another entry claims his userName: he is not deactivated. If it is the same person, set scim.adopt.by=USER_NAME for one run.`,
    ];
  }
  if (next !== null) return [`${counted}: the next complete live run without him deactivates his account.`];
  const left = state.threshold - state.missed;
  return [`${counted}: deactivated after ${left} more complete live runs without him.`];
}

function nextFindings({ directory, next, service, state }: Facts, { isLearned }: Hints): string[] {
  if (directory.place !== 'FOUND' || next === null) return [];
  if (next.action === 'failed') return [`He fails: ${next.failure?.message ?? ''}`];
  if (isLearned) return ['The service has his account already: the next run takes it over.'];
  if (next.kind === 'CREATE' && service.kind === 'FOUND') {
    return [
      service.by === 'externalId'
        ? 'The service has his account already: instead of creating another the next run adopts it.'
        : 'The service has an account of this userName that may belong to somebody else: the creation meets a conflict unless scim.adopt.by is USER_NAME.',
    ];
  }
  if (next.action === 'skip') return ['He is inactive and the service does not know him: nothing is sent.'];
  if (next.action === 'unchanged' && state !== null) {
    return [
      state.active
        ? 'He is as the service confirmed him: nothing to send.'
        : 'His account is closed, and stays so.',
    ];
  }
  return next.action === 'unchanged'
    ? []
    : [`The next run that reads him: ${next.action}, because ${next.reason}.`];
}

function failureFindings({ state, next }: Facts): string[] {
  const failure = state?.failure ?? null;
  if (failure === null) return [];
  const { since, attempts, retryAt, message } = failure;
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  const reason = next?.failure?.message === message ? '' : `: ${message}`;
  return [
    `Failing since ${moment(since)}, tried ${times}, next try at ${moment(retryAt)} or when his entry changes${reason}`,
  ];
}

function serviceFindings({ service, state }: Facts): string[] {
  if (service.kind === 'UNKNOWN') return [`The service could not tell: ${service.reason ?? ''}`];
  const scimId = state?.scimId ?? null;
  if (scimId === null) return [];
  if (service.kind === 'NONE') {
    return [
      `The state knows him as ${scimId} at the service, which holds nobody of that id, externalId or userName: his account was removed there. The next change that is sent creates him anew if he is active.`,
    ];
  }
  return [
    ...(service.scimId === scimId
      ? []
      : [`The service has him under another id (${service.scimId ?? ''}) than the state (${scimId}).`]),
    ...(service.otherwise.length === 0
      ? []
      : [
          `The service holds otherwise than it confirmed: ${service.otherwise.join(', ')}. Only a full sync sends that again.`,
        ]),
  ];
}

function closureFindings({ state, service }: Facts): string[] {
  if (state === null) return [];
  const isOpen = state.scimId !== null && !state.active && service.holds?.active === true;
  return [
    ...(isOpen
      ? [
          'His account is still active at the service, which confirmed its deactivation: close it in the console, or run with --full-sync.',
        ]
      : []),
    ...(state.unsettled.length === 0
      ? []
      : [`Sent and never confirmed: ${state.unsettled.join(', ')}. The next run sends them again.`]),
  ];
}
