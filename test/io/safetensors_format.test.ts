import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type SafetensorsEntry,
  SafetensorsError,
  parse,
  serialize,
  serializeChunks,
} from '../../src/io/safetensors_format.js';

/** A file with any header, valid or not. */
function file(header: string | Uint8Array, dataBytes = 0, headerLength?: number | bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  for (let i = 0; i < dataBytes; i++) bytes[8 + json.length + i] = i + 1;
  return bytes;
}

function entry(dtype: string, shape: number[], begin: number, end: number): string {
  return JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
}

function listed(bytes: Uint8Array): [string, string, readonly number[], number[]][] {
  return [...parse(bytes).tensors].map(([name, t]) => [name, t.dtype, t.shape, [...t.bytes]]);
}

function tensor(dtype: string, shape: number[], bytes: number[]): SafetensorsEntry {
  return { dtype, shape, bytes: Uint8Array.from(bytes) };
}

describe('parse', () => {
  test('tensors in the order of their bytes, metadata, views of the input', () => {
    const bytes = file(
      `{"b":${entry('F32', [1], 2, 6)},"__metadata__":{"format":"pt"},"a":${entry('U8', [2], 0, 2)}}  `,
      6,
    );
    expect(listed(bytes)).toEqual([
      ['a', 'U8', [2], [1, 2]],
      ['b', 'F32', [1], [3, 4, 5, 6]],
    ]);
    const { metadata, tensors } = parse(bytes);
    expect({ ...metadata }).toEqual({ format: 'pt' });
    expect(tensors.get('b')!.bytes.buffer).toBe(bytes.buffer);
  });

  test('from the middle of a larger buffer', () => {
    const inner = file(`{"a":${entry('I16', [1], 0, 2)}}`, 2);
    const outer = new Uint8Array(inner.length + 9).fill(255);
    outer.set(inner, 5);
    expect(listed(outer.subarray(5, 5 + inner.length))).toEqual([['a', 'I16', [1], [1, 2]]]);
  });

  test('scalars, empty tensors, no tensors, sub-byte types, fields to come', () => {
    expect(listed(file('{}'))).toEqual([]);
    expect(listed(file('{"__metadata__":null}  \n'))).toEqual([]);
    const header =
      `{"e":${entry('F32', [2, 0], 4, 4)},"s":${entry('I32', [], 0, 4)},"h":${entry('F4', [2, 3], 4, 7)},` +
      `"x":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[7,10],"extra":{"dtype":[true,null,"x"]}}}`;
    expect(listed(file(header, 10))).toEqual([
      ['s', 'I32', [], [1, 2, 3, 4]],
      ['e', 'F32', [2, 0], []],
      ['h', 'F4', [2, 3], [5, 6, 7]],
      ['x', 'F6_E2M3', [4], [8, 9, 10]],
    ]);
  });

  test('names that JavaScript treats specially are names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', '7', '', '\u{1f525}', 'a"\\\n'];
    const header = names.map((name, i) => `${JSON.stringify(name)}:${entry('U8', [1], i, i + 1)}`).join(',');
    const { tensors, metadata } = parse(
      file(`{${header},"__metadata__":{"__proto__":"p","toString":"t"}}`, names.length),
    );
    expect([...tensors.keys()]).toEqual(names);
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'p'],
      ['toString', 't'],
    ]);
    expect(metadata['constructor']).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  const valid = entry('F32', [2, 3], 0, 24);

  test.each<[string, Uint8Array, string]>([
    ['a short file', new Uint8Array(7), 'expected at least 8 bytes, found 7'],
    [
      'a long header',
      file('{}', 0, 100_000_001),
      'header length 100000001 is over the limit of 100000000 bytes',
    ],
    [
      'a negative length',
      file('{}', 0, 2n ** 64n - 1n),
      'header length 18446744073709551615 is over the limit',
    ],
    [
      'a cut header',
      file('{}', 0, 3),
      'header of 3 bytes does not fit: the file has 10 bytes, expected at least 11',
    ],
    ['an empty header', file(''), "header: expected to start with '{', found an empty header"],
    ['leading space', file(' {}'), `header: expected to start with '{', found " "`],
    ['a byte order mark', file('\ufeff{}'), "header: expected to start with '{'"],
    ['an array', file('[]'), `header: expected to start with '{', found "["`],
    ['UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'header: not valid UTF-8'],
    ['JSON', file('{"a":}'), 'header: not valid JSON: '],
    ['text after the JSON', file('{}x'), 'header: not valid JSON: '],
    ['an unterminated string', file('{"a\\"'), 'header: not valid JSON: '],
    ['duplicate tensors', file(`{"a":${valid},"a" :${valid}}`, 24), 'header: duplicate key "a"'],
    ['duplicates by escape', file(`{"a":${valid},"\\u0061":${valid}}`, 24), 'header: duplicate key "a"'],
    ['duplicate fields', file('{"a":{"dtype":"U8","dtype":"F32"}}'), 'header: duplicate key "dtype"'],
    ['duplicate metadata', file('{"__metadata__":{"k":"1","k":"2"}}'), 'header: duplicate key "k"'],
    ['a lone surrogate', file('{"\\ud800":1}'), 'header: the string "\\ud800" has a lone surrogate'],
    ['deep nesting', file(`{"a":${'['.repeat(1e6)}`), 'header: nested deeper than 128 levels'],
    ['a float', file('{"a":{"shape":[1.0]}}'), 'expected an integer from 0 to 2^53 - 1, found 1.0'],
    ['an exponent', file('{"a":{"shape":[1e2]}}'), 'expected an integer from 0 to 2^53 - 1, found 1e2'],
    ['a negative', file('{"a":{"shape":[-1]}}'), 'expected an integer from 0 to 2^53 - 1, found -1'],
    ['an unsafe integer', file('{"a":{"shape":[9007199254740993]}}'), 'found 9007199254740993'],
    ['metadata numbers', file('{"__metadata__":{"k":1}}'), '__metadata__: "k" is not a string'],
    ['metadata text', file('{"__metadata__":"k"}'), '__metadata__: expected an object of strings'],
    ['no entry', file('{"a":[]}'), 'tensor "a": expected an object with dtype, shape and data_offsets'],
    ['no dtype', file('{"a":{}}'), 'tensor "a": dtype is missing or not a string'],
    [
      'no shape',
      file('{"a":{"dtype":"U8"}}'),
      'tensor "a": shape is missing or not an array of non-negative integers',
    ],
    ['no offsets', file('{"a":{"dtype":"U8","shape":[]}}'), 'tensor "a": data_offsets is missing'],
    [
      'three offsets',
      file('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,2]}}'),
      'not two non-negative integers',
    ],
    [
      'an unknown dtype',
      file(`{"a":${entry('F33', [1], 0, 4)}}`, 4),
      'tensor "a": unknown dtype "F33"; known are BOOL',
    ],
    ['dtype __proto__', file(`{"a":${entry('__proto__', [1], 0, 4)}}`, 4), 'unknown dtype "__proto__"'],
    [
      'a size that does not fit',
      file(`{"layer.w":${entry('F32', [2, 3], 0, 20)}}`, 20),
      'tensor "layer.w": shape [2, 3] of F32 needs 24 bytes, data_offsets [0, 20] hold 20',
    ],
    [
      'overflow',
      file(`{"a":${entry('F32', [2 ** 52, 2 ** 52, 0], 0, 0)}}`),
      'tensor "a": shape [4503599627370496, 4503599627370496, 0] of F32 overflows the size computation',
    ],
    [
      'overflow by the dtype',
      file(`{"a":${entry('F64', [2 ** 50], 0, 0)}}`),
      'overflows the size computation',
    ],
    ['half a byte', file(`{"a":${entry('F4', [3], 0, 1)}}`, 1), 'is 12 bits, not a whole number of bytes'],
    [
      'a hole',
      file(`{"a":${entry('U8', [1], 0, 1)},"b":${entry('U8', [1], 2, 3)}}`, 3),
      'tensor "b": data_offsets [2, 3], expected to begin at 1 and end after it',
    ],
    ['a hole at the start', file(`{"a":${entry('U8', [1], 1, 2)}}`, 2), 'expected to begin at 0'],
    [
      'overlap',
      file(`{"a":${entry('U8', [2], 0, 2)},"b":${entry('U8', [2], 1, 3)}}`, 3),
      'tensor "b": data_offsets [1, 3], expected to begin at 2',
    ],
    [
      'the same bytes twice',
      file(`{"a":${entry('U8', [1], 0, 1)},"b":${entry('U8', [1], 0, 1)}}`, 1),
      'tensor "b"',
    ],
    [
      'reversed offsets',
      file(`{"a":${entry('U8', [0], 0, 0)},"b":${entry('U8', [1], 0, 0)}}`),
      'needs 1 bytes',
    ],
    [
      'end before begin',
      file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1),
      'data_offsets [1, 0]',
    ],
    ['a truncated file', file(`{"a":${valid}}`, 23), 'the tensors cover 24 bytes of data, the file has 23'],
    ['trailing bytes', file(`{"a":${valid}}`, 25), 'the tensors cover 24 bytes of data, the file has 25'],
    ['data without tensors', file('{}', 1), 'the tensors cover 0 bytes of data, the file has 1'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parse(bytes)).toThrow(SafetensorsError);
    expect(() => parse(bytes)).toThrow(message);
  });
});

