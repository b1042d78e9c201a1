import type { Shape } from '../shape.js';
import { withWorkspace } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { dense } from './dense.js';
import { floatKernelName } from './float_kernel.js';
import { fillKernel } from './make.js';
import { SINGLE, planBytes, planOf, writePlan } from './resample_plan.js';
import type { Plan, ResampleMode } from './resample_plan.js';

type PlanArgs = [
  size: readonly number[],
  factors: readonly number[] | null,
  mode: ResampleMode,
  alignCorners: boolean,
  antialias: boolean,
];

/** Plans of depth, height and width of a tensor of shape `from`; what it does not have is one element. */
function plansOf(
  from: Shape,
  [size, factors, mode, alignCorners, antialias]: PlanArgs,
  like: Tensor,
): [Plan, Plan, Plan] {
  const plans = size.map((count, d) =>
    planOf(from[d + 2], count, factors?.[d] ?? null, { mode, alignCorners, antialias }, like.dtype),
  );
  return [...Array.from({ length: 3 - plans.length }, () => SINGLE), ...plans] as [Plan, Plan, Plan];
}

/** Multiplications of one volume. */
function workOf(plans: readonly Plan[], sizes: readonly number[]): number {
  const [d, h, w] = plans.map((plan) => plan.positions.reduce((sum, list) => sum + list.length, 0));
  return 4 * (d * h * sizes[2] + plans[0].positions.length * plans[1].positions.length * w);
}

/** Runs one of the two kernels over N·C volumes of the spatial shape `from`. */
function run(
  pass: 'resample_forward_f32' | 'resample_backward_f32',
  from: Shape,
  plans: [Plan, Plan, Plan],
  read: Tensor,
  written: Tensor,
): void {
  const { dtype } = written;
  const volumes = from[0] * from[1];
  const spatial = from.slice(2);
  const sizes = [...Array.from({ length: 3 - spatial.length }, () => 1), ...spatial];
  const source = dense(read);
  const name = floatKernelName(pass, dtype);
  const bytes = plans.map((plan) => planBytes(plan, dtype));
  const rowBytes = Math.ceil((sizes[2] * dtype.itemsize) / 64) * 64;
  const parts = partsFor(volumes * workOf(plans, sizes), volumes);
  withWorkspace(bytes[0] + bytes[1] + bytes[2] + parts * rowBytes, (start) => {
    const at = [start, start + bytes[0], start + bytes[0] + bytes[1]];
    plans.forEach((plan, d) => {
      writePlan(plan, at[d], dtype);
    });
    const rows = at[2] + bytes[2];
    const calls = Array.from({ length: parts }, (_, part): KernelCall => {
      const [begin, end] = partOf(volumes, part, parts);
      return [
        name,
        address(source) + ((begin * source.numel()) / volumes) * dtype.itemsize,
        address(written) + ((begin * written.numel()) / volumes) * dtype.itemsize,
        end - begin,
        ...sizes,
        ...plans.map((plan) => plan.positions.length),
        ...plans.map((plan) => plan.taps),
        ...at,
        rows + part * rowBytes,
      ];
    });
    runCalls(calls);
  });
}

const PLAN = 'int[] size, float[]? factors, str mode, bool align_corners, bool antialias';

/** [N, C, …] resampled to [N, C, …size] along each dimension by itself; `factors` are the scales that were given, 0 for none. */
export const resample: Op<(input: Tensor, ...plan: PlanArgs) => Tensor> = define({
  schema: `resample(Tensor input, ${PLAN})`,
  forward: (ctx, x: Tensor, ...args: PlanArgs) => {
    ctx.state = x.shape;
    const out = allocate([...x.shape.slice(0, 2), ...args[0]], x.dtype);
    if (out.numel() > 0) run('resample_forward_f32', x.shape, plansOf(x.shape, args, x), x, out);
    return out;
  },
  backward: (ctx, g) => {
    const [, ...args] = ctx.args as [null, ...PlanArgs];
    return [resampleAdjoint(g, ctx.state as Shape, ...args)];
  },
  samples: (make) => [
    [make(1, 2, 3), [5], null, 'linear', false, false],
    [make(1, 1, 3, 4), [5, 2], [1.6, 0.7], 'cubic', false, false],
    [make(1, 1, 5, 4), [2, 3], null, 'cubic', false, true],
    [make(1, 2, 2, 3, 2), [3, 2, 4], null, 'linear', true, false],
    [make(2, 1, 3, 2), [4, 5], null, 'nearest-exact', false, false],
  ],
});

const resampleAdjoint: Op<(grad: Tensor, from: Shape, ...plan: PlanArgs) => Tensor> = define({
  schema: `resample_adjoint(Tensor grad, int[] from, ${PLAN})`,
  forward: (_ctx, grad: Tensor, from: Shape, ...args: PlanArgs) => {
    const out = allocate(from, grad.dtype);
    if (grad.numel() === 0) fillKernel(out, 0);
    else run('resample_backward_f32', from, plansOf(from, args, grad), grad, out);
    return out;
  },
  backward: (ctx, v) => {
    const [, , ...args] = ctx.args as [null, Shape, ...PlanArgs];
    return [resample(v, ...args)];
  },
});
