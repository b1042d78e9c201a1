/** torch.nn.utils.fusion: a layer and the batch norm behind it as one layer, for evaluation. */
import { no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { ones_like, zeros_like } from '../ops/creation.js';
import { add, mul, sub } from '../ops/pointwise_binary.js';
import { rsqrt } from '../ops/pointwise_unary.js';
import { reshape, unsqueeze } from '../ops/view.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { cloneModule } from './clone.js';
import type { AnyModule } from './any_module.js';
import { Parameter } from './parameter.js';

/** A layer with a weight and a bias. */
type Layer = AnyModule & { weight: Parameter; bias: Parameter | null };

/** A batch norm with running statistics. */
type Norm = AnyModule & {
  running_mean: Tensor | null;
  running_var: Tensor | null;
  eps: number;
  weight: Parameter | null;
  bias: Parameter | null;
};

type Fused = [weight: Parameter, bias: Parameter];

function fuse<L extends Layer>(
  layer: L,
  bn: Norm,
  weights: (mean: Tensor, variance: Tensor, copy: L) => Fused,
): L {
  if (layer.training || bn.training) throw new RuntimeError('Fusion only for eval!');
  const { running_mean: mean, running_var: variance } = bn;
  if (mean === null || variance === null) {
    throw new RuntimeError(`fusion: ${bn._get_name()} has no running statistics (track_running_stats=False)`);
  }
  const copy = cloneModule(layer);
  [copy.weight, copy.bias] = weights(mean, variance, copy);
  return copy;
}

/**
 * A copy of a convolution that does what it and the batch norm behind it do in evaluation.
 *
 * @param transpose whether it is a transposed convolution
 * @example
 * const [conv, bn] = [new nn.Conv2d(3, 4, 3).eval(), new nn.BatchNorm2d(4).eval()];
 * const x = torch.randn(1, 3, 5, 5);
 * console.log(nn.utils.fuse_conv_bn_eval(conv, bn)(x).allclose(bn(conv(x)), { atol: 1e-5 })); // true
 */
export function fuse_conv_bn_eval<L extends Layer>(conv: L, bn: Norm, transpose: boolean = false): L {
  return fuse(conv, bn, (mean, variance, copy) =>
    fuse_conv_bn_weights(copy.weight, copy.bias, mean, variance, bn.eps, bn.weight, bn.bias, transpose),
  );
}

/** Weight and bias of `fuse_conv_bn_eval`. */
export function fuse_conv_bn_weights(
  conv_w: Tensor,
  conv_b: Tensor | null,
  bn_rm: Tensor,
  bn_rv: Tensor,
  bn_eps: number,
  bn_w: Tensor | null,
  bn_b: Tensor | null,
  transpose: boolean = false,
): Fused {
  const kernel = conv_w.shape.slice(2).map(() => 1);
  const shape = transpose ? [1, -1, ...kernel] : [-1, 1, ...kernel];
  return withScope('fuse_conv_bn_weights', () =>
    no_grad(() => {
      const scale = mul(bn_w ?? ones_like(bn_rm), rsqrt(add(bn_rv, bn_eps)));
      const shift = add(mul(sub(conv_b ?? zeros_like(bn_rm), bn_rm), scale), bn_b ?? zeros_like(bn_rm));
      return [new Parameter(mul(conv_w, reshape(scale, shape))), new Parameter(shift)] as Fused;
    }),
  );
}

/** A copy of a Linear that does what it and the batch norm behind it do in evaluation. */
export function fuse_linear_bn_eval<L extends Layer>(linear: L, bn: Norm): L {
  return fuse(linear, bn, (mean, variance, copy) =>
    fuse_linear_bn_weights(copy.weight, copy.bias, mean, variance, bn.eps, bn.weight, bn.bias),
  );
}

/** Weight and bias of `fuse_linear_bn_eval`. */
export function fuse_linear_bn_weights(
  linear_w: Tensor,
  linear_b: Tensor | null,
  bn_rm: Tensor,
  bn_rv: Tensor,
  bn_eps: number,
  bn_w: Tensor | null,
  bn_b: Tensor | null,
): Fused {
  return withScope('fuse_linear_bn_weights', () =>
    no_grad(() => {
      const scale = mul(bn_w ?? ones_like(bn_rm), rsqrt(add(bn_rv, bn_eps)));
      const shift = add(mul(sub(linear_b ?? zeros_like(bn_rm), bn_rm), scale), bn_b ?? zeros_like(bn_rm));
      return [new Parameter(mul(linear_w, unsqueeze(scale, -1))), new Parameter(shift)] as Fused;
    }),
  );
}
