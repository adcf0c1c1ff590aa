/** The state of an account in words, whatever attributes the directory keeps it in. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeWith, shown, user } from './scripted-judge.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

const NOW = Date.UTC(2026, 5, 15, 12);
const ticks = (ms: number): string => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
const DAY = 86_400_000;

/** What a script reads of each of the entries under these names. */
async function read(names: readonly string[], entries: readonly Attributes[]): Promise<unknown[]> {
  const role = `function (entry) {
    return ${JSON.stringify(names)}.map(function (name) {
      var value = entry[name];
      return name + '=' + (value instanceof Date ? value.toISOString() : typeof value + ' ' + value);
    });
  }`;
  await using judge = await judgeWith({ role }, { clockMs: NOW });
  const judgements = await judge.judge(entries.map((attributes, i) => user(`u${i}`, attributes)));
  return judgements.map((one) => {
    const decision = shown(one);
    return typeof decision === 'string'
      ? decision
      : (decision.roles ?? []).map((role) => role.replace(/^\w+=/, ''));
  });
}

const ofOne = async (name: string, entries: readonly Attributes[]): Promise<unknown[]> =>
  (await read([name], entries)).map((roles) => (roles as string[])[0]);

test('entry.disabled is true, false, or null where the entry says nothing', async () => {
  const cases: [Attributes, string][] = [
    [{ userAccountControl: ['514'] }, 'boolean true'],
    [{ userAccountControl: ['66050'] }, 'boolean true'],
    [{ userAccountControl: ['512'] }, 'boolean false'],
    [{ nsAccountLock: ['TRUE'] }, 'boolean true'],
    [{ nsaccountlock: ['false'] }, 'boolean false'],
    [{ loginDisabled: ['TRUE'] }, 'boolean true'],
    [{ 'ds-pwp-account-disabled': ['true'] }, 'boolean true'],
    [{ 'msDS-UserAccountDisabled': ['TRUE'] }, 'boolean true'],
    [{ pwdAccountLockedTime: ['000001010000Z'] }, 'boolean true'],
    [{ pwdAccountLockedTime: ['20260101120000Z'] }, 'boolean false'],
    [{ userAccountControl: ['512'], nsAccountLock: ['true'] }, 'boolean true'],
    [{}, 'object null'],
  ];
  assert.deepEqual(
    await ofOne(
      'disabled',
      cases.map(([attributes]) => attributes),
    ),
    cases.map(([, expected]) => expected),
  );
});

test('entry.expired and entry.expires know every way to say when, and "never"', async () => {
  const tomorrow = new Date(NOW + DAY).toISOString();
  const yesterday = new Date(NOW - DAY).toISOString();
  const generalized = (iso: string): string => iso.replace(/[-:T]|\.\d+/g, '');
  const cases: [Attributes, string[]][] = [
    [{ accountExpires: [ticks(NOW + DAY)] }, ['boolean false', tomorrow]],
    [{ accountExpires: [ticks(NOW - DAY)] }, ['boolean true', yesterday]],
    [{ accountExpires: [ticks(NOW)] }, ['boolean true', new Date(NOW).toISOString()]],
    [{ accountExpires: ['0'] }, ['boolean false', 'object null']],
    [{ accountExpires: ['9223372036854775807'] }, ['boolean false', 'object null']],
    [{ shadowExpire: ['20619'] }, ['boolean true', '2026-06-15T00:00:00.000Z']],
    [{ shadowExpire: ['20620'] }, ['boolean false', '2026-06-16T00:00:00.000Z']],
    [{ shadowExpire: ['-1'] }, ['boolean false', 'object null']],
    [{ krbPrincipalExpiration: [generalized(yesterday)] }, ['boolean true', yesterday]],
    [{ pwdEndTime: [generalized(tomorrow)] }, ['boolean false', tomorrow]],
    [{ accountExpires: ['nonsense'] }, ['boolean false', 'object null']],
    [{}, ['object null', 'object null']],
  ];
  assert.deepEqual(
    await read(
      ['expired', 'expires'],
      cases.map(([attributes]) => attributes),
    ),
    cases.map(([, expected]) => expected),
  );
});

test('entry.lockedOut and entry.passwordLastSet', async () => {
  const then = new Date(NOW - DAY).toISOString();
  const cases: [Attributes, string[]][] = [
    [
      { userAccountControl: ['512'], lockoutTime: [ticks(NOW)], pwdLastSet: [ticks(NOW - DAY)] },
      ['boolean true', then],
    ],
    [
      { userAccountControl: ['512'], lockoutTime: ['0'], pwdLastSet: ['0'] },
      ['boolean false', 'object null'],
    ],
    [{ userAccountControl: ['512'] }, ['boolean false', 'object null']],
    [
      { pwdAccountLockedTime: ['20260101120000Z'], pwdChangedTime: ['20260614120000Z'] },
      ['boolean true', then],
    ],
    [{ shadowLastChange: ['20619'] }, ['object null', '2026-06-15T00:00:00.000Z']],
    [{}, ['object null', 'object null']],
  ];
  assert.deepEqual(
    await read(
      ['lockedOut', 'passwordLastSet'],
      cases.map(([attributes]) => attributes),
    ),
    cases.map(([, expected]) => expected),
  );
});

test('an attribute of the directory by such a name wins, and the names are read in any case and by get', async () => {
  assert.deepEqual(await ofOne('disabled', [{ disabled: ['no'], userAccountControl: ['514'] }]), [
    'string no',
  ]);
  assert.deepEqual(await ofOne('DISABLED', [{ useraccountcontrol: ['514'] }]), ['boolean true']);
  await using judge = await judgeWith({
    active:
      "function (entry) { return entry.get('disabled') === true && 'disabled' in entry && !('expired' in entry); }",
    org: "function (entry) { return entry.keySet().contains('disabled') ? 'listed' : 'not listed'; }",
  });
  const [one] = await judge.judge([user('a', { userAccountControl: ['514'] })]);
  assert.deepEqual(shown(one), { active: true, org: 'not listed', roles: null });
});
