// What torch 1.13.1 does to modules as wholes; the numbers and messages are what it printed.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from './recorded.js';

const { nn } = torch;

class Counting extends nn.Module {
  w = new nn.Parameter(torch.ones(2));
  count = 3;
  fc = new nn.Linear(1, 1);
  override get_extra_state(): unknown {
    return this.count;
  }
  override set_extra_state(state: unknown): void {
    this.count = state as number;
  }
}

describe('conversions', () => {
  test('type converts buffers of integers too', () => {
    const net = new nn.Sequential(new nn.Linear(2, 1), new nn.BatchNorm1d(1));
    const { weight } = net[0] as torch.nn.Linear;
    expect(net.type(torch.float64)).toBe(net);
    expect(Object.values(net.state_dict()).every((t) => t.dtype === torch.float64)).toBe(true);
    expect((net[0] as torch.nn.Linear).weight).toBe(weight);
    expect(() => net.type(torch.int64)).toThrow(
      'data set to a tensor that requires gradients must be floating point or complex dtype',
    );
    expect(() => net.type('torch.DoubleTensor' as never)).toThrow(TypeError);
  });

  test('to_empty gives other memory of the same kind', () => {
    const fc = new nn.Linear(2, 3).double();
    const before = fc.weight;
    const seen = fc.weight.data;
    expect(fc.to_empty({ device: 'cpu' })).toBe(fc);
    expect(fc.weight).toBe(before);
    expect([fc.weight.shape, fc.weight.dtype, fc.weight.requires_grad]).toEqual([
      [3, 2],
      torch.float64,
      true,
    ]);
    fc.weight.data.fill_(7);
    expect(seen.eq(7).any().item()).toBe(false);
    expect(() => fc.to_empty(undefined as never)).toThrow("missing required argument 'device'");
    expect(() => fc.to_empty({ device: 'cuda' as 'cpu' })).toThrow();
  });

  test('skip_init draws nothing', () => {
    torch.manual_seed(0);
    const first = torch.rand(1).item();
    torch.manual_seed(0);
    const fc = nn.utils.skip_init(nn.Linear, 4, 2);
    const conv = nn.utils.skip_init(nn.Conv2d, 3, 4, 3, { bias: false, dtype: torch.float64 });
    nn.utils.skip_init(nn.GRU, 2, 3);
    nn.utils.skip_init(nn.MultiheadAttention, 4, 2);
    nn.utils.skip_init(nn.Embedding, 4, 2, { padding_idx: 0 });
    expect(torch.rand(1).item()).toBe(first);
    expect(String(fc)).toBe('Linear(in_features=4, out_features=2, bias=True)');
    expect([conv.weight.dtype, conv.bias]).toEqual([torch.float64, null]);
    new nn.Linear(1, 1);
    expect(torch.rand(1).item()).not.toBe(first);
    expect(() => nn.utils.skip_init(nn.ReLU)).toThrow(
      "Module must support a 'device' arg to skip initialization",
    );
    expect(() => nn.utils.skip_init(Map as never)).toThrow('Expected a Module; got Map');
    const drawn = new nn.Linear(3, 3);
    expect(drawn.weight.abs().max().item()).toBeGreaterThan(0);
  });
});

describe('extra state', () => {
  test('is in the state dict after the own tensors', () => {
    const net = new Counting();
    const state = net.state_dict() as Record<string, unknown>;
    expect(Object.keys(state)).toEqual(['w', '_extra_state', 'fc.weight', 'fc.bias']);
    expect(state['_extra_state']).toBe(3);
    state['_extra_state'] = 7;
    net.load_state_dict(state as torch.nn.StateDict);
    expect(net.count).toBe(7);
  });

  test('is missing, or unexpected', () => {
    const net = new Counting();
    const { _extra_state: _state, ...rest } = net.state_dict();
    expect(() => net.load_state_dict(rest)).toThrow(
      'Error(s) in loading state_dict for Counting:\n\tMissing key(s) in state_dict: "_extra_state". ',
    );
    const fc = new nn.Linear(1, 1);
    expect(() => fc.load_state_dict({ ...fc.state_dict(), _extra_state: 3 as never })).toThrow(
      'Error(s) in loading state_dict for Linear:\n\tUnexpected key(s) in state_dict: "_extra_state". ',
    );
    const outer = new nn.Sequential(net);
    expect(Object.keys(outer.state_dict())[1]).toBe('0._extra_state');
  });

  test('a load that fails does not set it', () => {
    const net = new Counting();
    const state = { ...net.state_dict(), _extra_state: 9 as never, w: torch.ones(3) };
    expect(() => net.load_state_dict(state)).toThrow('size mismatch for w');
    expect(net.count).toBe(3);
  });

  test("Module's own methods throw", () => {
    const fc = new nn.Linear(1, 1);
    expect(() => fc.get_extra_state()).toThrow(
      'Reached a code path in Module.get_extra_state() that should never be called. Please file an issue at ' +
        'https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug.',
    );
    expect(() => fc.set_extra_state(1)).toThrow('Reached a code path in Module.set_extra_state()');
  });
});

