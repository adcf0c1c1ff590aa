/** What is particular about the directory server: rights, ranges, referrals, its clock. No run fails for any of it. */

import type { LoadedSettings } from '../../config/settings.ts';
import type { DirectoryVisit } from '../../ldap/directory-visit.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { Check, doubtful, fine } from './check.ts';
import { clockFinding } from './network-findings.ts';

interface Needs {
  readonly configuration: Check<LoadedSettings>;
  readonly bind: Check<DirectoryVisit>;
  /** Only where it passes there is something to search. */
  readonly base: Check<unknown>;
  readonly scripts: Check<TrialJudge>;
}

const GROUP_ATTRIBUTES = ['memberOf', 'memberOfAll'] as const;

export function serverChecks({ configuration, bind, base, scripts }: Needs): readonly Check<unknown>[] {
  const common = { stage: 'DIRECTORY', needs: [bind], isAdvisory: true } as const;
  const rights = new Check({
    ...common,
    id: 'directory-deleted',
    title: 'Deleted Objects',
    examine: async () => {
      const seen = await bind.value.seesDeleted();
      if (seen === null) return fine('only Active Directory keeps deleted entries', null);
      if (seen === true) return fine('may be read: a run can say who was deleted', null);
      const message = `may not be read (${seen}): a run cannot say whether somebody was deleted`;
      // Nothing is decided by it, so it matters to those alone who count absence.
      if (!configuration.value.settings['missed.user.check']) return fine(message, null);
      return doubtful(message, 'Give ldap.bind.user the right to list and read CN=Deleted Objects.', null);
    },
  });
  const groups = new Check({
    ...common,
    id: 'directory-groups',
    title: 'Groups',
    examine: async () => {
      const reader = readerOfGroups(scripts);
      const seen = await bind.value.seesGroups();
      if (seen === true) return fine('may be read', null);
      if (reader === null) return fine(`none can be read (${seen}), and none has to be`, null);
      const fix = 'Give ldap.bind.user the right to read groups, or correct ldap.group.baseDn.';
      return doubtful(`${seen}, but ${reader}`, fix, null);
    },
  });
  const ranges = new Check({
    ...common,
    needs: [bind, base],
    id: 'directory-ranges',
    title: 'Ranged values',
    examine: async () => {
      const sent = await bind.value.sendsRanges();
      if (sent === null) return fine('lists come whole from this kind of directory', null);
      if (sent === true) return fine('the server sends the part of a list that is asked for', null);
      return doubtful(`${sent}: entries with very long lists may not be read to their end`, null, null);
    },
  });
  const referrals = new Check({
    ...common,
    needs: [bind, base],
    id: 'directory-referrals',
    title: 'Referrals',
    examine: async () => {
      const found = await bind.value.referrals();
      if (typeof found === 'string') return doubtful(`not told: ${found}`, null, null);
      const policy = configuration.value.settings['ldap.referral'];
      const where = found.map((urls) => urls.join(' or ')).join('; ');
      if (found.length === 0) return fine('the server holds the whole search base', null);
      if (policy === 'IGNORE') return fine(`left out (ldap.referral=IGNORE): ${where}`, null);
      if (policy === 'FOLLOW') return fine(`followed (ldap.referral=FOLLOW): ${where}`, null);
      const message = `a part of the search base lies elsewhere (${where}): no read is complete with ldap.referral=THROW, and a run ends with exit code 4`;
      const fix = 'Search in an OU, or set ldap.referral=IGNORE to leave it out, or FOLLOW.';
      return doubtful(message, fix, null);
    },
  });
  const clock = new Check({
    ...common,
    id: 'directory-clock',
    title: 'Clock',
    examine: () => clockFinding(bind.value.clockAheadMs(), 'the directory server'),
  });
  return [rights, groups, ranges, referrals, clock];
}

/** Which script wants groups, in words; `null` where none does, or none loads. */
function readerOfGroups(scripts: Check<TrialJudge>): string | null {
  if (!scripts.passed) return null;
  for (const name of GROUP_ATTRIBUTES) {
    const reader = scripts.value.names(name);
    if (reader !== null) return reader;
  }
  return null;
}
