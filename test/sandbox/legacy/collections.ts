/** Legacy scripts: the entry as a map, lists, sets and maps of Java. */

import type { LegacyScript } from './legacy-script.ts';

export const COLLECTIONS: readonly LegacyScript[] = [
  {
    title: 'attributes by property, by index and by get',
    kind: 'role',
    source: `function (entry) { return [entry.cn, entry["sn"], entry.get("givenName"), "" + entry.get("nothing")]; }`,
    cases: [[{ cn: 'c', sn: 's', givenName: 'g' }, ['c', 's', 'g', 'null']]],
  },
  {
    title: 'what is absent is null',
    kind: 'role',
    source: `function (entry) {
  return [entry.nothing === null ? "null" : "other", entry.nothing == null ? "equal" : "other2", "" + entry.nothing];
}`,
    cases: [[{}, ['null', 'equal']]],
    rhino: 'absent is undefined',
  },
  {
    title: 'containsKey, keySet, isEmpty and size of the entry',
    kind: 'role',
    source: `function (entry) {
  var n = 0;
  for (var it = entry.keySet().iterator(); it.hasNext(); it.next()) n++;
  return ["" + entry.containsKey("cn"), "" + entry.containsKey("zz"), "n" + (n == entry.size()), "e" + entry.isEmpty()];
}`,
    cases: [[{ cn: 'a' }, ['true', 'false', 'ntrue', 'efalse']]],
  },
  {
    title: 'the entry by its entry set',
    kind: 'role',
    source: `function (entry) {
  var out = [], it = entry.entrySet().iterator();
  while (it.hasNext()) { var e = it.next(); out.push(e.getKey() + "=" + e.getValue()); }
  return out;
}`,
    cases: [[{ cn: 'a', l: 'b' }, ['cn=a', 'l=b']]],
  },
  {
    title: 'size, get, index, length, contains and indexOf of a list',
    kind: 'role',
    source: `function (entry) {
  var g = entry.memberOf;
  return ["s" + g.size(), g.get(1), g[0], "l" + g.length, "" + g.contains("b"), "i" + g.indexOf("c"), "m" + g.indexOf("x"),
    "e" + g.isEmpty()];
}`,
    cases: [[{ memberOf: ['a', 'b', 'c'] }, ['s3', 'b', 'a', 'l3', 'true', 'i2', 'm-1', 'efalse']]],
  },
  {
    title: 'the text of a list',
    kind: 'active',
    source: `function (entry) {
  return entry.memberOf.toString().contains("CN=Staff,") && ("" + entry.memberOf).indexOf("[CN=A") == 0
    && String(entry.memberOf) == "[CN=A,O=x, CN=Staff,O=x]";
}`,
    cases: [
      [{ memberOf: ['CN=A,O=x', 'CN=Staff,O=x'] }, true],
      [{ memberOf: ['CN=A,O=x', 'CN=Other,O=x'] }, false],
    ],
  },
  {
    title: 'iterator, toArray and forEach of a list',
    kind: 'role',
    source: `function (entry) {
  var out = [], it = entry.memberOf.iterator();
  while (it.hasNext()) out.push("i" + it.next());
  var a = entry.memberOf.toArray();
  for (var i = 0; i < a.length; i++) out.push("a" + a[i]);
  entry.memberOf.forEach(function (g) { out.push("f" + g); });
  return out;
}`,
    cases: [[{ memberOf: ['x', 'y'] }, ['ix', 'iy', 'ax', 'ay', 'fx', 'fy']]],
  },
  {
    title: 'ArrayList: add, addAll, set, remove by value and by index, subList, clear',
    kind: 'role',
    source: `var ArrayList = Java.type("java.util.ArrayList");
function (entry) {
  var l = new ArrayList(), out = [];
  l.add("a"); l.add("b"); l.add(0, "z"); l.addAll(entry.memberOf); l.set(1, "A");
  out.push(l.toString()); out.push("" + l.remove("b")); out.push("r" + l.remove(0)); out.push("" + l);
  out.push("" + l.subList(1, 3)); out.push("x" + l.lastIndexOf("p")); l.clear(); out.push("s" + l.size());
  return out;
}`,
    cases: [[{ memberOf: ['p', 'q'] }, ['[z, A, b, p, q]', 'true', 'rz', '[A, p, q]', '[p, q]', 'x1', 's0']]],
  },
  {
    title: 'an ArrayList as the answer, also an empty one',
    kind: 'role',
    source: `function (entry) {
  var roles = new java.util.ArrayList();
  for each (var g in entry.memberOf) { if (g.startsWith("CN=Role-")) roles.add(g.substring(8)); }
  return roles;
}`,
    cases: [
      [{ memberOf: ['CN=Role-Admin', 'CN=x'] }, ['Admin']],
      [{ memberOf: ['CN=x', 'CN=y'] }, null],
    ],
  },
  {
    title: 'removeAll, retainAll, containsAll, equals and the copy of a list',
    kind: 'role',
    source: `function (entry) {
  var a = new java.util.ArrayList(entry.memberOf), b = new java.util.ArrayList(entry.memberOf);
  a.removeAll(java.util.Arrays.asList("a", "x")); b.retainAll(java.util.Arrays.asList("a", "x"));
  return ["" + a, "" + b, "" + entry.memberOf.containsAll(b), "q" + a.equals(java.util.Arrays.asList("b", "c"))];
}`,
    cases: [[{ memberOf: ['a', 'b', 'c'] }, ['[b, c]', '[a]', 'true', 'qtrue']]],
  },
  {
    title: 'LinkedList as a queue and as a stack',
    kind: 'role',
    source: `function (entry) {
  var l = new java.util.LinkedList();
  l.add("a"); l.addLast("b"); l.addFirst("c"); l.push("d");
  return ["" + l, l.getFirst(), l.getLast(), l.pop(), l.poll(), l.removeLast(), "" + l];
}`,
    cases: [[{}, ['[d, c, a, b]', 'd', 'b', 'c', '[a]']]],
  },
  {
    title: 'HashSet: add says whether it was new, and its order is that of Java',
    kind: 'role',
    source: `function (entry) {
  var s = new java.util.HashSet();
  var fresh = s.add("Sales"), again = s.add("Sales");
  for each (var d in ["Engineering", "Support", "Legal", "IT", "Human Resources", "Finance"]) s.add(d);
  var out = ["" + fresh, "x" + again, "s" + s.size()];
  out.push(s.toString());
  return out;
}`,
    cases: [
      [{}, ['true', 'xfalse', 's7', '[Engineering, Sales, Support, Finance, Legal, IT, Human Resources]']],
    ],
  },
  {
    title: 'a HashSet that grows keeps the order of Java',
    kind: 'org',
    source: `function (entry) {
  var s = new java.util.HashSet();
  for (var i = 0; i < 40; i++) s.add("group-" + i);
  for (var i = 0; i < 40; i += 3) s.remove("group-" + i);
  return s.iterator().next() + " " + new java.util.ArrayList(s).get(20) + " " + new java.util.HashSet(s).toString().hashCode();
}`,
    cases: [[{}, 'group-10 group-23 -33069288']],
  },
  {
    title: 'LinkedHashSet and TreeSet',
    kind: 'role',
    source: `function (entry) {
  var l = new java.util.LinkedHashSet(entry.memberOf), t = new java.util.TreeSet(entry.memberOf);
  l.add("a");
  return ["" + l, "" + t, t.first() + t.last(), "" + l.contains("b"), "" + l.equals(t)];
}`,
    cases: [[{ memberOf: ['c', 'a', 'b'] }, ['[c, a, b]', '[a, b, c]', 'ac', 'true']]],
  },
  {
    title: 'a TreeSet that ignores case',
    kind: 'active',
    source: `var groups = new java.util.TreeSet(java.lang.String.CASE_INSENSITIVE_ORDER);
groups.add("CN=Backup Users,DC=example");
groups.add("CN=VIP,DC=example");
function (entry) {
  for each (var g in entry.memberOf) { if (groups.contains(g)) return true; }
  return false;
}`,
    cases: [
      [{ memberOf: ['x', 'cn=vip,dc=example'] }, true],
      [{ memberOf: ['x', 'y'] }, false],
    ],
  },
  {
    title: 'HashMap: put, get, containsKey, remove, keySet, values, entrySet',
    kind: 'role',
    source: `function (entry) {
  var m = new java.util.HashMap(), out = [];
  m.put("one", "1"); m.put("two", "2"); m.put("three", "3");
  out.push("" + m.put("one", "I")); out.push("g" + m.get("one")); out.push("" + m.get("zero")); out.push("" + m.containsKey("two"));
  out.push("r" + m.remove("two")); out.push("s" + m.size());
  for (var it = m.entrySet().iterator(); it.hasNext();) { var e = it.next(); out.push(e.getKey() + ">" + e.value); }
  out.push(m.keySet() + " " + m.values());
  out.push(m.toString());
  return out;
}`,
    cases: [
      [
        {},
        [
          '1',
          'gI',
          'null',
          'true',
          'r2',
          's2',
          'one>I',
          'three>3',
          '[one, three] [I, 3]',
          '{one=I, three=3}',
        ],
      ],
    ],
  },
  {
    title: 'for each over sets, and over the keys, values and entries of maps',
    kind: 'role',
    source: `function (entry) {
  var s = new java.util.HashSet(entry.memberOf), m = new java.util.HashMap(), out = [];
  for each (var g in s) { out.push("s" + g); m.put(g, g + g); }
  for each (var k in m.keySet()) out.push("k" + k);
  for each (var v in m.values()) out.push("v" + v);
  for each (var e in m.entrySet()) out.push(e.key + ">" + e.getValue());
  return out;
}`,
    cases: [[{ memberOf: ['b', 'a'] }, ['sa', 'sb', 'ka', 'kb', 'vaa', 'vbb', 'a>aa', 'b>bb']]],
    rhino: 'for each knows lists and maps only',
  },
  {
    title: 'a HashMap by the names of its keys',
    kind: 'role',
    source: `var m = new java.util.HashMap();
m["Sales"] = "Field";
m.Support = "Help";
m.put("IT", "Tech");
function (entry) {
  var out = [m.Sales, m["Support"], m.get("IT"), m[entry.department], "" + (m.Nothing == null)];
  for (var key in m) out.push("k" + key);
  for each (var value in m) out.push("v" + value);
  return out;
}`,
    cases: [
      [
        { department: 'IT' },
        ['Field', 'Help', 'Tech', 'true', 'kSales', 'kSupport', 'kIT', 'vField', 'vHelp', 'vTech'],
      ],
    ],
  },
  {
    title: 'LinkedHashMap and TreeMap keep their orders',
    kind: 'role',
    source: `function (entry) {
  var l = new java.util.LinkedHashMap(), t = new java.util.TreeMap();
  for each (var k in ["b", "c", "a"]) { l.put(k, k + k); t.put(k, k + k); }
  return ["" + l, "" + t, t.firstKey() + t.lastKey(), "" + new java.util.ArrayList(t.values())];
}`,
    cases: [[{}, ['{b=bb, c=cc, a=aa}', '{a=aa, b=bb, c=cc}', 'ac', '[aa, bb, cc]']]],
  },
  {
    title: 'lists in maps',
    kind: 'role',
    source: `function (entry) {
  var byOu = new java.util.TreeMap();
  for each (var dn in entry.memberOf) {
    var ou = dn.split(",")[1];
    if (!byOu.containsKey(ou)) byOu.put(ou, new java.util.ArrayList());
    byOu.get(ou).add(dn.split(",")[0]);
  }
  return ["" + byOu];
}`,
    cases: [[{ memberOf: ['CN=a,OU=x', 'CN=b,OU=y', 'CN=c,OU=x'] }, ['{OU=x=[CN=a, CN=c], OU=y=[CN=b]}']]],
  },
  {
    title: 'Arrays and Collections',
    kind: 'role',
    source: `var Collections = java.util.Collections, Arrays = java.util.Arrays;
function (entry) {
  var l = new java.util.ArrayList(entry.memberOf);
  Collections.sort(l);
  var out = ["" + l, Collections.max(l), Collections.min(l)];
  Collections.reverse(l);
  out.push("" + l); out.push("f" + Collections.frequency(l, "b")); out.push("" + Collections.emptyList());
  out.push("" + Collections.disjoint(l, Arrays.asList("x", "y"))); out.push("" + Collections.singletonList("s"));
  return out;
}`,
    cases: [[{ memberOf: ['b', 'a', 'b'] }, ['[a, b, b]', 'b', 'a', '[b, b, a]', 'f2', '[]', 'true', '[s]']]],
  },
  {
    title: 'sorting with a function and with a comparator object',
    kind: 'role',
    source: `function (entry) {
  var l = new java.util.ArrayList(entry.memberOf);
  java.util.Collections.sort(l, function (a, b) { return a.length - b.length; });
  var out = ["" + l];
  java.util.Collections.sort(l, new java.util.Comparator() { compare: function (a, b) { return b.compareTo(a); } });
  out.push("" + l);
  return out;
}`,
    cases: [[{ memberOf: ['ccc', 'a', 'bb'] }, ['[a, bb, ccc]', '[ccc, bb, a]']]],
  },
  {
    title: 'Java.from makes an array of a list',
    kind: 'role',
    source: `function (entry) {
  var groups = Java.from(entry.memberOf);
  return groups.filter(function (g) { return g.indexOf("App-") == 0; }).map(function (g) { return g.substring(4); });
}`,
    cases: [[{ memberOf: ['App-A', 'x', 'App-B'] }, ['A', 'B']]],
  },
  {
    title: 'JavaImporter with and without new, in with',
    kind: 'role',
    source: `var names = new JavaImporter(java.util, java.lang.StringBuilder);
function (entry) {
  with (names) {
    var l = new ArrayList();
    l.add(new StringBuilder("b").append("!").toString());
    l.addAll(Arrays.asList("a", "c"));
    return l;
  }
}`,
    cases: [[{}, ['b!', 'a', 'c']]],
  },
  {
    title: 'importPackage and importClass after mozilla_compat',
    kind: 'role',
    source: `load("nashorn:mozilla_compat.js");
importPackage(java.util);
importClass(java.lang.StringBuilder);
function (entry) {
  var set = new TreeSet();
  set.add("b"); set.add("a");
  return [set.toString(), new StringBuilder("x").append("y").toString()];
}`,
    cases: [[{}, ['[a, b]', 'xy']]],
  },
  {
    title: 'importClass of a name that JavaScript has itself',
    kind: 'active',
    source: `load("nashorn:mozilla_compat.js");
importClass(java.util.Date);
function (entry) {
  var now = new Date();
  return new Date(0).before(now) && now.after(new Date(1000));
}`,
    cases: [[{}, true]],
    rhino: 'importClass keeps the names of JavaScript',
  },
  {
    title: 'Packages leads to the same classes',
    kind: 'role',
    source: `function (entry) {
  var l = new Packages.java.util.ArrayList();
  l.add("p");
  return l;
}`,
    cases: [[{}, ['p']]],
  },
  {
    title: 'a list of one where an attribute has one value: for each, iterator, get, size',
    kind: 'role',
    source: `function names(groups) {
  var out = [];
  if (groups == null) return out;
  for each (var g in groups) out.push("e" + g);
  var it = groups.iterator();
  while (it.hasNext()) out.push("i" + it.next());
  for (var i = 0; i < groups.size(); i++) out.push("g" + groups.get(i));
  return out;
}
function (entry) { return names(entry.memberOf); }`,
    cases: [
      [{ memberOf: ['a', 'b'] }, ['ea', 'eb', 'ia', 'ib', 'ga', 'gb']],
      [{ memberOf: 'a' }, ['ea', 'ia', 'ga']],
      [{}, null],
    ],
    rhino: 'one value is no list',
  },
  {
    title: 'a list of one where an attribute has one value: loops by index',
    kind: 'role',
    source: `function isMember(groups, name) {
  for (var i = 0; i < groups.length; i++) { if (groups[i].toLowerCase() == name) return true; }
  return false;
}
function (entry) {
  var out = [], g = entry.memberOf || [];
  for (var i in entry.memberOf) { out.push("k" + entry.memberOf[i]); }
  if (isMember(g, "cn=vip")) out.push("VIP");
  return out;
}`,
    cases: [
      [{ memberOf: ['CN=VIP', 'CN=x'] }, ['kCN=VIP', 'kCN=x', 'VIP']],
      [{ memberOf: 'CN=VIP' }, ['kCN=VIP', 'VIP']],
      [{ memberOf: 'CN=x' }, ['kCN=x']],
      [{}, null],
    ],
    rhino: 'one value is no list',
  },
  {
    title: 'a loop over the letters of a text stays one',
    kind: 'org',
    source: `function (entry) {
  var digits = "", s = entry.employeeID;
  for (var i = 0; i < s.length; i++) { if (s[i] >= "0" && s[i] <= "9") digits += s[i]; }
  var n = 0;
  for (var i = 0; i < s.length; i++) { if (s.charAt(i) == "-") n++; }
  return digits + "/" + n;
}`,
    cases: [[{ employeeID: 'A-12-3' }, '123/2']],
  },
  {
    title: 'the property empty of lists',
    kind: 'org',
    source: `function (entry) { return new java.util.ArrayList().empty + " " + entry.memberOf.empty; }`,
    cases: [[{ memberOf: ['a', 'b'] }, 'true false']],
  },
];
