import { RuntimeError, ValueError } from '../errors.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { logsigmoid } from './activation.js';
import { eq, lt, where } from './compare.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { commonDtype } from './iterator.js';
import { add, div, mul, neg, rsub, sub } from './pointwise_binary.js';
import { abs, exp, log, log1p, square } from './pointwise_unary.js';
import { threshold } from './rectifier.js';
import { reduceKernel } from './reduce_kernel.js';
import { reduceLoss, reductionOf } from './reduction.js';
import type { Reduction, ReductionOptions } from './reduction.js';

type Legacy = [size_average: boolean | null, reduce: boolean | null, reduction: Reduction];

type Regression<O extends unknown[] = [], K = object> = Op<
  (...args: Args<[input: Tensor, target: Tensor], [...Legacy, ...O], ReductionOptions & K>) => Tensor
>;

const LEGACY = "bool? size_average=None, bool? reduce=None, str reduction='mean'";

/** The loss is computed in a floating dtype, as torch's kernels have no other. */
function checkLossDtype(name: string, input: Tensor, target: Tensor): void {
  checkFloat(name, commonDtype([input, target]));
}

/** (input − target)². */
export const mse_loss: Regression = define({
  schema: `mse_loss(Tensor input, Tensor target, ${LEGACY})`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
  ) => {
    const kind = reductionOf(reduction, average, reduce);
    checkLossDtype('mse_cpu', input, target);
    return reduceLoss(square(sub(input, target)), kind);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { reduction: 'sum' }],
    [make(2, 3), make(3), { reduction: 'none' }],
  ],
});

/** |input − target|. */
export const l1_loss: Regression = define({
  schema: `l1_loss(Tensor input, Tensor target, ${LEGACY})`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
  ) => reduceLoss(abs(sub(input, target)), reductionOf(reduction, average, reduce)),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { reduction: 'none' }],
  ],
});

/** Where d = |input − target| < width, low(d), elsewhere high(d). */
function bent(d: Tensor, width: number, low: (d: Tensor) => Tensor, high: (d: Tensor) => Tensor): Tensor {
  return where(lt(d, width), low(d), high(d));
}

/** 0.5 · d² / beta for d = |input − target| < beta, d − beta / 2 elsewhere. */
export const smooth_l1_loss: Regression<[beta: number], { beta?: number }> = define({
  schema: `smooth_l1_loss(Tensor input, Tensor target, ${LEGACY}, float beta=1.0)`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
    beta: number,
  ) => {
    const kind = reductionOf(reduction, average, reduce);
    if (beta < 0) throw new RuntimeError('smooth_l1_loss does not support negative values for beta.');
    checkLossDtype('smooth_l1_loss_cpu', input, target);
    const d = abs(sub(input, target));
    if (beta === 0) return reduceLoss(d, kind);
    return reduceLoss(
      bent(
        d,
        beta,
        (x) => mul(square(x), 0.5 / beta),
        (x) => sub(x, 0.5 * beta),
      ),
      kind,
    );
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { beta: 0.5, reduction: 'sum' }],
  ],
});

/** 0.5 · d² for d = |input − target| < delta, delta · (d − delta / 2) elsewhere. */
export const huber_loss: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [reduction: Reduction, delta: number],
      { reduction?: Reduction; delta?: number }
    >
  ) => Tensor
> = define({
  schema: "huber_loss(Tensor input, Tensor target, str reduction='mean', float delta=1.0)",
  forward: (_ctx, input: Tensor, target: Tensor, reduction: string, delta: number) => {
    const kind = reductionOf(reduction, null, null);
    if (!(delta > 0)) throw new RuntimeError('huber_loss does not support non-positive values for delta.');
    checkLossDtype('huber_cpu', input, target);
    const loss = bent(
      abs(sub(input, target)),
      delta,
      (d) => mul(square(d), 0.5),
      (d) => mul(sub(d, 0.5 * delta), delta),
    );
    return reduceLoss(loss, kind);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { delta: 0.5, reduction: 'sum' }],
  ],
});

/** The smallest value that a logarithm has in binary cross entropy. */
const LOG_FLOOR = -100;
const floored = (x: Tensor): Tensor => threshold(x, LOG_FLOOR, LOG_FLOOR);

/** The unreduced loss of binary_cross_entropy; its backward keeps the divisor away from 0, as torch's. */
const binaryEntropy: Op<(input: Tensor, target: Tensor) => Tensor> = define({
  schema: 'binary_cross_entropy_loss(Tensor input, Tensor target)',
  forward: (ctx, x: Tensor, target: Tensor) => {
    ctx.save(x, target);
    const failed = mul(sub(target, 1), floored(log1p(neg(x))));
    return sub(failed, mul(target, floored(log(x))));
  },
  backward: (ctx, g) => {
    const [x, target] = ctx.saved();
    const variance = threshold(mul(rsub(x, 1), x), 1e-12, 1e-12);
    return [
      ctx.needs[0] ? div(mul(g, sub(x, target)), variance) : null,
      ctx.needs[1] ? mul(g, sub(floored(log1p(neg(x))), floored(log(x)))) : null,
    ];
  },
});

interface BinaryOptions extends ReductionOptions {
  weight?: Tensor | null;
}

type Binary<O extends unknown[] = [], K = object> = Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [weight: Tensor | null, ...Legacy, ...O],
      BinaryOptions & K
    >
  ) => Tensor
