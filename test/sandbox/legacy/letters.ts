/** Legacy scripts: texts by their letters, beside lists by their elements. */

import type { LegacyScript } from './legacy-script.ts';

export const LETTERS: readonly LegacyScript[] = [
  {
    title: 'the length of a text outside the loop over its letters',
    kind: 'org',
    source: `function (entry) {
  var id = entry.employeeID;
  if (id.length != 6) return "bad";
  var s = 0;
  for (var i = 0; i < id.length; i++) s += Number(id[i]);
  return "ok" + s;
}`,
    cases: [
      [{ employeeID: '123456' }, 'ok21'],
      [{ employeeID: '12345' }, 'bad'],
    ],
  },
  {
    title: 'letters that are asked by a pattern, by a number or by a helper',
    kind: 'active',
    source: `function isDigit(c) { return c >= "0" && c <= "9"; }
function (entry) {
  var id = entry.employeeID, n = 0;
  if (id.length < 3) return false;
  for (var i = 0; i < id.length; i++) if (!/[0-9]/.test(id[i])) return false;
  for (var i = 0; i < id.length; i++) if (isNaN(id[i])) return false;
  for (var i = 0, len = id.length; i < len; i++) { var c = id[i]; if (isDigit(c)) n++; }
  return n == id.length;
}`,
    cases: [
      [{ employeeID: '1234' }, true],
      [{ employeeID: '12a4' }, false],
      [{ employeeID: '12' }, false],
    ],
  },
  {
    title: 'letters that are put together anew, or looked up in a table',
    kind: 'role',
    source: `var UMLAUTS = { "\\u00e4": "ae", "\\u00f6": "oe" };
function backwards(text) { var out = ""; for (var i = 0; i < text.length; i++) out = text[i] + out; return out; }
function plain(text) {
  var out = "";
  for (var i = 0; i < text.length; i++) { var ch = text[i]; out += UMLAUTS[ch] ? UMLAUTS[ch] : ch; }
  return out;
}
function (entry) { return [backwards(entry.sn), plain(entry.sn)]; }`,
    cases: [[{ sn: 'Mc\u00e4' }, ['\u00e4cM', 'Mcae']]],
  },
  {
    title: 'letters of a text that was cut out and equals an attribute by chance',
    kind: 'org',
    source: `function capitals(s) { var out = []; for (var i = 0; i < s.length; i++) out.push(s[i]); return out.join("."); }
function (entry) {
  var n = entry.distinguishedName.indexOf(",");
  return capitals(entry.distinguishedName.substring(3, n));
}`,
    cases: [
      [{ distinguishedName: 'CN=Mc,DC=x', sn: 'Mc' }, 'M.c'],
      [{ distinguishedName: 'CN=Mc,DC=x', sn: 'Other' }, 'M.c'],
    ],
  },
  {
    title: 'a list of one where an attribute has one value: loops beside comparisons with single letters',
    kind: 'role',
    source: `function (entry) {
  var out = [], groups = entry.memberOf;
  if (entry.employeeType == "X") out.push("External");
  for (var i = 0, n = groups.length; i < n; i++) {
    var g = groups[i];
    if (g.indexOf("CN=VIP") == 0) out.push("VIP");
  }
  return out;
}`,
    cases: [
      [{ memberOf: 'CN=VIP,DC=x', employeeType: 'X' }, ['External', 'VIP']],
      [{ memberOf: ['CN=a', 'CN=VIP'], employeeType: 'Y' }, ['VIP']],
    ],
    rhino: 'one value is no list',
  },
];
