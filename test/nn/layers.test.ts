import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from './recorded.js';
import type { Recorded } from './recorded.js';

const { nn } = torch;
const recorded = fixture('nn') as Recorded;

test('layers print what torch prints', () => {
  const layers: Record<string, torch.nn.Module> = {
    conv: new nn.Conv2d(4, 8, [3, 2], [2, 1], [1, 0], 2, 2, { padding_mode: 'reflect' }),
    same: new nn.Conv2d(2, 2, 3, { padding: 'same' }),
    conv1d: new nn.Conv1d(2, 4, 3),
    bn1: new nn.BatchNorm1d(3, 1e-3, null),
    bn3: new nn.BatchNorm3d(3, { affine: false, track_running_stats: false }),
    relu: new nn.ReLU(),
    relu6: new nn.ReLU6({ inplace: true }),
    leaky: new nn.LeakyReLU(0.2, true),
    elu: new nn.ELU(),
    gelu: new nn.GELU('tanh'),
    silu: new nn.SiLU(),
    sigmoid: new nn.Sigmoid(),
    tanh: new nn.Tanh(),
    hardtanh: new nn.Hardtanh(-2, 0.5),
    hardswish: new nn.Hardswish(),
    softplus: new nn.Softplus(),
    softmax: new nn.Softmax(1),
    log_softmax: new nn.LogSoftmax({ dim: -1 }),
    max_pool: new nn.MaxPool2d(3, 2, { padding: 1 }),
    max_pool2: new nn.MaxPool2d([3, 2], { ceil_mode: true }),
    avg_pool: new nn.AvgPool2d(2),
    adaptive: new nn.AdaptiveAvgPool2d([null, 3]),
    adaptive_max: new nn.AdaptiveMaxPool2d(2),
    linear: new nn.Linear(2, 3, { bias: false }),
    flatten: new nn.Flatten(),
    unflatten: new nn.Unflatten(1, [2, -1]),
    identity: new nn.Identity(3, { a: 1 }),
    dropout: new nn.Dropout(0.2),
    dropout2d: new nn.Dropout2d(),
    loss: new nn.CrossEntropyLoss(),
    pad: new nn.ZeroPad2d([1, 2, 3, 4]),
    parameters: new nn.ParameterList([torch.ones(2, 3), torch.ones(1, { dtype: torch.float64 })]),
    list: new nn.ModuleList([
      new nn.ReLU(),
      new nn.Sequential(),
      new nn.ModuleDict<torch.nn.Module>({ a: new nn.Tanh() }),
    ]),
  };
  const texts = Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, String(layer)]));
  expect(texts).toEqual(recorded.layers);
});

describe('convolution', () => {
  test('padding modes', () => {
    const x = torch.arange(1, 13, { dtype: torch.float32 }).reshape(1, 1, 3, 4);
    for (const padding_mode of ['zeros', 'reflect', 'replicate', 'circular'] as const) {
      const conv = new nn.Conv2d(1, 1, { kernel_size: 3, padding: 1, padding_mode, bias: false });
      nn.init.ones_(conv.weight);
      expect(flat(conv(x))).toEqual(recorded.padding_modes[padding_mode]);
    }
  });

  test('options that make no sense', () => {
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 0 })).toThrow('groups must be a positive integer');
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow('in_channels must be divisible by groups');
    expect(() => new nn.Conv2d(4, 3, 3, { groups: 2 })).toThrow('out_channels must be divisible by groups');
    expect(() => new nn.Conv2d(1, 1, 3, { padding: 'sam' as 'same' })).toThrow(
      "Invalid padding string 'sam'",
    );
    expect(() => new nn.Conv2d(1, 1, 3, 2, 'same')).toThrow(
      "padding='same' is not supported for strided convolutions",
    );
    expect(() => new nn.Conv2d(1, 1, 3, { padding_mode: 'mirror' as 'zeros' })).toThrow(
      'padding_mode must be one of',
    );
    expect(() => new nn.Conv2d(1, 1, 0)).toThrow('kernel_size must be positive, got (0, 0)');
    expect(() => new nn.Conv2d(1, 1, 3, { paddin: 1 } as never)).toThrow(
      "Conv2d() got an unexpected keyword argument 'paddin'; it takes: in_channels, out_channels, kernel_size",
    );
    expect(() => new nn.Conv2d(1, 1, {} as never)).toThrow("missing required argument 'kernel_size'");
    expect(() => new nn.Conv2d(1, 1, 3, { device: 'cuda' as 'cpu' })).toThrow("device 'cuda'");
  });

  test('takes its channels by name too', () => {
    const conv = new nn.Conv2d({ in_channels: 2, out_channels: 4, kernel_size: [1, 3], bias: false });
    expect(conv.weight.shape).toEqual([4, 2, 1, 3]);
    expect(conv.bias).toBe(null);
  });
});

