// The limits of dtypes, as torch 1.13.1 prints them.
import { expect, test } from 'vitest';
import * as torch from '../src/index.js';

test('finfo', () => {
  const single = torch.finfo();
  expect(String(single)).toBe(
    'finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)',
  );
  expect(single).toMatchObject({ bits: 32, max: 3.4028234663852886e38, tiny: 1.1754943508222875e-38 });
  expect(String(torch.finfo(torch.float64))).toBe(
    'finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)',
  );
  expect(() => torch.finfo(torch.int32)).toThrow('torch.finfo() requires a floating point input type');
  expect(() => torch.finfo(3 as unknown as torch.DType)).toThrow('must be torch.dtype, not number');
});

test('iinfo', () => {
  expect(
    [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64].map((dtype) =>
      String(torch.iinfo(dtype)),
    ),
  ).toEqual([
    'iinfo(min=0, max=255, dtype=uint8)',
    'iinfo(min=-128, max=127, dtype=int8)',
    'iinfo(min=-32768, max=32767, dtype=int16)',
    'iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)',
    'iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)',
  ]);
  expect(torch.iinfo(torch.int32).max).toBe(2147483647);
  expect(torch.iinfo(torch.int64).max).toBe(9223372036854775807n);
  expect(() => torch.iinfo(torch.float32)).toThrow('torch.iinfo() requires an integer input type');
  expect(() => torch.iinfo(torch.bool)).toThrow('torch.bool is not supported by torch.iinfo');
});

test('constants', () => {
  expect([torch.pi, torch.e, torch.inf, torch.nan]).toEqual([Math.PI, Math.E, Infinity, NaN]);
});
