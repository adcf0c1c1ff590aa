/** Legacy scripts: the forms of functions, and the syntax that Nashorn had beyond ECMAScript 5. */

import type { LegacyScript } from './legacy-script.ts';

const ADMINS = 'CN=Admins,OU=Groups,DC=example,DC=com';
const STAFF = 'CN=Staff,OU=Groups,DC=example,DC=com';

export const SYNTAX: readonly LegacyScript[] = [
  {
    title: 'an anonymous function as a statement',
    kind: 'active',
    source: `function (entry) {
  return entry.mail != null && entry.mail.endsWith("@example.com");
}`,
    cases: [
      [{ mail: 'a@example.com' }, true],
      [{ mail: 'a@elsewhere.org' }, false],
      [{ cn: 'a' }, false],
    ],
  },
  {
    title: 'a named function with helpers before and after it',
    kind: 'org',
    source: `function clean(s) { return s.replace(/_/g, " ").trim(); }
function getOrgName(entry) {
  if (entry.department == null) { return fallback(); }
  return clean(entry.department);
}
function fallback() { return "Default Org"; }`,
    cases: [
      [{ department: ' Human_Resources ' }, 'Human Resources'],
      [{}, 'Default Org'],
    ],
  },
  {
    title: 'a function assigned to a variable',
    kind: 'org',
    source: `var orgName = function (user) {
  return user.company;
};`,
    cases: [[{ company: 'Example Ltd' }, 'Example Ltd']],
  },
  {
    title: 'an anonymous function after tables and helpers',
    kind: 'org',
    source: `/* Org script, 2016-03 */
var table = { "S": "Sales", "E": "Engineering" };

function lookup(code) {
  return table[code] || "Other";
}

function (entry) {
  return lookup(entry.departmentNumber);
}`,
    cases: [
      [{ departmentNumber: 'S' }, 'Sales'],
      [{ departmentNumber: 'X' }, 'Other'],
    ],
  },
  {
    title: 'a function in parentheses',
    kind: 'active',
    source: `(function (entry) { return entry.employeeType == "employee"; })`,
    cases: [
      [{ employeeType: 'employee' }, true],
      [{ employeeType: 'robot' }, false],
    ],
  },
  {
    title: 'expression closures',
    kind: 'role',
    source: `function twice(x) x + x
var shout = function (s) s.toUpperCase() + "!";
function (entry) {
  var bits = [1, 2, 3].map(function (n) n * n).filter(function(n) n > 1);
  return [twice(entry.cn), shout(entry.cn), bits.join("-")];
}`,
    cases: [[{ cn: 'al' }, ['alal', 'AL!', '4-9']]],
  },
  {
    title: 'expression closures of objects, lists and other closures',
    kind: 'org',
    source: `var adder = function (a) function (b) a + b;
var wrap = function (x) ({ value: x });
var pair = function (a, b) [a, b]
function (entry) pair(adder(1)(2), wrap(entry.cn).value).join("/")`,
    cases: [[{ cn: 'z' }, '3/z']],
  },
  {
    title: 'for each over a list, with and without var',
    kind: 'role',
    source: `function (entry) {
  var roles = [];
  for each (var g in entry.memberOf) { roles.push(g.substring(3, g.indexOf(","))); }
  var n = 0;
  for each (g in entry.memberOf) n++;
  roles.push("n" + n);
  return roles;
}`,
    cases: [[{ memberOf: [ADMINS, STAFF] }, ['Admins', 'Staff', 'n2']]],
  },
  {
    title: 'for each over an object, an array and nothing',
    kind: 'role',
    source: `function (entry) {
  var out = [];
  for each (var v in { a: "x", b: "y" }) out.push(v);
  for each (var w in ["z"]) out.push(w);
  for each (var u in null) out.push("never");
  for each (var t in undefined) out.push("never");
  return out;
}`,
    cases: [[{}, ['x', 'y', 'z']]],
  },
  {
    title: 'for each over a text gives its letters',
    kind: 'role',
    source: `function (entry) {
  var out = [];
  for each (var c in "ab" + "c") out.push(c);
  for each (var d in "") out.push("never");
  return out;
}`,
    cases: [[{}, ['a', 'b', 'c']]],
  },
  {
    title: 'for in over a list gives its indexes',
    kind: 'role',
    source: `function (entry) {
  var out = [];
  for (var i in entry.memberOf) { out.push(i + ":" + entry.memberOf[i].length); }
  return out;
}`,
    cases: [[{ memberOf: ['abc', 'de'] }, ['0:3', '1:2']]],
  },
  {
    title: 'for in over the entry gives the names of its attributes',
    kind: 'role',
    source: `function (entry) {
  var names = [];
  for (var name in entry) { names.push(name + "=" + entry[name]); }
  return names;
}`,
    cases: [[{ cn: 'a', memberOf: ['x', 'y'] }, ['cn=a', 'memberOf=[x, y]']]],
  },
  {
    title: 'catch clauses with conditions',
    kind: 'org',
    source: `function attempt(entry) {
  try {
    if (entry.cn == "type") null.x;
    if (entry.cn == "range") throw new RangeError("r");
    if (entry.cn == "text") throw "plain";
    return "none";
  } catch (e if e instanceof TypeError) {
    return "type";
  } catch (f if f instanceof RangeError) {
    return "range " + f.message;
  } catch (e) {
    return "other " + e;
  } finally {
    done = true;
  }
}
function (entry) { return attempt(entry); }`,
    cases: [
      [{ cn: 'type' }, 'type'],
      [{ cn: 'range' }, 'range r'],
      [{ cn: 'text' }, 'other plain'],
      [{ cn: 'fine' }, 'none'],
    ],
  },
  {
    title: 'a conditional catch that does not apply throws on',
    kind: 'org',
    source: `function inner(s) {
  try { throw s; } catch (e if e == "mine") { return "inner"; }
}
function (entry) {
  try { return inner(entry.cn); } catch (e) { return "outer " + e; }
}`,
    cases: [
      [{ cn: 'mine' }, 'inner'],
      [{ cn: 'yours' }, 'outer yours'],
    ],
  },
  {
    title: 'an error in a catch clause is not caught by the next one',
    kind: 'org',
    source: `function run(s) {
  try { throw s; }
  catch (e if e == "a") { throw "from a"; }
  catch (e) { return "second " + e; }
}
function (entry) {
  try { return run(entry.cn); } catch (e) { return "escaped " + e; }
}`,
    cases: [
      [{ cn: 'a' }, 'escaped from a'],
      [{ cn: 'b' }, 'second b'],
    ],
  },
  {
    title: 'with, labels, comma, switch with fall through',
    kind: 'org',
    source: `function (entry) {
  var out = "";
  outer: for (var i = 0, j = 9; i < 3; i++, j--) {
    for (;;) { if (i == 1) continue outer; break; }
    out += i + "" + j + " ";
  }
  switch (entry.c) { case "DE": case "AT": out += "de"; break; default: out += "en"; }
  with ({ suffix: "!" }) { out += suffix; }
  return out;
}`,
    cases: [
      [{ c: 'AT' }, '09 27 de!'],
      [{ c: 'US' }, '09 27 en!'],
    ],
  },
  {
    title: 'things that look like the extensions, in texts, comments and patterns',
    kind: 'org',
    source: `// for each (var x in y) { catch (e if e) }
function (entry) {
  var s = "for each (x in y) function(x) x.length()";
  var r = /catch \\(e if e\\)/; /* function(x) x */
  var each = 1, length = 2;
  return s.length + " " + r.source.length + " " + (each + length);
}`,
    cases: [[{}, '40 16 3']],
  },
  {
    title: 'globals that are set while loading and helpers that use them',
    kind: 'active',
    source: `allowed = ["sales", "support"];
isAllowed = function (d) { return allowed.indexOf(d.toLowerCase()) >= 0; };
function isActive(entry) {
  return entry.department != null && isAllowed(entry.department);
}`,
    cases: [
      [{ department: 'SALES' }, true],
      [{ department: 'legal' }, false],
    ],
  },
  {
    title: 'an old-style class with a prototype',
    kind: 'org',
    source: `function Rule(test, org) { this.test = test; this.org = org; }
Rule.prototype.applies = function (entry) { return this.test.test(entry.mail); };
Rule.prototype.toString = function () { return "Rule " + this.org; };
var rules = [new Rule(/@de\\./, "Germany"), new Rule(/@us\\./, "America")];
function chooseOrg(entry) {
  for (var i = 0; i < rules.length; i++) { if (rules[i].applies(entry)) return rules[i].org; }
  return "" + rules[0];
}`,
    cases: [
      [{ mail: 'a@us.example.com' }, 'America'],
      [{ mail: 'a@fr.example.com' }, 'Rule Germany'],
    ],
  },
];