describe('batch norm', () => {
  test('training and evaluation', () => {
    const x = torch.tensor([1, 2, 3, 6], { dtype: torch.float32 }).reshape(4, 1, 1, 1);
    const bn = new nn.BatchNorm2d(1);
    expectClose(flat(bn(x)), recorded.bn_train, 1e-6);
    expectClose([bn.running_mean!.item(), bn.running_var!.item()], [recorded.bn_mean, recorded.bn_var], 1e-6);
    expect(bn.num_batches_tracked!.item()).toBe(1);
    bn.eval();
    expectClose(flat(bn(x)), recorded.bn_eval, 1e-6);
    expect(bn.num_batches_tracked!.item()).toBe(1);
    bn.reset_running_stats();
    expect([bn.running_mean!.item(), bn.running_var!.item(), bn.num_batches_tracked!.item()]).toEqual([
      0, 1, 0,
    ]);
  });

  test('momentum null averages over all batches', () => {
    const x = torch.tensor([1, 2, 3, 6], { dtype: torch.float32 }).reshape(4, 1, 1, 1);
    const bn = new nn.BatchNorm2d(1, { momentum: null });
    bn(x);
    bn(x.add(1));
    const found = [bn.running_mean!.item(), bn.running_var!.item(), bn.num_batches_tracked!.item()];
    expectClose(found, recorded.bn_cumulative, 1e-6);
  });

  test('without running statistics evaluation uses the batch', () => {
    const bn = new nn.BatchNorm1d(1, { track_running_stats: false }).eval();
    expectClose(flat(bn(torch.tensor([[1.0], [3.0]], { dtype: torch.float32 }))), [-1, 1], 1e-4);
    expect([...bn.buffers()]).toEqual([]);
    expect(Object.keys(bn.state_dict())).toEqual(['weight', 'bias']);
  });

  test('refuses inputs of other dimensions', () => {
    expect(() => new nn.BatchNorm1d(1)(torch.ones(1))).toThrow('expected 2D or 3D input (got 1D input)');
    expect(() => new nn.BatchNorm2d(1)(torch.ones(1, 1))).toThrow('expected 4D input (got 2D input)');
    expect(() => new nn.BatchNorm3d(1)(torch.ones(1, 1))).toThrow('expected 5D input (got 2D input)');
    const one = torch.ones(1, 3, 1, 1);
    expect(() => new nn.BatchNorm2d(3)(one)).toThrow('Expected more than 1 value per channel when training');
  });
});

