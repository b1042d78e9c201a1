import { afterEach, describe, test } from 'vitest';
import { type Values, Scratch, expectClose, expectSame, kernel, read, recorded, unpack } from './recorded.js';

interface Options {
  kind: 'max' | 'avg' | 'adaptive_avg' | 'adaptive_max';
  planes: number;
  H: number;
  W: number;
  k: [number, number];
  s: [number, number];
  p: [number, number];
  d: [number, number];
  count_include_pad: boolean;
  divisor_override: number;
}

const scratch = new Scratch();
afterEach(() => scratch.free());

for (const c of recorded<Options>('pool')) {
  const { kind, dtype, planes, H, W, k, s, p, d, tensors } = c;
  const [, Oh, Ow] = tensors.out!.shape;
  const size = planes * Oh * Ow;
  const value = (name: string): Values => unpack(tensors[name]!);
  const geometry = k === undefined ? '' : ` k${k} s${s} p${p} d${d}`;

  describe(`${kind} pool ${dtype} ${H}×${W} to ${Oh}×${Ow}${geometry}`, () => {
    if (kind === 'max' || kind === 'adaptive_max') {
      const forward = (x: number, out: number, indices: number): void => {
        if (kind === 'adaptive_max') {
          kernel('adaptive_maxpool2d_forward', dtype)(x, out, indices, planes, H, W, Oh, Ow);
        } else {
          kernel('maxpool2d_forward', dtype)(x, out, indices, planes, H, W, Oh, Ow, ...k, ...s, ...p, ...d);
        }
      };

      test('values and indices', () => {
        const out = scratch.empty(dtype, size);
        const indices = scratch.empty('i64', size);
        forward(scratch.put(value('x')), out, indices);
        expectSame(read(out, dtype, size), value('out'), 'out');
        expectSame(read(indices, 'i64', size), value('indices'), 'indices');
      });

      test('values alone', () => {
        const out = scratch.empty(dtype, size);
        forward(scratch.put(value('x')), out, 0);
        expectSame(read(out, dtype, size), value('out'), 'out');
      });

      test('backward', () => {
        const gx = scratch.empty(dtype, planes * H * W);
        const gout = scratch.put(value('gout'));
        kernel('maxpool_backward', dtype)(gout, scratch.put(value('indices')), gx, planes, H * W, Oh * Ow);
        expectSame(read(gx, dtype, planes * H * W), value('gx'), 'gx');
      });
    } else {
      const adaptive = kind === 'adaptive_avg';
      const rest = adaptive ? [] : [...k, ...s, ...p, c.count_include_pad ? 1 : 0, c.divisor_override];
      const name = adaptive ? 'adaptive_avgpool2d' : 'avgpool2d';

      test('forward', () => {
        const out = scratch.empty(dtype, size);
        kernel(`${name}_forward`, dtype)(scratch.put(value('x')), out, planes, H, W, Oh, Ow, ...rest);
        // PyTorch takes the global average as a mean, whose order of summation is its own.
        const close = (a: Values, b: Values, what: string): void =>
          expectClose(a, b, dtype === 'f32' ? 1e-6 : 1e-14, dtype === 'f32' ? 1e-7 : 1e-15, what);
        (adaptive && Oh * Ow === 1 ? close : expectSame)(read(out, dtype, size), value('out'), 'out');
      });

      test('backward', () => {
        const gx = scratch.empty(dtype, planes * H * W);
        kernel(`${name}_backward`, dtype)(scratch.put(value('gout')), gx, planes, H, W, Oh, Ow, ...rest);
        expectSame(read(gx, dtype, planes * H * W), value('gx'), 'gx');
      });
    }
  });
}
