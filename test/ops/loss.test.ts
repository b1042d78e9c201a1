import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const f32 = { dtype: torch.float32 };
const f64 = { dtype: torch.float64 };
const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
const L = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: torch.int64 });
const scores = (): torch.Tensor =>
  torch.tensor(
    [
      [1, 2, 3],
      [1, 0, -1],
    ],
    f32,
  );
const weight = (): torch.Tensor => torch.tensor([1, 2, 3], f32);

describe('cross_entropy', () => {
  it('weights, smooths and divides as PyTorch 1.13.1', () => {
    expect(F.cross_entropy(scores(), L(2, 0)).item()).toBeCloseTo(0.40760594606399536, 6);
    const smooth = F.cross_entropy(scores(), L(2, 0), { weight: weight(), label_smoothing: 0.1 });
    expect(smooth.item()).toBeCloseTo(0.5076059103012085, 6);
    const soft = F.cross_entropy(
      scores(),
      torch.tensor(
        [
          [0.2, 0.3, 0.5],
          [1, 0, 0],
        ],
        f32,
      ),
      {
        weight: weight(),
        label_smoothing: 0.1,
      },
    );
    expect(soft.item()).toBeCloseTo(1.3368158340454102, 6);
  });

  it('of ignored targets alone is NaN as a mean, 0 as a sum and as losses', () => {
    const target = L(-100, -100);
    expect(F.cross_entropy(scores(), target).item()).toBeNaN();
    expect(F.cross_entropy(scores(), target, { reduction: 'sum' }).item()).toBe(0);
    expect(F.cross_entropy(scores(), target, { reduction: 'none' }).tolist()).toEqual([0, 0]);
  });

  it('is log_softmax and nll_loss, also in its gradient', () => {
    torch.manual_seed(0);
    const x = torch.randn(2, 5, 3, 4, { ...f64, requires_grad: true });
    const target = torch.randint(0, 5, [2, 3, 4]);
    const options = { weight: torch.rand(5, f64), ignore_index: 2 };
    const a = F.cross_entropy(x, target, options);
    a.backward();
    const { grad } = x;
    x.grad = null;
    const b = F.nll_loss(F.log_softmax(x, 1), target, options);
    b.backward();
    expect(a.item()).toBeCloseTo(b.item(), 12);
    expect(grad!.sub(x.grad!).abs().max().item()).toBeLessThan(1e-15);
  });

  it('takes scores without a batch, and uint8 targets', () => {
    expect(F.cross_entropy(scores().select(0, 0), torch.tensor(2)).shape).toEqual([]);
    const bytes = torch.tensor([2, 0], { dtype: torch.uint8 });
    expect(F.cross_entropy(scores(), bytes).item()).toBe(F.cross_entropy(scores(), L(2, 0)).item());
  });

  it('understands the older words for reduction', () => {
    const sum = F.cross_entropy(scores(), L(2, 0), { size_average: false }).item();
    expect(sum).toBe(F.cross_entropy(scores(), L(2, 0), { reduction: 'sum' }).item());
    expect(F.cross_entropy(scores(), L(2, 0), { reduce: false }).shape).toEqual([2]);
  });

  it.each<[string, () => unknown, string, string]>([
    [
      'batch',
      () => F.cross_entropy(r(3, 4), L(0, 1)),
      'ValueError',
      'Expected input batch_size (3) to match target batch_size (2).',
    ],
    ['target', () => F.cross_entropy(r(3, 3), L(3, 3, 3)), 'IndexError', 'Target 3 is out of bounds.'],
    [
      'negative target',
      () => F.cross_entropy(r(2, 3), L(0, -1)),
      'IndexError',
      'Target -1 is out of bounds.',
    ],
    [
      'int32',
      () => F.cross_entropy(r(1, 3), L(0).to(torch.int32)),
      'RuntimeError',
      'expected scalar type Long but found Int',
    ],
    [
      'float',
      () => F.cross_entropy(r(3, 3), r(3)),
      'RuntimeError',
      'expected scalar type Long but found Float',
    ],
    [
      'int probabilities',
      () => F.cross_entropy(r(2, 2), r(2, 2).to(torch.int64)),
      'RuntimeError',
      'Expected floating point type for target with class probabilities, got Long',
    ],
    [
      'reduction',
      () => F.cross_entropy(r(2, 3), L(0, 0), { reduction: 'foo' as 'sum' }),
      'ValueError',
      'foo is not a valid value for reduction',
    ],
    [
      'weight',
      () => F.cross_entropy(r(2, 3), L(0, 0), r(2)),
      'RuntimeError',
      'weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [2]',
    ],
    [
      'dimensions',
      () => F.cross_entropy(r(3, 4, 2, 2), r(3, 2).to(torch.int64)),
      'RuntimeError',
      'only batches of spatial targets supported (3D tensors) but got targets of dimension: 2',
    ],
    [
      'size',
      () => F.nll_loss(r(3, 4, 2), r(3, 3).to(torch.int64)),
      'RuntimeError',
      'Expected target size [3, 2], got [3, 3]',
    ],
    [
      'multi-target',
      () => F.nll_loss(r(3, 4), r(3, 1).to(torch.int64)),
      'RuntimeError',
      '0D or 1D target tensor expected, multi-target not supported',
    ],
    [
      'smoothing',
      () => F.cross_entropy(r(2, 3), L(0, 0), { label_smoothing: 2 }),
      'RuntimeError',
      'label_smoothing must be between 0.0 and 1.0. Got: 2',
    ],
    [
      'integers',
      () => F.cross_entropy(r(2, 3).to(torch.int64), L(0, 0)),
      'NotImplementedError',
      "not implemented for 'Long'",
    ],
  ])('refuses: %s', (_name, call, error, message) => {
    expect(call).toThrow(
      expect.objectContaining({ name: error, message: expect.stringContaining(message) as string }),
    );
  });
});

