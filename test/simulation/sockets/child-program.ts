/** The process of `child-run.ts`: one run as told on standard input, its result on standard output. */

import { text } from 'node:stream/consumers';
import { HurriedClock } from '../../lib/hurried-clock.ts';
import { judgeWith } from '../../sandbox/scripted-judge.ts';
import type { ChildOrder } from './child-run.ts';
import { labRun } from './lab-run.ts';

const { order, scripts } = JSON.parse(await text(process.stdin)) as ChildOrder;
const nothing = (): void => undefined;
await using judge = await judgeWith(scripts);
const result = await labRun(order, {
  judge,
  clock: new HurriedClock(),
  log: { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing },
  doom: { atWrite: null, done: true, onDeath: nothing },
  watch: { begun: nothing, confirmed: nothing },
  controller: new AbortController(),
});
process.stdout.write(JSON.stringify(result));
