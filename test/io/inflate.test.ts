import {
  constants,
  crc32 as zlibCrc32,
  deflateRawSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
} from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32, gunzip, isGzip } from '../../src/io/gzip.js';
import { InflateError, inflateRaw } from '../../src/io/inflate.js';

/** Bytes with matches at many distances and runs, as well as noise: what exercises every part of the format. */
const compressible = fc
  .tuple(
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.integer({ min: 0, max: 100_000 }),
    fc.constantFrom(1, 2, 5, 20, 256),
  )
  .map(([seed, length, symbols]) => {
    const bytes = new Uint8Array(length);
    let state = seed;
    const next = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let at = 0; at < length;) {
      const run = Math.min(length - at, 1 + next(300));
      const distance = 1 + next(Math.min(at, 40_000));
      if (at > 0 && next(3) > 0) for (let i = 0; i < run; i++, at++) bytes[at] = bytes[at - distance];
      else for (let i = 0; i < run; i++, at++) bytes[at] = next(symbols);
    }
    return bytes;
  });

const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The bytes, or 'refused' where `decode` throws an error of the expected class; any other error passes through. */
function outcome(decode: () => Uint8Array, expected: new () => Error): Uint8Array | 'refused' {
  try {
    return decode();
  } catch (error) {
    if (error instanceof expected) return 'refused';
    throw error;
  }
}

/** Both refuse the input, or both give the same bytes. */
function expectZlibsOutcome(input: Uint8Array): void {
  const ours = outcome(() => inflateRaw(input).bytes, InflateError);
  const zlibs = outcome(() => inflateRawSync(input), Error);
  const same = ours === zlibs || (ours !== 'refused' && zlibs !== 'refused' && equal(ours, zlibs));
  expect(same, `ours ${String(ours).slice(0, 20)}, zlib's ${String(zlibs).slice(0, 20)}`).toBe(true);
}

const mutations = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
  minLength: 1,
  maxLength: 4,
});

function mutate(bytes: Uint8Array, changes: [number, number][]): Uint8Array {
  const mutated = bytes.slice();
  for (const [at, bits] of changes) mutated[at % mutated.length] ^= bits;
  return mutated;
}

describe('inflateRaw', () => {
  test('inverts zlib at every level, strategy, window and memory setting', () => {
    fc.assert(
      fc.property(compressible, settings, (bytes, options) => {
        const { bytes: inflated, end } = inflateRaw(deflateRawSync(bytes, options));
        expect(equal(inflated, bytes)).toBe(true);
        expect(end).toBe(deflateRawSync(bytes, options).length);
      }),
      { numRuns: 100 },
    );
  });

  test('starts where it is told and leaves what follows', () => {
    const packed = deflateRawSync(Buffer.from('the quick brown fox'));
    const input = Buffer.concat([Buffer.alloc(5, 7), packed, Buffer.alloc(9, 7)]);
    const { bytes, end } = inflateRaw(input, 5);
    expect(Buffer.from(bytes).toString()).toBe('the quick brown fox');
    expect(end).toBe(5 + packed.length);
  });

  test('damaged streams: the bytes that zlib gives, or an InflateError where it fails', () => {
    fc.assert(
      fc.property(compressible, settings, mutations, (bytes, options, changes) => {
        expectZlibsOutcome(mutate(deflateRawSync(bytes, options), changes));
      }),
      { numRuns: 300 },
    );
  });

  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (input) => {
        expectZlibsOutcome(input);
      }),
      { numRuns: 2000 },
    );
  });

  test('every truncation of a stream is an error', () => {
    for (const options of [{}, { level: 0 }, { strategy: constants.Z_FIXED }]) {
      const packed = deflateRawSync(Buffer.from('abcabcabcabc, abracadabra '.repeat(20)), options);
      for (let length = 0; length < packed.length; length++) {
        expect(() => inflateRaw(packed.subarray(0, length)), `${length} bytes`).toThrow(
          /^truncated deflate stream/,
        );
      }
    }
  });

  test.each([
    ['unknown block type', [0b111], 'unknown block type 3'],
    ['stored length', [1, 5, 0, 5, 0], 'stored length 5 has complement 5'],
    [
      'too many symbols',
      [0b11111101, 0xff, 0xff, 0xff],
      '288 length and 32 distance symbols, at most 286 and 30 exist',
    ],
    ['match before the start', [0x4b, 0x04, 0x63, 0, 0], 'a match 4 bytes back in 1 bytes of output'],
  ])('%s', (_name, input, message) => {
    expect(() => inflateRaw(Uint8Array.from(input))).toThrow(message);
  });

  test('a size hint that lies costs nothing', () => {
    const packed = deflateRawSync(Buffer.from('x'));
    const { bytes } = inflateRaw(packed, 0, 2 ** 32);
    expect(bytes.buffer.byteLength).toBeLessThan(10_000);
  });
});

