/** What users of one isolate share: nothing that one user's run, or the loading of the scripts, does to it reaches others. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeWith, shown, user } from './scripted-judge.ts';

/** Whatever a script can get hold of by a call; new kinds of objects belong here. */
const RESULTS: readonly string[] = [
  '[].values().map(String)',
  '[].values().filter(Boolean)',
  'Iterator.from({ next: function () { return { done: true }; } })',
  'Iterator.concat ? Iterator.concat([]) : {}',
  "new Intl.Segmenter().segment('a')",
  "new Intl.Segmenter().segment('a')[Symbol.iterator]()",
  '[].values()',
  "''[Symbol.iterator]()",
  'new Map().entries()',
  'new Set().entries()',
  "'a'.matchAll(/a/g)",
  'arguments',
  "new Error('x')",
  'arguments[Symbol.iterator]()',
  "(Object.getOwnPropertyDescriptor(new Error('x'), 'stack') || {}).get",
  "(Object.getOwnPropertyDescriptor(new Error('x'), 'stack') || {}).set",
  "Object.getOwnPropertyDescriptor((function () { 'use strict'; return arguments; })(), 'callee').get",
  "/(?<a>b)/.exec('b').groups",
  'String.bind(null)',
  'new Intl.NumberFormat().format',
  'new Intl.DateTimeFormat().format',
  'new Intl.Collator().compare',
  "new Intl.Locale('de')",
  'new Intl.DateTimeFormat().formatToParts(0)',
  'Proxy.revocable({}, {}).revoke',
  'new java.util.ArrayList()',
  'new java.util.ArrayList().iterator()',
  'new java.util.HashMap()',
  "(function () { var m = new java.util.HashMap(); m.put('a', 1); return m.entrySet().iterator().next(); })()",
  'new java.util.HashMap().keySet()',
  'new java.util.HashMap().values()',
  'new java.util.HashMap().entrySet()',
  "java.util.Arrays.asList('a', 'b').subList(0, 1)",
  'new java.util.HashMap().keySet().iterator()',
  'new java.util.TreeMap()',
  'new java.util.TreeSet()',
  'new java.lang.StringBuilder()',
  "new java.util.StringTokenizer('a b')",
  "java.util.regex.Pattern.compile('a')",
  "java.util.regex.Pattern.compile('a').matcher('a')",
  'new java.util.Date()',
  'java.util.Calendar.getInstance()',
  "new java.text.SimpleDateFormat('yyyy')",
  "java.util.TimeZone.getTimeZone('Europe/Berlin')",
  'java.util.TimeZone.getDefault()',
  "java.util.TimeZone.getTimeZone('GMT+2')",
  'java.util.Calendar.getInstance().getTimeZone ? java.util.Calendar.getInstance().getTimeZone() : {}',
  "'x'.getClass ? 'x'.getClass() : {}",
  'new java.util.ArrayList().getClass()',
  'new java.util.HashMap().getClass()',
  "new java.lang.RuntimeException('x')",
  "new java.lang.RuntimeException('x').getClass()",
  'new JavaImporter(java.util)',
  "java.util.Arrays.asList('a')",
  'java.util.Collections.emptyList ? java.util.Collections.emptyList() : {}',
  'java.util.Collections.emptyMap ? java.util.Collections.emptyMap() : {}',
  "Java.type('java.util.ArrayList')",
  'java.lang.System.out',
  'java.lang.System',
  'java.lang.Integer',
  'entry.keySet()',
  'entry.entrySet().iterator().next()',
  'entry[Symbol.iterator]()',
  'entry.values()',
  'entry.get',
  '(function () { try { null.x; } catch (e) { return e; } })()',
  "(function () { try { java.lang.Integer.parseInt('x'); } catch (e) { return e; } })()",
  '(function (s) { return s; })`a`',
  "typeof DisposableStack === 'function' ? new DisposableStack() : {}",
  "typeof Temporal === 'object' ? Temporal.Now : {}",
  'Object(Symbol.iterator)',
  'Object(1n)',
  'new DataView(new ArrayBuffer(1))',
  'new Uint8Array(1).values()',
  "/a/[Symbol.matchAll]('a')",
  'new WeakMap()',
];

