import { RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import { Tensor, address, allocate } from '../tensor.js';
import { copyKernel, dense, materialize } from './copy.js';
import { fillKernel } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkFloat, floatKernel } from './float_kernel.js';

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

/**
 * Batch normalization of [N, C, ...]: (input − mean) / √(var + eps) · weight + bias per channel. With `training` by the
 * batch's mean and biased variance, and `running_mean`, `running_var` move in place towards mean and unbiased variance by
 * `momentum`; otherwise by the running statistics.
 */
export const batch_norm: Op<
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
    ctx,
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null,
    bias: Tensor | null,
    training: boolean,
    momentum: number,
    eps: number,
  ) => {
    if (input.ndim < 2 && input.numel() > 0) {
      throw new RuntimeError(
        `batch_norm: expected input of at least 2 dimensions (NC...), got ${showShape(input.shape)}`,
      );
    }
    checkFloat('batch_norm', input.dtype);
    const [N, C, L] = sizesOf(input);
    if (training && N * L === 1) {
      throw new ValueError(
        `Expected more than 1 value per channel when training, got input size torch.Size(${showShape(input.shape)}) ` +
          '(batch_norm; call model.eval() for inference)',
      );
    }
    if (!training && runningMean === null)
      throw new RuntimeError('running_mean must be defined in evaluation mode');
    if (!training && runningVar === null)
      throw new RuntimeError('running_var must be defined in evaluation mode');
    checkParameter('running_mean', runningMean, input);
    checkParameter('running_var', runningVar, input);
    checkParameter('weight', weight, input);
    checkParameter('bias', bias, input);

    const { dtype } = input;
    const x = dense(input);
    const out = allocate(input.shape, dtype);
    const invstd = allocate([C], dtype);
    let mean: Tensor;
    if (training) {
      mean = allocate([C], dtype);
      if (input.numel() > 0) {
        const stats = floatKernel('batchnorm_stats_f32', dtype);
        withContiguous([runningMean, runningVar], (m, v) => {
          stats(
            address(x),
            address(mean),
            address(invstd),
            pointer(m),
            pointer(v),
            N,
            C,
            L,
            eps,
            momentum,
            0,
            C,
          );
        });
      }
    } else {
      // Copies, because a training step may move the running statistics before the backward.
      mean = materialize(runningMean!);
      const variance = dense(runningVar!);
      floatKernel('batchnorm_invstd_f32', dtype)(address(variance), address(invstd), C, eps);
    }
    const gain = weight === null ? null : dense(weight);
    const shift = bias === null ? null : dense(bias);
    if (input.numel() > 0) {
      const apply = floatKernel('batchnorm_forward_f32', dtype);
      apply(
        address(x),
        address(mean),
        address(invstd),
        pointer(gain),
        pointer(shift),
        address(out),
        N,
        C,
        L,
        0,
        C,
      );
    }
    ctx.save(input, weight, mean, invstd);
    return out;
  },
  backward: (ctx, g) => {
    const [input, weight, mean, invstd] = ctx.saved();
    const training = ctx.args[5] as boolean;
    const wanted = [ctx.needs[0], ctx.needs[3], ctx.needs[4]].map(Boolean);
    const [gx, gw, gb] = batch_norm_backward(
      g,
      input,
      weight,
      mean,
      invstd,
      training,
      wanted[0]!,
      wanted[1]!,
      wanted[2]!,
    );
    return [wanted[0] ? gx! : null, null, null, wanted[1] ? gw! : null, wanted[2] ? gb! : null];
  },
  samples: (make) => [
    [make(4, 3), null, null, make(3), make(3), true],
    [make(2, 3, 4, 2), null, null, make(3), make(3), true],
    [make(3, 2, 5), null, null, null, null, { training: true, eps: 0.1 }],
    [make(2, 3, 2, 2), make(3).detach(), make.uniform(0.5, 2, 3).detach(), make(3), make(3)],
    [make(2, 2, 3).transpose(0, 2), null, null, null, make(2), true],
  ],
});

/** Lets a kernel move tensors that may be strided, and says that they were written. */
function withContiguous(
  tensors: readonly [Tensor | null, Tensor | null],
  run: (a: Tensor | null, b: Tensor | null) => void,
): void {
  const copies = tensors.map((t) => (t === null ? null : dense(t)));
  run(copies[0]!, copies[1]!);
  tensors.forEach((t, i) => {
    if (t === null) return;
    if (copies[i] !== t) copyKernel(copies[i]!, t);
    t._versionCounter.value++;
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
    floatKernel('batchnorm_backward_f32', dtype)(
      address(g),
      address(x),
      address(mean),
      address(invstd),
      pointer(gain),
      wanted(gx),
      wanted(gw),
      wanted(gb),
      N,
      C,
      L,
      training ? 1 : 0,
      0,
      C,
    );
    return outputs;
  },
  backward: 'none',
});
