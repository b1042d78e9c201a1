/** torch.nn.functional. */
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import * as activation from '../ops/activation.js';
import { rrelu as rreluOp } from '../ops/random_activation.js';
import * as rectifier from '../ops/rectifier.js';
import type { Tensor } from '../tensor.js';

export {
  adaptive_avg_pool1d,
  adaptive_avg_pool2d,
  adaptive_max_pool1d,
  adaptive_max_pool1d_with_indices,
  adaptive_max_pool2d,
  adaptive_max_pool2d_with_indices,
} from '../ops/adaptive_pool.js';
export {
  adaptive_avg_pool3d,
  adaptive_max_pool3d,
  adaptive_max_pool3d_with_indices,
} from '../ops/adaptive_pool3d.js';
export { affine_grid } from '../ops/affine_grid.js';
export { gelu, glu, logsigmoid, softplus, softsign, tanhshrink } from '../ops/activation.js';
export { hardshrink, prelu, softshrink } from '../ops/rectifier.js';
export { functional_batch_norm as batch_norm } from '../ops/batchnorm.js';
export { group_norm } from '../ops/groupnorm.js';
export { functional_instance_norm as instance_norm } from '../ops/instancenorm.js';
export { layer_norm } from '../ops/layernorm.js';
export { bilinear } from '../ops/bilinear.js';
export { conv1d, conv2d } from '../ops/conv.js';
export { conv3d } from '../ops/conv3d.js';
export { conv_tbc } from '../ops/conv_tbc.js';
export { conv_transpose1d, conv_transpose2d, conv_transpose3d } from '../ops/conv_transpose.js';
export {
  alpha_dropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  feature_alpha_dropout,
} from '../ops/dropout.js';
export { functional_embedding as embedding } from '../ops/embedding.js';
export { embedding_bag } from '../ops/embedding_bag.js';
export { col2im as fold, im2col as unfold } from '../ops/fold.js';
export {
  fractional_max_pool2d,
  fractional_max_pool2d_with_indices,
  fractional_max_pool3d,
  fractional_max_pool3d_with_indices,
} from '../ops/fractional_pool.js';
export { grid_sample } from '../ops/grid_sample.js';
export { interpolate, upsample, upsample_bilinear, upsample_nearest } from '../ops/interpolate.js';
export { multi_head_attention_forward } from '../ops/attention.js';
export { linear } from '../ops/linear.js';
export {
  binary_cross_entropy,
  binary_cross_entropy_with_logits,
  multilabel_soft_margin_loss,
  soft_margin_loss,
} from '../ops/binary_loss.js';
export { pdist } from '../ops/cdist.js';
export { multi_margin_loss, multilabel_margin_loss } from '../ops/class_margin_loss.js';
export { cross_entropy } from '../ops/cross_entropy.js';
export { ctc_loss } from '../ops/ctc_loss.js';
export { cosine_similarity, normalize, pairwise_distance } from '../ops/distance.js';
export { kl_div } from '../ops/kl_div.js';
export {
  cosine_embedding_loss,
  hinge_embedding_loss,
  margin_ranking_loss,
  triplet_margin_loss,
  triplet_margin_with_distance_loss,
} from '../ops/margin_loss.js';
export {
  gaussian_nll_loss,
  huber_loss,
  l1_loss,
  mse_loss,
  poisson_nll_loss,
  smooth_l1_loss,
} from '../ops/regression_loss.js';
export { nll_loss } from '../ops/nll_loss.js';
export { local_response_norm } from '../ops/local_response_norm.js';
export { lp_pool1d, lp_pool2d } from '../ops/lp_pool.js';
export { pad } from '../ops/pad.js';
export {
  channel_shuffle,
  native_channel_shuffle,
  pixel_shuffle,
  pixel_unshuffle,
} from '../ops/pixel_shuffle.js';
export { one_hot } from '../ops/one_hot.js';
export { gumbel_softmax } from '../ops/random_activation.js';
export { sigmoid, tanh } from '../ops/pointwise_unary.js';
export {
  avg_pool1d,
  avg_pool2d,
  max_pool1d,
  max_pool1d_with_indices,
  max_pool2d,
  max_pool2d_with_indices,
} from '../ops/pool.js';
export { avg_pool3d, max_pool3d, max_pool3d_with_indices } from '../ops/pool3d.js';
export { log_softmax, softmax, softmin } from '../ops/softmax.js';
export { max_unpool1d, max_unpool2d, max_unpool3d } from '../ops/unpool.js';

/** An activation of torch.nn.functional: with parameters P and, last, `inplace`. */
type Activation<P extends unknown[] = [], K = object> = Op<
  (...args: Args<[input: Tensor], [...parameters: P, inplace: boolean], K & { inplace?: boolean }>) => Tensor
