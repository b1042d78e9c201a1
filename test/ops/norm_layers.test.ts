// layer_norm, group_norm and instance_norm beyond what the samples cover: empty inputs, statistics, second derivatives, errors.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const F = torch.nn.functional;
const { float64 } = torch;

function normal(...shape: number[]): torch.Tensor {
  return torch.randn(shape, { dtype: float64 }).mul(3).add(2).detach().requires_grad_(true);
}

/** (x − mean) / √(var + eps) over the last dimension, by operators. */
function byHand(x: torch.Tensor, eps: number): torch.Tensor {
  const centered = x.sub(x.mean(-1, true));
  return centered.div(centered.square().mean(-1, true).add(eps).sqrt());
}

describe('layer_norm', () => {
  test.each([1, 2, 3, 4, 7, 8, 33, 130])('rows of %i', (n) => {
    const x = normal(5, n);
    const [weight, bias] = [normal(n), normal(n)];
    const expected = byHand(x, 0.1).mul(weight).add(bias);
    const actual = F.layer_norm(x, n, weight, bias, 0.1);
    expectClose(flat(actual), flat(expected), 1e-12);
    const seed = torch.randn([5, n], { dtype: float64 });
    const grads = [actual, expected].map((out) =>
      torch.autograd.grad(out, [x, weight, bias], { grad_outputs: seed }),
    );
    grads[0].forEach((grad, i) => expectClose(flat(grad!), flat(grads[1][i]!), 1e-9, 1e-11));
    const narrow = F.layer_norm(x.float(), n, weight.float(), bias.float(), 0.1);
    expectClose(flat(narrow), flat(expected), 1e-5);
  });

  test('of nothing', () => {
    const weight = normal(3);
    const out = F.layer_norm(normal(0, 3), 3, weight);
    out.sum().backward();
    expect(out.shape).toEqual([0, 3]);
    expect(flat(weight.grad!)).toEqual([0, 0, 0]);
    const [none, mean, rstd] = torch.native_layer_norm(normal(2, 0), [0], null, null, 1e-5);
    expect(none.shape).toEqual([2, 0]);
    expect(flat(mean)).toEqual([0, 0]);
    expect(flat(rstd)).toEqual([NaN, NaN]);
    expect([none.requires_grad, mean.requires_grad, rstd.requires_grad]).toEqual([true, false, false]);
  });

  test('can be differentiated twice', () => {
    const args = [normal(3, 4), normal(4), normal(4)];
    const call = (): torch.Tensor[] => {
      const out = F.layer_norm(args[0], [4], args[1], args[2], 0.1);
      return torch.autograd.grad(out.pow(2).sum(), args, { create_graph: true }) as torch.Tensor[];
    };
    expect(torch.autograd.gradcheck(call, args)).toBe(true);
  });

  test('errors', () => {
    const x = torch.ones(2, 3);
    expect(() => F.layer_norm(x, [])).toThrow('Expected normalized_shape to be at least 1-dimensional');
    expect(() => F.layer_norm(x, [2])).toThrow(
      'Given normalized_shape=[2], expected input with shape [*, 2], but got input of size[2, 3]',
    );
    expect(() => F.layer_norm(torch.tensor(1.5), [1])).toThrow('but got input of size[]');
    expect(() => F.layer_norm(x, [3], torch.ones(2))).toThrow(
      'Expected weight to be of same shape as normalized_shape, but got weight of shape [2] and normalized_shape = [3]',
    );
    expect(() => F.layer_norm(x, [3], null, torch.ones(1, 3))).toThrow('got bias of shape [1, 3]');
    expect(() => F.layer_norm(x, [3], torch.ones(3).double())).toThrow(
      'expected scalar type Float but found Double',
    );
    expect(() => F.layer_norm(x.long(), [3])).toThrow('"LayerNormKernelImpl" not implemented for \'Long\'');
  });
});

