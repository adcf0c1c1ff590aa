/** What scripts may return and what they see: every sentence of their contract. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { defaultScriptsFolder, openJudge } from '../../src/sandbox/judge.ts';
import { readScripts } from '../../src/sandbox/script-file.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

/** Judges one user for each expression, which is what the script returns for him. */
async function returning(
  kind: 'active' | 'org' | 'role',
  expressions: readonly string[],
): Promise<unknown[]> {
  const cases = expressions.map((expression, i) => `if (entry.cn === 'u${i}') return ${expression};`);
  await using judge = await judgeWith({ [kind]: `function (entry) {\n${cases.join('\n')}\n}` });
  const judgements = await judge.judge(expressions.map((_, i) => user(`u${i}`)));
  return judgements.map((one) => {
    const value = shown(one);
    return typeof value === 'string' ? value : value[kind === 'role' ? 'roles' : kind];
  });
}

const NOT_BOOLEAN = 'it must return true or false';

test('the Active script returns true or false, and anything else is the failure of that user', async () => {
  const expressions = ['true', 'false', '5', "'yes'", 'null', 'undefined', '[]', '({})', 'new Boolean(true)'];
  assert.deepEqual(await returning('active', expressions), [
    true,
    false,
    `activescript.js returned the number 5: ${NOT_BOOLEAN}`,
    `activescript.js returned the text "yes": ${NOT_BOOLEAN}`,
    `activescript.js returned null: ${NOT_BOOLEAN}`,
    `activescript.js returned nothing: ${NOT_BOOLEAN}`,
    `activescript.js returned a list: ${NOT_BOOLEAN}`,
    `activescript.js returned an object: ${NOT_BOOLEAN}`,
    `activescript.js returned an object: ${NOT_BOOLEAN}`,
  ]);
});

test('the Org script returns a name or null, trimmed, and a blank name is null', async () => {
  const expressions = [
    "' Sales '",
    'null',
    'undefined',
    "'  '",
    "new String('Ops')",
    '7',
    "['a']",
    "'x'.repeat(1001)",
  ];
  assert.deepEqual(await returning('org', expressions), [
    'Sales',
    null,
    null,
    null,
    'Ops',
    'orgscript.js returned the number 7: it must return a name or null',
    'orgscript.js returned a list: it must return a name or null',
    'orgscript.js returned a name of 1001 characters: 1000 are the most',
  ]);
});

test('the Role script returns a name, a list or null; blank and repeated names are dropped, an empty list is null', async () => {
  const expressions = [
    "'Admin'",
    "['A', ' a ', '', null, 'B']",
    '[]',
    "['', ' ']",
    'null',
    "new Set(['A', 'B'])",
    "'A, B'",
    '5',
    "['A', 5]",
    'new Array(1001)',
    "({ length: 1, 0: 'A' })",
    "['x'.repeat(1001)]",
  ];
  assert.deepEqual(await returning('role', expressions), [
    ['Admin'],
    ['A', 'B'],
    null,
    null,
    null,
    ['A', 'B'],
    ['A, B'],
    'rolescript.js returned the number 5: it must return a name, a list of names or null',
    'rolescript.js returned a list with the number 5: roles are names',
    'rolescript.js returned 1001 roles: 1000 are the most',
    'rolescript.js returned an object: it must return a name, a list of names or null',
    'rolescript.js returned a name of 1001 characters: 1000 are the most',
  ]);
});

test('the Org and Role scripts run for inactive users too', async () => {
  await using judge = await judgeWith({
    active: 'function (entry) { return false; }',
    org: "function (entry) { return 'O'; }",
    role: "function (entry) { return 'R'; }",
  });
  const [one] = await judge.judge([user('a')]);
  assert.deepEqual(shown(one), { active: false, org: 'O', roles: ['R'] });
});

test('attributes are read by name in any case, absent ones are null, one value is a string, several are a list', async () => {
  const expressions: Record<string, unknown> = {
    'entry.mail': 'a@x',
    'entry.MAIL': 'a@x',
    "entry['Mail']": 'a@x',
    "entry.get('mAil')": 'a@x',
    'entry.title': null,
    "entry.get('title')": null,
    "entry['constructor']": null,
    "entry['__proto__']": null,
    'entry.groups': ['g1', 'g2'],
    'Array.isArray(entry.groups)': true,
    "entry.list('groups')": ['g1', 'g2'],
    "entry.list('mail')": ['a@x'],
    "entry.list('title')": [],
    "'MAIL' in entry": true,
    "'title' in entry": false,
    'Object.keys(entry)': ['cn', 'mail', 'Groups'],
    '(function () { var names = []; for (var n in entry) names.push(n); return names; })()': [
      'cn',
      'mail',
      'Groups',
    ],
    'entry.dn': 'CN=a,OU=Users,DC=example,DC=com',
    'entry.distinguishedName': 'CN=a,OU=Users,DC=example,DC=com',
    "entry.containsKey('GROUPS')": true,
    "entry.containsKey('title')": false,
    "entry.hasOwnProperty('mail')": true,
    'entry.keySet().size()': 3,
    'JSON.stringify(entry)': '{"cn":"a","mail":"a@x","Groups":["g1","g2"]}',
    'entry.groups === entry.Groups': true,
    'typeof entry': 'object',
  };
  // Roles that are repeated are dropped, so each value comes with the number of its expression.
  const list = Object.keys(expressions).join(',\n');
  await using judge = await judgeWith({
    role: `function (entry) { return [${list}].map(function (x, i) { return i + '=' + JSON.stringify(x); }); }`,
  });
  const entry = user('a', { mail: ['a@x'], Groups: ['g1', 'g2'] });
  const [one] = await judge.judge([entry]);
  const roles = one?.ok === true ? one.decision.roles : shown(one);
  assert.deepEqual(
    roles,
    Object.values(expressions).map((value, i) => `${i}=${JSON.stringify(value)}`),
  );
});

