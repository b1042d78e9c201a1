import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { formatExponential, formatFixed } from '../src/decimal_format.js';
import {
  type PrintOptions,
  type PrintProfile,
  type Printable,
  formatTensor,
  set_printoptions,
} from '../src/tensor_format.js';

type Encoded = number | boolean | string;

interface Case {
  dtype: string;
  shape: number[];
  repr: string;
  values: { scale: number } | Encoded[];
  options?: Record<string, Encoded>;
  requires_grad?: boolean;
  grad_fn?: string;
  parameter?: boolean;
  default_dtype?: string;
}

// Made by fixtures/tensor_repr.py with PyTorch 1.13.1.
const cases = JSON.parse(
  readFileSync(new URL('./fixtures/tensor_repr.json', import.meta.url), 'utf8'),
) as Case[];

const SPECIAL: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0.0': -0 };

function decode(value: Encoded): Printable {
  if (typeof value !== 'string') return value;
  return SPECIAL[value] ?? BigInt(value.slice(0, -1));
}

function accessor({ values }: Case): (index: number) => Printable {
  if (Array.isArray(values)) return (index) => decode(values[index]);
  return (index) => (((index * 7919) % 10007) - 5000) * values.scale;
}

function decodeOptions(options: Case['options'] = {}): Partial<PrintOptions> & { profile?: PrintProfile } {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, key === 'profile' ? value : decode(value)]),
  );
}

afterEach(() => set_printoptions({ profile: 'default' }));

describe('formatTensor prints what torch prints', () => {
  test.each(cases.map((entry, index) => ({ index, entry })))(
    'case $index: $entry.dtype $entry.shape',
    ({ entry }) => {
      set_printoptions(decodeOptions(entry.options));
      expect(formatTensor(accessor(entry), entry.shape, entry.dtype, entry)).toBe(entry.repr);
    },
  );
});

test('a summarised tensor reads only the elements that it shows', () => {
  const read = new Set<number>();
  const at = (index: number) => {
    read.add(index);
    return index % 2000;
  };
  const row = '[   0,    1,    2,  ..., 1997, 1998, 1999]';
  const rows = [row, row, row, '...', row, row, row].join(',\n        ');
  expect(formatTensor(at, [1_000_000, 2000], 'int64')).toBe(`tensor([${rows}])`);
  const starts = [0, 2000, 4000, 999_997 * 2000, 999_998 * 2000, 999_999 * 2000];
  expect([...read]).toEqual(starts.flatMap((start) => [0, 1, 2, 1997, 1998, 1999].map((i) => start + i)));
});

test('options for one call leave those of set_printoptions alone', () => {
  const print = { precision: 1, threshold: 2, edgeitems: 1, linewidth: 80, sci_mode: null };
  const at = (index: number) => index + 0.25;
  expect(formatTensor(at, [4], 'float32', { print })).toBe('tensor([0.2,  ..., 3.2])');
  expect(formatTensor(at, [4], 'float32')).toBe('tensor([0.2500, 1.2500, 2.2500, 3.2500])');
});

describe('set_printoptions', () => {
  const half = () => formatTensor(() => 0.5, [1], 'float32');

  test('sci_mode goes back to automatic with the next call', () => {
    set_printoptions({ sci_mode: true });
    expect(half()).toBe('tensor([5.0000e-01])');
    set_printoptions({ precision: 2 });
    expect(half()).toBe('tensor([0.50])');
  });

  test('a profile is a base for the options beside it', () => {
    set_printoptions({ precision: 7 });
    set_printoptions({ profile: 'short', edgeitems: 1, threshold: 2 });
    expect(formatTensor((i) => i / 8, [5], 'float32')).toBe('tensor([0.00,  ..., 0.50])');
  });

  test.each([
    [{ precision: -1 }, 'set_printoptions: expected precision to be a non-negative integer, got -1'],
    [{ precision: 1.5 }, 'set_printoptions: expected precision to be a non-negative integer, got 1.5'],
    [{ threshold: NaN }, 'set_printoptions: expected threshold to be a non-negative number, got NaN'],
    [{ edgeitems: 0 }, 'set_printoptions: expected edgeitems to be a positive integer, got 0'],
    [{ linewidth: 0 }, 'set_printoptions: expected linewidth to be a positive integer, got 0'],
    [{ sci_mode: 1 }, 'set_printoptions: expected sci_mode to be true, false or null, got 1'],
    [{ profile: 'toString' }, "set_printoptions: unknown profile 'toString'; known are default, short, full"],
    [
      { precison: 3 },
      "set_printoptions: unknown option 'precison'; " +
        'known are precision, threshold, edgeitems, linewidth, sci_mode, profile',
    ],
  ])('refuses %j and changes nothing', (options, message) => {
    expect(() => set_printoptions({ linewidth: 40, ...options } as Partial<PrintOptions>)).toThrow(message);
    expect(formatTensor((i) => i, [17], 'int64').split('\n')).toHaveLength(1);
    expect(half()).toBe('tensor([0.5000])');
  });
});

describe('decimal formatting', () => {
  // |value| * 10^decimals ends in exactly one half: the one case where toFixed rounds otherwise.
  function isTie(value: number, decimals: number): boolean {
    const scaled = value * 2 ** (decimals + 1);
    return (
      Number.isInteger(scaled) &&
      Math.abs(value)
        .toFixed(decimals + 1)
        .endsWith('5')
    );
  }

  test('fixed: equal to toFixed but for ties', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 });
    const dyadic = fc.integer({ min: -100000, max: 100000 }).map((n) => n / 64);
    fc.assert(
      fc.property(fc.oneof(finite, dyadic), fc.integer({ min: 0, max: 12 }), (value, decimals) => {
        fc.pre(!isTie(value, decimals));
        const sign = Object.is(value, -0) ? '-' : '';
        expect(formatFixed(value, decimals)).toBe(sign + value.toFixed(decimals));
      }),
      { numRuns: 3000 },
    );
  });

  test('ties go to even', () => {
    expect([0.5, 1.5, 2.5, -2.5, -0.5].map((x) => formatFixed(x, 0))).toEqual(['0', '2', '2', '-2', '-0']);
    expect([0.125, 0.375].map((x) => formatFixed(x, 2))).toEqual(['0.12', '0.38']);
    expect([12.5, 13.5, 1250, 1350].map((x) => formatExponential(x, 1))).toEqual([
      '1.2e+01',
      '1.4e+01',
      '1.2e+03',
      '1.4e+03',
    ]);
  });

  test('exponential: 17 digits read back as the same number, of the form d.d+e±dd', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatExponential(value, 16);
        expect(Number(text)).toBe(value);
        expect(text).toMatch(/^-?\d\.\d{16}e[+-]\d\d+$/);
      }),
      { numRuns: 3000 },
    );
  });

  test('a rounding that reaches the next power of ten', () => {
    expect(formatExponential(9.99996, 4)).toBe('1.0000e+01');
    // 1e23 is 9.999999999999999161e22.
    expect(formatExponential(1e23, 4)).toBe('1.0000e+23');
    expect(formatExponential(1e23, 18)).toBe('9.999999999999999161e+22');
    expect(formatFixed(1e23, 1)).toBe('99999999999999991611392.0');
  });
});