describe('group_norm', () => {
  test.each([
    [[2, 6, 5], 3],
    [[3, 4], 2],
    [[1, 4, 3, 9], 1],
    [[2, 8, 33], 4],
  ] as const)('%o in %i groups', (shape, groups) => {
    const [N, C] = shape;
    const x = normal(...shape);
    const [weight, bias] = [normal(C), normal(C)];
    const affine = (t: torch.Tensor): torch.Tensor => t.reshape(1, C, ...shape.slice(2).map(() => 1));
    const hat = byHand(x.reshape(N, groups, -1), 1e-5).reshape([...shape]);
    const expected = hat.mul(affine(weight)).add(affine(bias));
    const actual = F.group_norm(x, groups, weight, bias);
    expectClose(flat(actual), flat(expected), 1e-11);
    const seed = torch.randn([...shape], { dtype: float64 });
    const grads = [actual, expected].map((out) =>
      torch.autograd.grad(out, [x, weight, bias], { grad_outputs: seed }),
    );
    grads[0].forEach((grad, i) => expectClose(flat(grad!), flat(grads[1][i]!), 1e-9, 1e-11));
  });

  test('of nothing', () => {
    const weight = normal(4);
    const out = F.group_norm(normal(0, 4, 2), 2, weight);
    out.sum().backward();
    expect(out.shape).toEqual([0, 4, 2]);
    expect(flat(weight.grad!)).toEqual([0, 0, 0, 0]);
    expect(F.group_norm(normal(2, 4, 0), 2).shape).toEqual([2, 4, 0]);
  });

  test('can be differentiated twice', () => {
    const args = [normal(2, 4, 3), normal(4), normal(4)];
    const call = (): torch.Tensor[] => {
      const out = F.group_norm(args[0], 2, args[1], args[2], 0.1);
      return torch.autograd.grad(out.pow(2).sum(), args, { create_graph: true }) as torch.Tensor[];
    };
    expect(torch.autograd.gradcheck(call, args)).toBe(true);
  });

  test('errors', () => {
    const x = torch.ones(2, 6);
    expect(() => F.group_norm(x, 4)).toThrow(
      'Expected number of channels in input to be divisible by num_groups, but got input of shape [2, 6] and num_groups=4',
    );
    expect(() => F.group_norm(x, -1)).toThrow('Expected num groups to be greater than 0, got -1');
    expect(() => F.group_norm(torch.ones(6), 2)).toThrow('at least 2 dimensions');
    expect(() => F.group_norm(torch.ones(1, 6, 1), 6)).toThrow(
      'Expected more than 1 value per channel when training, got input size [1, 6, 1]',
    );
    expect(() => F.group_norm(x, 2, torch.ones(2))).toThrow(
      'Expected weight to be a vector of size equal to the number of channels in input',
    );
    expect(() => F.group_norm(x.long(), 2)).toThrow('"GroupNormKernelImpl" not implemented for \'Long\'');
  });
});

describe('instance_norm', () => {
  test('moves the running statistics by their mean over the images', () => {
    const x = normal(3, 2, 5);
    const [mean, variance] = [torch.zeros(2).double(), torch.ones(2).double()];
    const out = F.instance_norm(x, mean, variance, { momentum: 0.3 });
    expectClose(flat(out), flat(byHand(x, 1e-5)), 1e-11);
    expectClose(flat(mean), flat(x.mean([0, 2]).mul(0.3)), 1e-12);
    expectClose(flat(variance), flat(x.var(2).mean(0).mul(0.3).add(0.7)), 1e-12);
    const used = F.instance_norm(x, mean, variance, { use_input_stats: false, eps: 0 });
    const centered = x.sub(mean.reshape(2, 1)).div(variance.sqrt().reshape(2, 1));
    expectClose(flat(used), flat(centered), 1e-12);
  });

  test('errors', () => {
    expect(() => F.instance_norm(torch.ones(2, 6, 1))).toThrow(
      'Expected more than 1 spatial element when training, got input size torch.Size([2, 6, 1])',
    );
    expect(() => F.instance_norm(torch.ones(2, 6, 2), { use_input_stats: false })).toThrow(
      'Expected running_mean and running_var to be defined when use_input_stats is false',
    );
    expect(() => F.instance_norm(torch.ones(2, 6, 2), { weight: torch.ones(3) })).toThrow(
      'weight should contain 12 elements not 6',
    );
  });
});
