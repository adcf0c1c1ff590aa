/** Legacy scripts: numbers, dates, patterns and exceptions of Java. */

import type { LegacyScript } from './legacy-script.ts';

export const CLASSES: readonly LegacyScript[] = [
  {
    title: 'Integer, Long, Double and Boolean parse texts',
    kind: 'role',
    source: `var Integer = java.lang.Integer;
function (entry) {
  var n = Integer.parseInt(entry.userAccountControl);
  return ["" + (n & 2), "" + java.lang.Long.parseLong("12345678901"), "" + java.lang.Double.parseDouble("2.5"),
    "" + java.lang.Boolean.parseBoolean("TRUE"), "" + Integer.parseInt("ff", 16), Integer.toHexString(255)];
}`,
    cases: [[{ userAccountControl: '514' }, ['2', '12345678901', '2.5', 'true', '255', 'ff']]],
  },
  {
    title: 'a text that is no number throws NumberFormatException',
    kind: 'org',
    source: `function (entry) {
  try {
    return "n" + java.lang.Integer.parseInt(entry.employeeNumber);
  } catch (e if e instanceof java.lang.NumberFormatException) {
    return "bad: " + e.getMessage();
  }
}`,
    cases: [
      [{ employeeNumber: '42' }, 'n42'],
      [{ employeeNumber: '4x' }, 'bad: For input string: "4x"'],
    ],
    rhino: 'exceptions are wrapped',
  },
  {
    title: 'any error is caught by a plain catch',
    kind: 'org',
    source: `function (entry) {
  try { return "n" + java.lang.Integer.parseInt(entry.employeeNumber); } catch (e) { return "0"; }
}`,
    cases: [
      [{ employeeNumber: '42' }, 'n42'],
      [{ employeeNumber: '' }, '0'],
      [{}, '0'],
    ],
  },
  {
    title: 'a script throws and catches an exception of Java',
    kind: 'org',
    source: `function need(v, name) {
  if (v == null) throw new java.lang.IllegalArgumentException("no " + name);
  return v;
}
function (entry) {
  try { return need(entry.l, "city"); }
  catch (e if e instanceof java.lang.RuntimeException) { return e.getMessage() + "|" + e; }
}`,
    cases: [
      [{ l: 'Oslo' }, 'Oslo'],
      [{}, 'no city|java.lang.IllegalArgumentException: no city'],
    ],
  },
  {
    title: 'Character, Math and boxed values',
    kind: 'role',
    source: `function (entry) {
  return ["" + java.lang.Character.isDigit("7"), "m" + java.lang.Math.max(3, 7), "" + java.lang.Boolean.valueOf("no"),
    "e" + (5).equals(5), "i" + (7.9).intValue()];
}`,
    cases: [[{}, ['true', 'm7', 'false', 'etrue', 'i7']]],
    rhino: 'numbers have no Java methods',
  },
  {
    title: 'numbers in a list keep being whole',
    kind: 'role',
    source: `function (entry) {
  var l = new java.util.ArrayList();
  l.add(1); l.add(2);
  return ["" + l, new java.lang.StringBuilder("n").append(5).toString()];
}`,
    cases: [[{}, ['[1, 2]', 'n5']]],
    rhino: 'numbers are doubles',
  },
  {
    title: 'SimpleDateFormat parses and formats',
    kind: 'role',
    source: `var SDF = Java.type("java.text.SimpleDateFormat");
var ldap = new SDF("yyyyMMddHHmmss");
var out = new SDF("yyyy-MM-dd HH:mm 'h'");
function (entry) {
  var d = ldap.parse(entry.whenCreated);
  return [out.format(d), new SDF("d MMM yy, EEE, hh a").format(d), "" + (d.getYear() + 1900)];
}`,
    cases: [[{ whenCreated: '20190307153000.0Z' }, ['2019-03-07 15:30 h', '7 Mar 19, Thu, 03 PM', '2019']]],
  },
  {
    title: 'SimpleDateFormat in a time zone',
    kind: 'role',
    source: `function (entry) {
  var f = new java.text.SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss Z");
  f.setTimeZone(java.util.TimeZone.getTimeZone("GMT+2"));
  var g = new java.text.SimpleDateFormat("HH:mm XXX");
  g.setTimeZone(java.util.TimeZone.getTimeZone("America/New_York"));
  var d = new java.util.Date(1552000000000);
  return [f.format(d), g.format(d), "" + f.parse("2019-03-08T01:06:40 +0200").getTime()];
}`,
    cases: [[{}, ['2019-03-08T01:06:40 +0200', '18:06 -05:00', '1552000000000']]],
  },
  {
    title: 'a text that is no date throws ParseException',
    kind: 'active',
    source: `function (entry) {
  try { return new java.text.SimpleDateFormat("dd.MM.yyyy").parse(entry.leaveDate).after(new java.util.Date()); }
  catch (e) { return true; }
}`,
    cases: [
      [{ leaveDate: '31.12.2018' }, false],
      [{ leaveDate: '31.12.2999' }, true],
      [{ leaveDate: 'never' }, true],
    ],
  },
  {
    title: 'Date: before, after, compareTo, equals, getTime and the property time',
    kind: 'role',
    source: `function (entry) {
  var a = new java.util.Date(1000), b = new java.util.Date(2000);
  return ["" + a.before(b), "a" + a.after(b), "c" + a.compareTo(b), "" + a.equals(new java.util.Date(1000)), "t" + b.getTime(),
    "p" + b.time];
}`,
    cases: [[{}, ['true', 'afalse', 'c-1', 't2000', 'p2000']]],
  },
  {
    title: 'Calendar: set, get, add, months and days',
    kind: 'role',
    source: `var Calendar = java.util.Calendar;
function (entry) {
  var c = Calendar.getInstance();
  c.set(2020, Calendar.JANUARY, 31, 12, 0, 0);
  var out = [c.get(Calendar.YEAR) + "-" + c.get(Calendar.MONTH) + "-" + c.get(Calendar.DAY_OF_MONTH), "w" + c.get(Calendar.DAY_OF_WEEK)];
  c.add(Calendar.MONTH, 1);
  out.push("d" + c.get(Calendar.DATE));
  c.add(Calendar.DAY_OF_YEAR, 1);
  out.push("m" + c.get(Calendar.MONTH));
  return out.concat("" + c.getTime().before(new java.util.Date()));
}`,
    cases: [[{}, ['2020-0-31', 'w6', 'd29', 'm2', 'true']]],
  },
  {
    title: 'JavaScript dates',
    kind: 'role',
    source: `function (entry) {
  var d = new Date(2019, 2, 7);
  return [d.getFullYear() + "/" + (d.getMonth() + 1) + "/" + d.getDate(), "" + (new Date().getTime() > d.getTime()),
    "" + Math.floor((Date.UTC(2019, 0, 2) - Date.UTC(2019, 0, 1)) / 86400000)];
}`,
    cases: [[{}, ['2019/3/7', 'true', '1']]],
  },
  {
    title: 'Pattern and Matcher',
    kind: 'role',
    source: `var Pattern = Java.type("java.util.regex.Pattern");
var OU = Pattern.compile("ou=([^,]+)", Pattern.CASE_INSENSITIVE);
function (entry) {
  var m = OU.matcher(entry.dn2), out = [];
  while (m.find()) out.push(m.group(1) + "@" + m.start());
  out.push("g" + m.groupCount());
  out.push("" + Pattern.matches("CN=.*", entry.dn2));
  out.push("" + Pattern.compile(",").split("a,b,,c,,").length);
  out.push(OU.matcher("OU=x,OU=y").replaceAll("[$1]"));
  return out;
}`,
    cases: [[{ dn2: 'CN=a,OU=Berlin,ou=Users' }, ['Berlin@5', 'Users@15', 'g1', 'true', '4', '[x],[y]']]],
  },
  {
    title: 'Pattern.quote and matches with groups',
    kind: 'org',
    source: `function (entry) {
  var p = java.util.regex.Pattern.compile(java.util.regex.Pattern.quote("(x)") + "-(\\\\d+)-(?<last>\\\\w+)");
  var m = p.matcher(entry.cn);
  return m.matches() ? m.group(1) + m.group("last") : "none";
}`,
    cases: [
      [{ cn: '(x)-12-ab' }, '12ab'],
      [{ cn: 'x-12-ab' }, 'none'],
    ],
  },
  {
    title: 'System.currentTimeMillis, print and System.out.println',
    kind: 'active',
    source: `function (entry) {
  print("judging " + entry.cn);
  java.lang.System.out.println("still judging");
  return java.lang.System.currentTimeMillis() > 1500000000000;
}`,
    cases: [[{ cn: 'a' }, true]],
  },
  {
    title: 'instanceof the classes and interfaces of Java',
    kind: 'role',
    source: `function (entry) {
  var out = [];
  if (entry.memberOf instanceof java.util.List) out.push("list");
  if (entry.memberOf instanceof java.util.Collection) out.push("collection");
  if (new java.util.HashMap() instanceof java.util.Map) out.push("map");
  if (entry.cn instanceof java.util.List) out.push("never");
  if (!(entry.memberOf instanceof java.util.Set)) out.push("no set");
  return out;
}`,
    cases: [[{ cn: 'a', memberOf: ['x', 'y'] }, ['list', 'collection', 'map', 'no set']]],
  },
  {
    title: 'getClass tells texts and lists apart',
    kind: 'role',
    source: `function (entry) {
  return [entry.cn.getClass().getName(), entry.memberOf.getClass().getSimpleName(), new java.util.ArrayList().getClass().getName()];
}`,
    cases: [[{ cn: 'a', memberOf: ['x', 'y'] }, ['java.lang.String', 'ArrayList', 'java.util.ArrayList']]],
  },
];
