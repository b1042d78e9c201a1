// gradcheck in float64 over whole blocks: every parameter and the input, in training and in eval mode.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import * as models from '../../src/vision/models.js';
import { BasicBlock as TutorialBlock } from '../nn/block.js';

const { nn } = torch;
const { BasicBlock, Bottleneck, ResNet } = models;

type Block = torch.nn.Module & ((x: torch.Tensor) => torch.Tensor);

const shortcut = (from: number, to: number, stride: number): torch.nn.Module =>
  new nn.Sequential(new nn.Conv2d(from, to, 1, stride, { bias: false }), new nn.BatchNorm2d(to));

const BLOCKS: Readonly<Record<string, () => torch.nn.Module>> = {
  'the tutorial’s BasicBlock': () => new TutorialBlock(3, 3),
  'the tutorial’s BasicBlock with a downsample': () => new TutorialBlock(2, 3, 2, shortcut(2, 3, 2)),
  'the BasicBlock of models': () => new BasicBlock(3, 3),
  'the BasicBlock of models with a downsample': () =>
    new BasicBlock(2, 3, { stride: 2, downsample: shortcut(2, 3, 2) }),
  'the Bottleneck of models': () => new Bottleneck(8, 2),
  'the Bottleneck of models with a downsample': () =>
    new Bottleneck(4, 2, { stride: 2, downsample: shortcut(4, 8, 2) }),
  'the Bottleneck of models with groups': () =>
    new Bottleneck(8, 2, { groups: 2, base_width: 64, dilation: 2 }),
};

/** Values away from those of a new layer, so that no gradient is zero and none passes for another. */
function scatter(model: torch.nn.Module): void {
  torch.no_grad(() => {
    for (const [name, parameter] of model.named_parameters()) {
      if (/(bn\d|downsample\.1)\.weight/.test(name)) parameter.uniform_(0.5, 1.5);
      else parameter.normal_(0, name.endsWith('bias') ? 0.3 : 0.5);
    }
    for (const [name, buffer] of model.named_buffers()) {
      if (name.endsWith('running_mean')) buffer.normal_(0, 0.3);
      if (name.endsWith('running_var')) buffer.uniform_(0.5, 1.5);
    }
  });
}

function channelsOf(model: torch.nn.Module): number {
  const [first] = model.parameters();
  return first.shape[1];
}

function check(model: Block, x: torch.Tensor): boolean {
  return torch.autograd.gradcheck(() => model(x), [x, ...model.parameters()]);
}

describe.each(Object.entries(BLOCKS))('%s', (_name, make) => {
  it.each(['training', 'eval'])('in %s mode', (mode) => {
    torch.tidy(() => {
      torch.manual_seed(5);
      const model = make().double() as Block;
      scatter(model);
      model.train(mode === 'training');
      const x = torch.randn([2, channelsOf(model), 4, 4], { dtype: torch.float64, requires_grad: true });
      expect(check(model, x)).toBe(true);
    });
  });

  it('gives in float32 the gradients of float64 to the accuracy of float32', () => {
    torch.tidy(() => {
      torch.manual_seed(5);
      const exact = make().double() as Block;
      scatter(exact);
      const model = make() as Block;
      model.load_state_dict(exact.state_dict());
      exact.load_state_dict(model.state_dict());
      const x = torch.randn(4, channelsOf(model), 8, 8);
      const gradientsOf = (m: Block, input: torch.Tensor): torch.Tensor[] => {
        m(input).sin().sum().backward();
        return [...m.parameters()].map((p) => p.grad!.double());
      };
      const expected = gradientsOf(exact, x.double());
      gradientsOf(model, x).forEach((gradient, i) => {
        const error = gradient.sub(expected[i]).abs().max().item();
        expect(error).toBeLessThan(1e-4 * Math.max(1, expected[i].abs().max().item()));
      });
    });
  });
});

describe('a whole ResNet', () => {
  it.each([
    ['BasicBlock', BasicBlock],
    ['Bottleneck', Bottleneck],
  ] as const)('of %s has the gradients of a directional difference', (_name, block) => {
    torch.tidy(() => {
      torch.manual_seed(2);
      const model = new ResNet(block, [1, 1, 1, 1], {
        num_classes: 3,
        width_per_group: 64,
      }).double() as Block;
      const x = torch.randn(2, 3, 33, 33, { dtype: torch.float64 });
      const y = torch.tensor([2, 0]);
      const lossOf = (): torch.Tensor => nn.functional.cross_entropy(model(x), y);
      lossOf().backward();
      // Small, since batch norm over eight elements curves and ReLU bends.
      const directions = [...model.parameters()].map((p) => torch.randn_like(p).mul(1e-9));
      const slope = [...model.parameters()].reduce(
        (sum, p, i) => sum + p.grad!.mul(directions[i]).sum().item(),
        0,
      );
      const at = (sign: number): number =>
        torch.no_grad(() => {
          [...model.parameters()].forEach((p, i) => p.add_(directions[i], { alpha: sign }));
          const value = lossOf().item();
          [...model.parameters()].forEach((p, i) => p.sub_(directions[i], { alpha: sign }));
          return value;
        });
      const difference = (at(1) - at(-1)) / 2;
      expect(Math.abs(slope - difference)).toBeLessThan(1e-4 * Math.abs(difference));
    });
  });
});

describe('second derivatives', () => {
  class Tiny extends nn.Module {
    conv;
    bn;
    relu;
    constructor() {
      super();
      this.conv = new nn.Conv2d(2, 2, 3, { padding: 1 });
      this.bn = new nn.BatchNorm2d(2);
      this.relu = new nn.ReLU();
    }
    forward(x: torch.Tensor) {
      return this.relu(this.bn(this.conv(x)));
    }
  }

  it.each(['training', 'eval'])('of convolution, batch norm and ReLU in %s mode', (mode) => {
    torch.tidy(() => {
      torch.manual_seed(11);
      const model = new Tiny().double();
      scatter(model);
      model.train(mode === 'training');
      const x = torch.randn(2, 2, 3, 3, { dtype: torch.float64, requires_grad: true });
      const inputs = [x, model.conv.weight, model.bn.weight, model.bn.bias] as torch.Tensor[];
      const weights = torch.randn(2, 2, 3, 3, { dtype: torch.float64 });
      const gradients = (): torch.Tensor[] => {
        const loss = model(x).square().mul(weights).sum();
        return torch.autograd.grad(loss, inputs, { create_graph: true }) as torch.Tensor[];
      };
      expect(torch.autograd.gradcheck(gradients, inputs)).toBe(true);
    });
  });
});
