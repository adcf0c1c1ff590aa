/** The preview: one user as an administrator reads him. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change, Preview } from '../../src/model/plan.ts';
import type { UserResource } from '../../src/model/user.ts';
import { differingAttributes } from '../../src/model/user.ts';
import { COLOURED, PLAIN } from '../../src/report/palette.ts';
import { outcomeSentence, previewHeader, previewLines } from '../../src/report/preview-text.ts';

const ADA: UserResource = {
  userName: 'ada@example.com',
  externalId: '6a1f',
  active: true,
  givenName: 'Ada',
  familyName: 'Lovelace',
  email: 'ada@example.com',
  title: 'Analyst',
  userType: null,
  country: 'GB',
  department: 'Engines',
  division: null,
  manager: null,
  org: 'London',
  roles: ['Desktop User', 'PROe User'],
};

function change(
  kind: Change['kind'],
  from: UserResource | null,
  to: UserResource,
  more: Partial<Change> = {},
): Change {
  return {
    identity: to.externalId,
    dn: 'uid=ada',
    kind,
    cause: kind === 'DEACTIVATE' ? 'SCRIPT' : null,
    scimId: from === null ? null : '42',
    from,
    to,
    attributes: from === null ? [] : differingAttributes(from, to),
    awaitsManager: null,
    ...more,
  };
}

function preview(planned: Change, more: Partial<Preview> = {}): Preview {
  const { active, org, roles, userName } = planned.to;
  return { userName, decision: { active, org, roles }, change: planned, failure: null, ...more };
}

const lines = (shown: Preview) => previewLines(shown, PLAIN);

test('the header names the columns in which the values stand', () => {
  const header = previewHeader().at(-1) ?? '';
  const row = lines(preview(change('CREATE', null, ADA)))[0] ?? '';
  for (const [title, value] of [
    ['CHANGE', 'create'],
    ['USERNAME', 'ada@example.com'],
    ['ACTIVE', 'true'],
    ['ORG', 'London'],
    ['ROLES', 'Desktop User, PROe User'],
  ] as const) {
    assert.equal(row.indexOf(value), header.indexOf(title), title);
  }
});

test('a new user is shown with everything he gets', () => {
  assert.deepEqual(
    lines(preview(change('CREATE', null, ADA, { awaitsManager: 'boss' }))).map((line) => line.trim()),
    [
      'create     ada@example.com                      true   London                   Desktop User, PROe User',
      'givenName Ada, familyName Lovelace, title Analyst, country GB, department Engines, manager created in the same run',
    ],
  );
});

test('an update shows each attribute that differs, old -> new, and no other', () => {
  const married = { ...ADA, familyName: 'King', title: null, roles: ['Desktop User'] };
  const [, ...details] = lines(preview(change('UPDATE', ADA, married)));
  assert.deepEqual(
    details.map((line) => line.trim()),
    ['familyName: Lovelace -> King', 'title: Analyst -> -', 'roles: Desktop User, PROe User -> Desktop User'],
  );
});

test('a user whom a full sync sends without a difference takes one line that says so', () => {
  const [row = '', ...details] = lines(
    preview(change('UPDATE', ADA, { ...ADA, roles: ['PROe User', 'Desktop User'] })),
  );
  assert.match(row, /^resend {5}ada@example\.com /);
  assert.deepEqual(details, []);
});

test('deactivation for absence gives its cause, and the last known org and roles', () => {
  const gone = change('DEACTIVATE', ADA, { ...ADA, active: false }, { cause: 'ABSENT' });
  const shown = lines({ userName: ADA.userName, decision: null, change: gone, failure: null });
  assert.match(shown[0] ?? '', /^deactivate ada@example\.com +false +London +Desktop User, PROe User$/);
  assert.equal(shown[1]?.trim(), 'absent from the search base too often');
  assert.equal(shown[2]?.trim(), 'active: true -> false');
});

describe('the first column', () => {
  const cases: readonly [string, Change][] = [
    ['create', change('CREATE', null, ADA)],
    ['update', change('UPDATE', ADA, { ...ADA, title: 'Countess' })],
    ['resend', change('UPDATE', ADA, ADA)],
    ['reactivate', change('REACTIVATE', { ...ADA, active: false }, ADA)],
    ['deactivate', change('DEACTIVATE', ADA, { ...ADA, active: false })],
    ['unchanged', change('NONE', ADA, ADA)],
    ['skip', change('NONE', null, { ...ADA, active: false })],
  ];
  for (const [word, planned] of cases) {
    test(`says ${word}`, () => {
      assert.equal(lines(preview(planned))[0]?.split(' ')[0], word);
    });
  }

  test('an unchanged or skipped user takes one line', () => {
    assert.equal(lines(preview(change('NONE', ADA, ADA))).length, 1);
    assert.equal(lines(preview(change('NONE', null, { ...ADA, active: false }))).length, 1);
  });
});

test('a failed user is shown with the reason', () => {
  const shown = lines({
    userName: 'uid=eve,dc=example',
    decision: null,
    change: null,
    failure: { stage: 'SCRIPT', message: 'orgscript.js line 3: entry.foo is null' },
  });
  assert.match(shown[0] ?? '', /^FAILED {5}uid=eve,dc=example +- +- +-$/);
  assert.equal(shown[1]?.trim(), 'orgscript.js line 3: entry.foo is null');
});

test('no organization and no roles, which leaves them to the service, differ from an empty list of roles', () => {
  const unsaid = lines(preview(change('CREATE', null, { ...ADA, org: null, roles: null })))[0] ?? '';
  assert.match(unsaid, / - +-$/);
  const none = lines(preview(change('CREATE', null, { ...ADA, roles: [] })))[0] ?? '';
  assert.match(none, /\(none\)$/);
});

test('long values are never cut, short rows do not wrap on 110 columns', () => {
  const long = {
    ...ADA,
    userName: `${'x'.repeat(60)}@example.com`,
    org: 'A department with a very long name indeed',
  };
  const row = lines(preview(change('CREATE', null, long)))[0] ?? '';
  assert.ok(row.includes(long.userName) && row.includes(long.org));
  assert.ok((lines(preview(change('CREATE', null, ADA)))[0] ?? '').length <= 110);
});

test('a value cannot command the terminal or begin a new line', () => {
  const evil = 'x\u001b[31m\r\ny\u009b2J\u202e';
  const to = { ...ADA, userName: evil, org: evil, roles: [evil], title: evil };
  const shown = [
    ...lines(preview(change('UPDATE', ADA, to))),
    ...lines(preview(change('CREATE', null, to))),
    ...lines({ userName: evil, decision: null, change: null, failure: { stage: 'READ', message: evil } }),
  ];
  for (const line of shown) assert.doesNotMatch(line, /[\p{Cc}\u202e]/u);
});

test('colour changes nothing but the colour', () => {
  const shown = preview(change('DEACTIVATE', ADA, { ...ADA, active: false }));
  const coloured = previewLines(shown, COLOURED);
  assert.notDeepEqual(coloured, lines(shown));
  assert.deepEqual(
    coloured.map((line) => line.replace(/\u001b\[\d+m/g, '')),
    lines(shown),
  );
});

describe('a confirmed change on one line of the log', () => {
  test('a creation names org and roles', () => {
    assert.match(
      outcomeSentence(preview(change('CREATE', null, ADA))),
      /^created ada@example\.com, org London, roles Desktop User, PROe User \(givenName Ada, /,
    );
  });

  test('an update names what differed', () => {
    assert.equal(
      outcomeSentence(preview(change('UPDATE', ADA, { ...ADA, org: 'Paris' }))),
      'updated ada@example.com (org: London -> Paris)',
    );
  });
});