describe('serialize', () => {
  // Made by the reference implementation, version 0.8.0; see the script beside it.
  const reference = JSON.parse(
    readFileSync(new URL('../fixtures/safetensors_files.json', import.meta.url), 'utf8'),
  ) as { tensors: [string, string, number[], string][]; metadata?: Record<string, string>; file: string }[];

  test.each(reference.map((sample, index) => ({ index, ...sample })))(
    'case $index: byte for byte what the reference writes, and reads it back',
    ({ tensors, metadata, file: expected }) => {
      const entries = tensors.map(
        ([name, dtype, shape, hex]) => [name, { dtype, shape, bytes: Buffer.from(hex, 'hex') }] as const,
      );
      expect(Buffer.from(serialize(entries, metadata)).toString('hex')).toBe(expected);
      const read = parse(Buffer.from(expected, 'hex'));
      const found = [...read.tensors].map(([name, t]) => [
        name,
        t.dtype,
        t.shape,
        Buffer.from(t.bytes).toString('hex'),
      ]);
      expect(new Map(found.map((t) => [t[0], t]))).toEqual(new Map(tensors.map((t) => [t[0], t])));
      expect({ ...read.metadata }).toEqual(metadata ?? {});
    },
  );

  test('the data are aligned to 8 bytes, and each tensor to its dtype', () => {
    const bytes = serialize([
      ['mask', tensor('BOOL', [3], [1, 0, 1])],
      ['weight', tensor('F32', [1], [1, 2, 3, 4])],
      ['step', tensor('I64', [], [1, 0, 0, 0, 0, 0, 0, 0])],
    ]);
    const offsets = [...parse(bytes).tensors].map(([name, t]) => [name, t.bytes.byteOffset % 8]);
    expect(offsets).toEqual([
      ['step', 0],
      ['weight', 0],
      ['mask', 4],
    ]);
  });

  test('chunks are the tensors’ own bytes', () => {
    const weight = tensor('U8', [2], [1, 2]);
    const [head, body] = serializeChunks([['w', weight]]);
    expect(body).toBe(weight.bytes);
    expect([...head, ...body]).toEqual([...serialize([['w', weight]])]);
  });

  test.each<[string, [string, SafetensorsEntry][], Record<string, string> | undefined, string]>([
    [
      'bytes that do not fit',
      [['w', tensor('F32', [2], [1])]],
      undefined,
      'tensor "w": shape [2] of F32 needs 8 bytes, got 1',
    ],
    [
      'an unknown dtype',
      [['w', tensor('float32', [0], [])]],
      undefined,
      'tensor "w": unknown dtype "float32"',
    ],
    [
      'a negative size',
      [['w', tensor('U8', [-1], [])]],
      undefined,
      'tensor "w": shape [-1] is not of non-negative integers',
    ],
    [
      'two of a name',
      [
        ['w', tensor('U8', [0], [])],
        ['w', tensor('F32', [0], [])],
      ],
      undefined,
      'two tensors are named "w"',
    ],
    [
      'the reserved name',
      [['__metadata__', tensor('U8', [0], [])]],
      undefined,
      'a tensor cannot be named __metadata__',
    ],
    [
      'a lone surrogate',
      [['\udc00', tensor('U8', [0], [])]],
      undefined,
      'tensor "\\udc00": the name has a lone surrogate',
    ],
    [
      'metadata',
      [],
      { epoch: 3 } as unknown as Record<string, string>,
      '__metadata__: "epoch" is not a string',
    ],
    ['metadata text', [], { k: '\ud800' }, '__metadata__: "k" has a lone surrogate'],
  ])('refuses %s', (_name, tensors, metadata, message) => {
    expect(() => serialize(tensors, metadata)).toThrow(SafetensorsError);
    expect(() => serialize(tensors, metadata)).toThrow(message);
  });
});

