import { IndexError, RuntimeError, ValueError } from '../errors.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { logsigmoid } from './activation.js';
import { to } from './copy.js';
import { define } from './define.js';
import { defineLoss, LEGACY } from './define_loss.js';
import type { Legacy, Loss } from './define_loss.js';
import type { Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { add, div, mul, neg, rsub, sub } from './pointwise_binary.js';
import { exp, log, log1p } from './pointwise_unary.js';
import { threshold } from './rectifier.js';
import { sum } from './reduce.js';
import { reduceKernel } from './reduce_kernel.js';

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

type Binary<O extends unknown[] = [], K = object> = Loss<
  [input: Tensor, target: Tensor],
  [weight: Tensor | null, ...Legacy, ...O],
  K & { weight?: Tensor | null }
>;

/** −(target · log(input) + (1 − target) · log(1 − input)) · weight of probabilities; logarithms stay above −100. */
export const binary_cross_entropy: Binary = defineLoss({
  schema: `binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, ${LEGACY})`,
  each: (input: Tensor, target: Tensor, weight: Tensor | null) => {
    if (!sameShape(input.shape, target.shape)) {
      throw new ValueError(
        `Using a target size (torch.Size(${showShape(target.shape)})) that is different to the input size ` +
          `(torch.Size(${showShape(input.shape)})) is deprecated. Please ensure they have the same size.`,
      );
    }
    if (target.dtype !== input.dtype) {
      throw new RuntimeError(
        `Found dtype ${target.dtype.scalarName} but expected ${input.dtype.scalarName} (binary_cross_entropy: target)`,
      );
    }
    checkFloat('binary_cross_entropy', input.dtype);
    checkProbabilities(input);
    return weighted(binaryEntropy(input, target), weight);
  },
  samples: (make) => [
    [make.uniform(0.1, 0.9, 2, 3), make.uniform(0, 1, 2, 3)],
    [
      make.uniform(0.1, 0.9, 2, 3),
      make.uniform(0, 1, 2, 3),
      { weight: make.uniform(0.5, 2, 3), reduction: 'sum' },
    ],
  ],
});

function weighted(loss: Tensor, weight: Tensor | null): Tensor {
  return weight === null ? loss : mul(loss, weight);
}

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

export function logitEntropy(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  positive: Tensor | null,
): Tensor {
  if (!sameShape(input.shape, target.shape)) {
    throw new ValueError(
      `Target size (torch.Size(${showShape(target.shape)})) must be the same as input size (torch.Size(${showShape(input.shape)}))`,
    );
  }
  for (const [name, x, other] of [
    ['target', target, input],
    ['input', input, target],
  ] as const) {
    if (!x.dtype.is_floating_point) {
      throw new RuntimeError(
        `result type ${other.dtype.scalarName} can't be cast to the desired output type ${x.dtype.scalarName} ` +
          `(binary_cross_entropy_with_logits: the ${name} must be floating)`,
      );
    }
  }
  // −log sigmoid(−x) = x − log sigmoid(x), so one logsigmoid serves both classes.
  const gain = positive === null ? null : add(mul(sub(positive, 1), target), 1);
  const success = gain === null ? logsigmoid(input) : mul(gain, logsigmoid(input));
  return to(weighted(sub(mul(rsub(target, 1), input), success), weight), target.dtype);
}

/** `binary_cross_entropy` of sigmoid(input), without its rounding; `pos_weight` multiplies the term of the target. */
export const binary_cross_entropy_with_logits: Binary<
  [pos_weight: Tensor | null],
  { pos_weight?: Tensor | null }
> = defineLoss({
  schema: `binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, ${LEGACY}, Tensor? pos_weight=None)`,
  each: logitEntropy,
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
 * log(1 + exp(−target · input)) for targets 1 and −1. As in torch the exponential overflows where −target · input is large.
 *
 * @example
 * const loss = F.soft_margin_loss(torch.zeros(2), torch.tensor([1, -1]));
 * console.log(loss.item().toFixed(4)); // 0.6931
 */
export const soft_margin_loss: Loss<[input: Tensor, target: Tensor], Legacy> = defineLoss({
  schema: `soft_margin_loss(Tensor input, Tensor target, ${LEGACY})`,
  each: (input: Tensor, target: Tensor) => {
    if (!input.dtype.is_floating_point) {
      throw new RuntimeError(
        `result type Float can't be cast to the desired output type ${input.dtype.scalarName} (soft_margin_loss: the ` +
          'input must be floating)',
      );
    }
    const loss = log(add(exp(mul(input, neg(to(target, input.dtype)))), 1));
    if (!sameShape(loss.shape, input.shape)) {
      throw new RuntimeError(
        `output with shape ${showShape(input.shape)} doesn't match the broadcast shape ${showShape(loss.shape)}`,
      );
    }
    return loss;
  },
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(3), { reduction: 'none' }],
    [make(), make(), { reduction: 'sum' }],
  ],
});

/**
 * Binary cross entropy of scores [N, C] with targets 0 and 1, averaged over the classes (the last dimension).
 *
 * @param weight one of each class
 * @example
 * const loss = F.multilabel_soft_margin_loss(torch.zeros(1, 3), torch.tensor([[0, 1, 1]]));
 * console.log(loss.item().toFixed(4)); // 0.6931
 */
export const multilabel_soft_margin_loss: Binary = defineLoss({
  schema: `multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight=None, ${LEGACY})`,
  each: (input: Tensor, target: Tensor, weight: Tensor | null) => {
    const success = mul(target, logsigmoid(input));
    const loss = weighted(neg(add(success, mul(rsub(target, 1), logsigmoid(neg(input))))), weight);
    if (input.ndim === 0) throw new IndexError('Dimension specified as -1 but tensor has no dimensions');
    return div(sum(loss, input.ndim - 1), input.shape[input.ndim - 1]);
  },
  samples: (make) => [
    [make(2, 3), make.uniform(0, 1, 2, 3)],
    [make(3), make.uniform(0, 1, 3), { weight: make.uniform(0.5, 2, 3), reduction: 'none' }],
  ],
});
