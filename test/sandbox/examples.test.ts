/** The example scripts: each decides as its cases say, and editors know what they use. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import type { Judgement } from '../../src/model/decision.ts';
import { defaultScriptsFolder } from '../../src/sandbox/judge.ts';
import type { ScriptKind } from '../../src/model/scripts.ts';
import { mismatches, readCases } from '../../src/sandbox/script-cases.ts';
import { judgeWith, scriptSet, shown } from './scripted-judge.ts';

const FOLDER = join(defaultScriptsFolder(), 'examples');
const TYPES = join(defaultScriptsFolder(), 'c42uds.d.ts');

const scripts = (await readdir(FOLDER)).filter((name) => name.endsWith('.js'));

function answerOf(kind: ScriptKind, judgement: Judgement | undefined): unknown {
  const decision = shown(judgement);
  return typeof decision === 'string' ? decision : decision[kind === 'role' ? 'roles' : kind];
}

test('every example has cases, and every file of cases has its example', async () => {
  const cases = await readdir(join(FOLDER, 'cases'));
  assert.deepEqual(
    cases.map((name) => name.replace(/\.json$/, '.js')),
    scripts,
  );
  assert.ok(scripts.length >= 7);
});

for (const script of scripts) {
  test(`the example ${script} decides as its cases say`, async () => {
    const kind = script.slice(0, script.indexOf('-')).replace(/s$/, '') as ScriptKind;
    const examples = scriptSet({ [kind]: await readFile(join(FOLDER, script), 'utf8') });
    const named = { ...examples, [kind]: { ...examples[kind], name: script } };
    // What is about other examples is skipped, as beside an administrator's own scripts.
    const { cases, skipped } = await readCases(join(FOLDER, 'cases'), named);
    const own = cases.filter(({ file }) => file === script.replace(/\.js$/, '.json'));
    assert.ok(own.length >= 3);
    assert.ok(skipped.every((sentence) => !sentence.startsWith(script)));
    await using judge = await judgeWith({ [kind]: examples[kind].text });
    for (const one of own) {
      assert.deepEqual(Object.keys(one.expected), [kind]);
      assert.deepEqual(mismatches(one, await judge.tryOn(one.entry)), [], one.name);
    }
  });
}

/** The problems that an editor would show. */
function problemsIn(
  files: readonly string[],
  extra?: { readonly name: string; readonly text: string },
): string[] {
  const options: ts.CompilerOptions = {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    types: [],
    target: ts.ScriptTarget.ES2020,
    // Each script has a scope of its own here too.
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readText = host.readFile.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (name) => name === extra?.name || fileExists(name);
  host.readFile = (name) => (name === extra?.name ? extra.text : readText(name));
  host.getSourceFile = (name, language, ...rest) =>
    name === extra?.name
      ? ts.createSourceFile(name, extra.text, language)
      : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([...files, ...(extra === undefined ? [] : [extra.name])], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

test('editors find nothing wrong in the examples, and do find a method that is not there', () => {
  const wrong = {
    name: join(FOLDER, 'wrong.js'),
    text: `/// <reference path="../c42uds.d.ts" />
/** @param {Entry} entry */
function isActive(entry) { return entry.mail.endsWidth('x'); }`,
  };
  const problems = problemsIn(
    scripts.map((name) => join(FOLDER, name)),
    wrong,
  );
  assert.equal(problems.length, 1, problems.join('\n'));
  assert.match(problems[0] ?? '', /'endsWidth' does not exist on type 'String'|'endsWidth' does not exist/);
});

test('the methods that editors offer are there', async () => {
  const file = ts.createSourceFile(TYPES, await readFile(TYPES, 'utf8'), ts.ScriptTarget.Latest);
  const members = (name: string): string[] =>
    file.statements
      .filter(ts.isInterfaceDeclaration)
      .filter((one) => one.name.text === name)
      .flatMap((one) => one.members.filter(ts.isMethodSignature))
      .map((member) => (ts.isIdentifier(member.name) ? member.name.text : ''));
  const offered = { String: members('String'), Array: members('Array'), Entry: members('Entry') };
  assert.ok(Object.values(offered).every((names) => names.length >= 5));
  await using judge = await judgeWith({
    role: `var offered = ${JSON.stringify(offered)};
function (entry) {
  var holders = { String: 'text', Array: entry.list('cn'), Entry: entry }, missing = [];
  for (var kind in offered) {
    offered[kind].forEach(function (name) { if (typeof holders[kind][name] !== 'function') missing.push(kind + '.' + name); });
  }
  return missing;
}`,
  });
  const [one] = await judge.judge([{ identity: 'a', dn: 'CN=a', attributes: { cn: ['a'] } }]);
  assert.equal(answerOf('role', one), null);
});
