import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { serve } from '../serve.mjs';
import { evalForward, toNhwc } from '../tfjs_net.mjs';
import { trainingStep } from '../tfjs_train.mjs';

await serve(async ({ task, net, labels, tensors, images }) => {
  await tf.setBackend('wasm');
  const version = tf.version.tfjs;
  const x = toNhwc(images);
  if (task.train) return { version, step: trainingStep(net, tensors, x, task, labels) };
  const run = evalForward(net, tensors);
  return { version, step: () => tf.tidy(() => run(x).dataSync()) };
});
