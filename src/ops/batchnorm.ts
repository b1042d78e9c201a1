import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel, dense, materialize } from './dense.js';
import { checkFloat, floatKernel, floatKernelName } from './float_kernel.js';
import type { FloatKernel } from './float_kernel.js';
import { normFollowing } from './follow.js';
import { fillKernel } from './make.js';
import { add, mul, sub } from './pointwise_binary.js';
import { rsqrt, square } from './pointwise_unary.js';
import { mean, sum } from './reduce.js';
import { reshape } from './view.js';

/** [N, C, ...] as the kernels see it. */
function sizesOf(x: Tensor): [N: number, C: number, L: number] {
  const [N, C = 0] = x.shape;
  return [N, C, x.numel() === 0 ? 0 : x.numel() / (N * C)];
}

const pointer = (t: Tensor | null): number => (t === null ? 0 : address(t));

function checkParameter(name: string, parameter: Tensor | null, x: Tensor): void {
  if (parameter === null) return;
  if (parameter.ndim !== 1 || parameter.numel() !== sizesOf(x)[1]) {
    throw new RuntimeError(
      `${name} should contain ${sizesOf(x)[1]} elements not ${parameter.numel()} (batch_norm: input ${showShape(x.shape)}, ` +
        `NC..., ${name} ${showShape(parameter.shape)})`,
    );
  }
  if (parameter.dtype !== x.dtype) {
    throw new RuntimeError(
      `mixed dtype (CPU): expect parameter to have scalar type of ${x.dtype.scalarName} (batch_norm: input ${x.dtype}, ` +
        `${name} ${parameter.dtype})`,
    );
  }
}

interface BatchNormOptions {
  running_mean?: Tensor | null;
  running_var?: Tensor | null;
  weight?: Tensor | null;
  bias?: Tensor | null;
  training?: boolean;
  momentum?: number;
  eps?: number;
}

type Parameters = [
  weight: Tensor | null,
  bias: Tensor | null,
  running_mean: Tensor | null,
  running_var: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
];

/** Runs a kernel over the channels of x, which threads share. */
function overChannels(name: FloatKernel, x: Tensor, args: (begin: number, end: number) => number[]): void {
  const kernel = floatKernelName(name, x.dtype);
  const bytes = x.numel() * x.dtype.itemsize;
  splitCalls(x.shape[1], bytes, (begin, end) => [kernel, ...args(begin, end)]);
}

/** Gives [normalized, mean, 1 / √(var + eps)], arguments checked; the first alone where it follows a convolution. */
const batchNorm: Op<(input: Tensor, ...parameters: Parameters) => Tensor[]> = define({
  schema:
    'native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, ' +
    'float momentum, float eps)',
  internal: true,
  forward: (ctx, input: Tensor, ...parameters: Parameters) => {
    const [weight, bias, runningMean, runningVar, training, momentum, eps] = parameters;
    const { dtype } = input;
    const [N, C, L] = sizesOf(input);
    const gain = weight === null ? null : dense(weight);
    const shift = bias === null ? null : dense(bias);
    if (!training) {
      const out = normFollowing(ctx, input, dense(runningMean!), dense(runningVar!), gain, shift, eps);
      if (out !== null) return [out];
    }
    const invstd = allocate([C], dtype);
    // A copy of the running mean, because a training step may move it before the backward.
    const mean = training ? allocate([C], dtype) : materialize(runningMean!);
    if (!training) {
      const variance = dense(runningVar!);
      floatKernel('batchnorm_invstd_f32', dtype)(address(variance), address(invstd), C, eps);
    }
    const x = dense(input);
    const out = allocate(input.shape, dtype);
    if (training) {
      if (input.numel() > 0) {
        withContiguous([runningMean, runningVar], (m, v) => {
          const pointers = [address(x), address(mean), address(invstd), pointer(m), pointer(v)];
          overChannels('batchnorm_stats_f32', x, (...range) => [
            ...pointers,
            N,
            C,
            L,
            eps,
            momentum,
            ...range,
          ]);
        });
      } else {
        fillKernel(mean, NaN);
        fillKernel(invstd, NaN);
      }
    }
    if (input.numel() > 0) {
      const pointers = [x, mean, invstd, gain, shift, out].map(pointer);
      overChannels('batchnorm_forward_f32', x, (...range) => [...pointers, N, C, L, ...range]);
    }
    ctx.save(input, weight, mean, invstd);
    return [out, mean, invstd];
  },
  backward: (ctx, g) => {
    const [input, weight, mean, invstd] = ctx.saved();
    const [, , , , , training, , eps] = ctx.args as [null, ...Parameters];
    const [needsInput, needsWeight, needsBias] = [0, 1, 2].map((i) => ctx.needs[i] ?? false);
    const constants = training ? null : { mean: mean, invstd: invstd };
    const [gx, gw, gb] = is_grad_enabled()
      ? backwardByParts(g, input, weight, constants, eps)
      : batch_norm_backward(g, input, weight, mean, invstd, training, needsInput, needsWeight, needsBias);
    return [needsInput ? gx : null, needsWeight ? gw : null, needsBias ? gb : null, null, null];
  },
});