describe('gunzip', () => {
  test('inverts zlib, also in several members', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(compressible, settings), { minLength: 1, maxLength: 3 }), (members) => {
        const file = Buffer.concat(members.map(([bytes, options]) => gzipSync(bytes, options)));
        expect(isGzip(file)).toBe(true);
        expect(equal(gunzip(file), Buffer.concat(members.map(([bytes]) => bytes)))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('damaged files never give wrong bytes', () => {
    fc.assert(
      fc.property(compressible, settings, mutations, (bytes, options, changes) => {
        const damaged = mutate(gzipSync(bytes, options), changes);
        const result = outcome(() => gunzip(damaged), InflateError);
        expect(result === 'refused' || equal(result, bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('every truncation is an error, also of a file with all header fields', () => {
    const plain = gzipSync(Buffer.from('abcabcabcabc'.repeat(9)));
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3]);
    const named = Buffer.concat([header, Buffer.from('name\0comment\0')]);
    const crc = Buffer.alloc(2);
    crc.writeUInt16LE(crc32(named) & 0xffff);
    const full = Buffer.concat([named, crc, plain.subarray(10)]);
    expect(equal(gunzip(full), gunzipSync(plain))).toBe(true);
    for (const file of [plain, full]) {
      for (let length = 0; length < file.length; length++) {
        expect(() => gunzip(file.subarray(0, length)), `${length} bytes`).toThrow(InflateError);
      }
    }
  });

  const hello = gzipSync(Buffer.from('hello'));

  function changed(at: number, byte: number): Uint8Array {
    const file = Uint8Array.from(hello);
    file[at < 0 ? file.length + at : at] = byte;
    return file;
  }

  test.each([
    ['empty', new Uint8Array(), 'gzip: 0 bytes at byte 0, expected at least 18 for a member'],
    ['magic', changed(0, 0x50), 'gzip: expected a member (1f 8b) at byte 0, found 50 8b'],
    ['method', changed(2, 7), 'gzip: unknown compression method 7, only 8 (deflate) exists'],
    ['flags', changed(3, 0x20), 'gzip: reserved flag bits are set (flags 0x20)'],
    ['crc', changed(-8, 0), "gzip: the data's CRC is 0x3610a686, expected 0x3610a600: the file is damaged"],
    ['size', changed(-4, 6), 'gzip: 5 bytes of data, expected 6 (modulo 2^32)'],
    [
      'header crc',
      Uint8Array.from([...changed(3, 2).subarray(0, 10), 0, 0, ...hello.subarray(10)]),
      /^gzip: header CRC is 0, expected \d+$/,
    ],
    [
      'what follows',
      Buffer.concat([hello, Buffer.alloc(20, 'x')]),
      `gzip: expected a member (1f 8b) at byte ${hello.length}, found 78 78`,
    ],
  ])('%s', (_name, file, message) => {
    expect(() => gunzip(file)).toThrow(message);
  });

  test('zero padding after the last member', () => {
    expect(Buffer.from(gunzip(Buffer.concat([hello, Buffer.alloc(100)]))).toString()).toBe('hello');
  });
});

test('crc32 equals zlib’s', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    }),
    { numRuns: 500 },
  );
});
