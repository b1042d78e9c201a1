import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { serialize } from '../../src/io/safetensors_format.js';

const { safetensors } = torch;
const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DTYPES = [
  torch.bool,
  torch.uint8,
  torch.int8,
  torch.int16,
  torch.int32,
  torch.int64,
  torch.float32,
  torch.float64,
];

/** A file with one tensor of bytes as they are. */
function file(dtype: string, shape: number[], bytes: ArrayBufferView): Uint8Array {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return serialize([['x', { dtype, shape, bytes: view }]]);
}

describe('save and load', () => {
  test.each(DTYPES)('%s', (dtype) => {
    const x = torch.tensor([[0, 1, 1], [1, 0, 1]], { dtype }); // prettier-ignore
    const { x: y } = safetensors.load(safetensors.save({ x }));
    expect(y.dtype).toBe(dtype);
    expect(y.shape).toEqual([2, 3]);
    expect(y.tolist()).toEqual(x.tolist());
  });

  test('values at the ends of their ranges', () => {
    const floats = [Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE];
    const x = torch.tensor(floats, { dtype: torch.float64 });
    const y = torch.tensor([-(2 ** 53) + 1, 2 ** 53 - 1]);
    const nan = torch.tensor([NaN]);
    const loaded = safetensors.load(safetensors.save({ x, y, nan }));
    expect(loaded['x'].tolist()).toEqual(floats);
    expect(loaded['y'].tolist()).toEqual([-(2 ** 53) + 1, 2 ** 53 - 1]);
    expect(loaded['nan'].tolist()).toEqual([NaN]);
  });

  test('views are written as they are seen; scalars and empty tensors', () => {
    const x = torch.arange(6).reshape(2, 3).t().narrow(0, 1, 2);
    const loaded = safetensors.load(safetensors.save({ x, s: torch.tensor(2.5), e: torch.zeros(0, 4) }));
    expect(loaded['x'].tolist()).toEqual([[1, 4], [2, 5]]); // prettier-ignore
    expect([loaded['s'].shape, loaded['s'].item()]).toEqual([[], 2.5]);
    expect(loaded['e'].shape).toEqual([0, 4]);
  });

  test('any string is a harmless name', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const tensors = Object.fromEntries(names.map((name, i) => [name, torch.tensor(i)]));
    Object.defineProperty(tensors, '__proto__', { value: torch.tensor(0), enumerable: true });
    const loaded = safetensors.load(safetensors.save(tensors));
    expect(Object.getPrototypeOf(loaded)).toBe(null);
    expect(names.map((name) => loaded[name].item())).toEqual([0, 1, 2]);
  });

  test('loaded tensors belong to the scope that is open', () => {
    const bytes = safetensors.save({ a: torch.ones(1000), b: torch.ones(10) });
    const before = torch.memory_stats().allocated_bytes;
    let inside: torch.Tensor | null = null;
    const kept = torch.tidy(() => {
      const { a, b } = safetensors.load(bytes);
      inside = a;
      return b;
    });
    expect(torch.memory_stats().allocated_bytes - before).toBeLessThan(500);
    expect(() => inside!.tolist()).toThrow(/released/);
    expect(kept.sum().item()).toBe(10);
  });

  test('what is no tensor is refused by its name', () => {
    const tensors = { weight: torch.ones(1), step: 3 } as unknown as Record<string, torch.Tensor>;
    expect(() => safetensors.save(tensors)).toThrow('expected tensors, "step" is number');
  });
});

describe('half precision', () => {
  // IEEE 754 half: 1, -2, largest, smallest normal, smallest subnormal, largest subnormal, -0, inf, -inf, nan, 1/3
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555];
  const values = [
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -24,
    1023 * 2 ** -24,
    -0,
    Infinity,
    -Infinity,
    NaN,
    0.333251953125,
  ];

  test('float16 becomes float32 exactly', () => {
    const { x } = safetensors.load(file('F16', [11], Uint16Array.from(halves)));
    expect(x.dtype).toBe(torch.float32);
    expect(x.tolist()).toEqual(values);
  });

  test('bfloat16 becomes float32 exactly', () => {
    const bits = [0x3f80, 0xc000, 0x7f80, 0x7fc0, 0x8000, 0x0001, 0x4049];
    const { x } = safetensors.load(file('BF16', [7], Uint16Array.from(bits)));
    expect(x.dtype).toBe(torch.float32);
    expect(x.tolist()).toEqual([1, -2, Infinity, NaN, -0, 2 ** -133, 3.140625]);
  });
});

test('dtypes that torch 1.13 lacks are refused', () => {
  for (const [dtype, bytes] of [
    ['U16', 2],
    ['F8_E4M3', 1],
    ['C64', 8],
  ] as const) {
    expect(() => safetensors.load(file(dtype, [1], new Uint8Array(bytes)))).toThrow(
      `tensor "x" is ${dtype}, for which there is no dtype here`,
    );
  }
  expect(() => safetensors.load(file('BOOL', [2], Uint8Array.of(1, 2)))).toThrow('a byte other than 0 and 1');
});

describe('files', () => {
  test('save_file, load_file and safe_open', () => {
    const path = join(folder, 'model.safetensors');
    const tensors = {
      'fc.weight': torch.arange(6).reshape(2, 3).to(torch.float32),
      'fc.bias': torch.ones(2),
    };
    safetensors.save_file(tensors, path, { format: 'pt', note: 'héllo' });
    const loaded = safetensors.load_file(path);
    expect(Object.keys(loaded).sort()).toEqual(['fc.bias', 'fc.weight']);
    expect(loaded['fc.weight'].tolist()).toEqual([[0, 1, 2], [3, 4, 5]]); // prettier-ignore
    for (const source of [path, new Uint8Array(readFileSync(path))]) {
      const reader = safetensors.safe_open(source);
      expect(reader.keys().sort()).toEqual(['fc.bias', 'fc.weight']);
      expect({ ...reader.metadata() }).toEqual({ format: 'pt', note: 'héllo' });
      expect(reader.get_tensor('fc.bias').tolist()).toEqual([1, 1]);
      expect(() => reader.get_tensor('fc.biass')).toThrow(
        /no tensor "fc.biass"; the file has fc\.(bias|weight), fc\./,
      );
    }
  });

  test('a file that cannot be written leaves the old one', () => {
    const path = join(folder, 'kept.safetensors');
    safetensors.save_file({ x: torch.ones(1) }, path);
    expect(() =>
      safetensors.save_file({ x: torch.ones(2), y: null as unknown as torch.Tensor }, path),
    ).toThrow('"y" is null');
    expect(safetensors.load_file(path)['x'].shape).toEqual([1]);
    expect(() => safetensors.save_file({ x: torch.ones(1) }, join(folder, 'none', 'x'))).toThrow(
      /cannot write .*ENOENT/,
    );
  });

  test('missing and damaged files', () => {
    expect(() => safetensors.load_file(join(folder, 'none'))).toThrow(/cannot read .*ENOENT/);
    const path = join(folder, 'cut.safetensors');
    const bytes = safetensors.save({ x: torch.ones(10) });
    writeFileSync(path, bytes.subarray(0, bytes.length - 1));
    expect(() => safetensors.load_file(path)).toThrow(safetensors.SafetensorsError);
  });
});
