// Forward convolution, NCHW: a tap convolution with one tap for each kernel position.

import { Plan, completePlan, openPlan, planBytes, setI32 } from './conv_plan';
import { convolve } from './conv_product';
import { depthwise, isDepthwise } from './depthwise';
import { finishRun, setEpilogue } from './epilogue';

/** The taps of a plain correlation: kernel position (y, x) reads at (y·dh - ph, x·dw - pw). */
export function kernelTaps(plan: Plan, Kh: i32, Kw: i32, ph: i32, pw: i32, dh: i32, dw: i32): void {
  for (let y = 0, t = 0; y < Kh; y++) {
    for (let x = 0; x < Kw; x++, t++) {
      setI32(plan.tapRow, t, y * dh - ph);
      setI32(plan.tapCol, t, x * dw - pw);
    }
  }
}

/** Bytes of `ws`: those of a plan. */
export function conv2dForwardWorkspace<T>(
  N: i32,
  C: i32,
  O: i32,
  Kh: i32,
  Kw: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dw: i32,
  groups: i32,
  Oh: i32,
  Ow: i32,
): i32 {
  const channels = isDepthwise(C, O, groups, Kh * Kw) ? C : C / groups;
  return planBytes<T>(channels, Kh * Kw, (Kh - 1) * dh, (Kw - 1) * dw, sh, sw, N, Oh, Ow, O / groups);
}

/** out of x and weights w, then what epilogue.ts says; a bias (or shift, with a scale), scale or residual of 0 is none. */
export function conv2dForward<T>(
  x: usize,
  w: usize,
  bias: usize,
  out: usize,
  scale: usize,
  residual: usize,
  relu: bool,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  Kh: i32,
  Kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  groups: i32,
  Oh: i32,
  Ow: i32,
  ws: usize,
): void {
  const size = sizeof<T>();
  const Cg = C / groups;
  const Og = O / groups;
  const plan = openPlan(ws, Kh * Kw);
  kernelTaps(plan, Kh, Kw, ph, pw, dh, dw);
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.sourceEnd = x + <usize>(N * C * H * W) * size;
  const single = isDepthwise(C, O, groups, Kh * Kw);
  plan.channels = single ? C : Cg;
  plan.outputs = Og;
  plan.rowStep = sh;
  plan.colStep = sw;
  plan.images = N;
  plan.gridRows = Oh;
  plan.gridCols = Ow;
  plan.flat = true;
  completePlan<T>(plan, true, !single);
  setEpilogue(plan, scale, bias, residual, relu, out);
  if (scale != 0) bias = 0;
  if (single) {
    depthwise<T>(plan, x, w, bias, out, O * Oh * Ow, Oh * Ow, Ow, 1);
    if (plan.finishes) {
      for (let i = 0; i < N * O; i++) finishRun<T>(plan, i % O, out + <usize>(i * Oh * Ow) * size, Oh * Ow);
    }
    return;
  }
  for (let g = 0; g < groups; g++) {
    const source = x + <usize>(g * Cg * H * W) * size;
    const weight = w + <usize>(g * Og * Cg * Kh * Kw) * size;
    const start: usize = bias == 0 ? 0 : bias + <usize>(g * Og) * size;
    const target = out + <usize>(g * Og * Oh * Ow) * size;
    if (g > 0 && scale != 0) {
      plan.scale += <usize>Og * size;
      plan.shift += <usize>Og * size;
    }
    convolve<T>(plan, source, weight, start, target, O * Oh * Ow, Oh * Ow, Ow, 1);
  }
}
