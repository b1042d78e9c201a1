import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { metadataOf } from '../../src/nn/state_dict.js';
import { emptyParameter } from '../../src/nn/parameter.js';
import { BasicBlock, Net } from './block.js';
import { expectClose, fixture, flat } from './recorded.js';
import type { Recorded } from './recorded.js';

const { nn } = torch;
const recorded = fixture('nn') as Recorded;

function seeded(): Net {
  torch.manual_seed(0);
  return new Net();
}

function input(): torch.Tensor {
  return torch
    .tensor(Float64Array.from({ length: 384 }, (_, i) => Math.sin(-1 + (2 * i) / 383)))
    .reshape(2, 3, 8, 8);
}

describe('a network of blocks, as torch has it', () => {
  test('prints the same', () => {
    const net = seeded();
    expect(String(net)).toBe(recorded.repr);
    expect(inspect(net)).toBe(recorded.repr);
  });

  test('has the same names, in the order of assignment', () => {
    const net = seeded();
    expect(Object.keys(net.state_dict())).toEqual(recorded.keys);
    expect([...net.named_parameters()].map(([name]) => name)).toEqual(recorded.parameter_names);
    expect([...net.named_modules()].map(([name]) => name)).toEqual(recorded.module_names);
    expect(Object.values(net.state_dict()).map((t) => [...t.shape])).toEqual(recorded.shapes);
  });

  test('draws the same initial values, bit for bit', () => {
    expect(Object.values(seeded().state_dict()).map(flat)).toEqual(recorded.values);
  });

  test('records the versions of layouts', () => {
    const versions = Object.fromEntries(
      Object.entries(metadataOf(seeded().state_dict())!).map(([name, { version }]) => [name, version]),
    );
    expect(versions).toEqual(recorded.metadata);
  });

  test('computes the same output, gradients and statistics', () => {
    const net = seeded().double();
    const x = input();
    const y = net(x);
    const loss = new nn.CrossEntropyLoss()(y, torch.tensor([0, 1]));
    loss.backward();
    expectClose(flat(y), recorded.train_output.flat(), 1e-11);
    expectClose([loss.item()], [recorded.loss], 1e-11);
    [...net.parameters()].forEach((p, i) => expectClose(flat(p.grad!), recorded.grads[i], 1e-9, 1e-11));
    [...net.buffers()].forEach((b, i) => expectClose(flat(b), recorded.buffers[i], 1e-11));
    net.eval();
    expectClose(flat(net(x)), recorded.eval_output.flat(), 1e-11);
  });
});

