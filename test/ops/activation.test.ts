import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;

/** Value and gradient at NaN, as PyTorch 1.13.1 gives them in float32. */
const AT_NAN: [name: string, value: number, grad: number][] = [
  ['relu', NaN, 1],
  ['relu6', NaN, 1],
  ['leaky_relu', NaN, 0.009999999776482582],
  ['elu', NaN, 1],
  ['selu', NaN, 1.0507010221481323],
  ['celu', NaN, 1],
  ['gelu', NaN, NaN],
  ['silu', NaN, NaN],
  ['mish', NaN, NaN],
  ['softplus', NaN, NaN],
  ['softsign', NaN, NaN],
  ['hardtanh', NaN, 1],
  ['hardsigmoid', NaN, 0],
  ['hardswish', NaN, 1],
  ['logsigmoid', NaN, NaN],
  ['tanhshrink', NaN, NaN],
  ['softshrink', 0, 1],
  ['hardshrink', NaN, 1],
];

type Unary = (x: torch.Tensor) => torch.Tensor;

describe('NaN', () => {
  // One element alone and one in the middle of a vector: kernels have a path for each.
  it.each(AT_NAN)('%s', (name, value, grad) => {
    for (const size of [1, 11]) {
      const at = size >> 1;
      const values = new Array<number>(size).fill(0.25);
      values[at] = NaN;
      const x = torch.tensor(values, { dtype: torch.float32, requires_grad: true });
      const out = (F[name as keyof typeof F] as unknown as Unary)(x);
      out.sum().backward();
      expect((out.tolist() as number[])[at]).toEqual(value);
      expect((x.grad!.tolist() as number[])[at]).toEqual(grad);
    }
  });
});

describe('kinks', () => {
  const gradAt = (value: number, f: Unary): number => {
    const x = torch.tensor([value], { dtype: torch.float64, requires_grad: true });
    f(x).sum().backward();
    return x.grad!.item();
  };

  it('has the subgradients that torch has', () => {
    expect(gradAt(0, torch.relu)).toBe(0);
    expect([gradAt(0, F.relu6), gradAt(6, F.relu6)]).toEqual([0, 0]);
    expect([gradAt(-1, F.hardtanh), gradAt(1, F.hardtanh)]).toEqual([0, 0]);
    expect(gradAt(0, F.leaky_relu)).toBe(0.01);
    expect([gradAt(-3, F.hardsigmoid), gradAt(3, F.hardsigmoid)]).toEqual([0, 0]);
    expect(gradAt(3, F.hardswish)).toBe(1.5);
    expect(gradAt(0.5, F.softshrink)).toBe(0);
    expect(gradAt(0.5, F.hardshrink)).toBe(0);
    expect(gradAt(0, (x) => F.threshold(x, 0, 5))).toBe(0);
  });
});

describe('in place', () => {
  it.each([
    'relu',
    'relu6',
    'leaky_relu',
    'elu',
    'selu',
    'celu',
    'silu',
    'mish',
    'hardtanh',
    'hardsigmoid',
    'hardswish',
  ])('%s writes over its input and has the same gradient', (name) => {
    const f = F[name as 'relu'];
    const values = [-4, -1, -0.25, 0.5, 2, 7];
    const [a, b] = [0, 1].map(() => torch.tensor(values, { dtype: torch.float64, requires_grad: true }));
    const out = f(a);
    out.mul(2).sum().backward();
    const y = b.mul(1);
    expect(f(y, { inplace: true })).toBe(y);
    expect(y.tolist()).toEqual(out.tolist());
    y.mul(2).sum().backward();
    expect(b.grad!.tolist()).toEqual(a.grad!.tolist());
  });

  it('a result of relu_ that is written again makes backward fail, as in torch', () => {
    const x = torch.ones(3, { requires_grad: true });
    const y = x.mul(2).relu_();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(
      'has been modified by an inplace operation: [torch.FloatTensor [3]], which is output 0 of ReluBackward0, is at version 2; expected version 1',
    );
  });

  it('is refused on a leaf that requires grad', () => {
    const x = torch.ones(3, { requires_grad: true });
    expect(() => F.relu(x, true)).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
  });
});

describe('errors in torch’s words', () => {
  const ints = (): torch.Tensor => torch.ones(3, { dtype: torch.int64 });
  const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
  it.each<[string, () => unknown, string]>([
    ['bool relu', () => F.relu(r(3).to(torch.bool)), 'Boolean inputs not supported for relu'],
    [
      'gelu',
      () => F.gelu(r(3), { approximate: 'x' as 'tanh' }),
      'approximate argument must be either none or tanh.',
    ],
    ['silu', () => F.silu(ints()), '"silu_cpu" not implemented for \'Long\''],
    ['elu', () => F.elu(ints()), '"elu_cpu" not implemented for \'Long\''],
    ['celu', () => F.celu(r(3), 0), 'ZeroDivisionError: alpha cannot be 0 for CELU'],
    ['softshrink', () => F.softshrink(r(3), -1), 'lambda must be greater or equal to 0, but found to be -1'],
    ['glu', () => F.glu(r(3)), 'Halving dimension must be even, but dimension 0 is size 3'],
    ['glu of 0-dim', () => F.glu(r()), 'glu does not support scalars because halving size must be even'],
    [
      'prelu',
      () => F.prelu(r(2, 3), r(2)),
      'Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and channel size = 3.',
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });

  it('relu and hardtanh take integers', () => {
    const x = torch.tensor([-2, 0, 3]);
    expect(F.relu(x).tolist()).toEqual([0, 0, 3]);
    expect(F.hardtanh(x).tolist()).toEqual([-1, 0, 1]);
  });
});
