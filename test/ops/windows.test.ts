// Windows, and Poisson and binomial numbers, against PyTorch's.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { windows, draws } = JSON.parse(
  readFileSync(new URL('../fixtures/windows.json', import.meta.url), 'utf8'),
) as {
  windows: [name: keyof typeof makers, length: number, periodic: boolean, args: number[], values: number[]][];
  draws: [name: 'poisson' | 'binomial', dtype: 'float32' | 'float64', values: number[], next: number][];
};

const makers = {
  bartlett_window: torch.bartlett_window,
  blackman_window: torch.blackman_window,
  hamming_window: torch.hamming_window,
  hann_window: torch.hann_window,
  kaiser_window: torch.kaiser_window,
};

describe('windows', () => {
  it.each(windows)('%s(%i, %s, ...%j)', (name, length, periodic, args, values) => {
    const make = makers[name] as (...args: unknown[]) => torch.Tensor;
    for (const [dtype, tolerance] of [
      [torch.float64, 1e-14],
      // I₀(12 x) has 12 times the relative error of x.
      [torch.float32, 2e-6],
    ] as const) {
      const got = make(length, periodic, ...args, { dtype });
      expect(got.dtype).toBe(dtype);
      expect(got.shape).toEqual([length]);
      expect(Math.max(0, ...values.map((value, i) => Math.abs(got.index(i).item() - value)))).toBeLessThan(
        tolerance,
      );
    }
  });

  it('takes options, and refuses what torch refuses', () => {
    const window = torch.hann_window(4, { periodic: false, requires_grad: true });
    expect(window.requires_grad).toBe(true);
    expect(window.shape).toEqual([4]);
    expect(() => torch.hann_window(-1)).toThrow(
      'hann_window requires non-negative window_length, got window_length=-1',
    );
    expect(() => torch.kaiser_window(3, { dtype: torch.int64 })).toThrow(
      'kaiser_window expects floating point dtypes, got:',
    );
    expect(() => torch.bartlett_window(2.5)).toThrow(
      "argument 'window_length' (position 1) must be int, not float 2.5",
    );
  });
});

describe('poisson and binomial', () => {
  it.each(draws)('%s in %s draws torch’s numbers', (name, dtypeName, values, next) => {
    const dtype = dtypeName === 'float64' ? torch.float64 : torch.float32;
    const n = torch.arange(40);
    const rate = n.mul(n).remainder(97).to(dtype).mul(n.to(dtype).add(1)).div(8);
    const count = n.mul(37).remainder(101).to(dtype).mul(n.remainder(5).add(1).to(dtype));
    const prob = n.mul(13).remainder(64).to(dtype).div(63);
    torch.manual_seed(2);
    const got = name === 'poisson' ? torch.poisson(rate) : torch.binomial(count, prob);
    expect(got.dtype).toBe(dtype);
    expect(got.tolist()).toEqual(values);
    expect(torch.rand(1).item()).toBe(next);
  });

  it('take a generator, broadcast, and draw in the order of elements', () => {
    const draw = (rate: torch.Tensor): unknown =>
      torch.poisson(rate, { generator: new torch.Generator().manual_seed(4) }).tolist();
    const rate = torch.arange(6).to(torch.float32).mul(7).reshape(2, 3);
    expect(draw(rate.t())).toEqual(draw(rate.t().contiguous()));
    const [count, prob] = [torch.tensor([[10], [20]]).float(), torch.tensor([0, 1, NaN]).float()];
    expect(torch.binomial(count, prob).tolist()).toEqual([
      [0, 10, NaN],
      [0, 20, NaN],
    ]);
    expect(torch.binomial(torch.tensor([-3]).float(), torch.tensor([0.5])).tolist()).toEqual([0]);
  });

  it('have torch’s gradients: zero, and none', () => {
    const x = torch.full([2], 3, { requires_grad: true, dtype: torch.float32 });
    torch.poisson(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 0]);
    const prob = torch.full([2], 0.5, { requires_grad: true });
    expect(() => torch.binomial(x.detach(), prob).sum().backward()).toThrow(
      'derivative for aten::binomial is not implemented',
    );
  });

  it('refuse what torch refuses, and what it does not survive', () => {
    const f = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: torch.float32 });
    expect(() => torch.poisson(f(1, -1))).toThrow('invalid Poisson rate, expected rate to be non-negative');
    expect(() => torch.poisson(f(NaN))).toThrow('invalid Poisson rate');
    expect(() => torch.poisson(f(Infinity))).toThrow('invalid Poisson rate');
    expect(() => torch.poisson(torch.tensor([1]))).toThrow('"poisson_cpu" not implemented for \'Long\'');
    expect(() => torch.binomial(f(3), f(0.5).double())).toThrow('Found dtype Double but expected Float');
    expect(() => torch.binomial(torch.tensor([3]), torch.tensor([1]))).toThrow(
      '"binomial_cpu" not implemented for \'Long\'',
    );
    expect(() => torch.binomial(f(NaN), f(0.5))).toThrow('binomial: expected counts to be finite');
  });
});
