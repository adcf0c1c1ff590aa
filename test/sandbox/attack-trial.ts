/** Tries attacks one after the other, with users between them whose answers show whatever an attack left behind. */

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Attack } from './attacks.ts';
import { judgeWith, shown, user } from './scripted-judge.ts';

/** The Org script's answer for everybody else: it would show whatever an attack left behind. */
const WITNESS = `
  var seen = [];
  for each (var v in { a: 'A', b: 'b' }) seen.push(v.toLowerCase());
  for (var k in [1]) seen.push(k);
  var set = new java.util.HashSet(); set.add('s');
  return [typeof hidden, typeof stuck, {}.department, seen.join('+'), set.size(), new Map([[1, 2]]).size,
    ['c'].contains('c'), undefined, JSON.stringify({ a: 1 }), typeof ArrayList, typeof hidden2 + typeof hidden3 + typeof keep,
    ''.hidden, [].hidden, RegExp.$1, java.lang.Integer.MAX_VALUE, java.util.Calendar.YEAR,
    'aXb'.matches('a.b'), 'aXb'.replaceAll('X', 'y'), new java.util.HashMap({ k: 'v' }).toString(),
    new java.util.HashMap({ k: 'v' }).entrySet().iterator().next().getKey(),
    ['c'].values().map(String).toArray().length, [...new Intl.Segmenter().segment('ab')].length,
    java.util.TimeZone.getTimeZone('GMT+1').getOffset(0), java.util.TimeZone.getTimeZone('Europe/Berlin').getOffset(0)].join();`;
const WITNESSED =
  'undefined,undefined,,a+b+0,1,1,true,,{"a":1},undefined,undefinedundefinedundefined,,,,2147483647,1,true,ayb,{k=v},k,1,2,3600000,3600000';

export async function tryAttacks(attacks: Readonly<Record<string, Attack>>): Promise<void> {
  const names = Object.keys(attacks);
  const cases = names.map(
    (name, i) => `case '${i}': return (function (entry) { ${attacks[name]?.[0]} })(entry);`,
  );
  const script = `function (entry) {\nswitch (entry.attack) {\n${cases.join('\n')}\n}\n${WITNESS}\n}`;
  await using judge = await judgeWith({ org: script }, { timeoutMs: 150, memoryLimitMb: 32 });
  const users = names.flatMap((_, i) => [user(`a${i}`), user('x', { attack: [String(i)] }), user(`b${i}`)]);
  const judgements = await judge.judge(users);
  assert.equal(judgements.length, users.length);
  const fine = { active: true, org: WITNESSED, roles: null };
  const wrong = names.flatMap((name, i) => {
    const [before, attacked, after] = judgements.slice(i * 3, i * 3 + 3).map((one) => shown(one));
    const result = attacks[name]?.[1];
    const text = typeof attacked === 'string' ? attacked : JSON.stringify(attacked?.org);
    const isAsSaid = result instanceof RegExp ? result.test(text) : text === JSON.stringify(result);
    const others = isDeepStrictEqual([before, after], [fine, fine]);
    return isAsSaid && others ? [] : [{ name, text, before, after }];
  });
  assert.deepEqual(wrong, []);
}
