import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const { nn, optim } = torch;
const { AveragedModel, update_bn } = optim.swa_utils;

class Net extends nn.Module {
  readonly shared;
  readonly layers;
  readonly scale: torch.nn.Parameter;
  readonly sizes = { list: [1, 2], map: new Map([['a', 1]]) };
  declare readonly empty: torch.nn.Parameter | null;
  constructor() {
    super();
    this.register_buffer('count', torch.tensor([2.5]));
    this.register_parameter('empty', null);
    this.shared = new nn.Linear(2, 2);
    this.layers = new nn.Sequential(this.shared, new nn.BatchNorm1d(2), this.shared);
    this.scale = new nn.Parameter(torch.ones(2));
  }
  forward(x: torch.Tensor): torch.Tensor {
    return this.layers(x).mul(this.scale);
  }
}

describe('AveragedModel', () => {
  test('copies the model whole', () => {
    const model = new Net();
    model.scale.grad = torch.ones(2);
    model.layers[1].register_forward_hook((_m, _i, out) => out.add(1));
    const averaged = new AveragedModel(model);
    const { module } = averaged;
    expect(module).toBeInstanceOf(Net);
    expect(Object.keys(module.state_dict())).toEqual(Object.keys(model.state_dict()));
    expect(String(module)).toBe(String(model));
    expect(module.shared).toBe(module.layers[0]);
    expect(module.layers[2]).toBe(module.shared);
    expect(module.shared).not.toBe(model.shared);
    expect(module.sizes).toEqual(model.sizes);
    expect(module.sizes.map).not.toBe(model.sizes.map);
    expect(flat(module.scale.grad!)).toEqual([1, 1]);
    const x = torch.randn(3, 2);
    const expected = torch.tidy(() => flat(model(x)));
    expect(flat(averaged(x))).toEqual(expected);
    torch.no_grad(() => void model.scale.fill_(7));
    expect(flat(module.scale)).toEqual([1, 1]);
  });

  test('averages parameters, and buffers when asked', () => {
    for (const use_buffers of [false, true]) {
      const model = new nn.BatchNorm1d(1);
      const averaged = new AveragedModel(model, { use_buffers });
      for (const value of [1, 2, 6]) {
        torch.no_grad(() => [model.weight!, model.running_mean!].forEach((t) => t.fill_(value)));
        averaged.update_parameters(model);
      }
      expectClose([averaged.module.weight!.item()], [3], 1e-6);
      expectClose([averaged.module.running_mean!.item()], [use_buffers ? 3 : 0], 1e-6);
      expect(averaged.n_averaged.item()).toBe(3);
    }
  });

  test('takes an averaging function, and leaves nothing behind', () => {
    const model = new nn.Linear(1, 1);
    const averaged = new AveragedModel(model, null, (mean, value) => mean.mul(0.5).add(value.mul(0.5)));
    nn.init.constant_(model.weight, 1);
    averaged.update_parameters(model);
    nn.init.constant_(model.weight, 3);
    const before = torch.memory_stats().allocations;
    averaged.update_parameters(model);
    expect(averaged.module.weight.item()).toBe(2);
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('saves and loads', () => {
    const model = new nn.Linear(1, 1);
    const averaged = new AveragedModel(model);
    averaged.update_parameters(model);
    expect(Object.keys(averaged.state_dict())).toEqual(['n_averaged', 'module.weight', 'module.bias']);
    const loaded = new AveragedModel(model);
    loaded.load_state_dict(averaged.state_dict());
    expect(loaded.n_averaged.item()).toBe(1);
  });
});

describe('update_bn', () => {
  test('gives the statistics of all batches and leaves the mode', () => {
    const model = new nn.Sequential(new nn.BatchNorm1d(1, { momentum: 0.3 }), new nn.Dropout(0.5));
    model.eval();
    const norm = model[0] as torch.nn.BatchNorm1d;
    update_bn([[torch.tensor([[1], [2.5]]), 7], torch.tensor([[3], [6.5]])], model);
    // The means of the batches' means and of their unbiased variances.
    expectClose([norm.running_mean!.item()], [(1.75 + 4.75) / 2], 1e-6);
    expectClose([norm.running_var!.item()], [(1.125 + 6.125) / 2], 1e-6);
    expect([norm.momentum, norm.training, model.training]).toEqual([0.3, false, false]);
    expect(norm.num_batches_tracked!.item()).toBe(2);
  });

  test('does nothing without batch norm', () => {
    let called = 0;
    class Count extends nn.Module {
      forward(x: torch.Tensor): torch.Tensor {
        called++;
        return x;
      }
    }
    update_bn([torch.ones(1)], new Count());
    expect(called).toBe(0);
  });
});
