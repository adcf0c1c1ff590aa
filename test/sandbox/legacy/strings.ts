/** Legacy scripts: strings with the methods of Java and of JavaScript. */

import type { LegacyScript } from './legacy-script.ts';

export const STRINGS: readonly LegacyScript[] = [
  {
    title: 'equals and equalsIgnoreCase',
    kind: 'role',
    source: `function (entry) {
  return [entry.title.equals("Boss") ? "eq" : "ne", entry.title.equalsIgnoreCase("BOSS") ? "eqi" : "nei",
    "Boss".equals(entry.title) ? "rev" : "norev", entry.title.equals(null) ? "null" : "notnull"];
}`,
    cases: [
      [{ title: 'Boss' }, ['eq', 'eqi', 'rev', 'notnull']],
      [{ title: 'boss' }, ['ne', 'eqi', 'norev', 'notnull']],
    ],
  },
  {
    title: 'compareTo and compareToIgnoreCase',
    kind: 'role',
    source: `function (entry) {
  return ["a" + entry.cn.compareTo("m"), "b" + entry.cn.compareTo(entry.cn + "zz"), "c" + entry.cn.compareToIgnoreCase("K")];
}`,
    cases: [[{ cn: 'k' }, ['a-2', 'b-2', 'c0']]],
  },
  {
    title: 'contains, startsWith, endsWith and isEmpty',
    kind: 'active',
    source: `function (entry) {
  return entry.dn2.contains("OU=Users") && entry.dn2.startsWith("CN=") && entry.dn2.endsWith("DC=com") && !entry.dn2.isEmpty();
}`,
    cases: [
      [{ dn2: 'CN=a,OU=Users,DC=com' }, true],
      [{ dn2: 'CN=a,OU=Other,DC=com' }, false],
    ],
  },
  {
    title: 'startsWith at an offset, indexOf from a position, lastIndexOf, charAt',
    kind: 'role',
    source: `function (entry) {
  var s = entry.cn;
  return ["" + s.startsWith("b", 1), "" + s.indexOf("a", 1), "" + s.lastIndexOf("a"), s.charAt(1), s.substring(1, 3)];
}`,
    cases: [[{ cn: 'abca' }, ['true', '3', 'b', 'bc']]],
  },
  {
    title: 'length as a property',
    kind: 'org',
    source: `function (entry) { return entry.cn.length > 5 ? "long " + entry.cn.length : "short " + "ab".length; }`,
    cases: [
      [{ cn: 'abcdefg' }, 'long 7'],
      [{ cn: 'abc' }, 'short 2'],
    ],
  },
  {
    title: 'length as a method',
    kind: 'org',
    source: `function (entry) {
  if (entry.employeeID.length() == 0) return "none";
  return (entry.employeeID).length() + "/" + entry.employeeID
    .length(/* characters */);
}`,
    cases: [
      [{ employeeID: '1234' }, '4/4'],
      [{ employeeID: '' }, 'none'],
    ],
  },
  {
    title: 'matches takes a Java pattern and means the whole text',
    kind: 'role',
    source: `function (entry) {
  var out = [];
  if (entry.uid.matches("[a-z]{3}\\\\d+")) out.push("plain");
  if (entry.uid.matches("[a-z]+")) out.push("letters");
  if (entry.uid.matches("(?i)ABC.*")) out.push("anycase");
  if (entry.uid.matches("\\\\p{Alpha}+\\\\p{Digit}{2}")) out.push("posix");
  if (entry.uid.matches("\\\\Qabc\\\\E.*")) out.push("quoted");
  return out;
}`,
    cases: [
      [{ uid: 'abc12' }, ['plain', 'anycase', 'posix', 'quoted']],
      [{ uid: 'abc' }, ['letters', 'anycase', 'quoted']],
      [{ uid: '1abc2' }, null],
    ],
  },
  {
    title: 'replaceAll and replaceFirst take Java patterns',
    kind: 'role',
    source: `function (entry) {
  return [entry.cn.replaceAll("[aeiou]", "*"), entry.cn.replaceAll("(\\\\w)o", "$1-"), entry.cn.replaceFirst("o", "0"),
    entry.cn.replaceAll("\\\\.", "\\\\$"), entry.cn.replaceAll("^\\\\s+|\\\\s+$", "")];
}`,
    cases: [[{ cn: 'foo.boo' }, ['f**.b**', 'f-o.b-o', 'f0o.boo', 'foo$boo', 'foo.boo']]],
  },
  {
    title: 'replace and split are those of JavaScript',
    kind: 'role',
    source: `function (entry) {
  return [entry.cn.replace("a", "b"), entry.cn.replace(/a/g, "c"), entry.cn.split("|").join("+"),
    "n" + entry.cn.split(/\\|/).length, entry.cn.split("|", 1)[0]];
}`,
    cases: [[{ cn: 'a|a|' }, ['b|a|', 'c|c|', 'a+a+', 'n3', 'a']]],
  },
  {
    title: 'trim, toLowerCase, toUpperCase, concat',
    kind: 'org',
    source: `function (entry) { return entry.o.trim().toLowerCase().concat("-", entry.o.trim().toUpperCase()); }`,
    cases: [[{ o: '  Ab ' }, 'ab-AB']],
  },
  {
    title: 'hashCode, codePointAt, regionMatches, contentEquals',
    kind: 'role',
    source: `function (entry) {
  return ["h" + entry.cn.hashCode(), "c" + entry.cn.codePointAt(0), "" + entry.cn.regionMatches(true, 0, "ALI", 0, 3),
    "x" + entry.cn.contentEquals("alice")];
}`,
    cases: [[{ cn: 'alice' }, ['h92903040', 'c97', 'true', 'xtrue']]],
  },
  {
    title: 'static methods of java.lang.String',
    kind: 'role',
    source: `var JString = java.lang.String;
function (entry) {
  return [JString.valueOf(true), JString.join("/", java.util.Arrays.asList("a", "b")), JString.format("%s-%5s|%-4s|", "x", "y", "z")];
}`,
    cases: [[{}, ['true', 'a/b', 'x-    y|z   |']]],
  },
  {
    title: 'new java.lang.String is a text like any other',
    kind: 'org',
    source: `var JString = Java.type("java.lang.String");
function (entry) {
  var a = new java.lang.String("abc"), b = new JString(entry.cn);
  return (a == "abc") + " " + (a === "abc") + " " + typeof b + " " + b.equals(entry.cn);
}`,
    cases: [[{ cn: 'x' }, 'true true string true']],
    rhino: 'java.lang.String is an object',
  },
  {
    title: 'a text is compared, concatenated and switched on',
    kind: 'org',
    source: `function (entry) {
  if (entry.l === "Berlin") return "B" + typeof entry.l;
  switch (entry.l) { case "Paris": return "P" + 1; }
  return entry.l > "M" ? "late" : "early";
}`,
    cases: [
      [{ l: 'Berlin' }, 'Bstring'],
      [{ l: 'Paris' }, 'P1'],
      [{ l: 'Rome' }, 'late'],
      [{ l: 'Kiel' }, 'early'],
    ],
  },
  {
    title: 'numbers in texts',
    kind: 'role',
    source: `function (entry) {
  var n = parseInt(entry.userAccountControl, 10);
  return ["" + (n & 2), "" + (entry.userAccountControl & 2), "" + (entry.userAccountControl > 500),
    "" + Number(entry.userAccountControl), String(n)];
}`,
    cases: [[{ userAccountControl: '514' }, ['2', 'true', '514']]],
  },
  {
    title: 'StringBuilder and StringBuffer',
    kind: 'role',
    source: `function (entry) {
  var b = new java.lang.StringBuilder();
  b.append(entry.givenName).append(" ").append(entry.sn);
  var c = new java.lang.StringBuffer("abc");
  c.insert(0, ">").reverse();
  c.setLength(3);
  b.deleteCharAt(0);
  return [b.toString(), "" + b.length(), c.toString(), "" + b.indexOf("L")];
}`,
    cases: [[{ givenName: 'Ada', sn: 'Lovelace' }, ['da Lovelace', '11', 'cba', '3']]],
  },
  {
    title: 'StringTokenizer',
    kind: 'role',
    source: `function (entry) {
  var t = new java.util.StringTokenizer(entry.cn, ",;"), out = [];
  out.push("" + t.countTokens());
  while (t.hasMoreTokens()) out.push(t.nextToken());
  return out;
}`,
    cases: [[{ cn: 'a,,b;c' }, ['3', 'a', 'b', 'c']]],
  },
  {
    title: 'the property empty of a text',
    kind: 'org',
    source: `function (entry) { return entry.cn.empty ? "empty" : "full"; }`,
    cases: [[{ cn: 'x' }, 'full']],
  },
];
