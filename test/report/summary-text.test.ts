/** The summary: what a run did, in counts, and what to do next. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EXIT_CODES } from '../../src/model/errors.ts';
import type { RunRequest, RunSummary } from '../../src/model/run.ts';
import { count, counted, duration } from '../../src/report/quantity.ts';
import { summaryLines } from '../../src/report/summary-text.ts';

const NOTHING = { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 };
const REQUEST: RunRequest = { mode: 'DRY', scope: 'INCREMENTAL', extraFilter: null, userNames: null };

function summary(more: Partial<RunSummary> = {}): RunSummary {
  return {
    request: REQUEST,
    verdict: { complete: true, entryCount: 12_345, watermark: null },
    planned: NOTHING,
    confirmed: NOTHING,
    adopted: 0,
    failures: [],
    guards: [],
    headroom: [],
    planId: '0f0f0f0f0f0f',
    waiting: [],
    namesLookedUpBy: 'uid',
    namesNotFound: [],
    requests: { GET: 3 },
    durationMs: 4_200,
    exitCode: EXIT_CODES.DONE,
    ...more,
  };
}

const text = (made: RunSummary, flags: readonly string[] = []) =>
  summaryLines(made, flags)
    .map((line) => line.text)
    .join('\n');

test('a dry run counts what it would do, says that nothing was written, and how to go on', () => {
  const planned = { CREATE: 1000, UPDATE: 3, REACTIVATE: 2, DEACTIVATE: 1, NONE: 11_339 };
  const shown = text(summary({ planned }), ['--full-sync', '--filter', 'my filter.txt']);
  for (const expected of [
    /^Dry run: the users changed since the last synchronization$/m,
    /^ {2}users read +12,345$/m,
    /^ {2}to create +1,000$/m,
    /^ {2}to update +3$/m,
    /^ {2}to reactivate +2$/m,
    /^ {2}to deactivate +1$/m,
    /^ {2}without change +11,339$/m,
    /^ {2}failed +0$/m,
    /^SCIM requests: GET 3$/m,
    /^Duration: 4\.2 s$/m,
    /^Nothing was written\. To carry it out: c42uds --sync-now --full-sync --filter "my filter\.txt"$/m,
  ]) {
    assert.match(shown, expected);
  }
});

test('a dry run tells how near the plan comes to each limit; a live one does not', () => {
  const percent = { property: 'deactivate.max.percent', what: 'Deactivations', limit: 10, tripped: false };
  const headroom = [
    { ...percent, count: 12, of: 4180 },
    { ...percent, property: 'deactivate.max.count', count: 12, of: null, limit: 50 },
    { ...percent, property: 'guard.moved.max.percent', what: 'Other roles', count: 2, of: 4 },
  ];
  const shown = text(summary({ headroom }));
  assert.match(shown, /^Safety limits:$/m);
  assert.match(
    shown,
    /^ {2}Deactivations {2}12 of 4,180 = 0\.3 %, limit 10 % \(deactivate\.max\.percent\)$/m,
  );
  assert.match(shown, /^ {2}Deactivations {2}12, limit 50 \(deactivate\.max\.count\)$/m);
  assert.match(shown, /^ {2}Other roles {4}2 of 4 = 50\.0 %, limit 10 %, too few to count \(/m);
  assert.doesNotMatch(text(summary({ headroom, request: { ...REQUEST, mode: 'LIVE' } })), /Safety limits/);
});

test('a run says where its time went and what it asked of others', () => {
  const cost = {
    stagesMs: { CHECK: 120, COLLECT: 3_000, COMPARE: 1_080 },
    directory: { requests: 12, entries: 12_345, bytesSent: 900, bytesRead: 5_432_100 },
    scripts: { users: 12_345, ms: 800 },
    purposes: { lookup: 1, list: 2, create: 0 },
    peakMemoryBytes: 120_000_000,
  };
  const shown = text(summary({ cost }));
  assert.match(shown, /^SCIM requests: GET 3 \(lookup 1, list 2\)$/m);
  assert.match(shown, /^Time: check 0\.1 s, collect 3\.0 s, compare 1\.1 s$/m);
  assert.match(
    shown,
    /^Cost: LDAP 12 requests, 12,345 entries, 5\.4 MB; scripts 0\.8 s for 12,345 users; memory 120\.0 MB$/m,
  );
});

test('a dry run without changes does not advise a live one', () => {
  assert.match(text(summary()), /there is nothing to change\.$/);
});

test('a live run counts what was confirmed, and says where that is less than planned', () => {
  const shown = text(
    summary({
      request: { ...REQUEST, mode: 'LIVE', scope: 'FULL' },
      planned: { ...NOTHING, CREATE: 10, UPDATE: 4 },
      confirmed: { ...NOTHING, CREATE: 10, UPDATE: 3 },
      adopted: 2,
      failures: [
        { user: 'eve', dn: 'CN=eve', identity: '0e', failure: { stage: 'SEND', message: 'refused' } },
      ],
      requests: { GET: 1, POST: 10, PATCH: 4 },
      exitCode: EXIT_CODES.USERS_FAILED,
    }),
  );
  assert.match(shown, /^Synchronized: every user in the search base$/m);
  assert.match(shown, /^ {2}created +10 \(2 were there already\)$/m);
  assert.match(shown, /^ {2}updated +3 of 4 planned$/m);
  assert.match(shown, /^ {2}failed +1$/m);
  assert.match(shown, /^SCIM requests: GET 1, POST 10, PATCH 4$/m);
  assert.match(shown, /tried again: in the next runs at once, later at growing intervals\.$/);
});

test('a limited run says what it was limited to', () => {
  const request: RunRequest = { ...REQUEST, userNames: ['ada', 'eve'], extraFilter: '(a=b)' };
  assert.match(
    text(summary({ request })),
    /^Dry run: the 2 users of --files that are among the users of --filter$/m,
  );
});

test('names that nobody has are warnings, each by its name', () => {
  const found = summaryLines(summary({ namesNotFound: ['nobody'] }), []).filter(
    ({ level }) => level === 'warn',
  );
  assert.deepEqual(
    found.map((line) => line.text),
    [
      'No user "nobody" of the --files list was found by uid (driver.files.attribute.name): correct the list or the property.',
    ],
  );
});

test('an incomplete read is an error of the directory, with its reason and consequence', () => {
  const verdict = { complete: false as const, entryCount: 7, reason: 'size limit exceeded' };
  const errors = summaryLines(summary({ verdict, exitCode: EXIT_CODES.DIRECTORY }), []).filter(
    ({ level }) => level === 'error',
  );
  assert.ok(errors.every(({ component }) => component === 'LdapService'));
  assert.match(errors[0]?.text ?? '', /read incompletely: size limit exceeded$/);
  assert.match(errors[1]?.text ?? '', /Nobody was counted absent/);
});

describe('a tripped guard', () => {
  const guards = [
    { property: 'deactivate.max.percent', message: '50 of 100.', users: ['ada', 'eve'], userCount: 2 },
  ];
  for (const mode of ['DRY', 'LIVE'] as const) {
    test(`in a ${mode.toLowerCase()} run names the limit, the users, and how to approve the very plan`, () => {
      const made = summary({
        request: { ...REQUEST, mode },
        planned: { ...NOTHING, DEACTIVATE: 50 },
        guards,
        planId: '3f9a',
        exitCode: EXIT_CODES.GUARD,
      });
      const shown = text(made);
      const stopped = mode === 'LIVE' ? 'Stopped' : 'A live run would be stopped';
      assert.ok(shown.split('\n').includes(`${stopped} by deactivate.max.percent: 50 of 100.`), shown);
      assert.match(shown, /^Users concerned: ada, eve$/m);
      assert.match(shown, /^Nothing was written, and nobody was counted absent\./m);
      assert.match(shown, /c42uds --sync-now --approve 3f9a$/m);
      assert.doesNotMatch(shown, /To carry it out/);
    });
  }
});

test('numbers and durations read as people write them', () => {
  assert.equal(count(1_234_567), '1,234,567');
  assert.equal(counted(1, 'user'), '1 user');
  assert.equal(counted(2000, 'user'), '2,000 users');
  assert.deepEqual([0, 9_940, 9_960, 59_600, 185_000, 7_800_000].map(duration), [
    '0.0 s',
    '9.9 s',
    '10 s',
    '1 min 0 s',
    '3 min 5 s',
    '2 h 10 min',
  ]);
});

test('an approval is offered for absent users alone, and never for a read that found nobody', () => {
  const absent = { property: 'guard.absent.max.percent', message: '60 of 100.', users: [], userCount: 60 };
  const nobody = { property: 'ldap.search.filter', message: 'nobody', users: [], userCount: 0 };
  const stopped = { exitCode: EXIT_CODES.GUARD, planId: '3f9a' } as const;
  assert.match(text(summary({ ...stopped, guards: [absent] })), /changes nobody.*--approve 3f9a$/);
  assert.doesNotMatch(text(summary({ ...stopped, guards: [nobody, absent] })), /--approve/);
});

test('active accounts that no entry has are counted and named in a warning, and only if there are any', () => {
  const unclaimed = {
    count: 1002,
    provisioned: 1000,
    ofInactive: 0,
    users: ['ann@example.com', 'ben@example.com'],
  };
  const warnings = (made: RunSummary): string[] =>
    summaryLines(made, []).flatMap((line) => (line.level === 'warn' ? [line.text] : []));
  assert.deepEqual(warnings(summary({ unclaimed })), [
    'The service holds 1,002 active accounts whose externalId no entry in the directory has, nor an active one their userName, 1,000 with an externalId, as accounts have it that c42uds or another tool made: ann@example.com, ben@example.com and 1,000 more. c42uds leaves them alone: if they are of people who have left, close them in the console.',
  ]);
  const [named] = warnings(summary({ unclaimed: { ...unclaimed, ofInactive: 3 } }));
  assert.match(named ?? '', / made, 3 with the userName of a disabled entry, whose they may be: ann@/);
  for (const none of [null, { count: 0, provisioned: 0, ofInactive: 0, users: [] }]) {
    assert.deepEqual(warnings(summary({ unclaimed: none })), []);
  }
});

test('users sent again without a difference are counted apart from those who are updated', () => {
  const planned = { ...NOTHING, UPDATE: 495 };
  const dry = text(summary({ planned, resent: { planned: 495, confirmed: 0 } }));
  assert.match(dry, /^ {2}to update +0$/m);
  assert.match(dry, /^ {2}to send again +495$/m);
  const live = text(
    summary({
      request: { ...REQUEST, mode: 'LIVE', scope: 'FULL' },
      planned,
      confirmed: { ...NOTHING, UPDATE: 492 },
      resent: { planned: 490, confirmed: 488 },
    }),
  );
  assert.match(live, /^ {2}updated +4 of 5 planned$/m);
  assert.match(live, /^ {2}sent again +488 of 490 planned$/m);
});

test('an incremental run with --filter says that it reads the changed ones, and how to read all', () => {
  const request = { ...REQUEST, extraFilter: '(l=Berlin)' };
  const nobody = { complete: true, entryCount: 0, watermark: null } as const;
  const shown = text(summary({ request, verdict: nobody }));
  assert.match(shown, /^Dry run: the users of --filter that changed since the last synchronization$/m);
  assert.match(shown, /add --full-sync\.$/m);
  const full = text(summary({ request: { ...request, scope: 'FULL' }, verdict: nobody }));
  assert.match(full, /^Dry run: the users of --filter$/m);
  assert.doesNotMatch(full, /add --full-sync/);
});

test('a limit that the plan exceeds is marked', () => {
  const limit = { property: 'deactivate.max.percent', what: 'Deactivations', count: 90, of: 100, limit: 10 };
  assert.match(text(summary({ headroom: [{ ...limit, tripped: true }] })), /^! Deactivations {2}90 of 100/m);
  assert.match(text(summary({ headroom: [{ ...limit, tripped: false }] })), /^ {2}Deactivations {2}90 of/m);
});