>;

/** −(target · log(input) + (1 − target) · log(1 − input)) · weight of probabilities; logarithms stay above −100. */
export const binary_cross_entropy: Binary = define({
  schema: `binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, ${LEGACY})`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    weight: Tensor | null,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
  ) => {
    const kind = reductionOf(reduction, average, reduce);
    if (!sameShape(input.shape, target.shape)) {
      throw new ValueError(
        `Using a target size (torch.Size(${showShape(target.shape)})) that is different to the input size ` +
          `(torch.Size(${showShape(input.shape)})) is deprecated. Please ensure they have the same size.`,
      );
    }
    checkFloat('binary_cross_entropy', input.dtype);
    if (target.dtype !== input.dtype) {
      throw new RuntimeError(
        `Found dtype ${target.dtype.scalarName} but expected ${input.dtype.scalarName} (binary_cross_entropy: target)`,
      );
    }
    checkProbabilities(input);
    const loss = binaryEntropy(input, target);
    return reduceLoss(weight === null ? loss : mul(loss, weight), kind);
  },
  backward: 'composite',
  samples: (make) => [
    [make.uniform(0.1, 0.9, 2, 3), make.uniform(0, 1, 2, 3)],
    [
      make.uniform(0.1, 0.9, 2, 3),
      make.uniform(0, 1, 2, 3),
      { weight: make.uniform(0.5, 2, 3), reduction: 'sum' },
    ],
  ],
});

function checkProbabilities(x: Tensor): void {
  if (x.numel() === 0) return;
  const all = x.shape.map((_, d) => d);
  const low = reduceKernel(code.R_MIN, x, all, false, x.dtype, null).item();
  const high = reduceKernel(code.R_MAX, x, all, false, x.dtype, null).item();
  if (!(low >= 0 && high <= 1)) {
    throw new RuntimeError(
      `all elements of input should be between 0 and 1 (binary_cross_entropy: they are between ${low} and ${high}; for ` +
        'scores of any size use binary_cross_entropy_with_logits)',
    );
  }
}

/** `binary_cross_entropy` of sigmoid(input), without its rounding; `pos_weight` multiplies the term of the target. */
export const binary_cross_entropy_with_logits: Binary<
  [pos_weight: Tensor | null],
  { pos_weight?: Tensor | null }
> = define({
  schema: `binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, ${LEGACY}, Tensor? pos_weight=None)`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    weight: Tensor | null,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
    positive: Tensor | null,
  ) => {
    const kind = reductionOf(reduction, average, reduce);
    if (!sameShape(input.shape, target.shape)) {
      throw new ValueError(
        `Target size (torch.Size(${showShape(target.shape)})) must be the same as input size (torch.Size(${showShape(input.shape)}))`,
      );
    }
    if (!target.dtype.is_floating_point) {
      throw new RuntimeError(
        `result type ${input.dtype.scalarName} can't be cast to the desired output type ${target.dtype.scalarName} ` +
          '(binary_cross_entropy_with_logits: the target must be floating)',
      );
    }
    // −log sigmoid(−x) = x − log sigmoid(x), so one logsigmoid serves both classes.
    const gain = positive === null ? null : add(mul(sub(positive, 1), target), 1);
    const success = gain === null ? logsigmoid(input) : mul(gain, logsigmoid(input));
    const loss = sub(mul(rsub(target, 1), input), success);
    return reduceLoss(weight === null ? loss : mul(loss, weight), kind);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make.uniform(0, 1, 2, 3)],
    [
      make(2, 3),
      make.uniform(0, 1, 2, 3),
      { weight: make.uniform(0.5, 2, 3), pos_weight: make.uniform(0.5, 2, 3), reduction: 'none' },
    ],
  ],
});

/**
 * target · (log target − input) of log-probabilities, with 0 · log 0 = 0. Besides the usual reductions 'batchmean' divides the
 * sum by the first size.
 *
 * @param log_target the target is log-probabilities too
 */
export const kl_div: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [
        size_average: boolean | null,
        reduce: boolean | null,
        reduction: Reduction | 'batchmean',
        log_target: boolean,
      ],
      Omit<ReductionOptions, 'reduction'> & { reduction?: Reduction | 'batchmean'; log_target?: boolean }
    >
  ) => Tensor
> = define({
  schema: `kl_div(Tensor input, Tensor target, ${LEGACY}, bool log_target=False)`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
    logTarget: boolean,
  ) => {
    const byBatch = reduction === 'batchmean' && average === null && reduce === null;
    const kind = byBatch ? 'sum' : reductionOf(reduction, average, reduce);
    const loss = reduceLoss(
      logTarget ? mul(exp(target), sub(target, input)) : divergence(input, target),
      kind,
    );
    return byBatch && input.ndim > 0 ? div(loss, input.shape[0]) : loss;
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make.uniform(0.1, 1, 2, 3)],
    [make(2, 3), make(2, 3), { log_target: true, reduction: 'batchmean' }],
  ],
});

/** The logarithm is taken of 1 where the target is 0, so that neither value nor gradient is NaN. */
function divergence(input: Tensor, target: Tensor): Tensor {
  const entropy = mul(target, log(where(eq(target, 0), 1, target)));
  return sub(entropy, mul(target, input));
}
