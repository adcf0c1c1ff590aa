import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { withPalette } from '../../packaging/png.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(data.length, 0);
  numbers.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
}

/** A PNG of eight bits a channel without alpha, from rows that begin with their filter. */
function picture(width: number, rows: readonly (readonly number[])[], depth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, 2, 0, 0, 0], 8);
  const data = deflateSync(Buffer.from(rows.flat()));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunksOf(png: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = SIGNATURE.length; at < png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    assert.equal(png.readUInt32BE(end), crc32(png.subarray(at + 4, end)));
    found.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end));
    at = end + 4;
  }
  return found;
}

/** The colours of a PNG with a palette, a list for each row. */
function coloursOf(png: Buffer, width: number): number[][] {
  const chunks = chunksOf(png);
  const palette = chunks.get('PLTE') ?? Buffer.alloc(0);
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  return Array.from({ length: rows.length / (width + 1) }, (_row, y) =>
    [...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))].map((index) =>
      palette.readUIntBE(index * 3, 3),
    ),
  );
}

describe('a picture with a palette', () => {
  it('has exactly the colours it had, whatever filter its rows had', () => {
    // The same row five times, by each filter: as it is, from the left, from above, by the mean of both, by Paeth.
    const rows = [
      [0, 10, 20, 30, 15, 25, 40],
      [1, 10, 20, 30, 5, 5, 10],
      [2, 0, 0, 0, 0, 0, 0],
      [3, 5, 10, 15, 3, 3, 5],
      [4, 0, 0, 0, 0, 0, 0],
    ];
    const expected = rows.map(() => [0x0a141e, 0x0f1928]);
    assert.deepEqual(coloursOf(withPalette(picture(2, rows)), 2), expected);
  });

  it('keeps a rare colour that is far from all others where there are too many', () => {
    const greys = Array.from({ length: 240 }, (_grey, n) => [n, n, n]).flat();
    const blues = Array.from({ length: 240 }, (_blue, n) => [0, 0, n]).flat();
    const rows = [[0, ...greys, ...blues, 250, 240, 10]];
    const [colours = []] = coloursOf(withPalette(picture(481, rows)), 481);
    assert.equal(new Set(colours).size, 256);
    assert.equal(colours.at(-1), 0xfaf00a);
  });

  it('is refused where it would be misread', () => {
    assert.throws(() => withPalette(picture(1, [[0, 0, 0, 0]], 16)), /not one of eight bits/);
  });
});
