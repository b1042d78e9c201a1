// jax-js on its WebAssembly backend. An argument consumes an array, `.ref` makes another use of it; whole steps are under jit.
import {
  blockUntilReady,
  init,
  jit,
  lax,
  defaultDevice,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { readFileSync } from 'node:fs';
import { fold, forward, parameterNames } from '../nets.mjs';
import { serve } from '../serve.mjs';

const EPS = 1e-5;
const STATISTICS_MOMENTUM = 0.1;

const array = ({ data, shape }) => np.array(data, { shape });

function conv(x, weight, { stride, padding }) {
  const pad = [padding, padding];
  return lax.convGeneralDilated(x, weight, [stride, stride], [pad, pad]);
}

const shared = {
  share: (x) => x.ref,
  add: (x, y) => nn.relu(x.add(y)),
};

const head = (x, weight, bias) => np.matmul(np.mean(x, [2, 3]), weight.transpose()).add(bias);

/** The forward in eval mode: batch norms folded into the convolutions. */
function evalStep(net, tensors, images) {
  const weights = { 'fc.weight': array(tensors.get('fc.weight')), 'fc.bias': array(tensors.get('fc.bias')) };
  const prepare = (layer) => {
    const { shape, weight, bias } = fold(layer, tensors);
    weights[`${layer.conv}.weight`] = array({ data: weight, shape });
    weights[`${layer.conv}.bias`] = array({ data: bias, shape: [layer.outputs, 1, 1] });
  };
  for (const layer of [net.stem, ...net.blocks.flatMap((b) => [...b.layers, b.downsample])]) {
    if (layer !== null) prepare(layer);
  }
  const run = jit((weights, x) =>
    forward(net, x, {
      ...shared,
      layer(x, layer, relu) {
        const z = conv(x, weights[`${layer.conv}.weight`], layer).add(weights[`${layer.conv}.bias`]);
        return relu ? nn.relu(z) : z;
      },
      head: (x) => head(x, weights['fc.weight'], weights['fc.bias']),
    }),
  );
  const x = array(images);
  return () => run(tree.ref(weights), x.ref).data();
}

/** Batch norm over a batch, as torch trains it; `running` gets the new statistics. */
function batchNorm(z, { bn }, parameters, running, updated) {
  const count = z.size / z.shape[1];
  const mean = np.mean(z.ref, [0, 2, 3], { keepdims: true });
  const centred = z.sub(mean.ref);
  const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
  const track = (name, value) => {
    const old = running[`${bn}.${name}`].mul(1 - STATISTICS_MOMENTUM);
    updated[`${bn}.${name}`] = old.add(lax.stopGradient(value.ref).reshape([-1]).mul(STATISTICS_MOMENTUM));
  };
  track('running_mean', mean);
  track('running_var', variance.ref.mul(count / (count - 1)));
  const scale = parameters[`${bn}.weight`].reshape([1, -1, 1, 1]);
  const shift = parameters[`${bn}.bias`].reshape([1, -1, 1, 1]);
  mean.dispose();
  return centred.mul(scale.div(np.sqrt(variance.add(EPS)))).add(shift);
}

/** A step of SGD; it returns the loss before the step. */
function trainStep(net, tensors, images, { lr, momentum }, labels) {
  const lossOf = (parameters, running, x, targets) => {
    const updated = {};
    const logits = forward(net, x, {
      ...shared,
      layer(x, layer, relu) {
        const z = conv(x, parameters[`${layer.conv}.weight`], layer);
        const out = batchNorm(z, layer, parameters, running, updated);
        return relu ? nn.relu(out) : out;
      },
      head: (x) => head(x, parameters['fc.weight'], parameters['fc.bias']),
    });
    const loss = nn
      .logSoftmax(logits, -1)
      .mul(targets)
      .sum()
      .mul(-1 / labels.length);
    return [loss, updated];
  };
  const run = jit((parameters, velocities, running, x, targets) => {
    const [[loss, updated], gradients] = valueAndGrad(lossOf, { hasAux: true })(
      tree.ref(parameters),
      running,
      x,
      targets,
    );
    const moved = tree.map((v, g) => v.mul(momentum).add(g), velocities, gradients);
    const stepped = tree.map((p, v) => p.sub(v.mul(lr)), parameters, tree.ref(moved));
    return { loss, parameters: stepped, velocities: moved, running: updated };
  });

  const select = (names) => Object.fromEntries(names.map((name) => [name, array(tensors.get(name))]));
  let parameters = select(parameterNames(net));
  let velocities = tree.map((p) => np.zeros(p.shape), parameters);
  let running = select([...tensors.keys()].filter((name) => name.includes('running_')));
  const x = array(images);
  const targets = nn.oneHot(np.array(labels, { dtype: np.int32 }), net.classes);
  return async () => {
    const out = run(parameters, velocities, running, x.ref, targets.ref);
    ({ parameters, velocities, running } = out);
    await blockUntilReady([parameters, velocities, running]);
    return out.loss.data();
  };
}

await serve(async ({ task, net, tensors, images, labels }) => {
  await init('wasm');
  defaultDevice('wasm');
  const { version } = JSON.parse(
    readFileSync(new URL('../node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'),
  );
  const step = task.train ? trainStep(net, tensors, images, task, labels) : evalStep(net, tensors, images);
  return { version, step };
});
