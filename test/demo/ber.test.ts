/** BER as the demo directory writes and reads it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerError, BerReader, BerWriter, elementSize } from '../../src/demo/ber.ts';

test('what the writer writes, the reader reads', () => {
  const long = 'ü'.repeat(70_000);
  const numbers = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 8_388_607, 8_388_608, 2_147_483_647];
  const writer = new BerWriter();
  writer.open(0x30);
  for (const number of numbers) writer.integer(number);
  writer.octets(long);
  writer.octets(Buffer.from([0, 255]), 0x87);
  writer.close();
  const bytes = writer.take();
  assert.equal(elementSize(bytes, 0), bytes.length);
  const reader = new BerReader(bytes).inside();
  assert.deepEqual(
    numbers.map(() => reader.integer()),
    numbers,
  );
  assert.equal(reader.text(), long);
  assert.deepEqual([...reader.octets(0x87)], [0, 255]);
  assert.equal(reader.peek(), -1);
});

test('the size of an element is unknown until its header is there', () => {
  const writer = new BerWriter();
  writer.octets('x'.repeat(300));
  const bytes = writer.take();
  assert.deepEqual(
    [0, 1, 2, 3].map((length) => elementSize(bytes.subarray(0, length), 0)),
    [null, null, null, null],
  );
  assert.equal(elementSize(bytes.subarray(0, 4), 0), bytes.length);
});

test('lengths that LDAP does not allow, and elements cut short, are errors', () => {
  assert.throws(() => elementSize(Buffer.from([0x30, 0x80, 0, 0]), 0), BerError);
  assert.throws(() => elementSize(Buffer.from([0x30, 0x85, 1, 1, 1, 1, 1]), 0), BerError);
  assert.throws(() => new BerReader(Buffer.from([0x04, 5, 1])).octets(), BerError);
  assert.throws(() => new BerReader(Buffer.from([0x04, 1, 1])).integer(), BerError);
});
