// What every contender computes: the nets as plain descriptions, the work as a list, and the walk through a net that the
// libraries without modules share.

const IMAGE = { channels: 3, size: 224, classes: 1000 };

function layer(conv, bn, inputs, outputs, kernel, stride) {
  return { conv, bn, inputs, outputs, kernel, stride, padding: (kernel - 1) / 2 };
}

/** The layers of `count` blocks that torchvision calls layerN.0, layerN.1, …; `bottleneck` blocks end with four times `planes`. */
function stage(name, inputs, planes, count, stride, bottleneck) {
  const outputs = bottleneck ? 4 * planes : planes;
  return Array.from({ length: count }, (_, i) => {
    const from = i === 0 ? inputs : outputs;
    const step = i === 0 ? stride : 1;
    const at = `${name}.${i}`;
    const shapes = bottleneck
      ? [
          [from, planes, 1, 1],
          [planes, planes, 3, step],
          [planes, outputs, 1, 1],
        ]
      : [
          [from, planes, 3, step],
          [planes, planes, 3, 1],
        ];
    return {
      layers: shapes.map((shape, k) => layer(`${at}.conv${k + 1}`, `${at}.bn${k + 1}`, ...shape)),
      downsample:
        step !== 1 || from !== outputs
          ? layer(`${at}.downsample.0`, `${at}.downsample.1`, from, outputs, 1, step)
          : null,
    };
  });
}

function resnet(name, counts, bottleneck) {
  const width = bottleneck ? 4 : 1;
  return {
    name,
    ...IMAGE,
    stem: layer('conv1', 'bn1', 3, 64, 7, 2),
    pool: true,
    blocks: counts.flatMap((count, i) => {
      const planes = 64 * 2 ** i;
      return stage(
        `layer${i + 1}`,
        i === 0 ? 64 : (planes / 2) * width,
        planes,
        count,
        i === 0 ? 1 : 2,
        bottleneck,
      );
    }),
    features: 512 * width,
  };
}

/** The net of examples/mnist: 77,754 parameters. */
const small = {
  name: 'small',
  channels: 1,
  size: 28,
  classes: 10,
  stem: layer('conv1', 'bn1', 1, 16, 3, 2),
  pool: false,
  blocks: [
    ...stage('layer1', 16, 16, 1, 1, false),
    ...stage('layer2', 16, 32, 1, 2, false),
    ...stage('layer3', 32, 64, 1, 2, false),
  ],
  features: 64,
};

export const nets = {
  resnet18: resnet('resnet18', [2, 2, 2, 2], false),
  resnet50: resnet('resnet50', [3, 4, 6, 3], true),
  small,
};

/**
 * What is checked: the logits of one forward, or the losses of the first steps of training; `tolerance` is relative to the largest of
 * them. Losses hide more than logits do: a shortcut scaled by 0.99 moved them by 2e-4, honest contenders differ by up to 3e-5.
 */
const FORWARD = { train: false, steps: 1, tolerance: 1e-3 };
const TRAINING = { train: true, steps: 5, tolerance: 1e-4, momentum: 0.9 };

export const tasks = [
  { name: 'resnet18-forward', title: 'ResNet-18, one image', net: 'resnet18', ...FORWARD, batch: 1 },
  { name: 'resnet50-forward', title: 'ResNet-50, one image', net: 'resnet50', ...FORWARD, batch: 1 },
  {
    name: 'resnet18-train',
    title: 'ResNet-18, training step, batch 8',
    net: 'resnet18',
    ...TRAINING,
    batch: 8,
    lr: 0.001,
  },
  { name: 'small-forward', title: 'small net, batch 64', net: 'small', ...FORWARD, batch: 64 },
  {
    name: 'small-train',
    title: 'small net, training step, batch 64',
    net: 'small',
    ...TRAINING,
    batch: 64,
    lr: 0.02,
  },
];

/** The class of each image of a batch. */
export function labelsOf(net, batch) {
  return Array.from({ length: batch }, (_, i) => (7 * i) % net.classes);
}

/** The names of a net's parameters, which an optimizer is to move; running statistics are not among them. */
export function parameterNames(net) {
  const layers = [net.stem, ...net.blocks.flatMap((b) => [...b.layers, b.downsample].filter((l) => l))];
  return [
    ...layers.flatMap(({ conv, bn }) => [`${conv}.weight`, `${bn}.weight`, `${bn}.bias`]),
    'fc.weight',
    'fc.bias',
  ];
}

/**
 * One forward, in a library's own operations: `layer(x, layer, relu)` is a convolution with its batch norm and perhaps a ReLU,
 * `add(x, y)` ends in a ReLU, `head` is the mean over the plane and the last product, `share` marks the first of two uses.
 */
export function forward(net, x, ops) {
  x = ops.layer(x, net.stem, true);
  if (net.pool) x = ops.pool(x);
  for (const { layers, downsample } of net.blocks) {
    const shared = ops.share(x);
    const identity = downsample === null ? shared : ops.layer(shared, downsample, false);
    layers.forEach((each, i) => (x = ops.layer(x, each, i < layers.length - 1)));
    x = ops.add(x, identity);
  }
  return ops.head(x);
}

const EPS = 1e-5;

/** The convolution that does the work of `layer` and of its batch norm in eval mode: weight [O, C, K, K] and bias [O]. */
export function fold(layer, tensors) {
  const [weight, gamma, beta, mean, variance] = [
    `${layer.conv}.weight`,
    `${layer.bn}.weight`,
    `${layer.bn}.bias`,
    `${layer.bn}.running_mean`,
    `${layer.bn}.running_var`,
  ].map((name) => tensors.get(name).data);
  const row = weight.length / layer.outputs;
  const scale = gamma.map((g, o) => g / Math.sqrt(variance[o] + EPS));
  return {
    shape: [layer.outputs, layer.inputs, layer.kernel, layer.kernel],
    weight: weight.map((w, i) => w * scale[Math.floor(i / row)]),
    bias: beta.map((b, o) => b - mean[o] * scale[o]),
  };
}
