import { RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { binaryKernel } from './binary_kernel.js';
import { clampNumbers } from './clamp_kernel.js';
import { ge, gt, le, logical_and, logical_or, lt, where } from './compare.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { commonDtype, prepareLoop } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { runLoop } from './run_loop.js';

type Bound = TensorOrNumber | null;

export interface ClampOptions {
  min?: Bound;
  max?: Bound;
}

type Clamp = Op<
  (...args: Args<[input: Tensor], [min: Bound, max: Bound], ClampOptions>) => Tensor,
  'method' | 'inplace'
>;

/** torch's clamp(x, min, max) with tensors: min(max(x, min), max); a bound has a gradient where it decides. */
function clampTensors(ctx: Context, x: Tensor, min: Bound, max: Bound): Tensor {
  const dtype = commonDtype([x, ...[min, max].filter((bound) => bound !== null)]);
  if (max === null) return binaryKernel(ctx, code.B_MAXIMUM, x, min!, dtype);
  if (min === null) return binaryKernel(ctx, code.B_MINIMUM, x, max, dtype);
  const { inputs, out, desc } = prepareLoop(ctx, [x, min, max], dtype, dtype);
  if (desc !== null) runLoop('ternary', [dtype.code, code.K_CLAMP], inputs, out, desc, [0]);
  return out;
}

function clampForward(ctx: Context, x: Tensor, min: Bound, max: Bound): Tensor {
  if (min === null && max === null) {
    throw new RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None");
  }
  const asTensor = (bound: Bound): Tensor | null => (bound instanceof Tensor ? bound : null);
  ctx.save(x, asTensor(min), asTensor(max));
  if (asTensor(min) === null && asTensor(max) === null) {
    return clampNumbers(ctx, x, min === null ? null : Number(min), max === null ? null : Number(max));
  }
  return clampTensors(ctx, x, min, max);
}

function clampBackward(ctx: Context, g: Tensor): (Tensor | null)[] {
  const [x, savedMin, savedMax] = ctx.saved() as (Tensor | null)[];
  const min = savedMin ?? (ctx.args[1] as number | null);
  const max = savedMax ?? (ctx.args[2] as number | null);
  const inside = [min === null ? null : ge(x!, min), max === null ? null : le(x!, max)].filter(
    (mask) => mask !== null,
  );
  const mask = inside.length === 2 ? logical_and(inside[0], inside[1]) : inside[0];
  const onlyIf = (condition: Tensor): Tensor => where(condition, g, 0);
  let low: Tensor | null = null;
  let high: Tensor | null = null;
  if (ctx.needs[1]) {
    const below = lt(x!, min!);
    low = onlyIf(max === null ? below : logical_and(below, lt(min as Tensor, max)));
  }
  if (ctx.needs[2]) {
    const above = gt(x!, max!);
    high = onlyIf(min === null ? above : logical_or(above, lt(max as Tensor, min)));
  }
  return [ctx.needs[0] ? onlyIf(mask) : null, low, high];
}

/**
 * Bounds from below and above, numbers or tensors, either of which may be null. The gradient passes on both bounds.
 *
 * @example
 * console.log(torch.arange(5).clamp({ min: 1, max: 3 }).tolist()); // [ 1, 1, 2, 3, 3 ]
 */
export const clamp: Clamp = define(
  {
    schema: 'clamp(Tensor input, Tensor|Scalar? min=None, Tensor|Scalar? max=None)',
    forward: clampForward,
    backward: clampBackward,
    samples: (make) => [
      [make(2, 3), -0.5, 0.5],
      [make(2, 3), { min: 0 }],
      [make(2, 3), { max: 0 }],
      [make(2, 3), make(3), make.uniform(2, 3, 2, 3)],
    ],
  },
  ['method', 'inplace'],
);
export const clip: Clamp = clamp;

type OneBound = Op<(input: Tensor, bound: TensorOrNumber) => Tensor, 'method' | 'inplace'>;

/** max(input, min), min a number or a tensor. */
export const clamp_min: OneBound = define(
  {
    schema: 'clamp_min(Tensor input, Tensor|Scalar min)',
    forward: (ctx: Context, x: Tensor, min: TensorOrNumber) => clampForward(ctx, x, min, null),
    backward: (ctx, g) => {
      const [x, saved] = ctx.saved() as (Tensor | null)[];
      const bound = saved ?? (ctx.args[1] as number);
      return [
        ctx.needs[0] ? where(ge(x!, bound), g, 0) : null,
        ctx.needs[1] ? where(lt(x!, bound), g, 0) : null,
      ];
    },
    samples: (make) => [
      [make(2, 3), 0],
      [make(2, 3), make(3)],
    ],
  },
  ['method', 'inplace'],
);

/** min(input, max), max a number or a tensor. */
export const clamp_max: OneBound = define(
  {
    schema: 'clamp_max(Tensor input, Tensor|Scalar max)',
    forward: (ctx: Context, x: Tensor, max: TensorOrNumber) => clampForward(ctx, x, null, max),
    backward: (ctx, g) => {
      const [x, , saved] = ctx.saved() as (Tensor | null)[];
      const bound = saved ?? (ctx.args[1] as number);
      return [
        ctx.needs[0] ? where(le(x!, bound), g, 0) : null,
        ctx.needs[1] ? where(gt(x!, bound), g, 0) : null,
      ];
    },
    samples: (make) => [
      [make(2, 3), 0],
      [make(2, 3), make(3)],
    ],
  },
  ['method', 'inplace'],
);
