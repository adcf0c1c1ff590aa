import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScriptKind } from '../../src/model/scripts.ts';
import { compileScript } from '../../src/sandbox/script-file.ts';
import type { WireAnswer, WireEntry } from '../../src/sandbox/protocol.ts';
import { ScriptProcess } from '../../src/sandbox/script-process.ts';
import { judgeWith, scriptSet, user, type Scripts } from './scripted-judge.ts';

function readsOf(text: string, kind: ScriptKind = 'active'): readonly string[] | null {
  return compileScript(kind, `${kind}script.js`, text).reads;
}

test('the attributes that a script names are found, whatever it calls its entry', () => {
  const cases: [string, string[]][] = [
    ['function (entry) { return entry.accountStatus === "on"; }', ['accountStatus']],
    ['(e) => e["memberOf"] !== null && e.get("mail") !== null', ['memberOf', 'mail']],
    ['function (user) { var u = user; return u.getOrDefault("l", "").isEmpty(); }', ['l']],
    [
      'function f(entry) { return isIn(entry, "x"); } function isIn(who, group) { return who.memberOf.contains(group); }',
      ['memberOf'],
    ],
    ['({ department, title: t }) => department === t', ['department', 'title']],
    ['function (entry) { return entry.mail.toLowerCase().endsWith("@example.com"); }', ['mail']],
    ['function (entry) { return entry.memberOf.length > 2; }', ['memberOf']],
    ['function (entry) { return true; }', []],
  ];
  for (const [text, names] of cases) assert.deepEqual([...(readsOf(text) ?? [])].sort(), names.sort(), text);
});

test('a script that names hundreds of attributes is given all of them', () => {
  const names = Array.from({ length: 300 }, (_, i) => `entry.attribute${i} !== null`);
  assert.equal(readsOf(`function (entry) { return ${names.join(' || ')}; }`), null);
});

const FULL = user('Ann', {
  memberOf: ['CN=Backup,DC=example', 'CN=Staff,DC=example'],
  department: ['Sales'],
  employeeType: ['Staff'],
  Title: ['Lead'],
});
const SMALL = user('Ben', { memberOf: ['CN=Backup,DC=example'] });

test('judging by the named attributes gives what judging by all gives', async () => {
  const scripts: Scripts[] = [
    { active: 'function (entry) { return entry.get("memberOf") != null; }', org: 'e => e.DEPARTMENT' },
    {
      active:
        'function (entry) { for (var i = 0; i < entry.memberOf.length; i++) if (entry.memberOf[i].indexOf("CN=Backup") == 0) return true; return false; }',
      role: 'function (e) { var roles = []; for each (var g in e.memberOf) roles.push(g); return roles; }',
    },
    { org: 'function (entry) { return entry.dn.split(",")[1]; }', role: 'e => e.title || "None"' },
    { org: 'e => e.get("distinguishedName")', role: 'function ({ dn, title }) { return dn + title; }' },
  ];
  for (const script of scripts) {
    await using judge = await judgeWith(script);
    assert.ok(judge.named);
    const all = await judge.judge([FULL, SMALL]);
    assert.deepEqual(await judge.named.judge([FULL, SMALL]), all);
    assert.ok(all.every(({ ok }) => ok));
  }
});

/** What a process answers of one user who came without the attributes that it was not told of. */
async function partialAnswer(text: string): Promise<WireAnswer | undefined> {
  const { active, org, role } = scriptSet({ active: text });
  const scripts = [
    compileScript('active', active.name, active.text),
    compileScript('org', org.name, org.text),
    compileScript('role', role.name, role.text),
  ];
  const message = { scripts, unnamed: [], reads: ['cn'], limits: { timeoutMs: 2_000, memoryLimitMb: 64 } };
  const process = await ScriptProcess.start(message, () => {}, new AbortController().signal);
  const answers: WireAnswer[] = [];
  try {
    const entry = JSON.stringify([FULL.dn, { cn: ['Ann'] }] satisfies WireEntry);
    await process.judge(entry, 1, { alone: false, partial: true }, (one) => answers.push(...one.answers));
  } finally {
    await process.kill();
  }
  return answers[0];
}

test('a script of which one cannot tell what it looks at is given whole users', async () => {
  await using judge = await judgeWith({
    active: 'e => { for (var n in e) if (n == "l") return true; return false; }',
  });
  assert.equal(judge.named, null);
});

test('whoever a script looks at more of than he came with is not judged by what is left of him', async () => {
  const scripts = [
    'function (entry) { return entry["depart" + "ment"] === "Sales"; }',
    'function (entry) { return Object.keys(entry).indexOf("department") >= 0; }',
    'function (entry) { for (var n in entry) if (n == "department") return true; return false; }',
    'function (entry) { return entry.size() > 3 || entry.keySet().contains("department"); }',
    'function (entry) { return "depart".concat("ment") in entry; }',
    'function (entry) { try { return entry["depart" + "ment"] === "Sales"; } catch (e) { return false; } }',
    'function (entry) { return entry.disabled === true; }',
    'function (entry) { return entry["d" + "n"].indexOf("Ann") > 0; }',
    'function (entry) { var s = ["Sales"].pop(); for (var i = 0; i < s.length; i++) if (s[i] === "Sales") return true; return false; }',
  ];
  for (const script of scripts) assert.equal(await partialAnswer(script), null, script);
  assert.deepEqual(await partialAnswer('function (entry) { return entry.CN === "Ann"; }'), [
    true,
    null,
    null,
  ]);
});

test('the state of an account is judged by all attributes that may tell it', async () => {
  await using judge = await judgeWith({ active: 'function (entry) { return entry.disabled === false; }' });
  const off = user('Off', { nsAccountLock: ['TRUE'] });
  const on = user('On', { userAccountControl: ['512'] });
  assert.ok(judge.named?.reads.some((name) => /^nsaccountlock$/i.test(name)));
  assert.deepEqual(await judge.named?.judge([off, on]), await judge.judge([off, on]));
});