test('every prototype, and every object given to more than one user, is frozen: whatever calls bring', async () => {
  const results = RESULTS.map((text) => `[${JSON.stringify(text)}, function () { return ${text}; }]`);
  const org = `function (entry) {
    var bad = [];
    for each (var result in [${results.join(',\n')}]) {
      var value = result[1]();
      var isShared = value === result[1]();
      for (var at = value; at !== null && (typeof at === 'object' || typeof at === 'function'); at = Object.getPrototypeOf(at)) {
        if ((at !== value || isShared) && !Object.isFrozen(at)) bad.push(result[0]);
        var maker = Object.getOwnPropertyDescriptor(at, 'constructor');
        if (maker && typeof maker.value === 'function' && !Object.isFrozen(maker.value)) bad.push(result[0] + ': constructor');
      }
    }
    return bad.length === 0 ? 'all frozen' : bad.join('; ').slice(0, 900);
  }`;
  await using judge = await judgeWith({ org });
  const [one] = await judge.judge([user('a', { many: ['a', 'b'] })]);
  assert.deepEqual(shown(one), { active: true, org: 'all frozen', roles: null });
});

test('what scripts add to all objects while they load is no trap of an entry or a map', async () => {
  const names = ['isExtensible', 'apply', 'construct', 'getPrototypeOf', 'ownKeys', 'has'];
  const added = names.map(
    (name) => `Object.prototype.${name} = function (target) { leaked.push('${name}'); return true; };`,
  );
  await using judge = await judgeWith({
    org: `var leaked = [];
      ${added.join('\n')}
      function (entry) {
        for each (var view in [entry, new java.util.HashMap({ a: 1 })]) {
          Object.isExtensible(view); Object.getPrototypeOf(view); Object.keys(view); 'x' in view;
        }
        return 'leaked:' + leaked.join();
      }`,
  });
  const [one] = await judge.judge([user('a')]);
  assert.deepEqual(shown(one), { active: true, org: 'leaked:', roles: null });
});

for (const field of ['get', 'set', 'value', 'configurable']) {
  test(`a script that gives every object a "${field}" is refused by its name`, async () => {
    await assert.rejects(
      judgeWith({ org: `Object.prototype.${field} = function () {};\nfunction (entry) { return null; }` }),
      new RegExp(`orgscript\\.js gives every object a "${field}"`),
    );
  });
}

test('globals of the loading that a user takes away, symbols too, are there again for the next one', async () => {
  await using judge = await judgeWith({
    org: `helper = function () { return 'h'; };
      key = Symbol('key'); this[key] = 's'; globalThis[key] = 's';
      function (entry) {
        var seen = typeof helper + globalThis[key] + Object.getOwnPropertySymbols(globalThis).length;
        if (entry.cn === 'thief') {
          delete globalThis.helper;
          delete globalThis[key];
          globalThis[Symbol('poison')] = 'p';
        }
        return seen;
      }`,
  });
  const [before, thief, after] = await judge.judge([user('a'), user('thief'), user('b')]);
  assert.equal(
    before?.ok === true && before.decision.org?.startsWith('functions'),
    true,
    JSON.stringify(before),
  );
  assert.deepEqual(shown(after), shown(before));
  assert.deepEqual(shown(thief), shown(before));
});

test('a user whose roles together are longer than anybody needs fails, and the next one does not', async () => {
  await using judge = await judgeWith({
    role: `function (entry) {
      var roles = [];
      for (var i = 0; i < (entry.cn === 'greedy' ? 100 : 50); i++) roles.push(('r' + i + 'x'.repeat(1000)).slice(0, 1000));
      return roles;
    }`,
  });
  const [greedy, other] = await judge.judge([user('greedy'), user('b')]);
  assert.equal(shown(greedy), 'rolescript.js returned roles of more than 64000 characters together');
  assert.equal(other?.ok === true && other.decision.roles?.length, 50);
});
