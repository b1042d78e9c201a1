import { afterEach, describe, expect, test } from 'vitest';
import { configureRuntime } from '../../src/wasm/module.js';
import { type Floats, Random, expectSum, floats } from './product.js';
import { Scratch, kernel, read } from './recorded.js';

configureRuntime({ guards: true });

interface Geometry {
  N: number;
  C: number;
  H: number;
  W: number;
  O: number;
  Kh: number;
  Kw: number;
  sh: number;
  sw: number;
  ph: number;
  pw: number;
  dh: number;
  dw: number;
  groups: number;
}

type Dtype = 'f32' | 'f64';

const scratch = new Scratch();
afterEach(() => scratch.free());

function outputSize(g: Geometry): [Oh: number, Ow: number] {
  return [
    Math.floor((g.H + 2 * g.ph - (g.Kh - 1) * g.dh - 1) / g.sh) + 1,
    Math.floor((g.W + 2 * g.pw - (g.Kw - 1) * g.dw - 1) / g.sw) + 1,
  ];
}

/** Calls `each` for every product of the convolution, with the indices of its three operands. */
function eachProduct(g: Geometry, each: (out: number, x: number, w: number) => void): void {
  const [Oh, Ow] = outputSize(g);
  const Cg = g.C / g.groups;
  for (let n = 0; n < g.N; n++) {
    for (let o = 0; o < g.O; o++) {
      const firstChannel = Math.floor(o / (g.O / g.groups)) * Cg;
      for (let i = 0; i < Oh; i++) {
        for (let j = 0; j < Ow; j++) {
          for (let c = 0; c < Cg; c++) {
            for (let y = 0; y < g.Kh; y++) {
              const row = i * g.sh - g.ph + y * g.dh;
              if (row < 0 || row >= g.H) continue;
              for (let x = 0; x < g.Kw; x++) {
                const col = j * g.sw - g.pw + x * g.dw;
                if (col < 0 || col >= g.W) continue;
                each(
                  ((n * g.O + o) * Oh + i) * Ow + j,
                  ((n * g.C + firstChannel + c) * g.H + row) * g.W + col,
                  ((o * Cg + c) * g.Kh + y) * g.Kw + x,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** A sum under test: its float64 value and the magnitudes of its terms. */
class Sum {
  readonly value: Float64Array;
  readonly magnitude: Float64Array;

  constructor(start: Float64Array) {
    this.value = start;
    this.magnitude = start.map(Math.abs);
  }

  add(i: number, term: number): void {
    this.value[i] += term;
    this.magnitude[i] += Math.abs(term);
  }
}

/** An operand with NaN behind it, which no kernel may let in. */
function operand(values: Floats): number {
  const padded = floats(values instanceof Float32Array ? 'f32' : 'f64', values.length + 16).fill(NaN);
  padded.set(values);
  return scratch.put(padded);
}

function check(dtype: Dtype, g: Geometry, withBias: boolean, random: Random): void {
  const [Oh, Ow] = outputSize(g);
  const what = JSON.stringify(g);
  const geometry = [
    g.N,
    g.C,
    g.H,
    g.W,
    g.O,
    g.Kh,
    g.Kw,
    g.sh,
    g.sw,
    g.ph,
    g.pw,
    g.dh,
    g.dw,
    g.groups,
    Oh,
    Ow,
  ];
  const x = random.fill(floats(dtype, g.N * g.C * g.H * g.W));
  const w = random.fill(floats(dtype, (g.O * g.C * g.Kh * g.Kw) / g.groups));
  const bias = random.fill(floats(dtype, g.O));
  const gout = random.fill(floats(dtype, g.N * g.O * Oh * Ow));

  const out = new Sum(
    new Float64Array(gout.length).map((_, i) => (withBias ? bias[Math.floor(i / (Oh * Ow)) % g.O] : 0)),
  );
  const gx = new Sum(new Float64Array(x.length));
  const gw = new Sum(new Float64Array(w.length));
  eachProduct(g, (io, ix, iw) => {
    out.add(io, x[ix] * w[iw]);
    gx.add(ix, gout[io] * w[iw]);
    gw.add(iw, gout[io] * x[ix]);
  });

  const [px, pw, pb, pg] = [operand(x), operand(w), withBias ? operand(bias) : 0, operand(gout)];
  const run = (pass: string, operands: number[], sum: Sum, terms: number): void => {
    const target = scratch.put(floats(dtype, sum.value.length).fill(NaN));
    const ws = scratch.empty('f32', Math.ceil(kernel(`conv2d_${pass}_workspace`, dtype)(...geometry) / 4));
    const after = pass === 'forward' ? [0, 0, 0] : [];
    const channels = pass === 'backward_weight' ? [0, g.O] : [];
    kernel(`conv2d_${pass}`, dtype)(...operands, target, ...after, ...geometry, ...channels, ws);
    expectSum(read(target, dtype, sum.value.length), sum.value, sum.magnitude, terms, `${pass} ${what}`);
  };
  const area = g.Kh * g.Kw;
  run('forward', [px, pw, pb], out, (g.C / g.groups) * area + 1);
  run('backward_input', [pg, pw], gx, (g.O / g.groups) * area);
  run('backward_weight', [px, pg], gw, g.N * Oh * Ow);
  scratch.free();
}

function geometry(g: Partial<Geometry>): Geometry {
  const plain = {
    N: 1,
    C: 1,
    H: 8,
    W: 8,
    O: 1,
    Kh: 1,
    Kw: 1,
    sh: 1,
    sw: 1,
    ph: 0,
    pw: 0,
    dh: 1,
    dw: 1,
    groups: 1,
  };
  return { ...plain, ...g };
}

const cube = (K: number, s: number, p: number, d = 1): Partial<Geometry> => {
  return { Kh: K, Kw: K, sh: s, sw: s, ph: p, pw: p, dh: d, dw: d };
};

const cases: Record<string, Geometry> = {
  'one of everything': geometry({ H: 1, W: 1 }),
  'ResNet stem': geometry({ C: 3, H: 32, W: 32, O: 8, ...cube(7, 2, 3) }),
  '3×3, even plane': geometry({ N: 2, C: 16, H: 14, W: 14, O: 24, ...cube(3, 1, 1) }),
  '3×3, planes of 49': geometry({ N: 5, C: 8, H: 7, W: 7, O: 12, ...cube(3, 1, 1) }),
  '3×3, stride 2, odd and even side': geometry({ N: 2, C: 8, H: 15, W: 12, O: 12, ...cube(3, 2, 1) }),
  '3×3, deep enough for several blocks': geometry({ C: 160, H: 9, W: 10, O: 7, ...cube(3, 1, 1) }),
  '1×1': geometry({ N: 3, C: 20, H: 5, W: 9, O: 13 }),
  '1×1, planes of one': geometry({ N: 11, C: 20, H: 1, W: 1, O: 13 }),
  '1×1, stride 2': geometry({ N: 2, C: 9, H: 10, W: 9, O: 5, ...cube(1, 2, 0) }),
  '1×1, padded': geometry({ C: 3, H: 6, W: 5, O: 4, ...cube(1, 1, 2) }),
  '1×1, large plane': geometry({ C: 5, H: 33, W: 31, O: 6 }),
  'rows longer than a block': geometry({ C: 2, H: 3, W: 700, O: 3, ...cube(3, 1, 1) }),
  '1×5 on one row, stride 2': geometry({ N: 2, C: 3, H: 1, W: 601, O: 4, Kw: 5, sw: 2, pw: 2 }),
  '7×1': geometry({ C: 3, H: 20, W: 4, O: 4, Kh: 7, ph: 3 }),
  'kernel as large as the image': geometry({ N: 2, C: 4, H: 6, W: 5, O: 9, Kh: 6, Kw: 5 }),
  'kernel larger than a block is deep': geometry({ C: 2, H: 34, W: 34, O: 3, ...cube(29, 1, 2) }),
  'padding larger than the kernel': geometry({ C: 3, H: 4, W: 5, O: 4, ...cube(3, 1, 5) }),
  'padding larger than the image': geometry({ C: 2, H: 3, W: 2, O: 3, ...cube(2, 2, 9) }),
  'stride larger than the kernel': geometry({ N: 2, C: 3, H: 11, W: 13, O: 4, ...cube(2, 3, 0) }),
  'stride larger than the image': geometry({ C: 3, H: 4, W: 3, O: 4, ...cube(2, 70, 1) }),
  'different strides': geometry({ C: 3, H: 12, W: 13, O: 4, Kh: 3, Kw: 4, sh: 3, sw: 2, ph: 2, pw: 1 }),
  'dilation 2': geometry({ N: 2, C: 4, H: 12, W: 11, O: 6, ...cube(3, 1, 2, 2) }),
  'dilation 3, stride 2': geometry({ C: 4, H: 17, W: 18, O: 6, ...cube(3, 2, 3, 3) }),
  'dilation 12 in 12 of padding': geometry({ C: 3, H: 12, W: 12, O: 5, ...cube(3, 1, 12, 12) }),
  'dilation over a tall image': geometry({ C: 2, H: 500, W: 3, O: 2, Kh: 3, ph: 200, dh: 200 }),
  depthwise: geometry({ N: 2, C: 6, H: 9, W: 21, O: 6, groups: 6, ...cube(3, 1, 1) }),
  'depthwise, stride 2': geometry({ N: 2, C: 6, H: 9, W: 40, O: 6, groups: 6, ...cube(3, 2, 1) }),
  'depthwise 5×5, stride 2, dilated': geometry({ C: 3, H: 21, W: 22, O: 3, groups: 3, ...cube(5, 2, 4, 2) }),
  'depthwise, two outputs a channel': geometry({
    N: 2,
    C: 5,
    H: 8,
    W: 7,
    O: 10,
    groups: 5,
    ...cube(3, 1, 1),
  }),
  'depthwise, 300 wide': geometry({ C: 2, H: 4, W: 300, O: 2, groups: 2, ...cube(3, 1, 1) }),
  groups: geometry({ N: 2, C: 12, H: 8, W: 8, O: 20, groups: 4, ...cube(3, 1, 1) }),
  'groups, 1×1': geometry({ N: 2, C: 12, H: 6, W: 7, O: 6, groups: 3 }),
  'groups, stride 2': geometry({ N: 2, C: 12, H: 9, W: 9, O: 12, groups: 3, ...cube(3, 2, 1) }),
};

function randomGeometry(random: Random): Geometry {
  const groups = random.integer(0, 2) > 0 ? 1 : random.integer(1, 4);
  const large = random.integer(0, 9) === 0;
  return {
    N: random.integer(1, 3),
    C: groups * random.integer(1, large ? 20 : 6),
    H: random.integer(1, large ? 30 : 20),
    W: random.integer(1, large ? 70 : 20),
    O: groups * random.integer(1, 9),
    Kh: random.integer(1, 4),
    Kw: random.integer(1, 4),
    sh: random.integer(1, 3),
    sw: random.integer(1, 3),
    ph: random.integer(0, 4),
    pw: random.integer(0, 4),
    dh: random.integer(1, 3),
    dw: random.integer(1, 3),
    groups,
  };
}

for (const dtype of ['f32', 'f64'] as const) {
  describe(`conv2d ${dtype}`, () => {
    for (const [name, g] of Object.entries(cases)) {
      test(name, () => {
        check(dtype, g, true, new Random(7));
        check(dtype, g, false, new Random(8));
      });
    }

    test('random geometries', () => {
      const random = new Random(dtype === 'f32' ? 9 : 10);
      for (let done = 0; done < 150;) {
        const g = randomGeometry(random);
        const [Oh, Ow] = outputSize(g);
        if (Oh < 1 || Ow < 1) continue;
        check(dtype, g, random.integer(0, 1) === 1, random);
        done++;
      }
    });

    test('the weight gradient in parts is the same, bit for bit', () => {
      for (const name of ['3×3, planes of 49', 'depthwise', 'groups', '1×1', 'dilation 3, stride 2']) {
        const g = cases[name];
        const [Oh, Ow] = outputSize(g);
        const numbers = [
          g.N,
          g.C,
          g.H,
          g.W,
          g.O,
          g.Kh,
          g.Kw,
          g.sh,
          g.sw,
          g.ph,
          g.pw,
          g.dh,
          g.dw,
          g.groups,
          Oh,
          Ow,
        ];
        const random = new Random(11);
        const x = operand(random.fill(floats(dtype, g.N * g.C * g.H * g.W)));
        const gout = operand(random.fill(floats(dtype, g.N * g.O * Oh * Ow)));
        const length = (g.O * g.C * g.Kh * g.Kw) / g.groups;
        const whole = scratch.put(floats(dtype, length).fill(NaN));
        const parts = scratch.put(floats(dtype, length).fill(NaN));
        const bytes = kernel('conv2d_backward_weight_workspace', dtype)(...numbers);
        const ws = scratch.empty('f32', Math.ceil(bytes / 4));
        kernel('conv2d_backward_weight', dtype)(x, gout, whole, ...numbers, 0, g.O, ws);
        const middle = Math.floor(g.O / 2) - 1;
        kernel('conv2d_backward_weight', dtype)(x, gout, parts, ...numbers, middle, g.O, ws);
        kernel('conv2d_backward_weight', dtype)(x, gout, parts, ...numbers, 0, middle, ws);
        expect(read(parts, dtype, length), name).toEqual(read(whole, dtype, length));
        scratch.free();
      }
    });

    test('NaN and infinities reach the outputs that read them and no others', () => {
      const g = geometry({ N: 2, C: 3, H: 9, W: 9, O: 7, ...cube(3, 1, 1) });
      const x = floats(dtype, g.N * g.C * g.H * g.W).fill(1);
      const w = floats(dtype, g.O * g.C * 9).fill(1);
      const at = (g.C * g.H + 4) * g.W + 4;
      x[at] = NaN;
      x[0] = Infinity;
      const touched = new Map<number, number>();
      eachProduct(g, (io, ix) => {
        if (ix === at) touched.set(io, NaN);
        if (ix === 0) touched.set(io, Infinity);
      });
      const length = g.N * g.O * g.H * g.W;
      const target = scratch.empty(dtype, length);
      const numbers = [g.N, g.C, g.H, g.W, g.O, 3, 3, 1, 1, 1, 1, 1, 1, 1, 9, 9];
      const ws = scratch.empty('f32', Math.ceil(kernel('conv2d_forward_workspace', dtype)(...numbers) / 4));
      kernel('conv2d_forward', dtype)(operand(x), operand(w), 0, target, 0, 0, 0, ...numbers, ws);
      const out = read(target, dtype, length);
      for (let i = 0; i < length; i++) {
        if (touched.has(i)) expect(out[i]).toBe(touched.get(i));
        else expect(out[i]).toSatisfy(Number.isFinite);
      }
    });
  });
}