describe('pointwise losses', () => {
  it('have the values at their bends', () => {
    const [x, y] = [torch.tensor([0, 0.5, 2], f64), torch.zeros(3, f64)];
    expect(F.smooth_l1_loss(x, y, { reduction: 'none', beta: 0.5 }).tolist()).toEqual([0, 0.25, 1.75]);
    expect(F.smooth_l1_loss(x, y, { reduction: 'none', beta: 0 }).tolist()).toEqual([0, 0.5, 2]);
    expect(F.huber_loss(x, y, { reduction: 'none', delta: 0.5 }).tolist()).toEqual([0, 0.125, 0.875]);
    expect(F.mse_loss(x, y, { reduction: 'sum' }).item()).toBe(4.25);
    expect(F.l1_loss(x, y).item()).toBeCloseTo(2.5 / 3, 12);
  });

  it('binary cross entropy keeps logarithms above −100 and its gradient finite', () => {
    const x = torch.tensor([0, 1], { ...f32, requires_grad: true });
    const loss = F.binary_cross_entropy(x, torch.tensor([1, 0], f32), { reduction: 'none' });
    expect(loss.tolist()).toEqual([100, 100]);
    loss.sum().backward();
    expect((x.grad!.tolist() as number[]).every(Number.isFinite)).toBe(true);
  });

  it('with logits does not overflow', () => {
    const x = torch.tensor([1000, -1000], { ...f32, requires_grad: true });
    const loss = F.binary_cross_entropy_with_logits(x, torch.tensor([0, 1], f32), { reduction: 'none' });
    expect(loss.tolist()).toEqual([1000, 1000]);
    loss.sum().backward();
    expect(x.grad!.tolist()).toEqual([1, -1]);
  });

  it('kl_div counts 0 · log 0 as 0, also in its gradient', () => {
    const target = torch.tensor([[0, 1]], { ...f64, requires_grad: true });
    const input = torch.tensor([[-1, -2]], f64);
    const loss = F.kl_div(input, target, { reduction: 'batchmean' });
    expect(loss.item()).toBe(2);
    loss.backward();
    expect((target.grad!.flatten().tolist() as number[]).every(Number.isFinite)).toBe(true);
    expect(F.kl_div(input, target).item()).toBe(1);
  });

  it.each<[string, () => unknown, string]>([
    [
      'shapes',
      () => F.mse_loss(r(3, 2), r(4)),
      'The size of tensor a (2) must match the size of tensor b (4) at non-singleton dimension 1',
    ],
    ['integers', () => F.mse_loss(L(1), L(2)), '"mse_cpu" not implemented for \'Long\''],
    [
      'beta',
      () => F.smooth_l1_loss(r(3), r(3), { beta: -1 }),
      'smooth_l1_loss does not support negative values for beta.',
    ],
    [
      'delta',
      () => F.huber_loss(r(3), r(3), { delta: 0 }),
      'huber_loss does not support non-positive values for delta.',
    ],
    [
      'probabilities',
      () => F.binary_cross_entropy(torch.tensor([2], f32), r(1)),
      'all elements of input should be between 0 and 1',
    ],
    [
      'NaN',
      () => F.binary_cross_entropy(torch.tensor([NaN], f32), r(1)),
      'all elements of input should be between 0 and 1',
    ],
    [
      'sizes',
      () => F.binary_cross_entropy(r(3), r(2)),
      'Using a target size (torch.Size([2])) that is different to the input size (torch.Size([3])) is deprecated.',
    ],
    [
      'logit sizes',
      () => F.binary_cross_entropy_with_logits(r(3), r(2)),
      'Target size (torch.Size([2])) must be the same as input size (torch.Size([3]))',
    ],
    [
      'dtype',
      () => F.binary_cross_entropy(r(3), torch.ones(3, f64)),
      'Found dtype Double but expected Float',
    ],
    [
      'reduction',
      () => F.kl_div(r(3), r(3), { reduction: 'foo' as 'sum' }),
      'foo is not a valid value for reduction',
    ],
  ])('refuses: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
