/** Scripts in the style of the original's engine: Java's methods on strings and lists, `for each`, harmless Java classes. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeWith, shown, user } from './scripted-judge.ts';

const ADMINS = 'CN=Admins,OU=Groups,DC=example,DC=com';
const STAFF = 'CN=Staff,OU=Groups,DC=example,DC=com';

const ENTRY = user('alice', {
  department: ['Research'],
  title: ['Senior Engineer'],
  memberOf: [ADMINS, STAFF],
  oneGroup: [ADMINS],
  userAccountControl: ['512'],
  distinguishedName: ['CN=alice,OU=Berlin,OU=Users,DC=example,DC=com'],
});

/** Bodies of a Role script over ENTRY, and the roles they give. */
const BODIES: readonly [body: string, roles: readonly string[] | null][] = [
  ["return entry.department.equals('Research') ? 'yes' : 'no';", ['yes']],
  ["return entry.department.equalsIgnoreCase('RESEARCH') ? 'yes' : 'no';", ['yes']],
  ["return entry.title.contains('Engineer') ? 'yes' : 'no';", ['yes']],
  ["return entry.title.startsWith('Senior') && entry.title.endsWith('Engineer') ? 'yes' : 'no';", ['yes']],
  ["return entry.department.isEmpty() ? 'empty' : 'full';", ['full']],
  ["return entry.department.matches('Res.*') && !entry.department.matches('es') ? 'yes' : 'no';", ['yes']],
  ["return entry.department.matches('(?i)RES.*') ? 'yes' : 'no';", ['yes']],
  ["return entry.department.replaceAll('[aeiou]', '_');", ['R_s__rch']],
  ["return entry.department.replaceAll(/e/g, '3').replaceFirst('R', 'r');", ['r3s3arch']],
  ["return 'b'.compareTo('a') > 0 && 'a'.compareToIgnoreCase('A') === 0 ? 'yes' : 'no';", ['yes']],
  ["return entry.memberOf.size() + ' ' + entry.memberOf.length;", ['2 2']],
  [`return entry.memberOf.get(1).equals('${STAFF}') ? 'yes' : 'no';`, ['yes']],
  [
    `return entry.memberOf.contains('${STAFF}') && !entry.memberOf.contains('CN=Staff') ? 'yes' : 'no';`,
    ['yes'],
  ],
  [`return entry.memberOf.indexOf('${STAFF}') >= 0 && !entry.memberOf.isEmpty() ? 'yes' : 'no';`, ['yes']],
  ['return entry.oneGroup.size() + entry.oneGroup.get(0).substring(0, 9);', ['1CN=Admins']],
  [
    "var n = []; for each (var g in entry.memberOf) { n.push(g.substring(3, g.indexOf(','))); } return n;",
    ['Admins', 'Staff'],
  ],
  ["var n = []; for each (g in entry.oneGroup) n.push(g.split(',')[0]); return n;", ['CN=Admins']],
  ['var n = []; for each (var g in (entry.nothing)) n.push(g); return n;', null],
  [
    "var n = []; for each /* in */ (var v in ({ a: 'x in y', b: 'z' }) /* ) */) { n.push(v); } return n;",
    ['x in y', 'z'],
  ],
  ["var n = []; for each (var a in [['1'], ['2']]) for each (var b in a) n.push(b); return n;", ['1', '2']],
  ["var each = ['a'], n = []; for (each in { k: 1 }) n.push(each); return n;", ['k']],
  ["var s = 'for each (x in y)'; return s;", ['for each (x in y)']],
  ["var n = []; for (var i = 0; i < entry.memberOf.size(); i++) n.push('r' + i); return n;", ['r0', 'r1']],
  ["var n = []; for (var i in entry.memberOf) n.push('r' + i); return n;", ['r0', 'r1']],
  [
    'var it = entry.memberOf.iterator(), n = []; while (it.hasNext()) n.push(it.next().substring(3, 6)); return n;',
    ['Adm', 'Sta'],
  ],
  [
    'var n = []; entry.memberOf.forEach(function (g) { n.push(g.substring(3, 6)); }); return n;',
    ['Adm', 'Sta'],
  ],
  ['var n = []; entry.oneGroup.forEach(function (g) { n.push(g.substring(3, 6)); }); return n;', ['Adm']],
  [
    "var L = Java.type('java.util.ArrayList'); var l = new L(); l.add('A'); l.add('B'); l.remove('A'); return l;",
    ['B'],
  ],
  ["var l = new java.util.ArrayList(entry.memberOf); l.clear(); l.addAll(['x', 'y']); return l;", ['x', 'y']],
  [
    "var S = Java.type('java.util.HashSet'), s = new S(); s.add('A'); s.add('A'); s.add('B'); return s.size() === 2 ? s : 'no';",
    ['A', 'B'],
  ],
  [
    "var M = Java.type('java.util.HashMap'), m = new M(); m.put('Research', 'R'); return m.containsKey('x') ? 'no' : m.get(entry.department);",
    ['R'],
  ],
  [
    "var m = new java.util.LinkedHashMap(), n = []; m.put('a', '1'); m.put('b', '2'); for each (var k in m.keySet()) n.push(k + m.get(k)); return n;",
    ['a1', 'b2'],
  ],
  ["return Java.type('java.util.Arrays').asList('a', 'b').contains('b') ? 'yes' : 'no';", ['yes']],
  ["var J = Java.type('java.lang.String'); return J.valueOf(5) + new J('x').equals('x');", ['5true']],
  ["var D = Java.type('java.util.Date'); return new D(0).before(new D()) ? 'yes' : 'no';", ['yes']],
  ["return Java.from(entry.memberOf).length + '';", ['2']],
  ["var ou = entry.distinguishedName.split(',')[1].replace('OU=', ''); return ou;", ['Berlin']],
  ["return (parseInt(entry.userAccountControl, 10) & 2) == 0 ? 'enabled' : 'disabled';", ['enabled']],
  ["return entry.get('department').toLowerCase().trim();", ['research']],
  ["if (entry.nothing == null) return 'none'; return entry.nothing;", ['none']],
  [
    "function Thing() {} Thing.prototype.toString = function () { return 'thing'; }; return '' + new Thing();",
    ['thing'],
  ],
  [
    "var e = new Error('a'); e.message = 'b'; e.name = 'C'; try { throw e; } catch (x) { return x.toString(); }",
    ['C: b'],
  ],
  ["with ({ a: 'x' }) { return a; }", ['x']],
];