describe('other layers', () => {
  const x = torch.tensor([
    [-3, -0.5],
    [0.25, 7],
  ]);
  const values = (module: torch.nn.Module): number[] => flat(module(x));

  test('activations', () => {
    expect(values(new nn.ReLU())).toEqual([0, 0, 0.25, 7]);
    expect(values(new nn.ReLU6())).toEqual([0, 0, 0.25, 6]);
    expect(values(new nn.LeakyReLU(0.5))).toEqual([-1.5, -0.25, 0.25, 7]);
    expect(values(new nn.Hardtanh(-1, 2))).toEqual([-1, -0.5, 0.25, 2]);
    expectClose(values(new nn.ELU(2)), [2 * Math.expm1(-3), 2 * Math.expm1(-0.5), 0.25, 7], 1e-6);
    expectClose(
      values(new nn.Sigmoid()),
      [-3, -0.5, 0.25, 7].map((v) => 1 / (1 + Math.exp(-v))),
      1e-6,
    );
    expectClose(values(new nn.Tanh()), [-3, -0.5, 0.25, 7].map(Math.tanh), 1e-6);
    expectClose(
      values(new nn.SiLU()),
      [-3, -0.5, 0.25, 7].map((v) => v / (1 + Math.exp(-v))),
      1e-6,
    );
    expectClose(values(new nn.Hardswish()), [0, (-0.5 * 2.5) / 6, (0.25 * 3.25) / 6, 7], 1e-6);
    expectClose(values(new nn.Hardsigmoid()), [0, 2.5 / 6, 3.25 / 6, 1], 1e-6);
    expectClose(
      values(new nn.Softplus()),
      [-3, -0.5, 0.25, 7].map((v) => Math.log1p(Math.exp(v))),
      1e-6,
    );
    expectClose(values(new nn.GELU()), [-0.004049694, -0.15426877, 0.14967658, 7], 1e-5);
    const soft = (a: number, b: number): number[] => [1 / (1 + Math.exp(b - a)), 1 / (1 + Math.exp(a - b))];
    expectClose(values(new nn.Softmax()), [...soft(-3, -0.5), ...soft(0.25, 7)], 1e-6);
    expectClose(values(new nn.LogSoftmax(1)), [...soft(-3, -0.5), ...soft(0.25, 7)].map(Math.log), 1e-5);
    const inplace = x.clone();
    expect(new nn.ReLU(true)(inplace)).toBe(inplace);
    expect(flat(inplace)).toEqual([0, 0, 0.25, 7]);
    expect(() => new nn.Hardtanh(1, 1)).toThrow('min_val < max_val');
    expect(() => new nn.GELU('erf' as 'none')).toThrow('approximate argument must be either none or tanh.');
  });

  test('pools', () => {
    const plane = torch.arange(16, { dtype: torch.float32 }).reshape(1, 1, 4, 4);
    expect(flat(new nn.MaxPool2d(2)(plane))).toEqual([5, 7, 13, 15]);
    const [best, at] = new nn.MaxPool2d(2, { return_indices: true })(plane);
    expect([flat(best), flat(at)]).toEqual([
      [5, 7, 13, 15],
      [5, 7, 13, 15],
    ]);
    expect(flat(new nn.AvgPool2d(2, { stride: 2 })(plane))).toEqual([2.5, 4.5, 10.5, 12.5]);
    expect(flat(new nn.AvgPool2d(4, { divisor_override: 1 })(plane))).toEqual([120]);
    expect(new nn.AdaptiveAvgPool2d([null, 1])(plane).shape).toEqual([1, 1, 4, 1]);
    expect(flat(new nn.AdaptiveAvgPool2d({ output_size: 1 })(plane))).toEqual([7.5]);
    expect(flat(new nn.AdaptiveMaxPool2d(1)(plane))).toEqual([15]);
    expect(flat(new nn.AdaptiveMaxPool2d(1, true)(plane)[1])).toEqual([15]);
    expect(() => new nn.AdaptiveAvgPool2d([1, 2, 3] as never)).toThrow('output_size must be');
    expect(() => new nn.MaxPool2d({ stride: 2 } as never)).toThrow("missing required argument 'kernel_size'");
  });

  test('shapes', () => {
    expect(new nn.Flatten(0)(x).shape).toEqual([4]);
    expect(new nn.Unflatten(1, [1, 2])(x).shape).toEqual([2, 1, 2]);
    expect(() => new nn.Unflatten(1, [3])(x)).toThrow("don't multiply up to the size of dim 2");
    expect(new nn.ZeroPad2d(1)(x.reshape(1, 1, 2, 2)).shape).toEqual([1, 1, 4, 4]);
    expect(new nn.Identity()(x)).toBe(x);
    expect(new nn.Conv1d(2, 3, 2)(x.reshape(1, 2, 2)).shape).toEqual([1, 3, 1]);
  });

  test('dropout', () => {
    const dropout = new nn.Dropout({ p: 0.25 });
    torch.manual_seed(0);
    const kept = flat(dropout(torch.ones(1000)));
    expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(kept.filter((v) => v === 0).length).toBeGreaterThan(180);
    expect(flat(dropout.eval()(x))).toEqual(flat(x));
    const channels = new nn.Dropout2d()(torch.ones(4, 8, 2, 2))
      .reshape(32, 4)
      .tolist() as number[][];
    for (const channel of channels) expect(new Set(channel).size).toBe(1);
    expect(() => new nn.Dropout(1.5)).toThrow('dropout probability has to be between 0 and 1, but got 1.5');
  });

  test('losses', () => {
    const target = torch.tensor(
      [
        [0, 0.5],
        [1, 1],
      ],
      { dtype: torch.float32 },
    );
    const item = (loss: torch.nn.Module): number => loss(x, target).item();
    const differences = [-3, -1, -0.75, 6];
    const mean = (f: (d: number) => number): number => differences.reduce((sum, d) => sum + f(d), 0) / 4;
    expectClose([item(new nn.L1Loss())], [mean(Math.abs)], 1e-6);
    expectClose([item(new nn.MSELoss())], [mean((d) => d * d)], 1e-6);
    expectClose([item(new nn.MSELoss({ reduction: 'sum' }))], [mean((d) => d * d) * 4], 1e-6);
    const smooth = (d: number): number => (Math.abs(d) < 2 ? (d * d) / 4 : Math.abs(d) - 1);
    expectClose([item(new nn.SmoothL1Loss({ beta: 2 }))], [mean(smooth)], 1e-6);
    const p = x.sigmoid();
    const bce = new nn.BCELoss({ reduction: 'sum' })(p, target).item();
    expectClose([item(new nn.BCEWithLogitsLoss({ reduction: 'sum' }))], [bce], 1e-5);
    const classes = torch.tensor([1, 0]);
    const weight = torch.tensor([0.25, 0.75]);
    const logits = new nn.LogSoftmax(1)(x);
    const nll = new nn.NLLLoss(weight)(logits, classes).item();
    expectClose([new nn.CrossEntropyLoss({ weight })(x, classes).item()], [nll], 1e-6);
    expect(new nn.CrossEntropyLoss({ ignore_index: 1, reduction: 'none' })(x, classes).shape).toEqual([2]);
    expect(Object.keys(new nn.CrossEntropyLoss(weight).state_dict())).toEqual(['weight']);
    expect(() => new nn.MSELoss({ reduction: 'avg' as 'mean' })).toThrow(
      'avg is not a valid value for reduction',
    );
  });
});

