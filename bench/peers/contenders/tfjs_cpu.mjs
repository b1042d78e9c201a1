import * as tf from '@tensorflow/tfjs';
import { serve } from '../serve.mjs';
import { evalForward, toNhwc } from '../tfjs_net.mjs';

await serve(async ({ net, tensors, images }) => {
  await tf.setBackend('cpu');
  const run = evalForward(net, tensors);
  const x = toNhwc(images);
  return { version: tf.version.tfjs, step: () => tf.tidy(() => run(x).dataSync()) };
});
