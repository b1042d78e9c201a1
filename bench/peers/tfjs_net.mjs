// The forward of a net in TensorFlow.js, for any of its backends: NHWC, batch norms folded, fused.conv2d with its bias and ReLU.
import * as tf from '@tensorflow/tfjs';
import { fold, forward } from './nets.mjs';

/** A weight [O, I, K, K] as TensorFlow has it, [K, K, I, O]. */
export function toHwio(data, shape) {
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, shape), [2, 3, 1, 0]));
}

/** Images [N, C, H, W] as [N, H, W, C]. */
export function toNhwc({ data, shape }) {
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, shape), [0, 2, 3, 1]));
}

/** Padding on both sides of a plane: TensorFlow's own 'same' pads a strided convolution on one side only. */
export function padsOf(padding) {
  return padding === 0
    ? 'valid'
    : [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ];
}

/** The forward in eval mode, as a function of the images. */
export function evalForward(net, tensors) {
  const folded = new Map();
  const prepare = (layer) => {
    const { shape, weight, bias } = fold(layer, tensors);
    folded.set(layer, { filter: toHwio(weight, shape), bias: tf.tensor1d(bias) });
  };
  prepare(net.stem);
  for (const { layers, downsample } of net.blocks) {
    layers.forEach(prepare);
    if (downsample !== null) prepare(downsample);
  }
  const fc = tensors.get('fc.weight');
  const weight = tf.tidy(() => tf.transpose(tf.tensor2d(fc.data, fc.shape)));
  const bias = tf.tensor1d(tensors.get('fc.bias').data);

  const ops = {
    share: (x) => x,
    layer(x, layer, relu) {
      return tf.fused.conv2d({
        x,
        ...folded.get(layer),
        strides: layer.stride,
        pad: padsOf(layer.padding),
        activation: relu ? 'relu' : 'linear',
      });
    },
    // Its input is not negative, so zeros at the border change nothing; the explicit form of padding is the one that is symmetric.
    pool: (x) => tf.maxPool(x, 3, 2, padsOf(1)),
    add: (x, y) => tf.relu(tf.add(x, y)),
    head: (x) => tf.fused.matMul({ a: tf.mean(x, [1, 2]), b: weight, bias }),
  };
  return (x) => forward(net, x, ops);
}
