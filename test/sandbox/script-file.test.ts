/** How a script file is read: forms of functions, syntax errors and refusals, each with its line. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { runInNewContext } from 'node:vm';
import { RunError } from '../../src/model/errors.ts';
import { functionOf } from '../../src/sandbox/realm/script-function.ts';
import { compileScript, readScript } from '../../src/sandbox/script-file.ts';
import { judgeWith } from './scripted-judge.ts';

/** Each is an Org script that must give "yes". */
const FORMS: Readonly<Record<string, string>> = {
  'a function without a name': "function (entry) { return 'yes'; }",
  'one after comments, with a semicolon': "/* a\n b */\n// c\nfunction(entry) { return 'yes'; };\n",
  'one with a byte order mark and Windows line ends':
    "\uFEFF// c\r\nfunction (entry) {\r\n  return 'yes';\r\n}\r\n",
  'one in parentheses': "(function (entry) { return 'yes'; })",
  'one in parentheses, strict':
    "'use strict';\n(function (entry) { return this === undefined ? 'yes' : 'no'; });",
  'one after helpers': "function help() { return 'yes'; }\nvar x = 1;\nfunction (entry) { return help(); }",
  'one before helpers': "function (entry) { return help(); }\nfunction help() { return 'yes'; }",
  'a named one': "function anything(entry) { return 'yes'; }",
  'a named one that calls itself': "function f(entry, n) { return n ? 'yes' : f(entry, 1); }",
  'an arrow': "(entry) => 'yes'",
  'an arrow without parentheses': "entry => { return 'yes'; };",
  'a variable with a function': "var f = function (entry) { return 'yes'; };",
  'a constant with an arrow': "const f = (entry) => 'yes';",
  'an undeclared variable with a function': "f = function (entry) { return 'yes'; };",
  'module.exports': "module.exports = function (entry) { return 'yes'; };",
  'module.exports of a named one':
    "function a() { return 'no'; }\nfunction b() { return 'yes'; }\nmodule.exports = b;",
  'exports as a whole': "exports = (entry) => 'yes';",
  'exports with one function': "exports.whatever = (entry) => 'yes';",
  'exports with several, one named after its kind':
    "exports.getOrg = () => 'yes'; exports.help = () => 'no';",
  'module.exports with an object': "module.exports = { org: (entry) => 'yes', other: () => 'no' };",
  'several functions, one not used by the others':
    "function a(entry) { return b(); }\nfunction b() { return 'yes'; }",
  'several unused ones, one named after its kind':
    "function trim(s) { return 'no'; }\nfunction findOrgName(u) { return 'yes'; }",
  'several unused ones, one that takes the entry':
    "function trim(s) { return 'no'; }\nfunction find(entry) { return 'yes'; }",
  'a function that makes the function':
    "(function () { var t = 'yes'; return function (entry) { return t; }; })()",
  'a comment at the very end': "function (entry) { return 'yes'; } // end",
};

for (const [name, source] of Object.entries(FORMS)) {
  test(`a script file may hold ${name}`, () => {
    const { code } = compileScript('org', 'orgscript.js', source);
    const module = { exports: {} };
    const wrapper = runInNewContext(code) as (module: object, exports: object) => unknown;
    assert.equal(functionOf(wrapper(module, module.exports), 'org')?.({}), 'yes');
  });
}

/** Org scripts that must be refused, and the message. */
const REFUSED: readonly [source: string, message: RegExp][] = [
  ['', /^orgscript\.js holds no function\. To leave the organization .*return null/],
  ['// nothing yet\n', /^orgscript\.js holds no function/],
  ['var a = 1;', /^orgscript\.js holds no function/],
  ['function (entry) {\n  return entry.;\n}', /^orgscript\.js line 2, column 16: Unexpected token/],
  ['function (entry) {', /^orgscript\.js line 1, column \d+: Unexpected token/],
  ['}); evil(); (function () {', /^orgscript\.js line 1, column 1: Unexpected token/],
  ['return 5;', /^orgscript\.js line 1, column 1: 'return' outside of function/],
  [
    'function a() {}\nfunction b() {}',
    /line 2, column 1: holds several functions .*\(a, b\): assign .* module\.exports/,
  ],
  ['function () {}\nfunction () {}', /line 2, column 1: holds 2 functions without a name/],
  ["var fs = require('fs');\nfunction (entry) {}", /line 1, column 10: require cannot be used: .*files/],
  ['function (e) {\n  load("x.js");\n}', /line 2, column 3: load cannot be used/],
  ['function (e) { return process.env.HOME; }', /line 1, column 23: process cannot be used/],
  [
    "function (e) { return Java.type('java.io.File'); }",
    /Java\.type\('java\.io\.File'\) cannot be used: .*no access to files/,
  ],
  ['function (e) { return Java.type(e.cn); }', /Java\.type needs the name of a class in quotes/],
  ['function (e) { return Java.extend(e); }', /Java\.extend cannot be used/],
  ['function (e) {\n\n return new java.io.File("x"); }', /line 3, column 13: java\.io\.File cannot be used/],
  [
    'function (e) { return java.lang.Runtime.getRuntime(); }',
    /java\.lang\.Runtime\.getRuntime cannot be used/,
  ],
  ['function (e) { return new Packages.java.io.File("x"); }', /Packages\.java\.io\.File cannot be used/],
  ['importPackage(java.io);\nfunction (e) { }', /line 1, column 15: java\.io cannot be used/],
  ['async function f(e) { return true; }', /async functions cannot be used/],
  ['function (e) { return Promise.resolve(1); }', /Promise cannot be used/],
  ["function (e) { return eval('1'); }", /eval cannot be used/],
  ["function (e) { return new Function('return 1')(); }", /Function\(…\) cannot be used/],
  ["function (e) { return import('fs'); }", /import\(\) cannot be used/],
  ["import fs from 'fs';", /line 1, column 1: 'import' and 'export' may appear only/],
  ['function (e) { setTimeout(e, 1); }', /setTimeout cannot be used/],
];