describe('registration', () => {
  test('a field that is assigned anew keeps its place; null stays registered', () => {
    const block = new BasicBlock(2, 2);
    block.bn1 = new nn.BatchNorm2d(2);
    expect([...block._modules.keys()]).toEqual(['conv1', 'bn1', 'relu', 'conv2', 'bn2']);
    block.downsample = new nn.Identity();
    expect([...block._modules.keys()].at(-1)).toBe('downsample');
    block.downsample = null;
    expect([...block.named_children()].map(([name]) => name)).not.toContain('downsample');
    expect(String(block)).toContain('(downsample): None');
  });

  test('fields may be called name and length', () => {
    class Odd extends nn.Module {
      override name = 'odd';
      override length = new nn.Linear(1, 1);
    }
    const odd = new Odd();
    expect(odd.name).toBe('odd');
    expect([...odd.named_children()].map(([name]) => name)).toEqual(['length']);
  });

  test('a subclass that declares a field again does not lose it', () => {
    class Base extends nn.Module {
      fc: torch.nn.Module | undefined = new nn.Linear(1, 1);
    }
    // What `class Derived extends Base { fc; }` does in JavaScript; TypeScript refuses it.
    const derived = new Base();
    const field = { value: undefined, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(derived, 'fc', field);
    expect(derived.fc).toBeInstanceOf(nn.Linear);
    expect([...derived.named_children()].map(([name]) => name)).toEqual(['fc']);
  });

  test('parameters, buffers and modules turn into one another only as in torch', () => {
    const module = new nn.Module() as torch.nn.Module & Record<string, unknown>;
    module['a'] = new nn.Parameter(torch.ones(2));
    expect(() => (module['a'] = torch.ones(2))).toThrow(
      "cannot assign 'Tensor' as parameter 'a' (torch.nn.Parameter or None expected)",
    );
    module['b'] = new nn.ReLU();
    expect(() => (module['b'] = 3)).toThrow(
      "cannot assign 'number' as child module 'b' (torch.nn.Module or None expected)",
    );
    module.register_buffer('c', torch.zeros(1));
    expect(() => (module['c'] = 'x')).toThrow(
      "cannot assign 'string' as buffer 'c' (torch.Tensor or None expected)",
    );
    module['c'] = torch.ones(3);
    expect([...module.named_buffers()].map(([name, b]) => [name, b.shape])).toEqual([['c', [3]]]);
    module['a'] = new nn.ReLU();
    expect([...module.named_parameters()]).toEqual([]);
    delete module['a'];
    expect([...module.named_children()].map(([name]) => name)).toEqual(['b']);
    expect(() => module.register_buffer('b', null)).toThrow("attribute 'b' already exists");
    expect(() => module.register_parameter('x.y', null)).toThrow('parameter name can\'t contain "."');
    expect(() => module.add_module('', new nn.ReLU())).toThrow('module name can\'t be empty string ""');
    expect(() => module.add_module('d', torch.ones(1) as never)).toThrow('Tensor is not a Module subclass');
  });

  test('shared parameters and modules are listed once', () => {
    const fc = new nn.Linear(2, 2);
    const net = new nn.Sequential(fc, fc);
    expect([...net.parameters()].length).toBe(2);
    expect([...net.modules()].length).toBe(2);
    expect([...net.named_modules({ remove_duplicate: false })].map(([name]) => name)).toEqual(['', '0', '1']);
    expect(Object.keys(net.state_dict()).length).toBe(4);
  });

  test('named_parameters takes prefix and recurse', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1));
    expect([...net.named_parameters({ prefix: 'net' })].map(([name]) => name)).toEqual([
      'net.0.weight',
      'net.0.bias',
    ]);
    expect([...net.named_parameters('', false)]).toEqual([]);
    expect(() => [...net.named_parameters({ prefx: 'a' } as never)]).toThrow(
      "unexpected keyword argument 'prefx'",
    );
  });

  test('paths', () => {
    const net = seeded();
    expect(net.get_submodule('layer1.0.conv1')).toBe((net.layer1[0] as BasicBlock).conv1);
    expect(net.get_submodule('')).toBe(net);
    expect(net.get_parameter('fc.weight')).toBe(net.fc.weight);
    expect(net.get_buffer('layer1.0.bn1.running_mean').shape).toEqual([4]);
    expect(() => net.get_submodule('layer1.7')).toThrow('Sequential has no attribute `7`');
    expect(() => net.get_parameter('layer1.0')).toThrow('`0` is not an nn.Parameter');
    expect(() => net.get_buffer('fc.weight')).toThrow('`weight` is not a buffer');
  });
});

describe('calls', () => {
  test('release what is made inside and keep what is returned, also within lists and objects', () => {
    let interior: torch.Tensor | null = null;
    class Pair extends nn.Module {
      forward(x: torch.Tensor) {
        interior = x.add(1);
        return { first: interior.add(1), rest: [interior.mul(2)] };
      }
    }
    torch.tidy(() => {
      const result = new Pair()(torch.ones(2));
      expect(result.first.tolist()).toEqual([3, 3]);
      expect(result.rest[0].tolist()).toEqual([4, 4]);
      expect(() => interior!.add(1)).toThrow('released by the call of Pair');
    });
  });

  test('leave no memory behind, in training or without gradients, also when they throw', () => {
    const net = seeded();
    const x = torch.ones(2, 3, 8, 8);
    const run = (): void => {
      torch.tidy(() => void torch.no_grad(() => net(x)));
      torch.tidy(() => net(x).sum().backward());
      net.zero_grad({ set_to_none: true });
      expect(() => net(torch.ones(2, 4, 8, 8).keep())).toThrow();
    };
    run();
    const before = torch.memory_stats().allocations;
    run();
    // The input of the call that throws was kept on purpose.
    expect(torch.memory_stats().allocations).toBe(before + 1);
  });

  test('refuse a missing forward and a Promise', () => {
    expect(() => new nn.ModuleList()(torch.ones(1))).toThrow(
      'Module [ModuleList] is missing the required "forward" function',
    );
    class Later extends nn.Module {
      forward(x: torch.Tensor): Promise<torch.Tensor> {
        return Promise.resolve(x);
      }
    }
    expect(() => void new Later()(torch.ones(1))).toThrow('returned a Promise');
  });

  test('hooks see and replace arguments and results', () => {
    const fc = new nn.Identity();
    const seen: unknown[] = [];
    const pre = fc.register_forward_pre_hook((module, [x]) => {
      seen.push(module === fc);
      return x.add(1);
    });
    const post = fc.register_forward_hook((_module, [x], output) => {
      seen.push(x.item(), output.item());
      return output.mul(10);
    });
    expect(fc(torch.ones(1)).item()).toBe(20);
    expect(seen).toEqual([true, 2, 2]);
    pre.remove();
    post.remove();
    expect(fc(torch.ones(1)).item()).toBe(1);
  });

  test('have the types of forward', () => {
    class Two extends nn.Module {
      forward(x: torch.Tensor, scale: number): [torch.Tensor, number] {
        return [x.mul(scale), scale];
      }
    }
    const [y, scale] = new Two()(torch.ones(1), 2);
    expect(y.item() + scale).toBe(4);
    const list = new nn.ModuleList([new Two()]);
    expect(list[0](torch.ones(1), 3)[1] + list.at(0)(torch.ones(1), 4)[1]).toBe(7);
    // @ts-expect-error -- an argument is missing
    expect(() => new nn.Linear(1, 1)()).toThrow();
  });
});

