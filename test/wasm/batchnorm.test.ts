import { afterEach, describe, expect, test } from 'vitest';
import { type Values, Scratch, expectClose, expectSame, kernel, read, recorded, unpack } from './recorded.js';

interface Options {
  N: number;
  C: number;
  L: number;
  training: boolean;
  momentum: number;
  eps: number;
}

const scratch = new Scratch();
afterEach(() => scratch.free());

for (const c of recorded<Options>('batchnorm')) {
  const { dtype, N, C, L, training, momentum, eps, tensors } = c;
  const affine = tensors.weight !== null;
  const tight = dtype === 'f32' ? 1e-6 : 1e-14;

  describe(`batch norm ${dtype} [${N}, ${C}, ${L}] ${training ? 'training' : 'eval'}${affine ? ' affine' : ''}`, () => {
    const value = (name: string): Values => unpack(tensors[name]!);
    const pointer = (name: string): number => (tensors[name] ? scratch.put(value(name)) : 0);

    function statistics(): {
      mean: number;
      invstd: number;
      runningMean: number;
      runningVar: number;
      x: number;
    } {
      const x = pointer('x');
      const runningMean = pointer('running_mean');
      const runningVar = pointer('running_var');
      const invstd = scratch.empty(dtype, C);
      if (!training) {
        kernel('batchnorm_invstd', dtype)(runningVar, invstd, C, eps);
        return { x, mean: runningMean, invstd, runningMean, runningVar };
      }
      const mean = scratch.empty(dtype, C);
      const stats = kernel('batchnorm_stats', dtype);
      // In two ranges of channels, as threads do it.
      const half = C >> 1;
      stats(x, mean, invstd, runningMean, runningVar, N, C, L, eps, momentum, 0, half);
      stats(x, mean, invstd, runningMean, runningVar, N, C, L, eps, momentum, half, C);
      return { x, mean, invstd, runningMean, runningVar };
    }

    test('statistics', () => {
      const { mean, invstd, runningMean, runningVar } = statistics();
      // With L = 1 PyTorch accumulates f32 in f32, and for f64 the order of the sums shows in the last bit.
      const close = (a: Values, b: Values, what: string): void =>
        expectClose(a, b, tight * 0.5, tight * 0.2, what);
      const check = dtype === 'f32' && L > 1 ? expectSame : close;
      check(read(runningMean, dtype, C), value('running_mean_after'), 'running_mean');
      check(read(runningVar, dtype, C), value('running_var_after'), 'running_var');
      if (training) {
        check(read(mean, dtype, C), value('mean'), 'mean');
        check(read(invstd, dtype, C), value('invstd'), 'invstd');
      }
    });

    test('forward', () => {
      const { x, mean, invstd } = statistics();
      const out = scratch.empty(dtype, N * C * L);
      kernel('batchnorm_forward', dtype)(
        x,
        mean,
        invstd,
        pointer('weight'),
        pointer('bias'),
        out,
        N,
        C,
        L,
        0,
        C,
      );
      expectClose(read(out, dtype, N * C * L), value('out'), tight, tight * 4, 'out');
    });

    test('backward', () => {
      const { x, mean, invstd } = statistics();
      const gout = pointer('gout');
      const gx = scratch.empty(dtype, N * C * L);
      const gweight = affine ? scratch.empty(dtype, C) : 0;
      const gbias = affine ? scratch.empty(dtype, C) : 0;
      const mode = training ? 1 : 0;
      kernel('batchnorm_backward', dtype)(
        gout,
        x,
        mean,
        invstd,
        pointer('weight'),
        gx,
        gweight,
        gbias,
        N,
        C,
        L,
        mode,
        0,
        C,
      );
      // PyTorch sums a plane of f32 gradients in f32, this kernel in f64.
      expectClose(read(gx, dtype, N * C * L), value('gx'), tight * 5, tight * 5, 'gx');
      if (affine) {
        expectClose(read(gweight, dtype, C), value('gweight'), tight * 5, tight * 10, 'gweight');
        expectClose(read(gbias, dtype, C), value('gbias'), tight * 5, tight * 10, 'gbias');
      }
    });
  });
}

test('a large common offset does not spoil the variance', () => {
  const x = new Float32Array(4096).map((_, i) => 10000 + (i % 7) * 0.25);
  const mean = scratch.empty('f32', 1);
  const invstd = scratch.empty('f32', 1);
  kernel('batchnorm_stats', 'f32')(scratch.put(x), mean, invstd, 0, 0, 4, 1, 1024, 0, 0, 0, 1);
  let m = 0;
  for (const v of x) m += v / 4096;
  let square = 0;
  for (const v of x) square += (v - m) ** 2 / 4096;
  expect(read(invstd, 'f32', 1)[0]).toBeCloseTo(1 / Math.sqrt(square), 4);
});

test.each([
  ['f32', 9, 53, 1],
  ['f64', 9, 53, 1],
  ['f32', 3, 6, 23],
] as const)('%s [%i, %i, %i]: no bit depends on how the channels are cut', (dtype, N, C, L) => {
  const size = N * C * L;
  const values = (n: number, seed: number): Values => {
    const array = dtype === 'f32' ? new Float32Array(n) : new Float64Array(n);
    return array.map((_, i) => Math.sin(i * 1.7 + seed) * 3 + seed);
  };
  const [x, gout] = [scratch.put(values(size, 1)), scratch.put(values(size, 2))];
  const [weight, bias] = [scratch.put(values(C, 3)), scratch.put(values(C, 4))];
  const run = (cuts: number[]): Values[] => {
    const [mean, invstd, gweight, gbias] = [0, 0, 0, 0].map(() => scratch.empty(dtype, C));
    const [runningMean, runningVar] = [scratch.put(values(C, 5)), scratch.put(values(C, 6))];
    const [out, gx] = [scratch.empty(dtype, size), scratch.empty(dtype, size)];
    const stats = kernel('batchnorm_stats', dtype);
    const forward = kernel('batchnorm_forward', dtype);
    const backward = kernel('batchnorm_backward', dtype);
    for (let i = 0; i + 1 < cuts.length; i++) {
      const range = [cuts[i], cuts[i + 1]] as const;
      stats(x, mean, invstd, runningMean, runningVar, N, C, L, 1e-5, 0.1, ...range);
      forward(x, mean, invstd, weight, bias, out, N, C, L, ...range);
      backward(gout, x, mean, invstd, weight, gx, gweight, gbias, N, C, L, 1, ...range);
    }
    const channels = [mean, invstd, runningMean, runningVar, gweight, gbias];
    return [...channels.map((p) => read(p, dtype, C)), read(out, dtype, size), read(gx, dtype, size)];
  };
  const whole = run([0, C]);
  run([0, 1, 4, 5, C]).forEach((part, i) => expectSame(part, whole[i], `array ${i}`));
});
