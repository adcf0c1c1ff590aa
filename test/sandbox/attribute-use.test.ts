/** What is found out from the text of a script of the attributes that it may read: never less than it does. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { defaultScriptsFolder } from '../../src/sandbox/judge.ts';
import { compileScript } from '../../src/sandbox/script-file.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

/** Whether the script names memberOf (its line), may read anything (its line), or neither. */
function useOf(source: string): string {
  const { lineOf, anyLine } = compileScript('role', 'rolescript.js', source).use;
  if (lineOf['memberof'] !== undefined) return `names, line ${lineOf['memberof']}`;
  return anyLine === null ? 'no' : `anything, line ${anyLine}`;
}

const NAMED = [
  'function (entry) { return entry.memberOf; }',
  'function (entry) { return entry.MEMBEROF; }',
  "function (entry) { return entry['memberOf']; }",
  "function (entry) { return entry.list('memberof'); }",
  "var names = 'mail,memberOf'.split(','); function (entry) { return entry[names[1]]; }",
  'function ({ memberOf }) { return memberOf; }',
  'function (entry) { var { memberOf: groups } = entry; return groups; }',
  'function (entry) { with (entry) { return memberOf; } }',
  'function groups(e, name) { return e.list(name); } function roles(entry) { return groups(entry, `memberOf`); }',
];

test('an attribute that a script names anywhere, in any case, is one that it may read', () => {
  for (const source of NAMED) assert.equal(useOf(source), 'names, line 1', source);
  assert.equal(useOf('function (entry) {\n  return entry.list("memberOf");\n}'), 'names, line 2');
});

const CLOSED = [
  'function (entry) { return entry.mail; } // memberOf',
  "function (entry) { return entry['mail'] || entry.get('cn'); }",
  "function (entry) { return entry != null && 'mail' in entry ? entry.list('cn') : null; }",
  'var table = { a: "b" }; function (entry) { return table[entry.mail]; }',
  'function (entry) { var e = entry; var f; f = e; if (!f) return null; return f.mail; }',
  'function first(list, i) { return list[i]; } function roles(entry) { return first(entry.list("cn"), 0); }',
  'function (entry) { return entry.list("cn").map(function (x) { return print(x), x; }); }',
  'function help(e) { return e.mail; } function roles(entry) { return help(entry); }',
  'const roles = (entry) => entry.cn;',
  'module.exports = function (user) { return user.mail; };',
  'function ({ mail, cn = "x" }) { return mail + cn; }',
];

test('a script whose text shows all that it reads does not count as one that may read anything', () => {
  for (const source of CLOSED) assert.equal(useOf(source), 'no', source);
});

const OPEN = [
  "function (entry) { var name = 'member' + 'Of'; return entry[name]; }",
  "function (entry) { return entry.get('member' + 'Of'); }",
  'function (entry) { return JSON.stringify(entry); }',
  "function (entry) { return '' + entry; }",
  'function (entry) { for (var name in entry) print(name); return null; }',
  'function (entry) { for each (var value in entry) print(value); return null; }',
  'function (entry) { return Object.keys(entry); }',
  'function (entry) { var copy = { ...entry }; return copy.cn; }',
  'function (entry) { return entry.entrySet().size(); }',
  'function (entry) { var keys = entry.keySet; return keys(); }',
  'function (entry) { var get = entry.get; return get(atob); }',
  'function (entry) { return arguments[0][atob]; }',
  'function (entry) { return [entry].map(function (e) { return e[atob]; }); }',
  'function (entry) { var box = { entry: entry }; return box.entry[atob]; }',
  'function (entry) { var e = true ? entry : null; return e[atob]; }',
  'function (entry) { var e; e = entry || {}; return e[atob]; }',
  'function read(e, n) { return e[n]; } function roles(entry) { return read(entry, atob); }',
  'function read(e, n) { return e.list(n); } function roles(entry) { return read(entry, atob); }',
  'function id(x) { return x; } function roles(entry) { return id(entry)[atob]; }',
  'var kept; function read() { return kept[atob]; } function roles(entry) { kept = entry; return read(); }',
  'function ({ mail, ...rest }) { return rest[atob]; }',
  'function ({ [atob]: groups }) { return groups; }',
  'function (...all) { return all[0][atob]; }',
  'function (entry) { var { mail, ...rest } = entry; return rest[atob]; }',
  'module.exports = { role: (user) => user[atob] };',
  '(function () { return function (user) { return user[atob]; }; })()',
  'function (entry) { this.entry = entry; return null; }',
  'function (entry) { return entry == "x"; }',
  'function (entry) { function inner() { return entry[atob]; } return inner(); }',
];

test('a script that may read an attribute by a way that its text does not show counts as one that may read any', () => {
  for (const source of OPEN) assert.match(useOf(source), /^anything, line 1$/, source);
});

test('the default scripts and the examples by OU and department read no groups, those by group do', () => {
  const folder = defaultScriptsFolder();
  const files = [folder, join(folder, 'examples')].flatMap((path) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(path, name)),
  );
  const reading = files.filter((file) => useOf(readFileSync(file, 'utf8')) !== 'no');
  assert.ok(reading.length >= 2);
  for (const file of reading) assert.match(file, /group/);
});

test('the judge says which script reads an attribute, and where', async () => {
  await using judge = await judgeWith({
    active: 'function (entry) {\n  return entry.mail !== null;\n}',
    role: 'function (entry) {\n  return entry.list("memberOf");\n}',
  });
  assert.equal(judge.mayRead('memberOf'), 'rolescript.js reads memberOf (line 2)');
  assert.equal(judge.mayRead('mail'), 'activescript.js reads mail (line 2)');
  assert.equal(judge.mayRead('directReports'), null);
  await using open = await judgeWith({ org: 'function (entry) {\n\n  return entry[String(1)];\n}' });
  assert.equal(open.mayRead('memberOf'), 'orgscript.js may read any attribute (line 3)');
  assert.equal(open.names('memberOf'), null);
});

test('a script that comes to memberOfAll without naming it is told so, and never that there are no groups', async () => {
  await using judge = await judgeWith({
    role: "function (entry) { return entry.list('member' + 'OfAll'); }",
    org: "function (entry) { return entry['member' + 'Of'] === null ? 'none' : 'some'; }",
  });
  const [failed] = await judge.judge([user('a')]);
  assert.ok(failed?.ok === false);
  assert.match(failed.failure.message, /rolescript\.js line 1.*write entry\.memberOfAll/);
  await using naming = await judgeWith({ role: 'function (entry) { return entry.list("memberOfAll"); }' });
  const [one] = await naming.judge([user('a', { memberOfAll: ['g1', 'g2'] })]);
  assert.deepEqual(shown(one), { active: true, org: null, roles: ['g1', 'g2'] });
});
