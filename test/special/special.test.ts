import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/special.json', import.meta.url), 'utf8'),
) as Record<string, number[][]>;

type Function = (...inputs: torch.Tensor[]) => torch.Tensor;
const special = torch.special as unknown as Record<string, Function>;

/** Relative errors that are allowed; next to a zero of an oscillating function 1e-13 of its amplitude. */
const LOOSE: Readonly<Record<string, number>> = { airy_ai: 1e-10, gammainc: 1e-10, gammaincc: 1e-10 };

describe.each(Object.entries(recorded))('special.%s', (name, rows) => {
  it.each([
    ['float64', torch.float64, LOOSE[name] ?? 2e-13],
    ['float32', torch.float32, 1e-5],
  ] as const)('%s', (_dtype, dtype, tolerance) => {
    const count = rows[0].length - 1;
    const inputs = Array.from({ length: count }, (_, k) =>
      torch.tensor(
        rows.map((row) => row[k]),
        { dtype },
      ),
    );
    const found = special[name](...inputs).tolist() as number[];
    rows.forEach((row, i) => {
      const expected = row[count];
      if (dtype === torch.float32 && (Math.abs(expected) > 1e38 || row.some((x) => x !== Math.fround(x))))
        return;
      expect(Math.abs(found[i] - expected)).toBeLessThan(tolerance * (Math.abs(expected) + 1e-3));
    });
  });
});

describe('special functions', () => {
  it('have torch’s values at the edges', () => {
    const at = (f: Function, ...values: number[][]): unknown =>
      f(...values.map((list) => torch.tensor(list, { dtype: torch.float64 }))).tolist();
    expect(at(torch.special.entr, [0, -1, NaN])).toEqual([0, -Infinity, NaN]);
    expect(at(torch.special.ndtri, [0, 1, -1, 2])).toEqual([-Infinity, Infinity, NaN, NaN]);
    expect(at(torch.igamma, [0, 1, -1, Infinity, 2], [1, 0, 1, 1, Infinity])).toEqual([1, 0, NaN, 0, 1]);
    expect(at(torch.igammac, [0, 0, 1, Infinity, 2], [1, 0, 0, Infinity, Infinity])).toEqual([
      0,
      NaN,
      1,
      NaN,
      0,
    ]);
    expect(at(torch.special.bessel_y0, [0, -1])).toEqual([-Infinity, NaN]);
    expect(at(torch.special.modified_bessel_k1, [0, -1, Infinity])).toEqual([Infinity, NaN, 0]);
    expect(at(torch.special.zeta, [1, 0.5, 2], [1, 1, 0])).toEqual([Infinity, NaN, Infinity]);
    // 10¹² terms of negative base, of which the sum is π² / sin²(π / 2) but for those that are not there.
    const [half] = at(torch.special.zeta, [2], [-1e12 + 0.5]) as number[];
    expect(half).toBeCloseTo(Math.PI ** 2, 10);
    const [cubed] = at(torch.special.zeta, [3], [-1000.25]) as number[];
    expect(cubed).toBeCloseTo(-62.0125528613489, 9);
    expect(at(torch.special.xlog1py as Function, [0, 0, 1], [-1, NaN, -1])).toEqual([0, NaN, -Infinity]);
    expect(at(torch.special.hermite_polynomial_h as Function, [2, 2], [-1, 3])).toEqual([0, 40]);
  });

  it('refuse what torch refuses', () => {
    const ints = torch.tensor([1, 2]);
    expect(() => torch.igamma(ints, ints)).toThrow('"igamma_cpu" not implemented for \'Long\'');
    expect(() => torch.mvlgamma(torch.ones(2), 0)).toThrow('p has to be greater than or equal to 1');
    const a = torch.ones(2).requires_grad_();
    expect(() => torch.igamma(a, torch.ones(2)).sum().backward()).toThrow(
      "the derivative for 'igamma: input' is not implemented.",
    );
  });
});
