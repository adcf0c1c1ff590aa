/** A user and a run as reports tell of them, for tests to vary. */

import { runResult, type RunHead } from '../../src/report/run-result.ts';
import type { UserRecord } from '../../src/report/user-record.ts';

const HEAD: RunHead = {
  version: '1.2.3',
  runId: '3f9a1c2e',
  mode: 'DRY',
  scope: 'FULL',
  startedAt: '2026-03-01T04:17:00.000Z',
  directory: 'ldaps://dc1.example.com',
  baseDn: 'OU=People,DC=example,DC=com',
  service: 'https://cloud.example.com/scim/v2',
  filterFile: null,
  nameFiles: null,
};

const USER: UserRecord = {
  status: 'PLANNED',
  action: 'update',
  kind: 'UPDATE',
  cause: null,
  userName: 'ann@example.com',
  dn: 'CN=ann,OU=People,DC=example,DC=com',
  identity: '0f0f',
  scimId: '42',
  attributes: {
    title: { from: 'Weaver', to: 'Miller', source: 'title' },
    roles: { from: ['Desktop User'], to: ['Desktop User', 'PROe User'], source: 'rolescript.js' },
  },
  withheld: [],
  awaitsManager: null,
  active: true,
  org: 'Mills',
  roles: ['Desktop User', 'PROe User'],
  reason: 'title changed in the directory; rolescript.js says otherwise',
  failure: null,
};

const NOTHING = { CREATE: 0, UPDATE: 0, REACTIVATE: 0, DEACTIVATE: 0, NONE: 0 };

export const RECORD = {
  head: HEAD,
  user: USER,
  result: runResult(HEAD, {
    request: { mode: 'DRY', scope: 'FULL', extraFilter: null, userNames: null },
    verdict: { complete: true, entryCount: 4180, watermark: null },
    planned: { ...NOTHING, UPDATE: 1 },
    confirmed: NOTHING,
    adopted: 0,
    failures: [],
    waiting: [],
    guards: [],
    headroom: [],
    planId: '0f3a9bc1d2e4',
    namesNotFound: [],
    namesLookedUpBy: 'sAMAccountName',
    requests: { GET: 3 },
    durationMs: 4200,
    exitCode: 0,
  }),
} as const;