describe('containers', () => {
  test('Sequential', () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
    expect(net.length).toBe(2);
    expect(net[1]).toBeInstanceOf(nn.ReLU);
    expect(net.at(-1)).toBe(net[1]);
    expect(() => net.at(2)).toThrow('index 2 is out of range');
    net.append(new nn.Linear(3, 1)).insert(0, new nn.Identity());
    expect([...net].map((module) => module._get_name())).toEqual(['Identity', 'Linear', 'ReLU', 'Linear']);
    expect([...net._modules.keys()]).toEqual(['0', '1', '2', '3']);
    expect(net.pop(0)._get_name()).toBe('Identity');
    expect(net(torch.ones(5, 2)).shape).toEqual([5, 1]);
    expect(net.slice(0, 2).length).toBe(2);
    net[1] = new nn.Tanh();
    expect(net.at(1)).toBeInstanceOf(nn.Tanh);
    const named = new nn.Sequential({ first: new nn.ReLU(), second: new nn.Tanh() });
    expect([...named._modules.keys()]).toEqual(['first', 'second']);
    expect(() => new nn.Sequential(3 as never)).toThrow('number is not a Module subclass');
  });

  test('ModuleList, ModuleDict and ParameterList', () => {
    const list = new nn.ModuleList([new nn.Linear(1, 2)]).extend([new nn.Linear(2, 3)]);
    expect(list[1].out_features).toBe(3);
    expect(Object.keys(list.state_dict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
    const dict = new nn.ModuleDict({ a: new nn.Linear(1, 1), b: new nn.Linear(1, 2) });
    expect(dict.get('b').out_features).toBe(2);
    expect([...dict.keys()]).toEqual(['a', 'b']);
    expect(dict.pop('a').out_features).toBe(1);
    expect([dict.has('a'), dict.has('b'), dict.size]).toEqual([false, true, 1]);
    expect(() => dict.get('c')).toThrow("no module 'c'");
    dict.clear();
    expect([...dict.parameters()]).toEqual([]);
    const parameters = new nn.ParameterList([torch.ones(1), torch.ones(2)]);
    expect([...parameters.parameters()].map((p) => p.shape)).toEqual([[1], [2]]);
    expect(parameters.at(-1)).toBe(parameters[1]);
  });
});