describe('hooks after load_state_dict', () => {
  test('run from the leaves up, see what was written, and may forgive', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1), new nn.ReLU());
    const seen: unknown[] = [];
    const fc = net[0] as torch.nn.Linear;
    fc.register_load_state_dict_post_hook((module, keys) => {
      seen.push(module._get_name(), module.weight.item(), [...keys.missing_keys]);
    });
    const handle = net.register_load_state_dict_post_hook((module, { missing_keys, unexpected_keys }) => {
      seen.push(module._get_name(), [...unexpected_keys]);
      missing_keys.length = 0;
      unexpected_keys.length = 0;
    });
    const state = { '0.weight': torch.full([1, 1], 5.5), other: torch.ones(1) };
    expect(net.load_state_dict(state)).toEqual({ missing_keys: [], unexpected_keys: [] });
    expect(seen).toEqual(['Linear', 5.5, ['0.bias'], 'Sequential', ['other']]);
    handle.remove();
    expect(() => net.load_state_dict(state)).toThrow('Missing key(s) in state_dict: "0.bias". ');
  });

  test('may not return anything', () => {
    const fc = new nn.Linear(1, 1);
    fc.register_load_state_dict_post_hook(() => 3);
    expect(() => fc.load_state_dict(fc.state_dict())).toThrow('are notexpected to return new values');
  });
});

describe('CrossMapLRN2d', () => {
  const input = (): torch.Tensor =>
    torch.arange(10, { dtype: torch.float64 }).div(3).sub(1).reshape(1, 5, 1, 2).requires_grad_(true);

  test('prints what torch prints', () => {
    expect(String(new nn.CrossMapLRN2d(3, { alpha: 1e-2, beta: 0.6, k: 2 }))).toBe(
      'CrossMapLRN2d(3, alpha=0.01, beta=0.6, k=2)',
    );
    expect(String(new nn.CrossMapLRN2d(5))).toBe('CrossMapLRN2d(5, alpha=0.0001, beta=0.75, k=1)');
  });

  // prettier-ignore
  test.each([
    [3, 0.01,
      [-0.6590219797106726, -0.4396406033714382, -0.21964963373438065, 0, 0.2194307218823275, 0.43866722863417845, 0.6565493694560915, 0.8738590926082814, 1.0943695673641056, 1.311365147639794],
      [0.5199770634986496, 0.5962192120562622, 0.6426275688076908, 0.6591682015843172, 0.6428543976371863, 0.5957032447805198, 0.5190242449670343, 0.4181457033735928, 0.29704068464887345, 0.1630704959025519]],
    [2, 0.1,
      [-0.6500513781619152, -0.4369295463041407, -0.21633222342269998, 0, 0.2163322234226999, 0.43407377950285453, 0.6407202102389011, 0.8515929975914875, 1.0416324945200062, 1.2386753752000104],
      [0.5023295430480542, 0.5859928078789091, 0.6267650713688305, 0.655394319456211, 0.6338694021455236, 0.5830215174996582, 0.492800352140327, 0.38409299538878533, 0.267015155993129, 0.14823601369122955]],
    [4, 0.1,
      [-0.6543163678405345, -0.43837633522753294, -0.21792638741011555, 0, 0.2163322234226999, 0.4312672505600524, 0.6366862711956053, 0.8384235635019636, 1.0619780179379974, 1.2615209388297313],
      [0.5083520807364806, 0.591439239415294, 0.6357356178564668, 0.655394319456211, 0.6340373946203826, 0.5826496572866205, 0.4974407874489196, 0.3953925326566806, 0.28099727452634715, 0.15439732136031814]],
    [20, 0.1,
      [-0.6548547521796257, -0.4354954207741165, -0.2182849173932086, 0, 0.21828491739320854, 0.4354954207741165, 0.6548547521796257, 0.870990841548233, 1.0914245869660428, 1.3064862623223494],
      [0.5208806623481921, 0.5940451668448011, 0.6398124166916597, 0.6532431311611747, 0.6388180683749516, 0.5904951774609232, 0.5178976173980676, 0.4171835968172674, 0.2995474304083429, 0.16533044265790542]],
  ] as [number, number, number[], number[]][])('of size %s computes what torch computes', (size, alpha, out, grad) => {
    const x = input();
    const y = new nn.CrossMapLRN2d(size, alpha, 0.6, 2)(x);
    expectClose(flat(y), out, 1e-13);
    y.sin().sum().backward();
    expectClose(flat(x.grad!), grad, 1e-13);
  });

  test('refuses what torch refuses', () => {
    const one = new nn.CrossMapLRN2d(1);
    const y = one(input());
    expect(() => y.sum().backward()).toThrow('start (1) + length (5) exceeds dimension size (5).');
    expect(() => one(torch.ones(3, 3, 3))).toThrow('expected a 4-D input');
    expect(() => one(torch.ones([1, 3, 3, 3], { dtype: torch.int64 }))).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
  });
});
