import { afterEach, describe, expect, test } from 'vitest';
import { type Values, Scratch, expectClose, kernel, read, recorded, unpack } from './recorded.js';

const scratch = new Scratch();
afterEach(() => scratch.free());

for (const c of recorded<{ log: boolean; outer: number; n: number; inner: number }>('softmax')) {
  const { dtype, log, outer, n, inner, tensors } = c;
  const name = log ? 'log_softmax' : 'softmax';
  const size = outer * n * inner;
  const tight = dtype === 'f32' ? 1e-6 : 1e-14;
  const value = (key: string): Values => unpack(tensors[key]!);

  describe(`${name} ${dtype} [${outer}, ${n}, ${inner}]`, () => {
    test('forward, and in place', () => {
      const x = scratch.put(value('x'));
      const out = scratch.empty(dtype, size);
      const forward = kernel(`${name}_forward`, dtype);
      forward(x, out, outer, n, inner);
      // A log-probability near 0 is the log of a sum near 1, known to an ulp or two of 1.
      expectClose(read(out, dtype, size), value('out'), tight, tight * (log ? 0.3 : 1e-3), 'out');
      const apart = read(out, dtype, size);
      forward(x, x, outer, n, inner);
      expect(read(x, dtype, size)).toEqual(apart);
    });

    if (tensors.gx === null) return;
    test('backward', () => {
      const gx = scratch.empty(dtype, size);
      const backward = kernel(`${name}_backward`, dtype);
      backward(scratch.put(value('gout')), scratch.put(value('out')), gx, outer, n, inner);
      // The sum over n of up to 1000 terms near 1 cancels.
      expectClose(read(gx, dtype, size), value('gx'), tight * 5, tight * 30, 'gx');
    });
  });
}

interface LossOptions {
  kind: 'nll' | 'cross_entropy';
  N: number;
  C: number;
  inner: number;
  ignore_index: number;
  reduction: number;
  label_smoothing: number;
}

for (const c of recorded<LossOptions>('loss')) {
  const { kind, dtype, N, C, inner, ignore_index, reduction, label_smoothing, tensors } = c;
  const tight = dtype === 'f32' ? 1e-6 : 1e-14;
  const weighted = tensors.weight === null ? '' : ' weighted';
  const how = `reduction ${reduction} ignoring ${ignore_index} smoothing ${label_smoothing}${weighted}`;

  test(`${kind} ${dtype} [${N}, ${C}, ${inner}] ${how}`, () => {
    const value = (key: string): Values => unpack(tensors[key]!);
    const x = scratch.put(value('x'));
    const target = scratch.put(value('target'));
    const weight = tensors.weight ? scratch.put(value('weight')) : 0;
    const out = scratch.empty(dtype, N * inner);
    const total = scratch.empty(dtype, 1);
    const gout = scratch.put(value('gout'));
    const gx = scratch.empty(dtype, N * C * inner);
    if (kind === 'nll') {
      const forward = kernel('nll_forward', dtype);
      expect(forward(x, target, weight, out, total, N, C, inner, ignore_index, reduction)).toBe(0);
      kernel('nll_backward', dtype)(gout, target, weight, total, gx, N, C, inner, ignore_index, reduction);
    } else {
      const stats = scratch.empty(dtype, N * 2 * inner);
      const rest = [N, C, inner, ignore_index, reduction, label_smoothing];
      expect(kernel('cross_entropy_forward', dtype)(x, target, weight, stats, out, total, ...rest)).toBe(0);
      kernel('cross_entropy_backward', dtype)(gout, x, target, weight, stats, total, gx, ...rest);
    }
    const length = reduction === 0 ? N * inner : 1;
    expectClose(read(out, dtype, length), value('out'), tight, tight * 0.1, 'out');
    expectClose(read(gx, dtype, N * C * inner), value('gx'), tight * 2, tight * 0.5, 'gx');
  });
}

test('the first target out of bounds is named, and nothing is written', () => {
  const x = scratch.put(new Float32Array(4 * 3));
  const out = scratch.put(new Float32Array([7]));
  const total = scratch.put(new Float32Array([8]));
  const stats = scratch.empty('f32', 8);
  const bad = (targets: bigint[]): number[] => {
    const target = scratch.put(BigInt64Array.from(targets));
    return [
      kernel('nll_forward', 'f32')(x, target, 0, out, total, 4, 3, 1, -100, 1),
      kernel('cross_entropy_forward', 'f32')(x, target, 0, stats, out, total, 4, 3, 1, -100, 1, 0),
    ];
  };
  expect(bad([0n, 2n, 3n, 5n])).toEqual([3, 3]);
  expect(bad([0n, -100n, 1n, -1n])).toEqual([4, 4]);
  expect([...read(out, 'f32', 1), ...read(total, 'f32', 1)]).toEqual([7, 8]);
  expect(bad([0n, -100n, 1n, 2n])).toEqual([0, 0]);
});

test('all targets ignored: mean NaN, sum 0', () => {
  const x = scratch.put(new Float64Array(6));
  const target = scratch.put(BigInt64Array.from([-100n, -100n]));
  const out = scratch.empty('f64', 1);
  const total = scratch.empty('f64', 1);
  kernel('nll_forward', 'f64')(x, target, 0, out, total, 2, 3, 1, -100, 1);
  expect(read(out, 'f64', 1)[0]).toBeNaN();
  kernel('nll_forward', 'f64')(x, target, 0, out, total, 2, 3, 1, -100, 2);
  expect(read(out, 'f64', 1)[0]).toBe(0);
});
