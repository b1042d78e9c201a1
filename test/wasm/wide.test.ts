// The kernels for 256-bit vectors: the same sums in the same order, so the same bits, whether or not an engine merges their vectors.
import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { runtime } from '../../src/wasm/module.js';
import { childEnv } from '../child_env.js';

const F = torch.nn.functional;
const { wasm } = torch.backends;
const before = wasm.wide;

afterEach(() => {
  runtime().kernels.set_wide(Number(before));
  wasm.winograd = true;
});

const bits = (t: torch.Tensor): Uint8Array => new Uint8Array(t.detach().numpy().buffer);

function same(run: () => torch.Tensor[]): boolean {
  return torch.tidy(() => {
    const threads = torch.get_num_threads();
    torch.set_num_threads(1);
    runtime().kernels.set_wide(0);
    const plain = run().map(bits);
    runtime().kernels.set_wide(1);
    const wide = run().map(bits);
    torch.set_num_threads(threads);
    return wide.every((b, i) => Buffer.compare(b, plain[i]) === 0);
  });
}

describe('give the same bits', () => {
  it.each([
    [60, 128, 64],
    [61, 131, 300],
    [5, 16, 7],
    [6, 8, 9],
    [30, 1000, 20],
  ])('product of %i×%i by %i', (M, N, K) => {
    for (const dtype of [torch.float32, torch.float64]) {
      const a = torch.randn([M, K], { dtype });
      const b = torch.randn([K, N], { dtype });
      expect(same(() => [a.matmul(b), torch.addmm(torch.ones([M, N], { dtype }), a, b)])).toBe(true);
    }
  });

  it.each([
    ['3×3', [2, 12, 19, 23], [31, 12, 3, 3], { padding: 1 }],
    ['small planes, several images', [5, 9, 7, 7], [13, 9, 3, 3], { padding: 1 }],
    ['1×1', [2, 16, 9, 9], [24, 16, 1, 1], {}],
    ['7×7 with stride', [1, 3, 40, 41], [12, 3, 7, 7], { stride: 2, padding: 3 }],
    ['groups', [2, 12, 15, 15], [20, 6, 3, 3], { groups: 2, padding: 1 }],
    ['deeper than a block', [1, 130, 12, 12], [12, 130, 3, 3], { padding: 1 }],
  ] as const)('convolution, %s, with every algorithm', (_name, input, weight, options) => {
    for (const winograd of [false, 2, 4] as const) {
      wasm.winograd = winograd;
      const run = (): torch.Tensor[] => {
        torch.manual_seed(1);
        const x = torch.randn(input, { requires_grad: true });
        const w = torch.randn(weight, { requires_grad: true });
        const bias = torch.randn([weight[0]], { requires_grad: true });
        const out = F.conv2d(x, w, bias, options);
        out.backward(torch.randn(out.shape));
        return [out, x.grad!, w.grad!, torch.no_grad(() => F.conv2d(x, w, bias, options).relu())];
      };
      expect(same(run)).toBe(true);
    }
  });
});

function child(env: Record<string, string>, script: string): { stdout: string; stderr: string } {
  const flags = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, flags, {
    encoding: 'utf8',
    env: { ...childEnv(), ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return { stdout, stderr };
}

const SUM = `
  const torch = await import('./src/index.ts');
  torch.manual_seed(3);
  const x = torch.randn(2, 16, 30, 30);
  const out = torch.nn.functional.conv2d(x, torch.randn(32, 16, 3, 3), { padding: 1 }).matmul(torch.randn(30, 40));
  console.log(torch.backends.wasm.wide, torch.__config__.show().includes('256-bit'), Buffer.from(out.numpy().buffer).toString('base64'));
`;

describe('a process that asks for them', { timeout: 120_000 }, () => {
  it('gets them, or a warning and the plain kernels; the results are the same', () => {
    const asked = child({ WASMGRAD_WIDE: '1' }, SUM);
    const plain = child({ WASMGRAD_WIDE: '' }, SUM);
    const [wide, shown, result] = asked.stdout.trim().split(' ');
    expect(plain.stdout.trim().split(' ')).toEqual(['false', 'false', result]);
    expect(shown).toBe(wide);
    if (wide === 'true') expect(asked.stderr).toBe('');
    else expect(asked.stderr).toMatch(/^wasmgrad: kernels for 256-bit vectors were asked for, but .*\.\n$/);
    if (Number(process.versions.v8.split('.')[0]) < 13) expect(wide).toBe('false');
  });

  it('may ask in the program, before its first tensor', () => {
    const script = `
      const torch = await import('./src/index.ts');
      torch.backends.wasm.wide = false;
      console.log(torch.backends.wasm.wide);
      torch.backends.wasm.wide = true;
      console.log(torch.backends.wasm.wide);
      torch.ones(1);
      torch.backends.wasm.wide = false;
    `;
    const flags = ['--import', 'tsx', '--input-type=module', '-e', script];
    expect(() => execFileSync(process.execPath, flags, { env: childEnv(), stdio: 'pipe' })).toThrow(
      /can only be chosen before the first tensor is made/,
    );
    expect(() => {
      wasm.wide = 1 as unknown as boolean;
    }).toThrow(TypeError);
  });
});
