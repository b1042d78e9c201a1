import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const f64 = { dtype: torch.float64 };
const L = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: torch.int64 });

/** Scores [T, N, C] that take gradients. */
function scores(T: number, N: number, C: number): torch.Tensor {
  torch.manual_seed(5);
  return torch.randn([T, N, C], f64).requires_grad_(true);
}

/** −log of the summed probability of all alignments, each tried. */
function byAlignments(probabilities: number[][], labels: readonly number[], blank: number): number {
  let total = 0;
  const collapse = (path: number[]): number[] =>
    path.filter((c, i) => c !== blank && (i === 0 || path[i - 1] !== c));
  const walk = (path: number[], p: number): void => {
    if (path.length === probabilities.length) {
      if (collapse(path).join() === labels.join()) total += p;
      return;
    }
    probabilities[path.length].forEach((q, c) => walk([...path, c], p * q));
  };
  walk([], 1);
  return -Math.log(total);
}

describe('ctc_loss', () => {
  it.each([
    [0, [1, 2]],
    [0, [2, 2]],
    [2, [0, 1, 0]],
    [1, [3]],
    [0, []],
  ])('with blank %i and labels %j is the sum over alignments', (blank, labels) => {
    const logp = scores(5, 1, 4).log_softmax(2).detach();
    const expected = byAlignments(logp.select(1, 0).exp().tolist() as number[][], labels, blank);
    const targets = torch.tensor(labels, { dtype: torch.int64 }).reshape(1, labels.length);
    const loss = F.ctc_loss(logp, targets, [5], [labels.length], { blank, reduction: 'sum' });
    expect(loss.item()).toBeCloseTo(expected, 10);
  });

  const lengths = [L(6, 4, 5), L(2, 1, 3)] as const;
  const padded = torch.tensor([
    [1, 2, 0],
    [3, 0, 0],
    [2, 2, 1],
  ]);
  const joined = L(1, 2, 3, 2, 2, 1);

  it('takes padded targets, joined ones, other integers, lengths as arrays', () => {
    const logp = scores(6, 3, 4).log_softmax(2).detach();
    const expected = F.ctc_loss(logp, padded, ...lengths, { reduction: 'none' }).tolist();
    const same = (...args: Parameters<typeof F.ctc_loss>): void =>
      expect(F.ctc_loss(...args).tolist()).toEqual(expected);
    same(logp, joined, ...lengths, { reduction: 'none' });
    same(logp, padded.to(torch.int32), lengths[0].to(torch.uint8), lengths[1].to(torch.int16), 0, 'none');
    same(logp, padded.t().contiguous().t(), [6, 4, 5], [2, 1, 3], { reduction: 'none' });
    expect(torch.ctc_loss(logp, padded, ...lengths).tolist()).toEqual(expected);
    const [a, b, c] = expected as number[];
    expect(F.ctc_loss(logp, padded, ...lengths).item()).toBeCloseTo((a / 2 + b + c / 3) / 3, 12);
    expect(torch.ctc_loss(logp, padded, ...lengths, 0, 2).item()).toBeCloseTo(a + b + c, 12);
    const alone = F.ctc_loss(logp.select(1, 0), L(1, 2), [6], [2], { reduction: 'none' });
    expect(alone.shape).toEqual([]);
    expect(alone.item()).toBe(a);
  });

  it.each(['none', 'mean', 'sum'] as const)(
    'has the gradient behind log_softmax, reduction %s',
    (reduction) => {
      const x = scores(6, 3, 4);
      const call = (): torch.Tensor => F.ctc_loss(x.log_softmax(2), padded, ...lengths, { reduction });
      expect(torch.autograd.gradcheck(call, [x])).toBe(true);
    },
  );

  it('in float32 is what it is in float64', () => {
    const x = scores(6, 3, 4);
    const y = x.detach().float().requires_grad_(true);
    F.ctc_loss(x.log_softmax(2), padded, ...lengths).backward();
    F.ctc_loss(y.log_softmax(2), padded, ...lengths).backward();
    expect(y.grad!.double().sub(x.grad!).abs().max().item()).toBeLessThan(1e-6);
  });

  it('of labels that do not fit is infinite, or nothing with zero_infinity', () => {
    const x = scores(2, 2, 3);
    const options = { reduction: 'none' } as const;
    const call = (zero_infinity: boolean): torch.Tensor =>
      F.ctc_loss(x.log_softmax(2), L(1, 1, 2), [2, 2], [2, 1], { ...options, zero_infinity });
    expect((call(false).tolist() as number[])[0]).toBe(Infinity);
    const loss = call(true);
    expect((loss.tolist() as number[])[0]).toBe(0);
    loss.sum().backward();
    expect(x.grad!.select(1, 0).abs().sum().item()).toBe(0);
    expect(x.grad!.select(1, 1).abs().sum().item()).toBeGreaterThan(0);
    const nothing = F.ctc_loss(x.log_softmax(2), L(1), [0, 0], [0, 1], options);
    expect(nothing.tolist()).toEqual([0, Infinity]);
  });

  it('frees what it made', () => {
    const x = scores(6, 3, 4);
    const run = (): void =>
      torch.tidy(() => {
        F.ctc_loss(x.log_softmax(2), padded, ...lengths).backward();
        x.grad = null;
      });
    run();
    const before = torch.memory_stats();
    run();
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
  });

  const logp = (): torch.Tensor => torch.zeros(4, 2, 5);
  const t = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  it.each<[string, () => unknown, string]>([
    ['mixed lengths', () => F.ctc_loss(logp(), t, [4, 4], L(2, 2)), 'must be two tensors or two arrays'],
    ['blank', () => F.ctc_loss(logp(), t, [4, 4], [2, 2], 5), 'blank must be in label range'],
    ['inputs', () => F.ctc_loss(logp(), t, [4], [2, 2]), 'input_lengths must be of size batch_size'],
    ['labels', () => F.ctc_loss(logp(), t, L(4, 4), L(2)), 'target_lengths must be of size batch_size'],
    ['floats', () => F.ctc_loss(logp(), t, L(4, 4).float(), L(2, 2)), 'input_lengths must be integral'],
    ['negative', () => F.ctc_loss(logp(), t, [4, 4], [-1, 2]), 'target_lengths must not be negative, got -1'],
    [
      'long input',
      () => F.ctc_loss(logp(), t, [4, 5], [2, 2]),
      'Expected input_lengths to have value at most 4, but got value 5 (while checking arguments for ctc_loss_cpu)',
    ],
    [
      'long labels',
      () => F.ctc_loss(logp(), t, [4, 4], [2, 3]),
      "Expected tensor to have size at least 3 at dimension 1, but got size 2 for argument #2 'targets' (while checking " +
        'arguments for ctc_loss_cpu)',
    ],
    [
      'joined labels',
      () => F.ctc_loss(logp(), L(1, 2, 3), [4, 4], [2, 2]),
      "Expected tensor to have size 4 at dimension 0, but got size 3 for argument #2 'targets'",
    ],
    [
      'target dimensions',
      () => F.ctc_loss(logp(), torch.tensor(1), [4, 4], [1, 1]),
      "Expected 1 to 2 dimensions, but got 0-dimensional tensor for argument #2 'targets'",
    ],
    [
      'input dimensions',
      () => F.ctc_loss(torch.zeros(4), t, [4, 4], [1, 1]),
      "Expected 3-dimensional tensor, but got 1-dimensional tensor for argument #1 'log_probs'",
    ],
    [
      'integers',
      () => F.ctc_loss(logp().long(), t, [4, 4], [1, 1]),
      '"ctc_loss_cpu" not implemented for \'Long\'',
    ],
    ['classes', () => F.ctc_loss(logp(), t.add(1), [4, 4], [2, 2]), 'targets must be between 0 and 4, got 5'],
    [
      'reduction',
      () => F.ctc_loss(logp(), t, [4, 4], [2, 2], { reduction: 'x' as 'sum' }),
      'x is not a valid value for reduction',
    ],
    ['number', () => torch.ctc_loss(logp(), t, [4, 4], [2, 2], 0, 3), '3 is not a valid value for reduction'],
    [
      'second derivative',
      () => {
        const x = torch.zeros(4, 1, 3).requires_grad_(true);
        const loss = F.ctc_loss(x, L(1), [4], [1]);
        torch.autograd.grad([loss], [x], { create_graph: true })[0]!.sum().backward();
      },
      'derivative for aten::_ctc_loss_backward is not implemented',
    ],
  ])('refuses: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
