/** Legacy scripts: patterns and formats where Java reads them otherwise than JavaScript, and what Java throws. */

import type { LegacyScript } from './legacy-script.ts';

const ATTEMPT = `function attempt(f) { try { return "" + f(); } catch (e) { return "thrown"; } }`;

export const PATTERNS: readonly LegacyScript[] = [
  {
    title: 'patterns: a closing bracket at the beginning of a class',
    kind: 'org',
    source: `function (entry) {
  var m = java.util.regex.Pattern.compile("\\\\[([^]]+)]").matcher(entry.cn);
  return entry.cn.replaceAll("\\\\[[^]]*\\\\]", "") + "|" + (m.find() ? m.group(1) : "none") + "|"
    + entry.cn.replaceAll("[]a]", "_");
}`,
    cases: [[{ cn: 'Foo [bar] baz' }, 'Foo  baz|bar|Foo [b_r_ b_z']],
  },
  {
    title: 'patterns: lines, spaces and letters beyond ASCII',
    kind: 'org',
    source: `function (entry) {
  var t = entry.street, P = java.util.regex.Pattern, u = "\\u00e4 \\u00c4\\u00a0x", m, out = [];
  out.push(t.replaceAll("\\\\R", "/"), t.replaceAll("d$", "D"), P.compile("^.", P.MULTILINE).matcher(t).replaceAll("_"));
  out.push(u.replaceAll("(?i)\\u00e4", "ae"), u.replaceAll("(?iu)\\u00e4", "ae"), u.replaceAll("\\\\s", "_"));
  out.push("" + "a.b".matches("a[\\\\w-.]b"), "" + "x]}".matches("x]}"), "a\\u0085b".replaceAll(".", ".").length == 3 ? "kept" : "lost");
  return out.join("|").replaceAll("[\\\\r\\\\n]", "~").replaceAll("\\u0085", "^");
}`,
    cases: [
      [
        { street: 'ab\r\ncd\n' },
        'ab/cd/|ab~~cD~|_b~~_d~|ae \u00c4\u00a0x|ae ae\u00a0x|\u00e4_\u00c4\u00a0x|true|true|kept',
      ],
    ],
  },
  {
    title: 'patterns: word boundaries beyond ASCII',
    kind: 'org',
    source: `function (entry) { return entry.sn.replaceAll("\\\\bm", "M"); }`,
    cases: [[{ sn: 'm\u00fcm m\u00e4m' }, 'M\u00fcm M\u00e4m']],
  },
  {
    title: 'patterns: flags in the middle and in groups',
    kind: 'org',
    source: `function (entry) {
  var d = entry.distinguishedName;
  return [d.matches("CN=(?i)backup.*"), d.matches("(?i:cn)=Backup.*"), d.matches("((?i)cn)=backup.*"),
    d.replaceAll("(?i)[b-d]", "."), d.matches("(?i).*\\\\QOU=x\\\\E")].join(" ");
}`,
    cases: [
      [{ distinguishedName: 'CN=Backup,OU=X' }, 'true true false .N=.a.kup,OU=X true'],
      [{ distinguishedName: 'cn=backup,ou=x' }, 'false false true .n=.a.kup,ou=x true'],
    ],
  },
  {
    title: 'patterns: replacements with groups that are there, empty and missing',
    kind: 'org',
    source: `${ATTEMPT}
function (entry) {
  var s = entry.cn;
  return [s.replaceAll("(a)(x)?", "[$1$2]"), s.replaceAll("(a)", "$12"), s.replaceAll("a", "\\\\$\\\\\\\\"),
    s.replaceFirst("(?<first>\\\\w)", "\${first}\${first}"),
    attempt(function () s.replaceAll("(a)", "$2")), attempt(function () s.replaceAll("a", "$")),
    attempt(function () s.replaceAll("q", "$2"))].join(" ");
}`,
    cases: [[{ cn: 'ban' }, 'b[a]n ba2n b$\\n bban thrown thrown ban']],
  },
  {
    title: 'Matcher: start and end of groups, appendReplacement and appendTail',
    kind: 'org',
    source: `function (entry) {
  var m = java.util.regex.Pattern.compile("(\\\\w+)@(\\\\w+)").matcher(entry.mail), b = new java.lang.StringBuffer(), at = [];
  while (m.find()) { at.push(m.start(2) + "-" + m.end(2)); m.appendReplacement(b, "$2 at $1"); }
  m.appendTail(b);
  return at.join(",") + ": " + b;
}`,
    cases: [[{ mail: 'a@bc, d@ef!' }, '2-4,8-10: bc at a, ef at d!']],
  },
  {
    title: 'String.format: groups of digits, signs, zeros, truth and capitals',
    kind: 'org',
    source: `function (entry) {
  var S = java.lang.String, I = java.lang.Integer;
  return [S.format("%,d", I.valueOf(1234567)), S.format("%05d", I.valueOf(-42)), S.format("%b %b %b", "x", null, false),
    S.format("%X", I.valueOf(255)), S.format("%x", I.valueOf(-1)), S.format("%+d", I.valueOf(7)),
    S.format("%(d", I.valueOf(-7)), S.format("%2$s-%1$s", "a", "b"), S.format("%s %<s", "c"),
    S.format("%.2f", new java.lang.Double(2.675)), S.format("%,.1f", new java.lang.Double(1234.25)),
    S.format("%-4s|%4s", "a", "b"), S.format("%.2s", "abc"), S.format("%S%%", "up")].join(" ");
}`,
    cases: [
      [{}, '1,234,567 -0042 true false false FF ffffffff +7 (7) b-a c c 2.68 1,234.3 a   |   b ab UP%'],
    ],
  },
  {
    title: 'what Java throws for arguments that are missing, null or beyond the end',
    kind: 'org',
    source: `${ATTEMPT}
function (entry) {
  var cn = new java.lang.String(entry.cn), nothing = entry.absent == null ? null : 1, S = java.lang.String;
  return [attempt(function () cn.contains(nothing)), attempt(function () cn.compareTo(nothing)),
    attempt(function () cn.startsWith(nothing)), attempt(function () cn.endsWith(nothing)),
    attempt(function () cn.matches(nothing)), attempt(function () cn.equals(nothing)),
    attempt(function () S.format("%s-%s", "a")), attempt(function () S.format("%d", "x")),
    attempt(function () new java.lang.StringBuilder("abc").setLength(-2)),
    attempt(function () new java.lang.StringBuilder("abc").deleteCharAt(3)),
    attempt(function () java.util.Arrays.asList("a").add("b")),
    attempt(function () new java.util.ArrayList().add(3, "x"))].join(" ");
}`,
    cases: [
      [{ cn: 'x' }, 'thrown thrown thrown thrown thrown false thrown thrown thrown thrown thrown thrown'],
    ],
  },
  {
    title: 'removeIf and comparators take any answer, as Java is given it',
    kind: 'org',
    source: `function (entry) {
  var list = new java.util.ArrayList(entry.memberOf), set = new java.util.TreeSet(entry.memberOf);
  list.removeIf(function (x) x.match(/Backup/));
  set.removeIf(function (x) x.match(/Backup/));
  var sorted = new java.util.ArrayList(entry.memberOf);
  java.util.Collections.sort(sorted, function (a, b) (a.length - b.length) / 2);
  return list + " " + set + " " + sorted;
}`,
    cases: [
      [{ memberOf: ['CN=Backup', 'CN=B', 'CN=AA'] }, '[CN=B, CN=AA] [CN=AA, CN=B] [CN=B, CN=AA, CN=Backup]'],
    ],
    rhino: 'answers to Java are not converted',
  },
];
