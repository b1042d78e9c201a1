import { afterEach, expect, test } from 'vitest';
import { configureRuntime } from '../../src/wasm/module.js';
import { type Floats, Random, floats } from './product.js';
import { Scratch, kernel, read } from './recorded.js';

configureRuntime({ guards: true });

const scratch = new Scratch();
afterEach(() => scratch.free());

function workspace(bytes: number): number {
  return scratch.empty('f32', Math.ceil(bytes / 4));
}

/** An operand with NaN behind it, which no kernel may let in. */
function operand(values: Floats): number {
  const padded = floats('f32', values.length + 16).fill(NaN);
  padded.set(values);
  return scratch.put(padded);
}

/** Largest difference from the direct kernel in f64, as a share of the largest output. */
function relativeError(actual: ArrayLike<number | bigint>, expected: Float64Array): number {
  let error = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(actual[i]) - expected[i]);
    if (!(difference <= error)) error = difference;
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return error / largest;
}

interface Shape {
  N: number;
  C: number;
  O: number;
  H: number;
  W: number;
  ph: number;
  pw: number;
}

/** Tiles of m×m outputs. */
function check(m: 2 | 4, shape: Shape, random: Random): void {
  const { N, C, O, H, W, ph, pw } = shape;
  const [Oh, Ow] = [H + 2 * ph - 2, W + 2 * pw - 2];
  const geometry = [N, C, H, W, O, 3, 3, 1, 1, ph, pw, 1, 1, 1, Oh, Ow];
  const x = random.fill(floats('f32', N * C * H * W));
  const w = random.fill(floats('f32', O * C * 9));
  const bias = random.fill(floats('f32', O));
  const gout = random.fill(floats('f32', N * O * Oh * Ow));
  const limit = m === 4 ? 1e-5 : 3e-6;

  const direct = (
    pass: 'forward' | 'backward_input' | 'backward_weight',
    operands: Floats[],
    length: number,
  ): Float64Array => {
    const target = scratch.empty('f64', length);
    const ws = workspace(kernel(`conv2d_${pass}_workspace`, 'f64')(...geometry));
    const pointers = operands.map((values) => scratch.put(Float64Array.from(values)));
    const after = pass === 'forward' ? [0, 0, 0] : [];
    const channels = pass === 'backward_weight' ? [0, O] : [];
    kernel(`conv2d_${pass}`, 'f64')(...pointers, target, ...after, ...geometry, ...channels, ws);
    return read(target, 'f64', length) as Float64Array;
  };

  const bytes = [
    kernel('winograd_weight_bytes', 'f32')(m, O, C),
    kernel('winograd_weight_bytes', 'f32')(m, C, O),
  ];
  const u = workspace(Math.max(...bytes));
  const weight = operand(w);
  const weightSpace = workspace(kernel('winograd_weight_workspace', 'f32')(m));
  kernel('winograd_weight', 'f32')(m, weight, u, O, C, 3, 3, 0, weightSpace);
  const out = scratch.put(floats('f32', gout.length).fill(NaN));
  const ws = workspace(kernel('winograd_workspace', 'f32')(m, N, C, O, Oh, Ow));
  const rows = N * Math.ceil(Oh / m);
  const forward = [m, operand(x), u, operand(bias), out, 0, 0, 0, N, C, H, W, O, ph, pw, Oh, Ow];
  const half = rows >> 1;
  if (half > 0) kernel('winograd_forward', 'f32')(...forward, 0, half, ws);
  kernel('winograd_forward', 'f32')(...forward, half, rows, ws);
  const expected = direct('forward', [x, w, bias], gout.length);
  expect(relativeError(read(out, 'f32', gout.length), expected), JSON.stringify(shape)).toBeLessThan(limit);

  const few = scratch.put(floats('f32', gout.length).fill(NaN));
  const wsFew = workspace(kernel('winograd_few_workspace', 'f32')(m, N, C, O, Oh, Ow));
  const fewForward = [m, operand(x), weight, 0, operand(bias), few, 0, 0, 0, N, C, H, W, O, ph, pw, Oh, Ow];
  if (O > 1) kernel('winograd_few', 'f32')(...fewForward, 0, O >> 1, wsFew);
  kernel('winograd_few', 'f32')(...fewForward, O >> 1, O, wsFew);
  expect(read(few, 'f32', gout.length), JSON.stringify(shape)).toEqual(read(out, 'f32', gout.length));

  // The gradient by the input is a convolution of gradOut with the turned kernels and the padding that is left of 2.
  kernel('winograd_weight', 'f32')(m, weight, u, O, C, 3, 3, 1, weightSpace);
  const gx = scratch.put(floats('f32', x.length).fill(NaN));
  const wsInput = workspace(kernel('winograd_workspace', 'f32')(m, N, O, C, H, W));
  const backward = [m, operand(gout), u, 0, gx, 0, 0, 0, N, O, Oh, Ow, C, 2 - ph, 2 - pw, H, W];
  kernel('winograd_forward', 'f32')(...backward, 0, N * Math.ceil(H / m), wsInput);
  const expectedInput = direct('backward_input', [gout, w], x.length);
  expect(relativeError(read(gx, 'f32', x.length), expectedInput), JSON.stringify(shape)).toBeLessThan(limit);

  const fewInput = scratch.put(floats('f32', x.length).fill(NaN));
  const wsFewInput = workspace(kernel('winograd_few_workspace', 'f32')(m, N, O, C, H, W));
  const fewTurned = [
    m,
    operand(gout),
    weight,
    1,
    0,
    fewInput,
    0,
    0,
    0,
    N,
    O,
    Oh,
    Ow,
    C,
    2 - ph,
    2 - pw,
    H,
    W,
  ];
  kernel('winograd_few', 'f32')(...fewTurned, 0, C, wsFewInput);
  expect(read(fewInput, 'f32', x.length), JSON.stringify(shape)).toEqual(read(gx, 'f32', x.length));

  if (m === 2) return;
  const gw = scratch.put(floats('f32', w.length).fill(NaN));
  const wsGradient = workspace(kernel('winograd_gradient_workspace', 'f32')(N, C, O, Oh, Ow));
  const gradient = [operand(x), operand(gout), gw, N, C, H, W, O, ph, pw, Oh, Ow];
  if (O > 1) kernel('winograd_gradient', 'f32')(...gradient, 0, O >> 1, wsGradient);
  kernel('winograd_gradient', 'f32')(...gradient, O >> 1, O, wsGradient);
  const expectedWeight = direct('backward_weight', [x, gout], w.length);
  expect(relativeError(read(gw, 'f32', w.length), expectedWeight), JSON.stringify(shape)).toBeLessThan(limit);
}

