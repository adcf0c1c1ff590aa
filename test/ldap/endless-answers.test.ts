/** A server that sends and sends: what waits for the consumer stays small, and an answer that never gets done is given up. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Connection } from '../../src/ldap/connection.ts';
import { EntryDecoder } from '../../src/ldap/entry-decoder.ts';
import { searchPages } from '../../src/ldap/paged-search.ts';
import type { SearchEnd } from '../../src/ldap/paged-search.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import type { Answer, Script } from '../servers/scripted-ldap.ts';
import { EVERYTHING, readAll, scene, sendUsers } from './directory-fixture.ts';

const PAGE = { 'ldap.paging.size': 10 };

function sendMany(answer: Answer, count: number): void {
  for (let i = 0; i < count; i++) sendUsers(answer, `u${i}`);
}

async function pageSizes(script: Script): Promise<number[]> {
  return scene(
    script,
    async ({ directory }) => {
      await directory.check();
      const read = directory.read(EVERYTHING);
      const sizes: number[] = [];
      for await (const { entries, unusable } of read.pages) sizes.push(entries.length + unusable.length);
      return sizes;
    },
    PAGE,
  );
}

test('a page with far more entries than were asked for comes in batches, a right one whole', async () => {
  const sizes = await pageSizes((answer) => {
    sendMany(answer, answer.index === 0 ? 10 : 35);
    answer.done({ cookie: answer.index === 0 ? 'more' : '' });
  });
  assert.deepEqual(sizes, [10, 11, 11, 11, 2]);
});

test('entries that cannot be used fill a batch, too', async () => {
  const sizes = await pageSizes((answer) => {
    for (let i = 0; i < 25; i++) answer.entry(`uid=u${i},dc=test`, { cn: 'x' });
    answer.done({ cookie: '' });
  });
  assert.deepEqual(sizes, [11, 11, 3]);
});

test('more than 10,000 entries with ranges in one answer are reported as unusable', async () => {
  const read = await readAll((answer) => {
    if (answer.request.scope === 0) return answer.done({ code: 32 });
    for (let i = 0; i < 10_002; i++)
      answer.entry(`uid=u${i},dc=test`, { entryUUID: `u${i}`, 'member;range=0-0': 'a' });
    answer.done({ cookie: '' });
  }, PAGE);
  assert.equal(read.unusable.length, 10_002);
  assert.equal(read.unusable.filter(({ message }) => message.includes('more than 10000 entries')).length, 2);
});

test('a page too large that comes again and again is still recognized', async () => {
  const read = await readAll((answer) => {
    sendMany(answer, 25);
    answer.done({ cookie: 'same' });
  }, PAGE);
  assert.match(read.reason, /same page again and again/);
});

/** How a search ends on a connection that gives each answer 300 ms in all, and silence far more. */
async function endOf(script: Script): Promise<SearchEnd> {
  const server = await startScriptedLdap(script);
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const connection = new Connection(socket, { secure: false, host: 'h', port: 1 }, 60_000, 300);
  const decoder = new EntryDecoder({ identityAttribute: 'entryUUID', sensitive: [], attributes: true });
  const filter = { type: 'PRESENT', attribute: 'cn' } as const;
  const spec = { base: 'dc=test', scope: 'SUB', filter, attributes: ['*'] } as const;
  try {
    const batches = searchPages({ connection, decoder, spec, pageSize: 10, paging: true });
    for (;;) {
      const step = await batches.next();
      if (step.done === true) return step.value;
    }
  } finally {
    connection.close();
    await server.close();
  }
}

test('a byte now and then, or intermediate responses without an end, end as an incomplete read', async () => {
  const timers: NodeJS.Timeout[] = [];
  const drip: Script = (answer) => {
    const bytes = answer.doneBytes({ cookie: '', text: 'x'.repeat(100) });
    let sent = 0;
    timers.push(setInterval(() => answer.raw(bytes.subarray(sent, ++sent)), 20));
  };
  const intermediate: Script = (answer) => void timers.push(setInterval(() => answer.intermediate(), 20));
  for (const script of [drip, intermediate]) {
    const end = await endOf(script);
    for (const timer of timers) clearInterval(timer);
    assert.equal(end.kind, 'INCOMPLETE');
    assert.match(end.reason, /not complete after 300 ms/);
  }
});
