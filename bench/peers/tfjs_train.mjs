// Training in TensorFlow.js on its WebAssembly backend, which has no kernel for the gradient of a convolution's weight: the
// convolutions bring a gradient of their own, made of operations that the backend has. Of the ways tried this is the fastest: with
// the weight's gradient from im2col (slices, concat, matMul) and conv2dTranspose for every input the step took 2.3 times as long.
import * as tf from '@tensorflow/tfjs';
import { forward, parameterNames } from './nets.mjs';
import { padsOf, toHwio } from './tfjs_net.mjs';

const EPS = 1e-5;
const PLANE = [0, 1, 2];
const STATISTICS_MOMENTUM = 0.1;

/**
 * The gradient of a weight [K, K, I, O] is itself a convolution: of the images, with channels and batch exchanged, by the gradient as
 * a filter, dilated by the stride.
 */
function weightGradient(x, dy, { kernel, stride, padding, inputs, outputs }) {
  const image = tf.transpose(x, [3, 1, 2, 0]);
  const filter = tf.transpose(dy, [1, 2, 0, 3]);
  const product = tf.conv2d(image, filter, 1, padsOf(padding), 'NHWC', stride);
  // A stride that does not divide the plane leaves positions that no output had.
  const cut = tf.slice(product, [0, 0, 0, 0], [inputs, kernel, kernel, outputs]);
  return tf.transpose(cut, [1, 2, 0, 3]);
}

function inputGradient(x, dy, filter, { kernel, stride, padding }) {
  if (stride !== 1) return tf.conv2dTranspose(dy, filter, x.shape, stride, padsOf(padding));
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(dy, turned, 1, padsOf(kernel - 1 - padding));
}

function convolution(x, filter, layer, needsInputGradient) {
  const apply = tf.customGrad((x, filter, save) => {
    save([x, filter]);
    return {
      value: tf.conv2d(x, filter, layer.stride, padsOf(layer.padding)),
      gradFunc: (dy, [x, filter]) => [
        needsInputGradient ? inputGradient(x, dy, filter, layer) : tf.zerosLike(x),
        weightGradient(x, dy, layer),
      ],
    };
  });
  return apply(x, filter);
}

/**
 * Batch norm with the statistics of the batch. tfjs can differentiate moments and batchNorm, but its gradient repeats the statistics
 * over the plane with `tile`: with it the whole step took half as long again.
 */
function batchNorm(z, mean, variance, scale, shift) {
  const apply = tf.customGrad((z, scale, shift, save) => {
    const inverse = tf.rsqrt(tf.add(variance, EPS));
    save([z, scale, mean, inverse]);
    return {
      value: tf.batchNorm(z, mean, variance, shift, scale, EPS),
      gradFunc: (dy, [z, scale, mean, inverse]) => {
        const normal = tf.mul(tf.sub(z, mean), inverse);
        const [dScale, dShift] = [tf.sum(tf.mul(dy, normal), PLANE), tf.sum(dy, PLANE)];
        const count = z.size / scale.size;
        const centred = tf.sub(dy, tf.add(tf.div(dShift, count), tf.mul(normal, tf.div(dScale, count))));
        return [tf.mul(centred, tf.mul(scale, inverse)), dScale, dShift];
      },
    };
  });
  return apply(z, scale, shift);
}

/** A step of SGD on the batch `x`; it returns the loss before the step. */
export function trainingStep(net, tensors, x, { lr, momentum }, labels) {
  const parameters = new Map(
    parameterNames(net).map((name) => {
      const { data, shape } = tensors.get(name);
      let value;
      if (shape.length === 4) value = toHwio(data, shape);
      else if (shape.length === 2) value = tf.tidy(() => tf.transpose(tf.tensor2d(data, shape)));
      else value = tf.tensor1d(data);
      return [name, tf.variable(value)];
    }),
  );
  const running = new Map();
  for (const [name, { data }] of tensors) {
    if (name.includes('running_')) running.set(name, tf.variable(tf.tensor1d(data), false));
  }
  const track = (name, value) => {
    const variable = running.get(name);
    variable.assign(tf.add(tf.mul(variable, 1 - STATISTICS_MOMENTUM), tf.mul(value, STATISTICS_MOMENTUM)));
  };

  const ops = {
    share: (x) => x,
    layer(x, layer, relu) {
      const z = convolution(x, parameters.get(`${layer.conv}.weight`), layer, layer !== net.stem);
      const { mean, variance } = tf.moments(z, PLANE);
      const count = z.size / layer.outputs;
      track(`${layer.bn}.running_mean`, mean);
      track(`${layer.bn}.running_var`, tf.mul(variance, count / (count - 1)));
      const [scale, shift] = ['weight', 'bias'].map((part) => parameters.get(`${layer.bn}.${part}`));
      const out = batchNorm(z, mean, variance, scale, shift);
      return relu ? tf.relu(out) : out;
    },
    add: (x, y) => tf.relu(tf.add(x, y)),
    head: (x) =>
      tf.add(tf.matMul(tf.mean(x, [1, 2]), parameters.get('fc.weight')), parameters.get('fc.bias')),
  };

  const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), net.classes);
  const optimizer = tf.train.momentum(lr, momentum);
  const variables = [...parameters.values()];
  return () =>
    tf.tidy(() => {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(targets, forward(net, x, ops)),
        true,
        variables,
      );
      return loss.dataSync();
    });
}
