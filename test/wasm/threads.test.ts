// The same bits on one thread and on several, and threads that neither keep the process alive nor break the work when they die.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { childEnv } from '../child_env.js';
import { partsFor } from '../../src/wasm/parallel.js';
import { runtime } from '../../src/wasm/module.js';

const F = torch.nn.functional;
const before = torch.get_num_threads();
const shared = runtime().pool !== null;

async function threadsReady(count: number): Promise<void> {
  torch.set_num_threads(count);
  for (let i = 0; i < 200 && partsFor(2 ** 40, count) < count; i++)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

const bits = (t: torch.Tensor): Uint8Array => new Uint8Array(t.detach().numpy().buffer);

/** Runs on one thread and on `count`: whether every bit is the same. */
function same(count: number, run: () => torch.Tensor[]): boolean {
  return torch.tidy(() => {
    torch.set_num_threads(1);
    const one = run().map(bits);
    torch.set_num_threads(count);
    expect(partsFor(2 ** 40, count)).toBe(count);
    const several = run().map(bits);
    return several.every((b, i) => Buffer.compare(b, one[i]) === 0);
  });
}

describe.runIf(shared)('threads', () => {
  beforeAll(() => threadsReady(3));
  afterAll(() => torch.set_num_threads(before));

  it.each([2, 3])('give the same products: %i', (count) => {
    torch.manual_seed(1);
    const a = torch.randn(301, 257);
    const b = torch.randn(257, 190);
    const batch = torch.randn(5, 130, 257);
    expect(
      same(count, () => [a.matmul(b), b.t().matmul(a.t()), batch.matmul(b), a.double().matmul(b.double())]),
    ).toBe(true);
  });

  it.each([
    ['several images', [5, 8, 30, 30], [24, 8, 3, 3], { padding: 1 }],
    ['one image', [1, 32, 40, 40], [50, 32, 3, 3], { stride: 2, padding: 1 }],
    ['groups', [3, 32, 30, 30], [64, 8, 3, 3], { groups: 4 }],
    ['one image, groups', [1, 32, 50, 50], [64, 8, 3, 3], { groups: 4, dilation: 2 }],
  ] as const)('give the same convolutions: %s', (_name, input, weight, options) => {
    torch.manual_seed(2);
    expect(
      same(3, () => {
        torch.manual_seed(2);
        const x = torch.randn(input, { requires_grad: true });
        const w = torch.randn(weight, { requires_grad: true });
        const bias = torch.randn([weight[0]], { requires_grad: true });
        const out = F.conv2d(x, w, bias, options);
        out.backward(torch.randn(out.shape));
        return [out, x.grad!, w.grad!, bias.grad!];
      }),
    ).toBe(true);
  });

  it('give the same batch norm', () => {
    expect(
      same(3, () => {
        torch.manual_seed(3);
        const x = torch.randn([9, 40, 33, 33], { requires_grad: true });
        const bn = new torch.nn.BatchNorm2d(40);
        const out = bn(x);
        out.backward(torch.randn(out.shape));
        return [out, x.grad!, bn.weight!.grad!, bn.bias!.grad!, bn.running_mean!, bn.running_var!];
      }),
    ).toBe(true);
  });

  it('give the same max pooling', () => {
    expect(
      same(3, () => {
        torch.manual_seed(4);
        const x = torch.randn([7, 30, 41, 41], { requires_grad: true });
        const out = F.max_pool2d(x, 3, 2, 1);
        out.backward(torch.randn(out.shape));
        return [out, x.grad!];
      }),
    ).toBe(true);
  });

  it('give the same pointwise results, copies and fills', () => {
    expect(
      same(3, () => {
        torch.manual_seed(5);
        const x = torch.randn(1, 311, 1237);
        const row = torch.randn(1237);
        const column = torch.randn(311, 1).double();
        const scaled = x.clone().mul_(row).add_(3);
        return [
          x.add(1),
          x.mul(row),
          x.div(column),
          x.transpose(1, 2).exp(),
          x.transpose(1, 2).contiguous(),
          scaled,
          x.gt(row),
          x.isnan(),
          torch.where(x.lt(column), x, row),
          torch.addcmul(x, row, row, { value: 0.5 }),
          x.to(torch.int16),
          x.narrow(2, 3, 1000).sigmoid(),
          x.flatten().narrow(0, 1, 300_001).tanh(),
          torch.full([1000, 999], 2.5),
          x.bool().logical_not(),
          x.transpose(1, 2).lerp(torch.ones(311), 0.25),
        ];
      }),
    ).toBe(true);
  });

  it('come back from a kernel that fails on one of them', () => {
    const calls = [0, 1].map(
      (i) => ['gemm_f32', 8, 8, 8, ...Array<number>(10).fill(i === 0 ? 4096 : -64)] as const,
    );
    expect(() => runtime().pool!.run(calls, () => {})).toThrow(/failed on a thread/);
    expect(same(2, () => [torch.ones(400, 300).matmul(torch.ones(300, 400))])).toBe(true);
  });
});

describe('a process that used threads', () => {
  it('ends by itself', { timeout: 60_000 }, () => {
    const script = `
      const torch = await import('./src/index.ts');
      torch.set_num_threads(2);
      const a = torch.ones(512, 512);
      let used = 1;
      const { partsFor } = await import('./src/wasm/parallel.ts');
      for (let i = 0; i < 100 && used < 2; i++) { a.matmul(a).dispose(); used = partsFor(2 ** 30, 2); await new Promise((r) => setTimeout(r, 20)); }
      console.log(used, a.matmul(a).sum().item());
    `;
    const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: childEnv(),
      timeout: 50_000,
    });
    expect(output.trim()).toBe(`2 ${512 ** 3}`);
  });
});

describe('set_num_threads', () => {
  it('refuses nonsense', () => {
    for (const bad of [0, -1, 1.5, NaN]) expect(() => torch.set_num_threads(bad)).toThrow(/positive integer/);
  });
});
