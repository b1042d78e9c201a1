// Weights that are computed before each call: what stays, what goes, what is refused.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from './recorded.js';

const { nn } = torch;
const { remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm } = nn.utils;

describe('weight_norm', () => {
  test('starts and ends with the same weight', () => {
    const fc = new nn.Linear(4, 3);
    const before = flat(fc.weight);
    expect(weight_norm(fc)).toBe(fc);
    expectClose(flat(fc.weight), before, 1e-6);
    expect(fc.weight).not.toBeInstanceOf(nn.Parameter);
    expect([...fc.named_parameters()].map(([name]) => name)).toEqual(['bias', 'weight_g', 'weight_v']);
    remove_weight_norm(fc);
    expect(fc.weight).toBeInstanceOf(nn.Parameter);
    expect(Object.keys(fc.state_dict())).toEqual(['bias', 'weight']);
    expectClose(flat(fc.weight), before, 1e-6);
    expect(fc(torch.ones(2, 4)).shape).toEqual([2, 3]);
  });

  test('has a norm for each element of a vector', () => {
    const norm = weight_norm(new nn.LayerNorm(2));
    expect(flat(norm.get_parameter('weight_g'))).toEqual([1, 1]);
  });

  test('follows its parts, and its weight can be read after a call', () => {
    const fc = weight_norm(new nn.Linear(4, 3));
    fc(torch.ones(1, 4));
    const once = flat(fc.weight);
    torch.no_grad(() => void fc.get_parameter('weight_g').mul_(2));
    fc(torch.ones(1, 4));
    expectClose(flat(fc.weight), once.map((v) => 2 * v), 1e-6); // prettier-ignore
  });

  test('trains without a leak', () => {
    const fc = weight_norm(new nn.Linear(8, 8));
    const optimizer = new torch.optim.SGD(fc.parameters(), { lr: 0.1 });
    const step = (): void =>
      torch.tidy(() => {
        optimizer.zero_grad();
        fc(torch.ones(2, 8)).square().sum().backward();
        optimizer.step();
      });
    step();
    step();
    const before = torch.memory_stats();
    for (let i = 0; i < 5; i++) step();
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
  });

  test('errors', () => {
    const fc = weight_norm(new nn.Linear(4, 3));
    expect(() => weight_norm(fc)).toThrow(
      'Cannot register two weight_norm hooks on the same parameter weight',
    );
    expect(() => weight_norm(new nn.Linear(4, 3), 'wight')).toThrow("Linear has no parameter 'wight'");
    expect(() => remove_weight_norm(new nn.Linear(4, 3))).toThrow(
      "weight_norm of 'weight' not found in Linear(in_features=4, out_features=3, bias=True)",
    );
  });
});

describe('spectral_norm', () => {
  test('brings the largest singular value to 1', () => {
    const fc = spectral_norm(new nn.Linear(6, 4, { bias: false }).double(), { n_power_iterations: 200 });
    fc(torch.ones(1, 6, { dtype: torch.float64 }));
    const weight = fc.weight.detach();
    // The power method on weight·weightᵀ.
    let u = torch.ones(4, { dtype: torch.float64 });
    for (let i = 0; i < 500; i++) u = weight.mv(weight.t().mv(u.div(u.norm())));
    expect(u.norm().item()).toBeCloseTo(1, 6);
  });

  test('moves its vectors in training only', () => {
    const fc = spectral_norm(new nn.Linear(4, 3)).eval();
    const u = fc.get_buffer('weight_u');
    const before = flat(u);
    fc(torch.ones(1, 4));
    expect(flat(u)).toEqual(before);
    fc.train()(torch.ones(1, 4));
    expect(flat(u)).not.toEqual(before);
  });

  test('two calls before one backward', () => {
    const fc = spectral_norm(new nn.Linear(4, 3));
    const x = torch.ones(1, 4);
    fc(x).add(fc(x)).sum().backward();
    expect(fc.get_parameter('weight_orig').grad!.shape).toEqual([3, 4]);
  });

  test('ends with a parameter', () => {
    const fc = remove_spectral_norm(spectral_norm(new nn.Linear(4, 3)));
    expect(Object.keys(fc.state_dict())).toEqual(['bias', 'weight']);
    expect(fc(torch.ones(2, 4)).shape).toEqual([2, 3]);
  });

  test('errors', () => {
    expect(() => spectral_norm(new nn.Linear(4, 3), { n_power_iterations: 0 })).toThrow(
      'Expected n_power_iterations to be positive, but got n_power_iterations=0',
    );
    expect(() => remove_spectral_norm(new nn.Linear(4, 3))).toThrow("spectral_norm of 'weight' not found");
    expect(() => spectral_norm(spectral_norm(new nn.Linear(4, 3)))).toThrow('two spectral_norm hooks');
  });
});

describe('fusion', () => {
  test('errors', () => {
    const conv = new nn.Conv2d(2, 3, 1);
    const bn = new nn.BatchNorm2d(3);
    expect(() => nn.utils.fuse_conv_bn_eval(conv, bn)).toThrow('Fusion only for eval!');
    const untracked = new nn.BatchNorm2d(3, { track_running_stats: false });
    expect(() => nn.utils.fuse_conv_bn_eval(conv.eval(), untracked.eval())).toThrow('no running statistics');
  });

  test('weights by themselves', () => {
    const mean = torch.tensor([1, 2]).float();
    const variance = torch.tensor([4, 9]).float();
    const [weight, bias] = nn.utils.fuse_conv_bn_weights(
      torch.ones(2, 1, 1),
      null,
      mean,
      variance,
      0,
      null,
      null,
    );
    expectClose([...flat(weight), ...flat(bias)], [1 / 2, 1 / 3, -1 / 2, -2 / 3], 1e-6);
  });
});
