/** Legacy scripts that bring methods which JavaScript got later, or replace those it had. */

import type { LegacyScript } from './legacy-script.ts';

export const OWN_METHODS: readonly LegacyScript[] = [
  {
    title: 'own methods of arrays and strings that JavaScript got later',
    kind: 'role',
    source: `Array.prototype.includes = function (x) {
  for (var i = 0; i < this.length; i++) if (x.equalsIgnoreCase(this[i])) return true;
  return false;
};
String.prototype.repeat = function (n) { return this + "*" + n; };
var S = String.prototype;
S["padStart"] = function (n) { return "pad" + n + this; };
Object.defineProperty(Array.prototype, "flat", { value: function () { return "flat" + this.length; } });
Math.sign = function (x) { return "sign" + x; };
var box = { includes: function () { return "box"; } };
function (entry) {
  return ["" + ["admins"].includes(entry.cn), "x".repeat(2), "x".padStart(3), [1, 2].flat(), Math.sign(5), box.includes()];
}`,
    cases: [
      [{ cn: 'ADMINS' }, ['true', 'x*2', 'pad3x', 'flat2', 'sign5', 'box']],
      [{ cn: 'Staff' }, ['false', 'x*2', 'pad3x', 'flat2', 'sign5', 'box']],
    ],
  },
  {
    title: 'own methods that are brought only where they are missing',
    kind: 'org',
    source: `if (!String.prototype.includes) {
  String.prototype.includes = function (s) { return this.toLowerCase().indexOf(s.toLowerCase()) >= 0; };
}
if (typeof Object.assign != "function") Object.assign = function (a, b) { for (var k in b) a[k] = "own" + b[k]; return a; };
if (!String.prototype.trim) { String.prototype.trim = function () { return "never"; }; }
Array.prototype.indexOf = Array.prototype.indexOf || function () { return 99; };
function (entry) {
  return [String(entry.cn).includes("ALI"), Object.assign({}, { a: 1 }).a, " x ".trim(), ["a"].indexOf("a")].join(" ");
}`,
    cases: [[{ cn: 'alice' }, 'true own1 x 0']],
    rhino: 'newer names are there',
  },
  {
    title: 'own methods in the place of those that JavaScript had',
    kind: 'org',
    source: `String.prototype.trim = function () { return this.replace(/[ _]+/g, ""); };
Array.prototype.map = function (f) { return "mapped" + this.length; };
function (entry) { return String(entry.cn).trim() + " " + [1, 2].map(String); }`,
    cases: [[{ cn: ' a_b ' }, 'ab mapped2']],
  },
];
