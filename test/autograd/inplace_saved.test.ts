// What calls in place keep of the values that they overwrite.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { runtime } from '../../src/wasm/module.js';

const { functional: F } = torch.nn;
const N = 1 << 14;

type Call = (x: torch.Tensor) => torch.Tensor;

/** How many tensors of x's size are kept when a call in place on x is recorded. */
function kept(call: Call): number {
  return torch.tidy(() => {
    const x = torch.rand(N, { requires_grad: true }).mul(0.5);
    const before = runtime().allocator.allocatedBytes;
    const out = call(x);
    expect(out).toBe(x);
    expect(out.requires_grad).toBe(true);
    return Math.round((runtime().allocator.allocatedBytes - before) / (4 * N));
  });
}

const other = torch.keep(torch.rand(N).add(1));
const mask = torch.keep(other.gt(1.5));

const WITHOUT: Readonly<Record<string, Call>> = {
  'add_ a number': (x) => x.add_(1),
  'add_ a tensor': (x) => x.add_(other),
  'sub_ a tensor': (x) => x.sub_(other, { alpha: 2 }),
  'mul_ by a number': (x) => x.mul_(2),
  'mul_ by a constant': (x) => x.mul_(other),
  'div_ by a number': (x) => x.div_(2),
  'div_ by a constant': (x) => x.div_(other),
  'fmod_ of a constant': (x) => x.fmod_(other),
  addcmul_: (x) => x.addcmul_(other, other),
  addcdiv_: (x) => x.addcdiv_(other, other),
  lerp_: (x) => x.lerp_(other, 0.5),
  relu_: (x) => x.relu_(),
  leaky_relu_: (x) => F.leaky_relu_(x),
  exp_: (x) => x.exp_(),
  sqrt_: (x) => x.sqrt_(),
  rsqrt_: (x) => x.rsqrt_(),
  reciprocal_: (x) => x.reciprocal_(),
  sigmoid_: (x) => x.sigmoid_(),
  tanh_: (x) => x.tanh_(),
  neg_: (x) => x.neg_(),
  round_: (x) => x.round_(),
  floor_: (x) => x.floor_(),
  cumsum_: (x) => x.cumsum_(0),
  copy_: (x) => x.copy_(other),
  fill_: (x) => x.fill_(1),
  zero_: (x) => x.zero_(),
  masked_fill_: (x) => x.masked_fill_(mask, 0),
};

const factor = torch.keep(torch.ones(1, { requires_grad: true }));

const WITH: Readonly<Record<string, Call>> = {
  'mul_ by what takes a gradient': (x) => x.mul_(factor),
  'div_ by what takes a gradient': (x) => x.div_(factor),
  pow_: (x) => x.pow_(3),
  abs_: (x) => x.abs_(),
  sin_: (x) => x.sin_(),
  log_: (x) => x.log_(),
  clamp_: (x) => x.clamp_(0.1, 0.2),
  hardtanh_: (x) => F.hardtanh_(x, 0.1, 0.2),
  threshold_: (x) => F.threshold_(x, 0.1, 0),
};

describe('a recorded call in place', () => {
  it.each(Object.entries(WITHOUT))('%s copies nothing', (_name, call) => {
    expect(kept(call)).toBe(0);
  });

  it.each(Object.entries(WITH))('%s keeps what it overwrites', (_name, call) => {
    expect(kept(call)).toBe(1);
  });

  it('keeps nothing when nothing is recorded', () => {
    for (const call of Object.values(WITH)) {
      torch.tidy(() => {
        const x = torch.rand(N);
        const before = runtime().allocator.allocatedBytes;
        torch.no_grad(() => call(x));
        expect(Math.round((runtime().allocator.allocatedBytes - before) / (4 * N))).toBe(0);
      });
    }
  });
});

describe('gradients through what was overwritten', () => {
  const leaf = (...values: number[]): torch.Tensor =>
    torch.tensor(values, { dtype: torch.float32, requires_grad: true });

  it.each([
    ['mul_', (y: torch.Tensor, w: torch.Tensor) => y.mul_(w), 1],
    ['div_', (y: torch.Tensor, w: torch.Tensor) => y.div_(w), -0.25],
    ['pow_', (y: torch.Tensor, w: torch.Tensor) => y.pow_(w), 3 + 6 * Math.log(3)],
    ['atan2_', (y: torch.Tensor, w: torch.Tensor) => y.atan2_(w), 5 / 169],
  ] as const)('of gradients: %s', (_name, call, expected) => {
    const x = leaf(3);
    const w = leaf(2);
    const y = call(x.clone(), w);
    const [g] = torch.autograd.grad(y.sum(), [w], { create_graph: true });
    const [gg] = torch.autograd.grad(g!.sum(), [x]);
    expect(gg!.item()).toBeCloseTo(expected, 5);
  });

  it('copysign_', () => {
    const x = leaf(2, -3, 4);
    x.clone()
      .copysign_(torch.tensor([-1, -1, 1]).float())
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([-1, 1, 1]);
  });
});
