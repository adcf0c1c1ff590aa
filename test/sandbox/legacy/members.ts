/** Legacy scripts: importers beside JavaScript's own names, members of the entry, forms of `new`, and what `for each` passes over. */

import type { LegacyScript } from './legacy-script.ts';

export const MEMBERS: readonly LegacyScript[] = [
  {
    title: 'JavaImporter: the names of JavaScript itself come first in with',
    kind: 'org',
    source: `var imports = new JavaImporter(java.lang, java.util);
function (entry) {
  with (imports) {
    var list = new ArrayList(), n = new Integer("5");
    list.add(Boolean("x"));
    return [list.get(0), String.fromCharCode(65), typeof Date.parse, n + 1, new imports.Date(115, 0, 1).getYear()].join(" ");
  }
}`,
    cases: [[{}, 'true A function 6 115']],
    rhino: 'importers come first',
  },
  {
    title: 'importPackage brings the classes that JavaScript got later',
    kind: 'org',
    source: `load("nashorn:mozilla_compat.js");
importPackage(java.util);
function (entry) {
  var m = new HashMap();
  m.put("a", new TreeSet(Arrays.asList("y", "x")));
  return (m instanceof Map) + " " + (m.get("a") instanceof Set) + " " + m;
}`,
    cases: [[{}, 'true true {a=[x, y]}']],
    rhino: 'newer names are there',
  },
  {
    title: 'put, remove and containsValue of the entry',
    kind: 'org',
    source: `function (entry) {
  entry.put("full", entry.givenName + " " + entry.sn);
  return entry.full + " " + entry.remove("sn") + " " + entry.sn + " " + entry.containsValue("Ann");
}`,
    cases: [[{ givenName: 'Ann', sn: 'Lee' }, 'Ann Lee Lee null true']],
    rhino: 'absent is undefined',
  },
  {
    title: 'new with an object and without parentheses',
    kind: 'org',
    source: `function (entry) {
  var list = new java.util.ArrayList(entry.memberOf);
  java.util.Collections.sort(list, new java.util.Comparator { compare: function (a, b) { return b.compareTo(a); } });
  return list.toString();
}`,
    cases: [[{ memberOf: ['a', 'c', 'b'] }, '[c, b, a]']],
  },
  {
    title: 'for each over a number goes through nothing',
    kind: 'org',
    source: `function (entry) { var n = 0; for each (var x in 5) n++; for each (var y in true) n++; return "n" + n; }`,
    cases: [[{}, 'n0']],
  },
  {
    title: 'the class of a text, a list and an exception, by their properties',
    kind: 'org',
    source: `function (entry) {
  var list = new java.util.ArrayList();
  try { throw new java.lang.IllegalStateException("x"); } catch (e) { return list.class.name + " " + e.class.simpleName; }
}`,
    cases: [[{}, 'java.util.ArrayList IllegalStateException']],
  },
  {
    title: 'Locale: made of a language, and its properties',
    kind: 'org',
    source: `function (entry) {
  var l = new java.util.Locale("en", "us");
  return l + " " + l.language + " " + l.getCountry() + " " + new java.util.Locale("de");
}`,
    cases: [[{}, 'en_US en US de']],
  },
];