test('what one script does to a list or to the entry, the next script does not see', async () => {
  await using judge = await judgeWith({
    active:
      "function (entry) { entry.g.push('x'); entry.cn = 'changed'; delete entry.mail; return entry.mail === null && entry.cn === 'changed'; }",
    org: 'function (entry) { return entry.cn + entry.mail; }',
    role: 'function (entry) { return entry.g; }',
  });
  const [one] = await judge.judge([user('a', { g: ['1', '2'] })]);
  assert.deepEqual(shown(one), { active: true, org: 'aa@example.com', roles: ['1', '2'] });
});

test("a script that throws costs that user only, and the message has the script's name and line", async () => {
  await using judge = await judgeWith({
    org: "// comment\nfunction (entry) {\n  if (entry.cn === 'b') return entry.title.trim();\n  if (entry.cn === 'c') throw 'no\\nway';\n  return entry.cn;\n}",
  });
  const judgements = await judge.judge([user('a'), user('b'), user('c'), user('d')]);
  assert.deepEqual(
    judgements.map((one) => shown(one)),
    [
      { active: true, org: 'a', roles: null },
      "orgscript.js line 3: TypeError: Cannot read properties of null (reading 'trim')",
      'orgscript.js threw no way',
      { active: true, org: 'd', roles: null },
    ],
  );
});

test('tables that a script builds when it loads are kept, undeclared globals of one user never reach the next', async () => {
  await using judge = await judgeWith({
    active: 'table = { a: 1 };\nfunction (entry) { table.n = (table.n || 0) + 1; return true; }',
    org: "function (entry) { var before = typeof leak + typeof this.leak2 + typeof globalThis[Symbol.for('l')] + typeof hidden; leak = 1; this.leak2 = 2; globalThis[Symbol.for('l')] = 3; Object.defineProperty(globalThis, 'hidden', { value: 4, configurable: true }); return before + table.n; }",
    role: "function (entry) { if (entry.cn === 'a') { /(a)/.exec('a'); } return [typeof leak, 'x' + RegExp.$1]; }",
  });
  const judgements = await judge.judge([user('a'), user('b')]);
  assert.deepEqual(
    judgements.map((one) => shown(one)),
    [
      { active: true, org: 'undefinedundefinedundefinedundefined1', roles: ['number', 'xa'] },
      { active: true, org: 'undefinedundefinedundefinedundefined2', roles: ['number', 'x'] },
    ],
  );
});

test('print goes to the log at debug level, bounded', async () => {
  await using judge = await judgeWith({
    active:
      "print('loading');\nfunction (entry) { for (var i = 0; i < 1000; i++) print('x'.repeat(5000)); return true; }",
  });
  await judge.judge([user('a')]);
  assert.equal(judge.lines[0], 'debug ScriptService: activescript.js: loading');
  assert.equal(judge.lines.length, 201);
  assert.ok(judge.lines.every((line) => line.length < 1_100));
});

test('judgements come in the order of the entries, over many batches and calls at once', async () => {
  await using judge = await judgeWith({ org: 'function (entry) { return entry.cn; }' });
  const calls = [700, 1, 0, 300].map((count, call) =>
    judge.judge(Array.from({ length: count }, (_, i) => user(`${call}-${i}`))),
  );
  const orgs = (await Promise.all(calls)).map((judgements) =>
    judgements.map((one) => (one.ok ? one.decision.org : null)),
  );
  assert.deepEqual(
    orgs.map((list) => list.length),
    [700, 1, 0, 300],
  );
  assert.ok(orgs.every((list, call) => list.every((org, i) => org === `${call}-${i}`)));
});

test('a closed judge says so, and closing twice is allowed', async () => {
  const judge = await judgeWith({});
  await judge.close();
  await judge.close();
  await assert.rejects(judge.judge([user('a')]), /closed/);
});

test('the default scripts provision nobody', async () => {
  const folder = defaultScriptsFolder();
  const judge = await openJudge({
    scripts: await readScripts({
      active: join(folder, 'activescript.js'),
      org: join(folder, 'orgscript.js'),
      role: join(folder, 'rolescript.js'),
    }),
    timeoutMs: 1_000,
    memoryLimitMb: 32,
    log: { error() {}, warn() {}, info() {}, debug() {}, trace() {} },
  });
  const [one] = await judge.judge([user('a')]);
  await judge.close();
  assert.deepEqual(shown(one), { active: false, org: null, roles: null });
});

test('a name with control characters is the failure of that user', async () => {
  await using judge = await judgeWith({
    org: "function (entry) { return entry.cn === 'a' ? 'x\\u001b[2J' : null; }",
    role: "function (entry) { return entry.cn === 'b' ? ['R', 'x\\ny'] : ['R']; }",
  });
  const judgements = await judge.judge(['a', 'b', 'c'].map((name) => user(name)));
  assert.deepEqual(judgements.map(shown), [
    'orgscript.js returned a name with the control character U+001B: names are plain text',
    'rolescript.js returned a name with the control character U+000A: names are plain text',
    { active: true, org: null, roles: ['R'] },
  ]);
});
