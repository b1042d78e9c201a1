import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdxArray, type IdxDtype, IdxError, parseIdx } from '../../src/io/idx.js';

const CODES: Record<IdxDtype, [code: number, size: number]> = {
  uint8: [0x08, 1],
  int8: [0x09, 1],
  int16: [0x0b, 2],
  int32: [0x0c, 4],
  float32: [0x0d, 4],
  float64: [0x0e, 8],
};

/** The file of the format's description, written by DataView in its big-endian default. */
function idxFile(dtype: IdxDtype, shape: number[], values: number[]): Uint8Array {
  const [code, size] = CODES[dtype];
  const bytes = new Uint8Array(4 + 4 * shape.length + size * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, code, shape.length]);
  shape.forEach((length, dim) => view.setUint32(4 + 4 * dim, length));
  const write = {
    uint8: (at: number, value: number) => view.setUint8(at, value),
    int8: (at: number, value: number) => view.setInt8(at, value),
    int16: (at: number, value: number) => view.setInt16(at, value),
    int32: (at: number, value: number) => view.setInt32(at, value),
    float32: (at: number, value: number) => view.setFloat32(at, value),
    float64: (at: number, value: number) => view.setFloat64(at, value),
  }[dtype];
  values.forEach((value, i) => write(4 + 4 * shape.length + i * size, value));
  return bytes;
}

function contents({ dtype, shape, data }: IdxArray): [string, number[], string, number[]] {
  return [dtype, shape, data.constructor.name, [...data]];
}

describe('parseIdx', () => {
  test.each([
    ['uint8', [2, 3], 'Uint8Array', [0, 1, 127, 128, 254, 255]],
    ['int8', [4], 'Int8Array', [-128, -1, 0, 127]],
    ['int16', [1, 2, 2], 'Int16Array', [-32768, -2, 258, 32767]],
    ['int32', [3], 'Int32Array', [-2147483648, 16909060, 2147483647]],
    ['float32', [2, 2], 'Float32Array', [-1.5, 0, 3.25, Infinity]],
    ['float64', [2], 'Float64Array', [0.1, -1e300]],
    ['uint8', [3, 0], 'Uint8Array', []],
  ] as [IdxDtype, number[], string, number[]][])('%s %j', (dtype, shape, array, values) => {
    const file = idxFile(dtype, shape, values);
    expect(contents(parseIdx(file))).toEqual([dtype, shape, array, values]);
    expect(contents(parseIdx(gzipSync(file)))).toEqual([dtype, shape, array, values]);
    // At an odd offset of a larger buffer, as a file read in pieces may be.
    const shifted = new Uint8Array(file.length + 3).fill(255);
    shifted.set(file, 1);
    expect(contents(parseIdx(shifted.subarray(1, 1 + file.length)))).toEqual([dtype, shape, array, values]);
  });

  test('bytes are a view of the file, not a copy', () => {
    const file = idxFile('uint8', [2], [1, 2]);
    expect(parseIdx(file).data.buffer).toBe(file.buffer);
  });

  const labels = idxFile('int32', [2, 3], [1, 2, 3, 4, 5, 6]);

  test.each([
    ['nothing', new Uint8Array(), 'idx: expected at least 4 bytes of magic number, found 0'],
    ['png', [0x89, 0x50, 0x4e, 0x47], 'begins with 0x00 0x00, found 0x89 0x50: not an IDX file'],
    [
      'type code',
      [0, 0, 0x0a, 1],
      'idx: unknown type code 0x0a; known are 0x08 (uint8), 0x09 (int8), 0x0b (int16)',
    ],
    ['no dimension', [0, 0, 8, 0], 'idx: expected at least 1 dimension, found 0'],
    ['header', labels.subarray(0, 11), 'idx: expected a header of 12 bytes for 2 dimensions, found 11 bytes'],
    [
      'truncated',
      labels.subarray(0, 35),
      'idx: truncated: expected 36 bytes (a header of 12 and int32 values of shape [2, 3]), found 35',
    ],
    [
      'trailing',
      [...labels, 0],
      'idx: trailing bytes: expected 36 bytes (a header of 12 and int32 values of shape [2, 3]), found 37',
    ],
    [
      'sizes whose product overflows',
      [0, 0, 8, 4, ...Array.from({ length: 16 }, () => 255)],
      'idx: truncated: expected 3.402823',
    ],
    [
      'a huge size times zero, with data',
      [0, 0, 8, 2, 255, 255, 255, 255, 0, 0, 0, 0, 1],
      'expected 12 bytes',
    ],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(IdxError);
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(message);
  });

  test('a damaged gzip file is named as such', () => {
    expect(() => parseIdx(gzipSync(labels).subarray(0, 30))).toThrow(/^truncated deflate stream/);
  });

  test('any header on any length: an array that fills the file exactly, or an IdxError', () => {
    const header = fc.tuple(
      fc.constantFrom(8, 9, 11, 12, 13, 14, 15),
      fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(header, fc.nat({ max: 40 }), ([code, shape], length) => {
        const file = Uint8Array.from([
          0,
          0,
          code,
          shape.length,
          ...shape.flatMap((n) => [0, 0, 0, n]),
          ...Array(length),
        ]);
        const product = shape.reduce((a, b) => a * b, 1);
        let bytes = -1;
        try {
          bytes = parseIdx(file).data.byteLength;
          accepted++;
        } catch (error) {
          if (!(error instanceof IdxError)) throw error;
        }
        const size = Object.values(CODES).find(([known]) => known === code)?.[1];
        const fits = size !== undefined && shape.length > 0 && product * size === length;
        expect(bytes).toBe(fits ? length : -1);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