test('legacy bodies of scripts give what they gave', async () => {
  const bodies = BODIES.map(([body], i) => `function b${i}(entry) {\n${body}\n}`).join('\n');
  const names = BODIES.map((_, i) => `b${i}`).join(', ');
  const script = `${bodies}\nvar all = [${names}];\nfunction (entry) { return all[entry.number](entry); }`;
  await using judge = await judgeWith({ role: script });
  const entries = BODIES.map((_, i) => ({
    ...ENTRY,
    attributes: { ...ENTRY.attributes, number: [String(i)] },
  }));
  const judgements = await judge.judge(entries);
  BODIES.forEach(([body, roles], i) => {
    assert.deepEqual(shown(judgements[i]), { active: true, org: null, roles }, body);
  });
});

test('for each keeps the line numbers', async () => {
  await using judge = await judgeWith({
    org: 'function (entry) {\n  for each (var g in\n    entry.memberOf)\n  {\n    g.nothing.x;\n  }\n}',
  });
  const [one] = await judge.judge([ENTRY]);
  assert.match(JSON.stringify(shown(one)), /^"orgscript\.js line 5: TypeError/);
});

test('a script may add methods to built-ins and replace those of JavaScript, for itself alone', async () => {
  await using judge = await judgeWith({
    org: "String.prototype.shout = function () { return this.toUpperCase(); };\nString.prototype.contains = function (s) { return 'own'; };\nString.prototype.trim = function () { return 'trimmed'; };\nfunction (entry) { return entry.cn.shout() + ' x '.trim() + ''.contains(''); }",
    role: "function (entry) { return entry.memberOf.concat([' x '.trim(), String('x'.contains('y'))]); }",
  });
  const judgements = await judge.judge([ENTRY, ENTRY]);
  for (const one of judgements) {
    assert.deepEqual(shown(one), {
      active: true,
      org: 'ALICEtrimmedown',
      // The methods that are Java's are one for all scripts, as in the original.
      roles: [ADMINS, STAFF, 'x', 'own'],
    });
  }
});

test('the time zone of the program is that of the scripts', async () => {
  const before = process.env['TZ'];
  try {
    for (const [zone, hours] of [
      ['Asia/Tokyo', '9'],
      ['America/Lima', '19'],
    ]) {
      process.env['TZ'] = zone;
      await using judge = await judgeWith({
        org: "function (entry) { return new Date(0).getHours() + ' ' + new java.util.Date(0).hours; }",
      });
      const [one] = await judge.judge([ENTRY]);
      assert.deepEqual(shown(one), { active: true, org: `${hours} ${hours}`, roles: null });
    }
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});
