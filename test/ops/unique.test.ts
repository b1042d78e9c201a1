import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/unique.json', import.meta.url), 'utf8'),
) as Record<string, unknown[]>;

const { float32, float64, int64, int16, uint8, bool } = torch;
const DTYPES: Readonly<Record<string, torch.DType>> = { float32, float64, int64, int16, uint8, bool };

it.each(Object.keys(recorded))('unsorted %s: the order of torch 1.13.1', (name) => {
  const [dtype, n] = name.split(', ');
  const shift = dtype === 'uint8' ? 0 : 8;
  const values = Array.from({ length: Number(n) }, (_, i) => ((i * i * 37 + 11 * i) % 83) / 4 - shift);
  const x = torch.tensor(values).to(DTYPES[dtype]);
  const options = { sorted: false, return_inverse: true, return_counts: true } as const;
  expect(torch.unique(x, options).map((part) => part.tolist())).toEqual(recorded[name]);
  expect(torch.unique(x, { sorted: false }).tolist()).toEqual(recorded[name][0]);
  expect(torch.unique(x).tolist()).toEqual(x.unique().sort()[0].tolist());
});

it('keeps every NaN, and one zero, the first', () => {
  expect(torch.unique(torch.tensor([NaN, 1, NaN]), { sorted: false }).tolist()).toEqual([1, NaN, NaN]);
  expect(torch.unique(torch.tensor([-0, 0.5, 0]), { sorted: false }).tolist()).toContain(-0);
});
