/** Legacy scripts: views of maps and lists that change what they are views of, and the order of copied maps. */

import type { LegacyScript } from './legacy-script.ts';

export const VIEWS: readonly LegacyScript[] = [
  {
    title: 'keySet, entrySet and values change their map',
    kind: 'org',
    source: `function fresh() {
  var m = new java.util.LinkedHashMap();
  for each (var k in ["a", "b", "c", "d"]) m.put(k, k + k);
  return m;
}
function (entry) {
  var m = fresh(), n = fresh(), o = fresh(), p = fresh(), it = n.entrySet().iterator();
  m.keySet().retainAll(entry.memberOf);
  while (it.hasNext()) { var e = it.next(); if (e.getKey() == "b") it.remove(); if (e.getKey() == "c") e.setValue("C"); }
  o.values().remove("cc");
  o.keySet().remove("a");
  var values = p.values().iterator();
  values.next(); values.next(); values.remove();
  var keys = p.keySet();
  p.put("e", "ee");
  var whole = keys.size();
  p.entrySet().clear();
  return m + " " + n + " " + o + " " + whole + " " + p.size() + " " + keys;
}`,
    cases: [[{ memberOf: ['b', 'd', 'x'] }, '{b=bb, d=dd} {a=aa, c=C, d=dd} {b=bb, d=dd} 4 0 []']],
  },
  {
    title: 'subList changes its list',
    kind: 'org',
    source: `function (entry) {
  var list = new java.util.ArrayList(entry.memberOf), part = list.subList(1, 3);
  part.set(0, "X");
  list.subList(0, 1).clear();
  var tail = list.subList(1, 3);
  java.util.Collections.reverse(tail);
  tail.add("end");
  return list + " " + tail;
}`,
    cases: [[{ memberOf: ['a', 'b', 'c', 'd'] }, '[X, d, c, end] [d, c, end]']],
  },
  {
    title: 'HashMap: the order after putAll is that of Java',
    kind: 'role',
    source: `function (entry) {
  var from = new java.util.LinkedHashMap(), all = new java.util.HashMap(), single = new java.util.HashMap();
  for each (var name in entry.memberOf) { from.put(name, 1); single.put(name, 1); }
  all.putAll(from);
  var again = new java.util.HashMap();
  again.put("z", 1);
  again.putAll(from);
  return ["all " + all.keySet(), "single " + single.keySet(), "again " + again.keySet(), "copy " + new java.util.HashMap(from).keySet()];
}`,
    cases: [
      [
        { memberOf: ['b', 'h', 'a'] },
        ['all [h, a, b]', 'single [a, b, h]', 'again [a, b, h, z]', 'copy [h, a, b]'],
      ],
    ],
  },
  {
    title: 'HashMap: merge, compute and replace',
    kind: 'org',
    source: `function (entry) {
  var m = new java.util.TreeMap();
  for each (var g in entry.memberOf) m.merge(g, "1", function (a, b) a + b);
  m.computeIfPresent("b", function (k, v) null);
  m.compute("c", function (k, v) v == null ? "new" : v);
  m.replace("a", "A" + m.get("a"));
  m.replace("q", "no");
  return m + " " + m.firstEntry().getKey() + " " + m.lastEntry().getValue();
}`,
    cases: [[{ memberOf: ['a', 'b', 'a'] }, '{a=A11, c=new} a new']],
  },
];