for (const [source, message] of REFUSED) {
  test(`the script ${JSON.stringify(source)} is refused by name and line`, () => {
    assert.throws(
      () => compileScript('org', 'orgscript.js', source),
      (error: unknown) =>
        error instanceof RunError && error.code === 'SCRIPT_INVALID' && message.test(error.message),
    );
  });
}

test('a script may use a refused word for something of its own, as a property, or to ask for it', () => {
  const own = [
    'function (entry) { var process = entry.process; return process; }',
    'function (entry) { return entry.fetch + entry.load + { eval: 1 }.eval; }',
    'function load(entry) { return null; }',
    "function (entry) { return typeof require === 'undefined'; }",
    'function (entry) { return entry.cn instanceof Function; }',
  ];
  for (const source of own) compileScript('org', 'orgscript.js', source);
});

test('a script that fails, loops or eats memory while it loads ends the run, and names itself', async () => {
  const cases: [source: string, message: RegExp][] = [
    ['var a = 1;\nnull.x;\nfunction (entry) {}', /^activescript\.js line 2: TypeError: .*null/],
    ['for (;;);\nfunction (entry) {}', /^activescript\.js takes longer than 300 ms to load/],
    ["var a = []; for (;;) a.push('x' + a.length);\nfunction (entry) {}", /load/],
    ['module.exports = 5;', /^activescript\.js does not give a function/],
    ['(function () { return 5; })()', /^activescript\.js does not give a function/],
    [
      "const a = 1;\n{ function f() {} }\nvar f = 1; let g = () => a; let g2 = (entry) => g();\nnew RegExp('(');",
      /line 4: SyntaxError/,
    ],
  ];
  for (const [active, message] of cases) {
    await assert.rejects(judgeWith({ active }, { timeoutMs: 300 }), (error: unknown) => {
      assert.ok(error instanceof RunError, String(error));
      assert.equal(error.code, 'SCRIPT_INVALID');
      assert.match(error.message, message);
      return true;
    });
  }
});

test('long chains and many functions are read in good time', () => {
  const chain = `b${'.append(x).length()'.repeat(5_000)}`;
  const many = Array.from({ length: 3_000 }, (_, i) => `function f${i}(x) { return x[${i}].length(); }`).join(
    '\n',
  );
  const started = performance.now();
  compileScript(
    'org',
    'orgscript.js',
    `${many}\nfunction (entry) { var b = '', x = entry; return ${chain}; }`,
  );
  assert.ok(performance.now() - started < 10_000);
});

test('a script file that cannot be read names the property', async () => {
  await assert.rejects(readScript('role', '/nowhere/rolescript.js'), (error: unknown) => {
    assert.ok(error instanceof RunError);
    assert.equal(error.code, 'FILE_UNREADABLE');
    assert.match(
      error.message,
      /\/nowhere\/rolescript\.js, named by script\.role\.location: there is no such file/,
    );
    return true;
  });
});

test('thousands of functions that call each other are told apart in good time', () => {
  const many = Array.from({ length: 4_000 }, (_, i) => `function f${i}() { return f${i + 1}; }`).join('\n');
  const started = performance.now();
  compileScript('org', 'orgscript.js', `${many}\nfunction f4000() {}`);
  assert.ok(performance.now() - started < 3_000);
});

test('a script file over 1 MB is refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'c42uds-large-'));
  try {
    const file = join(folder, 'orgscript.js');
    await writeFile(file, `function (entry) { return null; }\n//${'x'.repeat(1024 * 1024)}`);
    await assert.rejects(readScript('org', file), /orgscript\.js is longer than 1 MB/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
