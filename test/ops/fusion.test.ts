// Convolution, batch norm, addition and ReLU in one pass, while nothing is recorded.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { models } from '../../src/vision/index.js';

const { nn } = torch;
const { functional: F } = nn;
const { wasm } = torch.backends;

beforeEach(() => void torch.manual_seed(0));
afterEach(() => {
  wasm.fusion = true;
  wasm.winograd = true;
});

function unfused<R>(body: () => R): R {
  wasm.fusion = false;
  try {
    return torch.no_grad(body);
  } finally {
    wasm.fusion = true;
  }
}

/** The largest difference, as a share of the largest value. */
function difference(a: torch.Tensor, b: torch.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.sub(b).abs().max().item() / b.abs().max().item();
}

/** A batch norm that has seen data. */
function batchNorm(C: number, dtype: torch.DType = torch.float32): torch.nn.BatchNorm2d {
  const bn = new nn.BatchNorm2d(C, { dtype }).eval();
  torch.no_grad(() => {
    bn.weight!.uniform_(0.5, 2);
    bn.bias!.normal_();
    bn.running_mean!.normal_();
    bn.running_var!.uniform_(0.5, 2);
  });
  return bn;
}

type Parts = { bias: boolean; norm: boolean; add: 'none' | 'left' | 'right' | 'inplace'; relu: boolean };
const PARTS: Parts[] = [false, true].flatMap((bias) =>
  [false, true].flatMap((norm) =>
    (['none', 'left', 'right', 'inplace'] as const).flatMap((add) =>
      [false, true].map((relu) => ({ bias, norm, add, relu })),
    ),
  ),
);

describe.each([torch.float32, torch.float64])('%s', (dtype) => {
  it.each([
    ['3×3', [2, 5, 11, 13], [7, 5, 3, 3], { padding: 1 }],
    ['3×3 by Winograd', [1, 24, 30, 29], [19, 24, 3, 3], { padding: 1 }],
    ['3×3 by Winograd, several images', [9, 24, 9, 9], [19, 24, 3, 3], { padding: 1 }],
    ['1×1', [3, 8, 7, 7], [13, 8, 1, 1], {}],
    ['7×7 with stride', [1, 3, 31, 30], [9, 3, 7, 7], { stride: 2, padding: 3 }],
    ['groups', [2, 6, 9, 8], [8, 3, 3, 3], { groups: 2, padding: 1 }],
    ['depthwise', [2, 6, 9, 11], [6, 1, 3, 3], { groups: 6, stride: 2 }],
    ['more channels than one packed block', [1, 3, 5, 5], [970, 3, 1, 1], {}],
  ] as const)('%s', (_name, input, weight, options) => {
    for (const { bias, norm, add, relu } of PARTS) {
      torch.tidy(() => {
        const x = torch.randn(input, { dtype });
        const w = torch.randn(weight, { dtype });
        const b = bias ? torch.randn([weight[0]], { dtype }) : null;
        const bn = batchNorm(weight[0], dtype);
        let residual: torch.Tensor | null = null;
        const run = (): torch.Tensor => {
          let out = F.conv2d(x, w, b, options);
          if (norm) out = bn(out);
          residual ??= torch.randn(out.shape, { dtype });
          if (add === 'left') out = out.add(residual);
          else if (add === 'right') out = residual.add(out);
          else if (add === 'inplace') out = out.add_(residual);
          return relu ? F.relu(out, { inplace: add === 'inplace' }) : out;
        };
        const expected = unfused(run);
        const limit = dtype === torch.float64 ? 1e-13 : 2e-6;
        const what = JSON.stringify({ bias, norm, add, relu });
        expect(difference(torch.no_grad(run), expected), what).toBeLessThan(limit);
      });
    }
  });
});

it('a whole network, on one thread and on two', () => {
  torch.tidy(() => {
    const net = models.resnet18({ num_classes: 10 }).eval();
    for (const m of net.modules()) {
      if (m instanceof nn.BatchNorm2d) torch.no_grad(() => void m.running_mean!.normal_(0, 0.1));
    }
    const x = torch.randn(2, 3, 64, 64);
    const expected = unfused(() => net(x));
    const threads = torch.get_num_threads();
    torch.set_num_threads(1);
    const one = torch.no_grad(() => net(x));
    torch.set_num_threads(2);
    const two = torch.inference_mode(() => net(x));
    torch.set_num_threads(threads);
    expect(difference(one, expected)).toBeLessThan(1e-5);
    expect(torch.equal(one, two)).toBe(true);
  });
});

it('one dimension, with and without a batch', () => {
  torch.tidy(() => {
    const [conv, bn] = [new nn.Conv1d(3, 6, 3), new nn.BatchNorm1d(6)];
    const net = new nn.Sequential(conv, bn, new nn.ReLU({ inplace: true })).eval();
    const x = torch.randn(2, 3, 20);
    expect(
      difference(
        torch.no_grad(() => net(x)),
        unfused(() => net(x)),
      ),
    ).toBeLessThan(1e-6);
    // [6, 6] without a batch: a batch norm takes its first dimension for the batch.
    const run = (): torch.Tensor => bn(conv(x.index(0).narrow(1, 0, 8)));
    expect(difference(torch.no_grad(run), unfused(run))).toBeLessThan(1e-6);
  });
});

