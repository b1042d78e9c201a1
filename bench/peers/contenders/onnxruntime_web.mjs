import * as ort from 'onnxruntime-web';
import { onnxModel } from '../onnx_graph.mjs';
import { serve } from '../serve.mjs';

await serve(async ({ net, tensors, images, threads }) => {
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(onnxModel(net, tensors, images.shape), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const feeds = { images: new ort.Tensor('float32', images.data, images.shape) };
  const [output] = session.outputNames;
  return {
    version: ort.env.versions.web,
    step: async () => (await session.run(feeds))[output].data,
  };
});