/** The gradients made of operators, so that they can be differentiated. */
function backwardByParts(
  g: Tensor,
  input: Tensor,
  weight: Tensor | null,
  constants: { mean: Tensor; invstd: Tensor } | null,
  eps: number,
): Tensor[] {
  const dims = input.shape.map((_, d) => d).filter((d) => d !== 1);
  const along = (t: Tensor): Tensor =>
    reshape(
      t,
      input.shape.map((_, d) => (d === 1 ? -1 : 1)),
    );
  const centered = sub(input, constants === null ? mean(input, dims, true) : along(constants.mean));
  const invstd =
    constants === null ? rsqrt(add(mean(square(centered), dims, true), eps)) : along(constants.invstd);
  const normalized = mul(centered, invstd);
  const scaled = weight === null ? g : mul(g, along(weight));
  const gb = sum(g, dims);
  const gw = sum(mul(g, normalized), dims);
  if (constants !== null) return [mul(scaled, invstd), gw, gb];
  const pull = add(mean(scaled, dims, true), mul(normalized, mean(mul(scaled, normalized), dims, true)));
  return [mul(sub(scaled, pull), invstd), gw, gb];
}

function checkBatchNorm(input: Tensor, [weight, bias, runningMean, runningVar, training]: Parameters): void {
  if (input.ndim < 2 && input.numel() > 0) {
    throw new RuntimeError(
      `batch_norm: expected input of at least 2 dimensions (NC...), got ${showShape(input.shape)}`,
    );
  }
  checkFloat('batch_norm', input.dtype);
  if (!training && runningMean === null)
    throw new RuntimeError('running_mean must be defined in evaluation mode');
  if (!training && runningVar === null)
    throw new RuntimeError('running_var must be defined in evaluation mode');
  checkParameter('running_mean', runningMean, input);
  checkParameter('running_var', runningVar, input);
  checkParameter('weight', weight, input);
  checkParameter('bias', bias, input);
}

/**
 * `nn.functional.batch_norm` that gives [output, mean, 1 / √(var + eps)] of the batch; the last two are empty without
 * `training`.
 */
export const native_batch_norm: Op<(input: Tensor, ...parameters: Parameters) => Tensor[]> = define({
  schema:
    'native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, ' +
    'float momentum, float eps)',
  forward: (_ctx, input: Tensor, ...parameters: Parameters) => {
    checkBatchNorm(input, parameters);
    const [out, mean, invstd] = batchNorm(input, ...parameters);
    if (parameters[4]) return [out, mean.detach(), invstd.detach()];
    return [out, allocate([0], input.dtype), allocate([0], input.dtype)];
  },
  backward: 'composite',
});