/** Tiles of 3×3 outputs of a convolution of stride 2. */
function checkStride2(shape: Shape & { Kh: number; Kw: number }, random: Random): void {
  const { N, C, O, H, W, Kh, Kw, ph, pw } = shape;
  const [Oh, Ow] = [Math.floor((H + 2 * ph - Kh) / 2) + 1, Math.floor((W + 2 * pw - Kw) / 2) + 1];
  const geometry = [N, C, H, W, O, Kh, Kw, 2, 2, ph, pw, 1, 1, 1, Oh, Ow];
  const x = random.fill(floats('f32', N * C * H * W));
  const w = random.fill(floats('f32', O * C * Kh * Kw));
  const bias = random.fill(floats('f32', O));
  const length = N * O * Oh * Ow;

  const expected = scratch.empty('f64', length);
  const space = workspace(kernel('conv2d_forward_workspace', 'f64')(...geometry));
  const doubles = [x, w, bias].map((values) => scratch.put(Float64Array.from(values)));
  kernel('conv2d_forward', 'f64')(...doubles, expected, 0, 0, 0, ...geometry, space);

  const u = workspace(kernel('winograd_weight_bytes', 'f32')(3, O, C));
  const weightSpace = workspace(kernel('winograd_weight_workspace', 'f32')(3));
  kernel('winograd_weight', 'f32')(3, operand(w), u, O, C, Kh, Kw, 0, weightSpace);
  const out = scratch.put(floats('f32', length).fill(NaN));
  const ws = workspace(kernel('winograd_workspace', 'f32')(3, N, C, O, Oh, Ow));
  const rows = N * Math.ceil(Oh / 3);
  const forward = [3, operand(x), u, operand(bias), out, 0, 0, 0, N, C, H, W, O, ph, pw, Oh, Ow];
  const half = rows >> 1;
  if (half > 0) kernel('winograd_forward', 'f32')(...forward, 0, half, ws);
  kernel('winograd_forward', 'f32')(...forward, half, rows, ws);
  const error = relativeError(read(out, 'f32', length), read(expected, 'f64', length) as Float64Array);
  expect(error, JSON.stringify(shape)).toBeLessThan(1e-5);
  scratch.free();
}