describe('what waits', () => {
  const conv = new nn.Conv2d(3, 8, 3, { padding: 1 });
  const input = (): torch.Tensor => torch.randn(1, 3, 10, 10);

  it('is what it was when it was called, whatever is written afterwards', () => {
    torch.tidy(() => {
      const bn = batchNorm(8);
      const x = input();
      const residual = torch.randn(1, 8, 10, 10);
      const run = (): torch.Tensor => F.relu(bn(conv(x)).add(residual));
      const expected = unfused(run);
      torch.no_grad(() => {
        const weight = conv.weight.clone();
        const result = [run(), run(), run(), run(), run()];
        x.zero_();
        residual.narrow(1, 0, 4).fill_(5);
        conv.weight.mul_(2);
        bn.running_mean!.zero_();
        bn.weight!.fill_(3);
        for (const out of result) expect(difference(out, expected)).toBeLessThan(1e-6);
        conv.weight.copy_(weight);
      });
    });
  });

  it('an optimizer may step the weights meanwhile', () => {
    torch.tidy(() => {
      const net = new nn.Conv2d(3, 4, 1);
      const x = input();
      const expected = unfused(() => net(x));
      net.weight.grad = torch.ones_like(net.weight);
      const optimizer = new torch.optim.SGD(net.parameters(), { lr: 1 });
      torch.set_grad_enabled(false);
      try {
        const out = net(x);
        optimizer.step();
        expect(torch.equal(out, expected)).toBe(true);
      } finally {
        torch.set_grad_enabled(true);
      }
    });
  });

  it('is read by more than one', () => {
    torch.tidy(() => {
      const bn = batchNorm(8);
      const x = input();
      const run = (): torch.Tensor[] => {
        const raw = conv(x);
        const normed = bn(raw);
        const positive = normed.relu();
        return [raw, normed, positive, raw.add(raw), raw.add(normed), raw.index(0, 1), raw.mul(2)];
      };
      const expected = unfused(run);
      torch.no_grad(run).forEach((t, i) => expect(difference(t, expected[i])).toBeLessThan(1e-6));
    });
  });

  it('in place: the tensor, its views, and nothing else', () => {
    torch.tidy(() => {
      const bn = batchNorm(8);
      const x = input();
      const run = (): torch.Tensor[] => {
        const raw = conv(x);
        const out = bn(raw);
        const view = out.narrow(1, 2, 3);
        const row = view.select(2, 4);
        row.add_(1);
        out.relu_();
        const twice = conv(x);
        twice.add_(twice);
        const partly = conv(x);
        partly.narrow(1, 0, 2).relu_();
        return [raw, out, view, twice, partly];
      };
      const expected = unfused(run);
      torch.no_grad(run).forEach((t, i) => expect(difference(t, expected[i]), `${i}`).toBeLessThan(1e-6));
    });
  });

  it('other shapes and dtypes are added as always', () => {
    torch.tidy(() => {
      const x = input();
      const run = (): torch.Tensor[] => [
        conv(x).add(torch.ones(8, 1, 1)),
        conv(x).add(torch.ones(1, 8, 10, 10, { dtype: torch.float64 })),
        conv(x).add(torch.ones(1, 8, 10, 10), { alpha: 2 }),
        conv(x).add(torch.ones(1, 10, 10, 8).transpose(1, 3)),
        conv(x).add(1),
        torch.ones(2, 8, 10, 10).add(conv(x)),
      ];
      const expected = unfused(run);
      torch.no_grad(run).forEach((t, i) => {
        expect(t.dtype).toBe(expected[i].dtype);
        expect(torch.equal(t, expected[i])).toBe(true);
      });
    });
  });

  it('relu keeps NaN', () => {
    torch.tidy(() => {
      const x = torch.full([1, 3, 10, 10], NaN);
      expect(torch.no_grad(() => conv(x).relu().isnan().all().item())).toBe(true);
    });
  });

  it('is computed when the block ends, and only what nothing else includes', () => {
    torch.tidy(() => {
      const bn = batchNorm(8);
      const x = input();
      const bytes = (): number => torch.memory_stats().allocations;
      const results = torch.no_grad(() => {
        const before = bytes();
        const raw = conv(x);
        expect(bytes()).toBe(before);
        return [raw, bn(raw)];
      });
      expect(results.map((t) => t._storage.deferred !== null)).toEqual([true, false]);
    });
  });

  it('nothing, where the program did not switch recording off', () => {
    torch.tidy(() => {
      const x = input();
      const waits = (t: torch.Tensor): boolean => t._storage.deferred !== null;
      const frozen = new nn.Conv2d(3, 4, 1).requires_grad_(false);
      expect(waits(frozen(x))).toBe(false);
      torch.no_grad(() => {
        expect(waits(torch.enable_grad(() => frozen(x)))).toBe(false);
        expect(waits(frozen(x))).toBe(true);
      });
      expect(waits(unfused(() => frozen(x)))).toBe(false);
    });
  });

  it('goes without a trace when nobody reads it', () => {
    const bn = batchNorm(8);
    const run = (): void =>
      torch.tidy(() => {
        torch.no_grad(() => {
          F.relu(bn(conv(input())));
          conv(input()).dispose();
        });
      });
    run();
    const before = torch.memory_stats();
    for (let i = 0; i < 5; i++) run();
    expect(torch.memory_stats().allocations).toBe(before.allocations);
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
  });

  it('takes true or false', () => {
    expect(() => {
      wasm.fusion = 1 as unknown as boolean;
    }).toThrow(/torch.backends.wasm.fusion must be one of true, false, got 1/);
  });
});
