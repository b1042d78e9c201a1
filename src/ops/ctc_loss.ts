import { int64 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { Tensor } from '../tensor.js';
import { elementReader, tolist, writeValues } from '../tensor_data.js';
import { address, allocate } from '../tensor_handle.js';
import { eq, where } from './compare.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast, dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { div } from './pointwise_binary.js';
import { kindOf } from './define_loss.js';
import { reduceLoss } from './reduction.js';
import type { Reduction } from './reduction.js';
import { select, unsqueeze } from './view.js';

/** How many states the longest labels have: each label and a blank before, between and after them. */
function widthOf(sizes: Tensor): number {
  return Math.max(1, ...(tolist(sizes) as number[][]).map(([, , length]) => 2 * length + 1));
}

/**
 * The negative log-likelihoods [N] of log-probabilities [T, N, C], arguments checked. `sizes` is [N, 3]: where each batch's labels begin in
 * `labels`, the length of its input, the length of its labels.
 */
export const ctcLoss: Op<
  (logProbs: Tensor, labels: Tensor, sizes: Tensor, blank: number, zeroInfinity: boolean) => Tensor
> = define({
  schema: '_ctc_loss(Tensor log_probs, Tensor labels, Tensor sizes, int blank, bool zero_infinity)',
  forward: (ctx, logProbs: Tensor, labels: Tensor, sizes: Tensor, blank: number) => {
    const [T, N, C] = logProbs.shape;
    const logp = dense(logProbs);
    const width = widthOf(sizes);
    const alpha = allocate([N, T, width], logp.dtype);
    const loss = allocate([N], logp.dtype);
    floatKernel('ctc_forward_f32', logp.dtype)(
      address(logp),
      address(labels),
      address(sizes),
      address(alpha),
      address(loss),
      T,
      N,
      C,
      width,
      blank,
    );
    ctx.save(logProbs, labels, sizes, alpha);
    ctx.saveOutput(loss);
    return loss;
  },
  backward: (ctx, g) => {
    const [logProbs, labels, sizes, alpha, loss] = ctx.saved();
    const [, , , blank, zeroInfinity] = ctx.args as [null, null, null, number, boolean];
    return [ctcLossBackward(g, logProbs, labels, sizes, alpha, loss, blank, zeroInfinity), null, null];
  },
  // The gradient is that of normalized log-probabilities, as in torch, so central differences do not see it alone:
  // test/ops/ctc_loss.test.ts checks it behind log_softmax.
  samples: (make) => [
    [make(5, 1, 3).log_softmax(2).detach(), make.int(1, 3, 2), sizesOf([[0, 5, 2]]), 0, false],
  ],
});

type BackwardArgs = [
  logProbs: Tensor,
  labels: Tensor,
  sizes: Tensor,
  alpha: Tensor,
  loss: Tensor,
  blank: number,
  zeroInfinity: boolean,
];

const ctcLossBackward: Op<(grad: Tensor, ...args: BackwardArgs) => Tensor> = define({
  schema:
    '_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor labels, Tensor sizes, Tensor alpha, Tensor loss, int blank, ' +
    'bool zero_infinity)',
  forward: (
    _ctx,
    grad: Tensor,
    ...[logProbs, labels, sizes, alpha, loss, blank, zeroInfinity]: BackwardArgs
  ) => {
    const [T, N, C] = logProbs.shape;
    const [g, logp] = [dense(grad), dense(logProbs)];
    const width = widthOf(sizes);
    const beta = allocate([2, width], logp.dtype);
    const out = allocate(logp.shape, logp.dtype);
    floatKernel('ctc_backward_f32', logp.dtype)(
      address(g),
      address(logp),
      address(labels),
      address(sizes),
      address(alpha),
      address(loss),
      address(beta),
      address(out),
      T,
      N,
      C,
      width,
      blank,
      Number(zeroInfinity),
    );
    return out;
  },
  backward: () => {
    throw new RuntimeError('derivative for aten::_ctc_loss_backward is not implemented');
  },
});

const CHECKING = '(while checking arguments for ctc_loss_cpu)';

function lengthsOf(name: string, lengths: Tensor | number[], N: number): number[] {
  if (lengths instanceof Tensor && (lengths.dtype.is_floating_point || lengths.dtype.name === 'bool'))
    throw new RuntimeError(`${name} must be integral`);
  const list = lengths instanceof Tensor ? ([tolist(lengths)].flat() as number[]) : lengths;
  if (list.length !== N) throw new RuntimeError(`${name} must be of size batch_size`);
  const negative = list.find((length) => length < 0);
  if (negative !== undefined)
    throw new RuntimeError(`${name} must not be negative, got ${negative} (ctc_loss)`);
  return list;
}

function sizesOf(rows: readonly (readonly number[])[]): Tensor {
  const out = allocate([rows.length, 3], int64);
  writeValues(out, rows.flat());
  return out;
}

/** Where each batch's labels are in the targets, which are [N, S] or all labels one after the other. */
function labelOffsets(targets: Tensor, lengths: readonly number[]): number[] {
  const expected = (text: string): RuntimeError =>
    new RuntimeError(`Expected ${text} for argument #2 'targets' ${CHECKING}`);
  if (targets.ndim !== 1 && targets.ndim !== 2)
    throw expected(`1 to 2 dimensions, but got ${targets.ndim}-dimensional tensor`);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const first = targets.ndim === 1 ? total : lengths.length;
  if (targets.shape[0] !== first)
    throw expected(`tensor to have size ${first} at dimension 0, but got size ${targets.shape[0]}`);
  if (targets.ndim === 1) {
    let position = 0;
    return lengths.map((length) => (position += length) - length);
  }
  const longest = Math.max(0, ...lengths);
  const S = targets.shape[1];
  if (S < longest)
    throw expected(`tensor to have size at least ${longest} at dimension 1, but got size ${S}`);
  return lengths.map((_, n) => n * S);
}

/** What both forms of ctc_loss take, bound; the reduction is a name or a number. */
export type CtcArgs = [
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | number[],
  targetLengths: Tensor | number[],
  blank: number,
  reduction: string | number,
  zeroInfinity: boolean,
];

export function reducedCtc(
  ...[input, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity]: CtcArgs
): Tensor {
  const kind = kindOf(reduction);
  if (inputLengths instanceof Tensor !== targetLengths instanceof Tensor) {
    throw new TypeError(
      'ctc_loss(): input_lengths and target_lengths must be two tensors or two arrays of integers',
    );
  }
  const batched = input.ndim === 3;
  if (!batched && input.ndim !== 2) {
    throw new RuntimeError(
      `Expected 3-dimensional tensor, but got ${input.ndim}-dimensional tensor for argument #1 'log_probs' ${CHECKING}`,
    );
  }
  const logProbs = batched ? input : unsqueeze(input, 1);
  const [T, N, C] = logProbs.shape;
  checkFloat('ctc_loss_cpu', input.dtype);
  if (blank < 0 || blank >= C) throw new RuntimeError('blank must be in label range');
  const inputs = lengthsOf('input_lengths', inputLengths, N);
  const lengths = lengthsOf('target_lengths', targetLengths, N);
  const offsets = labelOffsets(targets, lengths);
  const tooLong = inputs.find((length) => length > T);
  if (tooLong !== undefined) {
    throw new RuntimeError(
      `Expected input_lengths to have value at most ${T}, but got value ${tooLong} ${CHECKING}`,
    );
  }
  const labels = dense(cast(targets, int64));
  const label = elementReader(labels);
  for (let n = 0; n < N; n++) {
    for (let i = offsets[n]; i < offsets[n] + lengths[n]; i++) {
      const value = Number(label(i));
      if (value < 0 || value >= C)
        throw new ValueError(`ctc_loss: targets must be between 0 and ${C - 1}, got ${value}`);
    }
  }
  const sizes = sizesOf(offsets.map((offset, n) => [offset, inputs[n], lengths[n]]));
  const likelihoods = ctcLoss(logProbs, labels, sizes, blank, zeroInfinity);
  const losses = zeroInfinity ? where(eq(likelihoods, Infinity), 0, likelihoods) : likelihoods;
  if (kind === 'none') return batched ? losses : select(losses, 0, 0);
  if (kind === 'sum') return reduceLoss(losses, kind);
  const divisors = allocate([N], losses.dtype);
  writeValues(
    divisors,
    lengths.map((length) => Math.max(length, 1)),
  );
  return reduceLoss(div(losses, divisors), kind);
}

interface CtcOptions {
  blank?: number;
  reduction?: Reduction;
  zero_infinity?: boolean;
}

export type Lengths = Tensor | readonly number[];

/**
 * Connectionist temporal classification: −log of the probability that log-probabilities [T, N, C] (or [T, C]) of classes give to all alignments
 * of the target labels. Targets are [N, S], or the labels of all batches one after the other.
 *
 * The mean divides each loss by the number of its labels first. The gradient is that of log-probabilities that are normalized,
 * as by `log_softmax`.
 *
 * @param input_lengths of each batch, at most T
 * @param blank the class that is no label
 * @param zero_infinity counts the loss of labels that do not fit into their input as 0
 * @example
 * const scores = torch.zeros(3, 1, 4).log_softmax(2);
 * const loss = F.ctc_loss(scores, torch.tensor([[1, 2]]), [3], [2]);
 * console.log(loss.item().toFixed(4)); // 1.2747
 */
export const ctc_loss: Op<
  (
    ...args: Args<
      [log_probs: Tensor, targets: Tensor, input_lengths: Lengths, target_lengths: Lengths],
      [blank: number, reduction: Reduction, zero_infinity: boolean],
      CtcOptions
    >
  ) => Tensor
> = define({
  schema:
    'ctc_loss(Tensor log_probs, Tensor targets, Tensor|int[] input_lengths, Tensor|int[] target_lengths, int blank=0, ' +
    "str reduction='mean', bool zero_infinity=False)",
  forward: (_ctx, ...args: CtcArgs) => reducedCtc(...args),
  backward: 'composite',
});