const BYTES: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  F16: 2,
  BF16: 2,
  I32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};
const name = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'toString', '0', 'layer1.0.weight'),
);
const anyTensor = fc
  .tuple(fc.constantFrom(...Object.keys(BYTES)), fc.array(fc.nat({ max: 4 }), { maxLength: 4 }), fc.nat())
  .map(([dtype, shape, seed]): SafetensorsEntry => {
    const length = shape.reduce((a, b) => a * b, 1) * BYTES[dtype];
    return { dtype, shape, bytes: Uint8Array.from({ length }, (_, i) => (seed + i * 37) % 256) };
  });
const anyFile = fc.tuple(
  fc.uniqueArray(fc.tuple(name, anyTensor), { selector: ([key]) => key, maxLength: 8 }),
  fc.option(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
    nil: undefined,
  }),
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyFile, ([tensors, metadata]) => {
      const read = parse(serialize(tensors, metadata));
      expect(read.tensors).toEqual(new Map(tensors));
      expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(metadata ?? {})));
    }),
    { numRuns: 500 },
  );
});

test('damaged files: a SafetensorsError, or tensors that cover the data exactly', () => {
  const change = fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('0123456789{}[]",:-. \\eu\0\u00ff')));
  let refused = 0;
  fc.assert(
    fc.property(anyFile, fc.array(change, { minLength: 1, maxLength: 3 }), ([tensors, metadata], changes) => {
      const bytes = serialize(tensors, metadata);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      let covered: number;
      try {
        covered = [...parse(bytes).tensors.values()].reduce((total, t) => total + t.bytes.length, 0);
      } catch (error) {
        if (!(error instanceof SafetensorsError)) throw error;
        refused++;
        return;
      }
      const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(covered).toBe(bytes.length - 8 - headerBytes);
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(500);
});