describe('state', () => {
  test('state_dict shares memory, without history', () => {
    const fc = new nn.Linear(1, 1);
    const state = fc.state_dict();
    expect(state['weight'].requires_grad).toBe(false);
    torch.no_grad(() => fc.weight.fill_(5));
    expect(state['weight'].item()).toBe(5);
    expect(Object.getPrototypeOf(state)).toBe(null);
    expect(Object.keys(fc.state_dict({ prefix: 'm.' }))).toEqual(['m.weight', 'm.bias']);
    expect(fc.state_dict({ keep_vars: true })['weight']).toBe(fc.weight);
    expect(() => fc.state_dict({ prefx: 'x' } as never)).toThrow("unexpected keyword argument 'prefx'");
  });

  function partial(): { small: torch.nn.Sequential; state: Record<string, torch.Tensor> } {
    const small = new nn.Sequential({ fc: new nn.Linear(2, 3), bn: new nn.BatchNorm1d(3) });
    const full = small.state_dict();
    const state: Record<string, torch.Tensor> = {};
    for (const [key, value] of Object.entries(full))
      if (key !== 'fc.bias' && key !== 'bn.running_var') state[key] = value;
    Object.defineProperty(state, '_metadata', { value: metadataOf(full) });
    state['fc.extra'] = torch.ones(1);
    state['other.weight'] = torch.ones(1);
    return { small, state };
  }

  test("load_state_dict's errors are torch's", () => {
    const { small, state } = partial();
    state['fc.weight'] = torch.ones(3, 1);
    expect(() => small.load_state_dict(state)).toThrow(new torch.RuntimeError(recorded.load_error));
    expect(() => small.load_state_dict(state, false)).toThrow(
      new torch.RuntimeError(recorded.load_error_relaxed),
    );
    expect(() => small.load_state_dict(3 as never)).toThrow(
      'Expected state_dict to be dict-like, got number.',
    );
    expect(() => small.load_state_dict({ ...small.state_dict(), 'fc.bias': [1] as never })).toThrow(
      'expected torch.Tensor or Tensor-like object from checkpoint but received Array',
    );
  });

  test('a load that is not strict says what differs', () => {
    const { small, state } = partial();
    expect(small.load_state_dict(state, { strict: false })).toEqual(recorded.load_result);
  });

  test('a load that fails changes nothing', () => {
    const { small, state } = partial();
    const before = Object.values(small.state_dict()).map(flat);
    state['bn.weight'] = torch.full([3], 7);
    expect(() => small.load_state_dict(state)).toThrow('Missing key(s)');
    expect(Object.values(small.state_dict()).map(flat)).toEqual(before);
  });

  test('copies values, whatever their dtype', () => {
    const from = new nn.Linear(2, 2, { dtype: torch.float64 });
    const to = new nn.Linear(2, 2);
    const { weight } = to;
    expect(to.load_state_dict(from.state_dict())).toEqual({ missing_keys: [], unexpected_keys: [] });
    expect(to.weight).toBe(weight);
    expect(flat(to.weight)).toEqual(flat(from.weight.to(torch.float32)));
    expect(to.load_state_dict(new Map(Object.entries(from.state_dict()))).missing_keys).toEqual([]);
  });

  test('files from before num_batches_tracked load strictly; newer ones must have it', () => {
    const bn = new nn.BatchNorm2d(2);
    bn(torch.ones(2, 2, 2, 2));
    const { num_batches_tracked: _count, ...old } = bn.state_dict();
    bn.load_state_dict(old);
    expect(bn.num_batches_tracked!.item()).toBe(0);
    Object.defineProperty(old, '_metadata', { value: { '': { version: 2 } } });
    expect(() => bn.load_state_dict(old)).toThrow('Missing key(s) in state_dict: "num_batches_tracked"');
  });

  test('to() converts parameters, gradients and buffers in place', () => {
    const bn = new nn.BatchNorm2d(2);
    bn(torch.ones(2, 2, 2, 2))
      .sum()
      .backward();
    const { weight } = bn;
    bn.to(torch.float64);
    expect(bn.weight).toBe(weight);
    expect([bn.weight!, bn.weight!.grad!, bn.running_mean!].map((t) => t.dtype)).toEqual(
      Array(3).fill(torch.float64),
    );
    expect(bn.num_batches_tracked!.dtype).toBe(torch.int64);
    expect(bn(torch.ones(2, 2, 2, 2, { dtype: torch.float64 })).dtype).toBe(torch.float64);
    expect(bn.to({ dtype: torch.float32 }).running_var!.dtype).toBe(torch.float32);
    expect(() => bn.to(torch.int64)).toThrow(
      'nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64',
    );
    expect(() => bn.to('cuda' as 'cpu')).toThrow("device 'cuda'");
  });

  test('to() and dispose() give memory back', () => {
    const before = torch.memory_stats().allocated_bytes;
    const net = torch.tidy(() => new Net());
    const single = torch.memory_stats().allocated_bytes;
    net.double();
    net.float();
    expect(torch.memory_stats().allocated_bytes).toBe(single);
    net.dispose();
    expect(torch.memory_stats().allocated_bytes).toBe(before);
  });

  test('apply goes from the leaves up; train, eval and requires_grad_ reach all', () => {
    const net = new nn.Sequential(new nn.Sequential(new nn.ReLU()), new nn.Linear(1, 1));
    const names: string[] = [];
    net.apply((module) => void names.push(module._get_name()));
    expect(names).toEqual(['ReLU', 'Sequential', 'Linear', 'Sequential']);
    net.eval();
    expect([...net.modules()].every((module) => !module.training)).toBe(true);
    net.train();
    expect([...net.modules()].every((module) => module.training)).toBe(true);
    net.requires_grad_(false);
    expect([...net.parameters()].some((p) => p.requires_grad)).toBe(false);
  });

  test('zero_grad zeroes, or drops', () => {
    const fc = new nn.Linear(1, 1);
    fc(torch.ones(1, 1)).sum().backward();
    fc.zero_grad();
    expect(fc.weight.grad!.item()).toBe(0);
    fc.zero_grad(true);
    expect(fc.weight.grad).toBe(null);
  });
});

describe('Parameter', () => {
  test('shares memory and prints as torch does', () => {
    const data = torch.ones(2);
    const p = new nn.Parameter(data);
    expect(String(p)).toBe('Parameter containing:\ntensor([1., 1.], requires_grad=True)');
    expect(inspect(p)).toBe(String(p));
    data.mul_(2);
    expect(p.tolist()).toEqual([2, 2]);
    expect(new nn.Parameter(data, false).requires_grad).toBe(false);
    expect(() => new nn.Parameter(torch.tensor([1]))).toThrow('floating point');
  });

  test('outlives the scope it was made in', () => {
    const p = torch.tidy(() => ({ inner: [new nn.Parameter(torch.ones(2))] })).inner[0];
    let q: torch.nn.Parameter | null = null;
    torch.tidy(() => {
      q = new nn.Parameter(torch.ones(2));
    });
    expect([p.tolist(), q!.tolist()]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

test('a large model warns of no memory', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const parameters = [1, 2, 3].map(() => emptyParameter([(256 * 2 ** 20) / 4], null));
  expect(warn).not.toHaveBeenCalled();
  for (const parameter of parameters) parameter.dispose();
  warn.mockRestore();
});