/** `nn.functional.batch_norm` with the arguments in the order that `torch.batch_norm` has. */
export const batch_norm: Op<(input: Tensor, ...parameters: Parameters) => Tensor> = define({
  schema:
    'batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, ' +
    'float momentum, float eps)',
  forward: (_ctx, input: Tensor, ...parameters: Parameters) => {
    checkBatchNorm(input, parameters);
    return batchNorm(input, ...parameters)[0];
  },
  backward: 'composite',
  samples: (make) => [
    [make(4, 3), make(3), make(3), null, null, true, 0.1, 1e-5],
    [make(2, 3, 4, 2), make(3), make(3), null, null, true, 0.1, 1e-5],
    [make(3, 2, 5), null, null, null, null, true, 0.1, 0.1],
    [
      make(2, 3, 2, 2),
      make(3),
      make(3),
      make(3).detach(),
      make.uniform(0.5, 2, 3).detach(),
      false,
      0.1,
      1e-5,
    ],
    [make(2, 2, 3).transpose(0, 2), null, make(2), null, null, true, 0.1, 1e-5],
  ],
});

/**
 * Batch normalization of [N, C, ...]: (input − mean) / √(var + eps) · weight + bias per channel. With `training` by the
 * batch's mean and biased variance, and `running_mean`, `running_var` move in place towards mean and unbiased variance by
 * `momentum`; otherwise by the running statistics.
 */
export const functional_batch_norm: Op<
  (
    ...args: Args<
      [input: Tensor, running_mean: Tensor | null, running_var: Tensor | null],
      [weight: Tensor | null, bias: Tensor | null, training: boolean, momentum: number, eps: number],
      BatchNormOptions
    >
  ) => Tensor
> = define({
  schema:
    'batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, ' +
    'bool training=False, float momentum=0.1, float eps=1e-05)',
  forward: (
    _ctx,
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null,
    bias: Tensor | null,
    training: boolean,
    momentum: number,
    eps: number,
  ) => {
    const [N, , L] = sizesOf(input);
    if (training && N * L === 1) {
      throw new ValueError(
        `Expected more than 1 value per channel when training, got input size torch.Size(${showShape(input.shape)}) ` +
          '(batch_norm; call model.eval() for inference)',
      );
    }
    return batch_norm(input, weight, bias, runningMean, runningVar, training, momentum, eps);
  },
  backward: 'composite',
});

/** Lets a kernel move tensors that may be strided, and says that they were written. */
function withContiguous(
  tensors: readonly [Tensor | null, Tensor | null],
  run: (a: Tensor | null, b: Tensor | null) => void,
): void {
  for (const t of tensors) t?._willWrite();
  const copies = tensors.map((t) => (t === null ? null : dense(t)));
  run(copies[0], copies[1]);
  tensors.forEach((t, i) => {
    if (t === null) return;
    if (copies[i] !== t) copyKernel(copies[i]!, t);
    t._wrote();
  });
}

/** Gradients of input, weight and bias; those that are not wanted are empty. */
const batch_norm_backward: Op<
  (
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    invstd: Tensor,
    training: boolean,
    needsInput: boolean,
    needsWeight: boolean,
    needsBias: boolean,
  ) => Tensor[]
> = define({
  schema:
    'batch_norm_backward(Tensor grad, Tensor input, Tensor? weight, Tensor mean, Tensor invstd, bool training, ' +
    'bool needs_input, bool needs_weight, bool needs_bias)',
  forward: (
    _ctx,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    invstd: Tensor,
    training: boolean,
    needsInput: boolean,
    needsWeight: boolean,
    needsBias: boolean,
  ) => {
    const { dtype } = input;
    const [N, C, L] = sizesOf(input);
    const gx = allocate(needsInput ? input.shape : [0], dtype);
    const gw = allocate([needsWeight ? C : 0], dtype);
    const gb = allocate([needsBias ? C : 0], dtype);
    const outputs = [gx, gw, gb];
    if (input.numel() === 0) {
      for (const out of outputs) fillKernel(out, 0);
      return outputs;
    }
    const [g, x, gain] = [dense(grad), dense(input), weight === null ? null : dense(weight)];
    const wanted = (out: Tensor): number => (out.numel() > 0 ? address(out) : 0);
    const pointers = [address(g), address(x), address(mean), address(invstd), pointer(gain)];
    const results = outputs.map(wanted);
    overChannels('batchnorm_backward_f32', x, (...range) => [
      ...pointers,
      ...results,
      N,
      C,
      L,
      training ? 1 : 0,
      ...range,
    ]);
    return outputs;
  },
  backward: 'none',
});