const shapes: Shape[] = [
  { N: 1, C: 1, O: 1, H: 3, W: 3, ph: 0, pw: 0 },
  { N: 1, C: 1, O: 1, H: 1, W: 1, ph: 1, pw: 1 },
  { N: 1, C: 16, O: 24, H: 56, W: 56, ph: 1, pw: 1 },
  { N: 2, C: 128, O: 32, H: 28, W: 28, ph: 1, pw: 1 },
  { N: 1, C: 300, O: 130, H: 14, W: 14, ph: 1, pw: 1 },
  { N: 9, C: 40, O: 50, H: 7, W: 7, ph: 1, pw: 1 },
  { N: 2, C: 5, O: 7, H: 4, W: 150, ph: 2, pw: 2 },
  { N: 2, C: 3, O: 4, H: 90, W: 5, ph: 0, pw: 1 },
  { N: 3, C: 20, O: 300, H: 9, W: 10, ph: 1, pw: 0 },
];

for (const shape of shapes) {
  test.each([2, 4] as const)(`tiles of %i, ${JSON.stringify(shape)}`, (m) => {
    check(m, shape, new Random(5));
  });
}

test.each([
  { N: 1, C: 3, O: 64, H: 224, W: 224, Kh: 7, Kw: 7, ph: 3, pw: 3 },
  { N: 3, C: 16, O: 24, H: 33, W: 30, Kh: 5, Kw: 5, ph: 2, pw: 2 },
  { N: 1, C: 200, O: 40, H: 20, W: 21, Kh: 8, Kw: 6, ph: 0, pw: 5 },
  { N: 1, C: 1, O: 1, H: 1, W: 1, Kh: 7, Kw: 7, ph: 3, pw: 3 },
  { N: 1, C: 2, O: 3, H: 12, W: 900, Kh: 7, Kw: 7, ph: 3, pw: 3 },
  { N: 1, C: 1, O: 1, H: 1, W: 9, Kh: 7, Kw: 7, ph: 3, pw: 200_000 },
])('stride 2, $Kh×$Kw, N=$N C=$C O=$O H=$H W=$W', (shape) => {
  checkStride2(shape, new Random(7));
});

test('random shapes of stride 2', () => {
  const random = new Random(8);
  for (let i = 0; i < 60; i++) {
    const [Kh, Kw] = [random.integer(1, 8), random.integer(1, 8)];
    const [ph, pw] = [random.integer(0, Kh - 1), random.integer(0, Kw - 1)];
    const [H, W] = [random.integer(Kh, 30), random.integer(Kw, 30)];
    const [N, C, O] = [random.integer(1, 3), random.integer(1, 12), random.integer(1, 20)];
    checkStride2({ N, C, O, H, W, Kh, Kw, ph, pw }, random);
  }
});

test('random shapes', () => {
  const random = new Random(6);
  for (let i = 0; i < 60; i++) {
    const shape = {
      N: random.integer(1, 3),
      C: random.integer(1, 20),
      O: random.integer(1, 20),
      H: random.integer(3, 24),
      W: random.integer(3, 24),
      ph: random.integer(0, 2),
      pw: random.integer(0, 2),
    };
    for (const m of [2, 4] as const) check(m, shape, random);
    scratch.free();
  }
});