>;

type Plain = Op<(input: Tensor, ...parameters: number[]) => Tensor>;

/** The form of an operator that takes `inplace`, which writes the result over the input. */
function withInplace<P extends unknown[], K>(op: unknown, schema: string): Activation<P, K> {
  return define({
    schema,
    forward: (_ctx, x: Tensor, ...rest: [...number[], boolean]) => {
      const inplace = rest[rest.length - 1] as boolean;
      const parameters = rest.slice(0, -1) as number[];
      return inplace ? (op as Plain).inplace(x, ...parameters) : (op as Plain)(x, ...parameters);
    },
    backward: 'composite',
  });
}

/** max(input, 0). */
export const relu: Activation = withInplace(rectifier.relu, 'relu(Tensor input, bool inplace=False)');
/** min(max(input, 0), 6). */
export const relu6: Activation = withInplace(rectifier.relu6, 'relu6(Tensor input, bool inplace=False)');
/** input where it is positive, negative_slope · input elsewhere. */
export const leaky_relu: Activation<[negative_slope: number], { negative_slope?: number }> = withInplace(
  rectifier.leaky_relu,
  'leaky_relu(Tensor input, float negative_slope=0.01, bool inplace=False)',
);
/** input held between min_val and max_val. */
export const hardtanh: Activation<
  [min_val: number, max_val: number],
  { min_val?: number; max_val?: number }
> = withInplace(
  rectifier.hardtanh,
  'hardtanh(Tensor input, float min_val=-1.0, float max_val=1.0, bool inplace=False)',
);
/** input where it is positive, alpha · (exp(input) − 1) elsewhere. */
export const elu: Activation<[alpha: number], { alpha?: number }> = withInplace(
  activation.elu,
  'elu(Tensor input, float alpha=1.0, bool inplace=False)',
);
/** elu with the alpha and scale that keep mean 0 and variance 1. */
export const selu: Activation = withInplace(activation.selu, 'selu(Tensor input, bool inplace=False)');
/** max(input, 0) + min(alpha · (exp(input / alpha) − 1), 0). */
export const celu: Activation<[alpha: number], { alpha?: number }> = withInplace(
  activation.celu,
  'celu(Tensor input, float alpha=1.0, bool inplace=False)',
);
/** input · sigmoid(input). */
export const silu: Activation = withInplace(activation.silu, 'silu(Tensor input, bool inplace=False)');
/** input · tanh(log(1 + exp(input))). */
export const mish: Activation = withInplace(activation.mish, 'mish(Tensor input, bool inplace=False)');
/** input / 6 + 1/2 held between 0 and 1. */
export const hardsigmoid: Activation = withInplace(
  rectifier.hardsigmoid,
  'hardsigmoid(Tensor input, bool inplace=False)',
);
/** input · hardsigmoid(input). */
export const hardswish: Activation = withInplace(
  rectifier.hardswish,
  'hardswish(Tensor input, bool inplace=False)',
);
/** input where it is above `threshold`, `value` elsewhere. */
export const threshold: Op<
  (
    ...args: Args<
      [input: Tensor, threshold: number, value: number],
      [inplace: boolean],
      { threshold?: number; value?: number; inplace?: boolean }
    >
  ) => Tensor
> = withInplace(
  rectifier.threshold,
  'threshold(Tensor input, float threshold, float value, bool inplace=False)',
);
/** input where it is positive, otherwise times a slope: drawn in [lower, upper) in training, the middle of the two outside. */
export const rrelu: Activation<
  [lower: number, upper: number, training: boolean],
  { lower?: number; upper?: number; training?: boolean }
> = withInplace(
  rreluOp,
  'rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, bool inplace=False)',
);

/** The forms that write the result over the input. */
export const celu_: (typeof activation.celu)['inplace'] = activation.celu.inplace;
export const elu_: (typeof activation.elu)['inplace'] = activation.elu.inplace;
export const hardtanh_: (typeof rectifier.hardtanh)['inplace'] = rectifier.hardtanh.inplace;
export const leaky_relu_: (typeof rectifier.leaky_relu)['inplace'] = rectifier.leaky_relu.inplace;
export const relu_: (typeof rectifier.relu)['inplace'] = rectifier.relu.inplace;
export const rrelu_: (typeof rreluOp)['inplace'] = rreluOp.inplace;
export const selu_: (typeof activation.selu)['inplace'] = activation.selu.inplace;
export const threshold_: (typeof rectifier.threshold)['inplace'] = rectifier.threshold.inplace;
