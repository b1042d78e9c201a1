import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { models } from '../../src/vision/index.js';
import * as tutorial from '../../examples/tutorial/resnet.js';

const { nn } = torch;

interface Recorded {
  options: Record<string, unknown>;
  parameters: number;
  keys: string;
  weights: string;
  rand_after: number;
}

const recorded = JSON.parse(readFileSync(new URL('../fixtures/models.json', import.meta.url), 'utf8')) as {
  torchvision: Record<string, Recorded[]>;
  tutorial: Record<string, Recorded[]>;
  dilated_logits: number[][];
};

let built: torch.nn.Module[] = [];
afterEach(() => {
  for (const model of built) model.dispose();
  built = [];
});

function sha256(parts: Iterable<NodeJS.ArrayBufferView | string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function keysOf(model: torch.nn.Module): string {
  const state: Record<string, torch.Tensor> = { ...model.state_dict() };
  return sha256([
    Object.entries(state)
      .map(([key, t]) => `${key} [${t.shape.join(', ')}]`)
      .join('\n'),
  ]);
}

function check(
  make: (options: object) => torch.nn.Module,
  { options, parameters, keys, weights, rand_after }: Recorded,
): void {
  torch.manual_seed(0);
  const model = make(options);
  built.push(model);
  expect(torch.rand(1).item()).toBe(rand_after);
  expect([...model.parameters()].reduce((sum, p) => sum + p.numel(), 0)).toBe(parameters);
  expect(keysOf(model)).toBe(keys);
  torch.tidy(() => {
    expect(sha256([...model.parameters()].map((p) => p.detach().numpy()))).toBe(weights);
  });
}

const cases = (group: Record<string, Recorded[]>) =>
  Object.entries(group).flatMap(([name, runs]) =>
    runs.map((run) => [name, JSON.stringify(run.options), run] as const),
  );

describe('parameter counts, keys and, bit for bit, seeded weights', () => {
  test.each(cases(recorded.torchvision))('torchvision %s(%s)', { timeout: 120_000 }, (name, _, run) => {
    check((models as unknown as Record<string, (options: object) => torch.nn.Module>)[name], run);
  });

  test.each(cases(recorded.tutorial))('tutorial %s(%s)', { timeout: 120_000 }, (name, _, run) => {
    check((tutorial as unknown as Record<string, (options: object) => torch.nn.Module>)[name], run);
  });
});

test('dilation in place of strides', { timeout: 120_000 }, () => {
  torch.manual_seed(0);
  const model = models
    .resnet50({ num_classes: 3, replace_stride_with_dilation: [false, true, true] })
    .double()
    .eval();
  built.push(model);
  const x = torch
    .tensor(Float64Array.from({ length: 2 * 3 * 64 * 64 }, (_, i) => Math.sin(i * 0.7)))
    .reshape(2, 3, 64, 64);
  const logits = torch.no_grad(() => model(x)).tolist() as number[][];
  logits.flat().forEach((value, i) => expect(value).toBeCloseTo(recorded.dilated_logits.flat()[i], 8));
});

describe('options', () => {
  test('pretrained weights are refused with the way to get them', () => {
    expect(() => models.resnet50({ weights: 'DEFAULT' as unknown as null })).toThrow(
      /resnet50: no pretrained weights are shipped.*load_state_dict\(torch.safetensors.load_file/,
    );
    const model = models.resnet18({ weights: null, progress: true, num_classes: 2 });
    built.push(model);
    expect(model.fc.out_features).toBe(2);
  });

  test('what is unknown or does not fit', () => {
    expect(() => models.resnet18({ num_clases: 2 } as object)).toThrow(
      "unexpected keyword argument 'num_clases'; it takes: num_classes",
    );
    expect(() => models.resnet50({ replace_stride_with_dilation: [true] })).toThrow(
      'or a 3-element tuple, got [true]',
    );
    expect(() => models.resnet18({ groups: 2 })).toThrow(
      'BasicBlock only supports groups=1 and base_width=64',
    );
    expect(() => models.resnet18({ replace_stride_with_dilation: [true, false, false] })).toThrow(
      'Dilation > 1 not supported',
    );
  });

  test('norm_layer: a class, or a function', () => {
    class Scale extends nn.Module {
      gain: torch.nn.Parameter;
      constructor(planes: number) {
        super();
        this.gain = new nn.Parameter(torch.ones(planes, 1, 1));
      }
      forward(x: torch.Tensor) {
        return x.mul(this.gain);
      }
    }
    for (const norm_layer of [Scale, (planes: number) => new Scale(planes)]) {
      const model = new models.ResNet(models.BasicBlock, [1, 1, 1, 1], {
        num_classes: 4,
        norm_layer,
        zero_init_residual: true,
      });
      built.push(model);
      expect(Object.keys(model.state_dict())).toContain('layer2.0.downsample.1.gain');
      expect(torch.no_grad(() => model(torch.ones(1, 3, 32, 32))).shape).toEqual([1, 4]);
    }
  });

  test('blocks of one’s own', () => {
    class Wide extends models.BasicBlock {
      constructor(inplanes: number, planes: number, options: models.BlockOptions = {}) {
        super(inplanes, planes, options);
        this.relu = new nn.ReLU();
      }
    }
    const model = new models.ResNet(Wide, [1, 1, 1, 1], { num_classes: 2 });
    built.push(model);
    expect([...model.modules()].filter((m) => m instanceof Wide)).toHaveLength(4);
  });
});

test('training moves every parameter', { timeout: 120_000 }, () => {
  torch.manual_seed(1);
  const model = models.resnet18({ num_classes: 4 });
  built.push(model);
  const before = [...model.parameters()].map((p) => p.detach().clone());
  const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const loss = new nn.CrossEntropyLoss()(model(torch.randn(2, 3, 64, 64)), torch.tensor([1, 3]));
  loss.backward();
  optimizer.step();
  [...model.parameters()].forEach((p, i) =>
    expect(p.detach().eq(before[i]).all().item(), `parameter ${i}`).toBe(false),
  );
  expect(model.bn1 instanceof nn.BatchNorm2d && model.bn1.num_batches_tracked!.item()).toBe(1);
});
