// The whole kernel ABI. A family's generic source is in the file its heading names; only this file exports to the host.
// Pointers are byte addresses; counts and strides are in elements; scalars come as f64.
// The formatter leaves this file alone: a wrapper is one line, so that the interface can be read at a glance; one parameter a
// line, which the formatter wants, makes 1,400 lines of it.

/** Where static data ends: the allocator may use every byte from here on. */
export const heap_base: usize = __heap_base;

// dtype and op code at run time; the codes, with operands and parameters, are listed in src/wasm/opcode.ts
export { binary, compare, copy, fill, ternary, test, unary, where } from './pointwise';
export { reduce, reduce_arg, reduce_moments } from './reduce';
export { scan } from './scan';
export { sort, sort_workspace, topk } from './sort';
export { arange, grid_offset, index_offset, nonzero_count, nonzero_write, put, put_reduce, take } from './gather';

import * as batchnorm from './batchnorm';
import * as embedding from './embedding';
import * as groupnorm from './groupnorm';
import * as layernorm from './layernorm';
import * as ctc from './ctc';
import * as distance from './distance';
import * as marginLoss from './margin_loss';
import * as maxpool from './maxpool';
import * as avgpool from './avgpool';
import * as fold from './fold';
import * as grid from './grid';
import * as pool3d from './pool3d';
import * as resample from './resample';
import * as rnn from './rnn';
import * as softmax from './softmax';
import * as loss from './loss';
import * as optim from './optim';
import * as adaptive from './optim_adaptive';
import * as random from './random';
import * as randomCount from './random_count';
import { conv2dForward, conv2dForwardWorkspace } from './conv2d';
import { conv2dBackwardInput, conv2dInputWorkspace } from './conv2d_input';
import { conv2dBackwardWeight, conv2dWeightWorkspace, sumSlices } from './conv2d_weight';
import { gemm, gemmWorkspace } from './gemm';
import { peak, peakFlops } from './peak';
import { setWide } from './tile_wide';
import { winogradFew, winogradFewWorkspace, winogradForward, winogradWorkspace } from './winograd';
import { winogradGradient, winogradGradientWorkspace } from './winograd_gradient';
import { F3, PHASE_SPACE, winogradPhaseWeight } from './winograd_phases';
import { F2, F4 } from './winograd_tile';
import { kernelSpace, winogradWeight, winogradWeightBytes } from './winograd_weight';

// batchnorm.ts
export function batchnorm_stats_f32(x: usize, mean: usize, invstd: usize, runningMean: usize, runningVar: usize, N: i32, C: i32, L: i32, eps: f64, momentum: f64, cBegin: i32, cEnd: i32): void { batchnorm.batchnormStats<f32>(x, mean, invstd, runningMean, runningVar, N, C, L, eps, momentum, cBegin, cEnd); }
export function batchnorm_stats_f64(x: usize, mean: usize, invstd: usize, runningMean: usize, runningVar: usize, N: i32, C: i32, L: i32, eps: f64, momentum: f64, cBegin: i32, cEnd: i32): void { batchnorm.batchnormStats<f64>(x, mean, invstd, runningMean, runningVar, N, C, L, eps, momentum, cBegin, cEnd); }
export function batchnorm_invstd_f32(variance: usize, invstd: usize, C: i32, eps: f64): void { batchnorm.batchnormInvstd<f32>(variance, invstd, C, eps); }
export function batchnorm_fold_f32(mean: usize, variance: usize, weight: usize, bias: usize, start: usize, scale: usize, shift: usize, C: i32, eps: f64): void { batchnorm.batchnormFold<f32>(mean, variance, weight, bias, start, scale, shift, C, eps); }
export function batchnorm_invstd_f64(variance: usize, invstd: usize, C: i32, eps: f64): void { batchnorm.batchnormInvstd<f64>(variance, invstd, C, eps); }
export function batchnorm_fold_f64(mean: usize, variance: usize, weight: usize, bias: usize, start: usize, scale: usize, shift: usize, C: i32, eps: f64): void { batchnorm.batchnormFold<f64>(mean, variance, weight, bias, start, scale, shift, C, eps); }
export function batchnorm_forward_f32(x: usize, mean: usize, invstd: usize, weight: usize, bias: usize, out: usize, N: i32, C: i32, L: i32, cBegin: i32, cEnd: i32): void { batchnorm.batchnormForward<f32>(x, mean, invstd, weight, bias, out, N, C, L, cBegin, cEnd); }
export function batchnorm_forward_f64(x: usize, mean: usize, invstd: usize, weight: usize, bias: usize, out: usize, N: i32, C: i32, L: i32, cBegin: i32, cEnd: i32): void { batchnorm.batchnormForward<f64>(x, mean, invstd, weight, bias, out, N, C, L, cBegin, cEnd); }
export function batchnorm_backward_f32(gout: usize, x: usize, mean: usize, invstd: usize, weight: usize, gx: usize, gweight: usize, gbias: usize, N: i32, C: i32, L: i32, training: i32, cBegin: i32, cEnd: i32): void { batchnorm.batchnormBackward<f32>(gout, x, mean, invstd, weight, gx, gweight, gbias, N, C, L, training, cBegin, cEnd); }
export function batchnorm_backward_f64(gout: usize, x: usize, mean: usize, invstd: usize, weight: usize, gx: usize, gweight: usize, gbias: usize, N: i32, C: i32, L: i32, training: i32, cBegin: i32, cEnd: i32): void { batchnorm.batchnormBackward<f64>(gout, x, mean, invstd, weight, gx, gweight, gbias, N, C, L, training, cBegin, cEnd); }

// layernorm.ts
export function layernorm_stats_f32(x: usize, mean: usize, rstd: usize, n: i32, eps: f64, rowBegin: i32, rowEnd: i32): void { layernorm.layernormStats<f32>(x, mean, rstd, n, eps, rowBegin, rowEnd); }
export function layernorm_stats_f64(x: usize, mean: usize, rstd: usize, n: i32, eps: f64, rowBegin: i32, rowEnd: i32): void { layernorm.layernormStats<f64>(x, mean, rstd, n, eps, rowBegin, rowEnd); }
export function layernorm_forward_f32(x: usize, mean: usize, rstd: usize, weight: usize, bias: usize, out: usize, n: i32, rowBegin: i32, rowEnd: i32): void { layernorm.layernormForward<f32>(x, mean, rstd, weight, bias, out, n, rowBegin, rowEnd); }
export function layernorm_forward_f64(x: usize, mean: usize, rstd: usize, weight: usize, bias: usize, out: usize, n: i32, rowBegin: i32, rowEnd: i32): void { layernorm.layernormForward<f64>(x, mean, rstd, weight, bias, out, n, rowBegin, rowEnd); }
export function layernorm_backward_f32(g: usize, x: usize, mean: usize, rstd: usize, weight: usize, gx: usize, n: i32, rowBegin: i32, rowEnd: i32): void { layernorm.layernormBackward<f32>(g, x, mean, rstd, weight, gx, n, rowBegin, rowEnd); }
export function layernorm_backward_f64(g: usize, x: usize, mean: usize, rstd: usize, weight: usize, gx: usize, n: i32, rowBegin: i32, rowEnd: i32): void { layernorm.layernormBackward<f64>(g, x, mean, rstd, weight, gx, n, rowBegin, rowEnd); }
export function layernorm_parameters_f32(g: usize, x: usize, mean: usize, rstd: usize, gweight: usize, gbias: usize, rows: i32, n: i32, colBegin: i32, colEnd: i32): void { layernorm.layernormParameters<f32>(g, x, mean, rstd, gweight, gbias, rows, n, colBegin, colEnd); }
export function layernorm_parameters_f64(g: usize, x: usize, mean: usize, rstd: usize, gweight: usize, gbias: usize, rows: i32, n: i32, colBegin: i32, colEnd: i32): void { layernorm.layernormParameters<f64>(g, x, mean, rstd, gweight, gbias, rows, n, colBegin, colEnd); }

// groupnorm.ts
export function groupnorm_forward_f32(x: usize, mean: usize, rstd: usize, weight: usize, bias: usize, out: usize, G: i32, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormForward<f32>(x, mean, rstd, weight, bias, out, G, D, L, rowBegin, rowEnd); }
export function groupnorm_forward_f64(x: usize, mean: usize, rstd: usize, weight: usize, bias: usize, out: usize, G: i32, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormForward<f64>(x, mean, rstd, weight, bias, out, G, D, L, rowBegin, rowEnd); }
export function groupnorm_sums_f32(g: usize, x: usize, mean: usize, rstd: usize, sums: usize, products: usize, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormSums<f32>(g, x, mean, rstd, sums, products, D, L, rowBegin, rowEnd); }
export function groupnorm_sums_f64(g: usize, x: usize, mean: usize, rstd: usize, sums: usize, products: usize, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormSums<f64>(g, x, mean, rstd, sums, products, D, L, rowBegin, rowEnd); }
export function groupnorm_backward_f32(g: usize, x: usize, mean: usize, rstd: usize, weight: usize, sums: usize, products: usize, gx: usize, G: i32, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormBackward<f32>(g, x, mean, rstd, weight, sums, products, gx, G, D, L, rowBegin, rowEnd); }
export function groupnorm_backward_f64(g: usize, x: usize, mean: usize, rstd: usize, weight: usize, sums: usize, products: usize, gx: usize, G: i32, D: i32, L: i32, rowBegin: i32, rowEnd: i32): void { groupnorm.groupnormBackward<f64>(g, x, mean, rstd, weight, sums, products, gx, G, D, L, rowBegin, rowEnd); }

// maxpool.ts
export function maxpool2d_forward_f32(x: usize, out: usize, indices: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32): void { maxpool.maxpool2dForward<f32>(x, out, indices, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, dh, dw); }
export function maxpool2d_forward_f64(x: usize, out: usize, indices: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32): void { maxpool.maxpool2dForward<f64>(x, out, indices, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, dh, dw); }
export function maxpool_backward_f32(gout: usize, indices: usize, gx: usize, planes: i32, inSize: i32, outSize: i32): void { maxpool.maxpoolBackward<f32>(gout, indices, gx, planes, inSize, outSize); }
export function maxpool_backward_f64(gout: usize, indices: usize, gx: usize, planes: i32, inSize: i32, outSize: i32): void { maxpool.maxpoolBackward<f64>(gout, indices, gx, planes, inSize, outSize); }
export function adaptive_maxpool2d_forward_f32(x: usize, out: usize, indices: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { maxpool.adaptiveMaxpool2dForward<f32>(x, out, indices, planes, H, W, Oh, Ow); }
export function adaptive_maxpool2d_forward_f64(x: usize, out: usize, indices: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { maxpool.adaptiveMaxpool2dForward<f64>(x, out, indices, planes, H, W, Oh, Ow); }

// avgpool.ts
export function avgpool2d_forward_f32(x: usize, out: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, countIncludePad: i32, divisorOverride: i32): void { avgpool.avgpool2dForward<f32>(x, out, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, countIncludePad, divisorOverride); }
export function avgpool2d_forward_f64(x: usize, out: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, countIncludePad: i32, divisorOverride: i32): void { avgpool.avgpool2dForward<f64>(x, out, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, countIncludePad, divisorOverride); }
export function avgpool2d_backward_f32(gout: usize, gx: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, countIncludePad: i32, divisorOverride: i32): void { avgpool.avgpool2dBackward<f32>(gout, gx, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, countIncludePad, divisorOverride); }
export function avgpool2d_backward_f64(gout: usize, gx: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, countIncludePad: i32, divisorOverride: i32): void { avgpool.avgpool2dBackward<f64>(gout, gx, planes, H, W, Oh, Ow, kh, kw, sh, sw, ph, pw, countIncludePad, divisorOverride); }
export function adaptive_avgpool2d_forward_f32(x: usize, out: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { avgpool.adaptiveAvgpool2dForward<f32>(x, out, planes, H, W, Oh, Ow); }
export function adaptive_avgpool2d_forward_f64(x: usize, out: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { avgpool.adaptiveAvgpool2dForward<f64>(x, out, planes, H, W, Oh, Ow); }
export function adaptive_avgpool2d_backward_f32(gout: usize, gx: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { avgpool.adaptiveAvgpool2dBackward<f32>(gout, gx, planes, H, W, Oh, Ow); }
export function adaptive_avgpool2d_backward_f64(gout: usize, gx: usize, planes: i32, H: i32, W: i32, Oh: i32, Ow: i32): void { avgpool.adaptiveAvgpool2dBackward<f64>(gout, gx, planes, H, W, Oh, Ow); }

// pool3d.ts
export function maxpool3d_forward_f32(x: usize, out: usize, indices: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, dd: i32, dh: i32, dw: i32): void { pool3d.maxpool3dForward<f32>(x, out, indices, volumes, D, H, W, Od, Oh, Ow, windows, dd, dh, dw); }
export function maxpool3d_forward_f64(x: usize, out: usize, indices: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, dd: i32, dh: i32, dw: i32): void { pool3d.maxpool3dForward<f64>(x, out, indices, volumes, D, H, W, Od, Oh, Ow, windows, dd, dh, dw); }
export function avgpool3d_forward_f32(x: usize, out: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, divisors: usize, divisorOverride: i32): void { pool3d.avgpool3dForward<f32>(x, out, volumes, D, H, W, Od, Oh, Ow, windows, divisors, divisorOverride); }
export function avgpool3d_forward_f64(x: usize, out: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, divisors: usize, divisorOverride: i32): void { pool3d.avgpool3dForward<f64>(x, out, volumes, D, H, W, Od, Oh, Ow, windows, divisors, divisorOverride); }
export function avgpool3d_backward_f32(gout: usize, gx: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, divisors: usize, divisorOverride: i32): void { pool3d.avgpool3dBackward<f32>(gout, gx, volumes, D, H, W, Od, Oh, Ow, windows, divisors, divisorOverride); }
export function avgpool3d_backward_f64(gout: usize, gx: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, windows: usize, divisors: usize, divisorOverride: i32): void { pool3d.avgpool3dBackward<f64>(gout, gx, volumes, D, H, W, Od, Oh, Ow, windows, divisors, divisorOverride); }

// fold.ts
export function unfold_forward_f32(x: usize, out: usize, planes: i32, H: i32, W: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, Oh: i32, Ow: i32): void { fold.unfoldForward<f32>(x, out, planes, H, W, kh, kw, sh, sw, ph, pw, dh, dw, Oh, Ow); }
export function unfold_forward_f64(x: usize, out: usize, planes: i32, H: i32, W: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, Oh: i32, Ow: i32): void { fold.unfoldForward<f64>(x, out, planes, H, W, kh, kw, sh, sw, ph, pw, dh, dw, Oh, Ow); }
export function fold_forward_f32(columns: usize, x: usize, planes: i32, H: i32, W: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, Oh: i32, Ow: i32): void { fold.foldForward<f32>(columns, x, planes, H, W, kh, kw, sh, sw, ph, pw, dh, dw, Oh, Ow); }
export function fold_forward_f64(columns: usize, x: usize, planes: i32, H: i32, W: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, Oh: i32, Ow: i32): void { fold.foldForward<f64>(columns, x, planes, H, W, kh, kw, sh, sw, ph, pw, dh, dw, Oh, Ow); }

// resample.ts
export function resample_forward_f32(x: usize, out: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, dTaps: i32, hTaps: i32, wTaps: i32, dPlan: usize, hPlan: usize, wPlan: usize, row: usize): void { resample.resampleForward<f32>(x, out, volumes, D, H, W, Od, Oh, Ow, dTaps, hTaps, wTaps, dPlan, hPlan, wPlan, row); }
export function resample_forward_f64(x: usize, out: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, dTaps: i32, hTaps: i32, wTaps: i32, dPlan: usize, hPlan: usize, wPlan: usize, row: usize): void { resample.resampleForward<f64>(x, out, volumes, D, H, W, Od, Oh, Ow, dTaps, hTaps, wTaps, dPlan, hPlan, wPlan, row); }
export function resample_backward_f32(gout: usize, gx: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, dTaps: i32, hTaps: i32, wTaps: i32, dPlan: usize, hPlan: usize, wPlan: usize, row: usize): void { resample.resampleBackward<f32>(gout, gx, volumes, D, H, W, Od, Oh, Ow, dTaps, hTaps, wTaps, dPlan, hPlan, wPlan, row); }
export function resample_backward_f64(gout: usize, gx: usize, volumes: i32, D: i32, H: i32, W: i32, Od: i32, Oh: i32, Ow: i32, dTaps: i32, hTaps: i32, wTaps: i32, dPlan: usize, hPlan: usize, wPlan: usize, row: usize): void { resample.resampleBackward<f64>(gout, gx, volumes, D, H, W, Od, Oh, Ow, dTaps, hTaps, wTaps, dPlan, hPlan, wPlan, row); }

// grid.ts
export function grid_sample_workspace(): i32 { return grid.GRID_WORKSPACE; }
export function grid_sample_forward_f32(x: usize, grids: usize, out: usize, N: i32, C: i32, D: i32, H: i32, W: i32, places: i32, dims: i32, mode: i32, padding: i32, align: bool, ws: usize): void { grid.gridSampleForward<f32>(x, grids, out, N, C, D, H, W, places, dims, mode, padding, align, ws); }
export function grid_sample_forward_f64(x: usize, grids: usize, out: usize, N: i32, C: i32, D: i32, H: i32, W: i32, places: i32, dims: i32, mode: i32, padding: i32, align: bool, ws: usize): void { grid.gridSampleForward<f64>(x, grids, out, N, C, D, H, W, places, dims, mode, padding, align, ws); }
export function grid_sample_backward_f32(gout: usize, x: usize, grids: usize, gx: usize, ggrid: usize, N: i32, C: i32, D: i32, H: i32, W: i32, places: i32, dims: i32, mode: i32, padding: i32, align: bool, ws: usize): void { grid.gridSampleBackward<f32>(gout, x, grids, gx, ggrid, N, C, D, H, W, places, dims, mode, padding, align, ws); }
export function grid_sample_backward_f64(gout: usize, x: usize, grids: usize, gx: usize, ggrid: usize, N: i32, C: i32, D: i32, H: i32, W: i32, places: i32, dims: i32, mode: i32, padding: i32, align: bool, ws: usize): void { grid.gridSampleBackward<f64>(gout, x, grids, gx, ggrid, N, C, D, H, W, places, dims, mode, padding, align, ws); }
// embedding.ts
export function bag_argmax_f32(rows: usize, counts: usize, out: usize, bags: i32, width: i32): void { embedding.bagArgmax<f32>(rows, counts, out, bags, width); }
export function bag_argmax_f64(rows: usize, counts: usize, out: usize, bags: i32, width: i32): void { embedding.bagArgmax<f64>(rows, counts, out, bags, width); }

// rnn.ts
export function lstm_forward_f32(gates: usize, c: usize, active: usize, h: usize, cOut: usize, B: i32, H: i32): void { rnn.lstmForward<f32>(gates, c, active, h, cOut, B, H); }
export function lstm_forward_f64(gates: usize, c: usize, active: usize, h: usize, cOut: usize, B: i32, H: i32): void { rnn.lstmForward<f64>(gates, c, active, h, cOut, B, H); }
export function lstm_backward_f32(gh: usize, gcOut: usize, active: usize, c: usize, cOut: usize, ggates: usize, gc: usize, B: i32, H: i32): void { rnn.lstmBackward<f32>(gh, gcOut, active, c, cOut, ggates, gc, B, H); }
export function lstm_backward_f64(gh: usize, gcOut: usize, active: usize, c: usize, cOut: usize, ggates: usize, gc: usize, B: i32, H: i32): void { rnn.lstmBackward<f64>(gh, gcOut, active, c, cOut, ggates, gc, B, H); }
export function gru_forward_f32(x: usize, y: usize, h: usize, active: usize, out: usize, B: i32, H: i32): void { rnn.gruForward<f32>(x, y, h, active, out, B, H); }
export function gru_forward_f64(x: usize, y: usize, h: usize, active: usize, out: usize, B: i32, H: i32): void { rnn.gruForward<f64>(x, y, h, active, out, B, H); }
export function gru_backward_f32(g: usize, active: usize, y: usize, h: usize, gx: usize, gy: usize, gh: usize, B: i32, H: i32): void { rnn.gruBackward<f32>(g, active, y, h, gx, gy, gh, B, H); }
export function gru_backward_f64(g: usize, active: usize, y: usize, h: usize, gx: usize, gy: usize, gh: usize, B: i32, H: i32): void { rnn.gruBackward<f64>(g, active, y, h, gx, gy, gh, B, H); }

// softmax.ts
export function softmax_forward_f32(x: usize, out: usize, outer: i32, n: i32, inner: i32): void { softmax.softmaxForward<f32>(x, out, outer, n, inner); }
export function softmax_forward_f64(x: usize, out: usize, outer: i32, n: i32, inner: i32): void { softmax.softmaxForward<f64>(x, out, outer, n, inner); }
export function log_softmax_forward_f32(x: usize, out: usize, outer: i32, n: i32, inner: i32): void { softmax.logSoftmaxForward<f32>(x, out, outer, n, inner); }
export function log_softmax_forward_f64(x: usize, out: usize, outer: i32, n: i32, inner: i32): void { softmax.logSoftmaxForward<f64>(x, out, outer, n, inner); }
export function softmax_backward_f32(gout: usize, out: usize, gx: usize, outer: i32, n: i32, inner: i32): void { softmax.softmaxBackward<f32>(gout, out, gx, outer, n, inner); }
export function softmax_backward_f64(gout: usize, out: usize, gx: usize, outer: i32, n: i32, inner: i32): void { softmax.softmaxBackward<f64>(gout, out, gx, outer, n, inner); }
export function log_softmax_backward_f32(gout: usize, out: usize, gx: usize, outer: i32, n: i32, inner: i32): void { softmax.logSoftmaxBackward<f32>(gout, out, gx, outer, n, inner); }
export function log_softmax_backward_f64(gout: usize, out: usize, gx: usize, outer: i32, n: i32, inner: i32): void { softmax.logSoftmaxBackward<f64>(gout, out, gx, outer, n, inner); }

// loss.ts
export function nll_forward_f32(logp: usize, target: usize, weight: usize, out: usize, totalWeight: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32): i32 { return loss.nllForward<f32>(logp, target, weight, out, totalWeight, N, C, inner, ignoreIndex, reduction); }
export function nll_forward_f64(logp: usize, target: usize, weight: usize, out: usize, totalWeight: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32): i32 { return loss.nllForward<f64>(logp, target, weight, out, totalWeight, N, C, inner, ignoreIndex, reduction); }
export function nll_backward_f32(gout: usize, target: usize, weight: usize, totalWeight: usize, gx: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32): void { loss.nllBackward<f32>(gout, target, weight, totalWeight, gx, N, C, inner, ignoreIndex, reduction); }
export function nll_backward_f64(gout: usize, target: usize, weight: usize, totalWeight: usize, gx: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32): void { loss.nllBackward<f64>(gout, target, weight, totalWeight, gx, N, C, inner, ignoreIndex, reduction); }
export function cross_entropy_forward_f32(x: usize, target: usize, weight: usize, stats: usize, out: usize, totalWeight: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32, labelSmoothing: f64): i32 { return loss.crossEntropyForward<f32>(x, target, weight, stats, out, totalWeight, N, C, inner, ignoreIndex, reduction, labelSmoothing); }
export function cross_entropy_forward_f64(x: usize, target: usize, weight: usize, stats: usize, out: usize, totalWeight: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32, labelSmoothing: f64): i32 { return loss.crossEntropyForward<f64>(x, target, weight, stats, out, totalWeight, N, C, inner, ignoreIndex, reduction, labelSmoothing); }
export function cross_entropy_backward_f32(gout: usize, x: usize, target: usize, weight: usize, stats: usize, totalWeight: usize, gx: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32, labelSmoothing: f64): void { loss.crossEntropyBackward<f32>(gout, x, target, weight, stats, totalWeight, gx, N, C, inner, ignoreIndex, reduction, labelSmoothing); }
export function cross_entropy_backward_f64(gout: usize, x: usize, target: usize, weight: usize, stats: usize, totalWeight: usize, gx: usize, N: i32, C: i32, inner: i32, ignoreIndex: f64, reduction: i32, labelSmoothing: f64): void { loss.crossEntropyBackward<f64>(gout, x, target, weight, stats, totalWeight, gx, N, C, inner, ignoreIndex, reduction, labelSmoothing); }

// ctc.ts, distance.ts, margin_loss.ts
export function ctc_forward_f32(logp: usize, labels: usize, sizes: usize, alpha: usize, nll: usize, steps: i32, N: i32, C: i32, width: i32, blank: i32): void { ctc.ctcForward<f32>(logp, labels, sizes, alpha, nll, steps, N, C, width, blank); }
export function ctc_forward_f64(logp: usize, labels: usize, sizes: usize, alpha: usize, nll: usize, steps: i32, N: i32, C: i32, width: i32, blank: i32): void { ctc.ctcForward<f64>(logp, labels, sizes, alpha, nll, steps, N, C, width, blank); }
export function ctc_backward_f32(gout: usize, logp: usize, labels: usize, sizes: usize, alpha: usize, nll: usize, beta: usize, gx: usize, steps: i32, N: i32, C: i32, width: i32, blank: i32, zeroInfinity: bool): void { ctc.ctcBackward<f32>(gout, logp, labels, sizes, alpha, nll, beta, gx, steps, N, C, width, blank, zeroInfinity); }
export function ctc_backward_f64(gout: usize, logp: usize, labels: usize, sizes: usize, alpha: usize, nll: usize, beta: usize, gx: usize, steps: i32, N: i32, C: i32, width: i32, blank: i32, zeroInfinity: bool): void { ctc.ctcBackward<f64>(gout, logp, labels, sizes, alpha, nll, beta, gx, steps, N, C, width, blank, zeroInfinity); }
export function cdist_forward_f32(x1: usize, x2: usize, out: usize, P: i32, R: i32, M: i32, p: f64, begin: i32, end: i32): void { distance.cdistForward<f32>(x1, x2, out, P, R, M, p, begin, end); }
export function cdist_forward_f64(x1: usize, x2: usize, out: usize, P: i32, R: i32, M: i32, p: f64, begin: i32, end: i32): void { distance.cdistForward<f64>(x1, x2, out, P, R, M, p, begin, end); }
export function cdist_backward_f32(gout: usize, x1: usize, x2: usize, dist: usize, gx: usize, P: i32, R: i32, M: i32, p: f64, begin: i32, end: i32): void { distance.cdistBackward<f32>(gout, x1, x2, dist, gx, P, R, M, p, begin, end); }
export function cdist_backward_f64(gout: usize, x1: usize, x2: usize, dist: usize, gx: usize, P: i32, R: i32, M: i32, p: f64, begin: i32, end: i32): void { distance.cdistBackward<f64>(gout, x1, x2, dist, gx, P, R, M, p, begin, end); }
export function unpack_triangle_f32(packed: usize, out: usize, N: i32): void { distance.unpackTriangle<f32>(packed, out, N); }
export function unpack_triangle_f64(packed: usize, out: usize, N: i32): void { distance.unpackTriangle<f64>(packed, out, N); }
export function multilabel_margin_f32(x: usize, target: usize, out: usize, slope: usize, seen: usize, N: i32, C: i32): void { marginLoss.multilabelMargin<f32>(x, target, out, slope, seen, N, C); }
export function multilabel_margin_f64(x: usize, target: usize, out: usize, slope: usize, seen: usize, N: i32, C: i32): void { marginLoss.multilabelMargin<f64>(x, target, out, slope, seen, N, C); }

// optim.ts
export function sgd_step_f32(p: usize, g: usize, buf: usize, n: i32, lr: f64, weightDecay: f64, momentum: f64, dampening: f64, nesterov: i32, maximize: i32, first: i32): void { optim.sgdStep<f32>(p, g, buf, n, lr, weightDecay, momentum, dampening, nesterov, maximize, first); }
export function sgd_step_f64(p: usize, g: usize, buf: usize, n: i32, lr: f64, weightDecay: f64, momentum: f64, dampening: f64, nesterov: i32, maximize: i32, first: i32): void { optim.sgdStep<f64>(p, g, buf, n, lr, weightDecay, momentum, dampening, nesterov, maximize, first); }
export function adam_step_f32(p: usize, g: usize, m: usize, v: usize, vmax: usize, n: i32, lr: f64, beta1: f64, beta2: f64, eps: f64, weightDecay: f64, decoupled: i32, maximize: i32, step: f64): void { optim.adamStep<f32>(p, g, m, v, vmax, n, lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step); }
export function adam_step_f64(p: usize, g: usize, m: usize, v: usize, vmax: usize, n: i32, lr: f64, beta1: f64, beta2: f64, eps: f64, weightDecay: f64, decoupled: i32, maximize: i32, step: f64): void { optim.adamStep<f64>(p, g, m, v, vmax, n, lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step); }
export function rmsprop_step_f32(p: usize, g: usize, squares: usize, avg: usize, buf: usize, n: i32, lr: f64, alpha: f64, eps: f64, weightDecay: f64, momentum: f64, maximize: i32): void { adaptive.rmspropStep<f32>(p, g, squares, avg, buf, n, lr, alpha, eps, weightDecay, momentum, maximize); }
export function rmsprop_step_f64(p: usize, g: usize, squares: usize, avg: usize, buf: usize, n: i32, lr: f64, alpha: f64, eps: f64, weightDecay: f64, momentum: f64, maximize: i32): void { adaptive.rmspropStep<f64>(p, g, squares, avg, buf, n, lr, alpha, eps, weightDecay, momentum, maximize); }
export function adagrad_step_f32(p: usize, g: usize, sum: usize, n: i32, rate: f64, eps: f64, weightDecay: f64, maximize: i32): void { adaptive.adagradStep<f32>(p, g, sum, n, rate, eps, weightDecay, maximize); }
export function adagrad_step_f64(p: usize, g: usize, sum: usize, n: i32, rate: f64, eps: f64, weightDecay: f64, maximize: i32): void { adaptive.adagradStep<f64>(p, g, sum, n, rate, eps, weightDecay, maximize); }

// random.ts
export function random_state_bytes(): i32 { return random.randomStateBytes(); }
export function random_seed(state: usize, low: u32, high: u32): void { random.randomSeed(state, low, high); }
export function random_u64(state: usize): u64 { return random.randomU64(state); }
export function random_uniform_f32(state: usize, out: usize, n: i32, from: f64, to: f64): void { random.randomUniform<f32>(state, out, n, from, to); }
export function random_uniform_f64(state: usize, out: usize, n: i32, from: f64, to: f64): void { random.randomUniform<f64>(state, out, n, from, to); }
export function random_normal_f32(state: usize, out: usize, n: i32, mean: f64, std: f64): void { random.randomNormal<f32>(state, out, n, mean, std); }
export function random_normal_f64(state: usize, out: usize, n: i32, mean: f64, std: f64): void { random.randomNormal<f64>(state, out, n, mean, std); }
export function random_normal_scalar_f32(state: usize, out: usize, n: i32, mean: f64, std: f64): void { random.randomNormalScalar<f32>(state, out, n, mean, std); }
export function random_normal_scalar_f64(state: usize, out: usize, n: i32, mean: f64, std: f64): void { random.randomNormalScalar<f64>(state, out, n, mean, std); }
export function random_permutation(state: usize, out: usize, n: i32): void { random.randomPermutation(state, out, n); }
export function random_integer(state: usize, out: usize, n: i32, base: f64, range: f64): void { random.randomInteger(state, out, n, base, range); }
export function random_bernoulli_f32(state: usize, out: usize, n: i32, p: f64, yes: f64): void { random.randomBernoulli<f32>(state, out, n, p, yes); }
export function random_bernoulli_f64(state: usize, out: usize, n: i32, p: f64, yes: f64): void { random.randomBernoulli<f64>(state, out, n, p, yes); }
export function random_bernoulli_from_f32(state: usize, p: usize, out: usize, n: i32): void { random.randomBernoulliFrom<f32>(state, p, out, n); }
export function random_bernoulli_from_f64(state: usize, p: usize, out: usize, n: i32): void { random.randomBernoulliFrom<f64>(state, p, out, n); }
export function random_exponential_f32(state: usize, out: usize, n: i32, lambda: f64): void { random.randomExponential<f32>(state, out, n, lambda); }
export function random_exponential_f64(state: usize, out: usize, n: i32, lambda: f64): void { random.randomExponential<f64>(state, out, n, lambda); }

// random_count.ts
export function random_poisson_f32(state: usize, rate: usize, out: usize, n: i32): void { randomCount.poisson<f32>(state, rate, out, n); }
export function random_poisson_f64(state: usize, rate: usize, out: usize, n: i32): void { randomCount.poisson<f64>(state, rate, out, n); }
export function random_binomial_f32(state: usize, count: usize, prob: usize, out: usize, n: i32): void { randomCount.binomial<f32>(state, count, prob, out, n); }
export function random_binomial_f64(state: usize, count: usize, prob: usize, out: usize, n: i32): void { randomCount.binomial<f64>(state, count, prob, out, n); }

// gemm.ts, conv2d.ts, conv2d_input.ts, conv2d_weight.ts, winograd.ts, winograd_weight.ts, winograd_gradient.ts, peak.ts
export function gemm_f32(M: i32, N: i32, K: i32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32, c: usize, ldc: i32, accumulate: bool, ws: usize): void { gemm<f32>(M, N, K, a, rsa, csa, b, rsb, csb, c, ldc, accumulate, ws); }
export function gemm_workspace_f32(M: i32, N: i32, K: i32): i32 { return gemmWorkspace<f32>(M, N, K); }
export function set_wide(on: bool): void { setWide(on); }
export function conv2d_forward_f32(x: usize, w: usize, bias: usize, out: usize, scale: usize, residual: usize, relu: bool, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, ws: usize): void { conv2dForward<f32>(x, w, bias, out, scale, residual, relu, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, ws); }
export function conv2d_forward_workspace_f32(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dForwardWorkspace<f32>(N, C, O, Kh, Kw, sh, sw, dh, dw, groups, Oh, Ow); }
export function conv2d_backward_input_f32(gout: usize, w: usize, gx: usize, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, ws: usize): void { conv2dBackwardInput<f32>(gout, w, gx, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, ws); }
export function conv2d_backward_input_workspace_f32(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dInputWorkspace<f32>(N, C, H, W, O, Kh, Kw, sh, sw, dh, dw, groups); }
export function conv2d_backward_weight_f32(x: usize, gout: usize, gw: usize, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, begin: i32, end: i32, ws: usize): void { conv2dBackwardWeight<f32>(x, gout, gw, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, begin, end, ws); }
export function conv2d_backward_weight_workspace_f32(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dWeightWorkspace<f32>(N, C, O, Kh, Kw, sh, sw, dh, dw, groups, Oh, Ow); }
export function sum_slices_f32(slices: usize, count: i32, n: i32, out: usize): void { sumSlices<f32>(slices, count, n, out); }
export function peak_f32(iterations: i32, factor: f64): f64 { return peak<f32>(iterations, factor); }
export function peak_flops_f32(): i32 { return peakFlops<f32>(); }
export function gemm_f64(M: i32, N: i32, K: i32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32, c: usize, ldc: i32, accumulate: bool, ws: usize): void { gemm<f64>(M, N, K, a, rsa, csa, b, rsb, csb, c, ldc, accumulate, ws); }
export function gemm_workspace_f64(M: i32, N: i32, K: i32): i32 { return gemmWorkspace<f64>(M, N, K); }
export function conv2d_forward_f64(x: usize, w: usize, bias: usize, out: usize, scale: usize, residual: usize, relu: bool, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, ws: usize): void { conv2dForward<f64>(x, w, bias, out, scale, residual, relu, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, ws); }
export function conv2d_forward_workspace_f64(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dForwardWorkspace<f64>(N, C, O, Kh, Kw, sh, sw, dh, dw, groups, Oh, Ow); }
export function conv2d_backward_input_f64(gout: usize, w: usize, gx: usize, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, ws: usize): void { conv2dBackwardInput<f64>(gout, w, gx, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, ws); }
export function conv2d_backward_input_workspace_f64(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dInputWorkspace<f64>(N, C, H, W, O, Kh, Kw, sh, sw, dh, dw, groups); }
export function conv2d_backward_weight_f64(x: usize, gout: usize, gw: usize, N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32, begin: i32, end: i32, ws: usize): void { conv2dBackwardWeight<f64>(x, gout, gw, N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow, begin, end, ws); }
export function conv2d_backward_weight_workspace_f64(N: i32, C: i32, H: i32, W: i32, O: i32, Kh: i32, Kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, groups: i32, Oh: i32, Ow: i32): i32 { return conv2dWeightWorkspace<f64>(N, C, O, Kh, Kw, sh, sw, dh, dw, groups, Oh, Ow); }
export function sum_slices_f64(slices: usize, count: i32, n: i32, out: usize): void { sumSlices<f64>(slices, count, n, out); }
export function peak_f64(iterations: i32, factor: f64): f64 { return peak<f64>(iterations, factor); }
export function peak_flops_f64(): i32 { return peakFlops<f64>(); }
export function winograd_weight_f32(m: i32, w: usize, u: usize, O: i32, C: i32, Kh: i32, Kw: i32, backward: bool, ws: usize): void { if (m == 2) winogradWeight<F2>(w, u, O, C, backward, ws); else if (m == 3) winogradPhaseWeight(w, u, O, C, Kh, Kw, ws); else winogradWeight<F4>(w, u, O, C, backward, ws); }
export function winograd_weight_workspace_f32(m: i32): i32 { return m == 2 ? kernelSpace<F2>() : m == 3 ? PHASE_SPACE : kernelSpace<F4>(); }
export function winograd_weight_bytes_f32(m: i32, M: i32, C: i32): usize { return m == 2 ? winogradWeightBytes<F2>(M, C) : m == 3 ? winogradWeightBytes<F3>(M, C) : winogradWeightBytes<F4>(M, C); }
export function winograd_few_f32(m: i32, x: usize, w: usize, turned: bool, bias: usize, out: usize, scale: usize, residual: usize, relu: bool, N: i32, C: i32, H: i32, W: i32, O: i32, ph: i32, pw: i32, Oh: i32, Ow: i32, begin: i32, end: i32, ws: usize): void { if (m == 2) winogradFew<F2>(x, w, turned, bias, out, scale, residual, relu, N, C, H, W, O, ph, pw, Oh, Ow, begin, end, ws); else winogradFew<F4>(x, w, turned, bias, out, scale, residual, relu, N, C, H, W, O, ph, pw, Oh, Ow, begin, end, ws); }
export function winograd_few_workspace_f32(m: i32, N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 { return m == 2 ? winogradFewWorkspace<F2>(N, C, O, Oh, Ow) : winogradFewWorkspace<F4>(N, C, O, Oh, Ow); }
export function winograd_forward_f32(m: i32, x: usize, u: usize, bias: usize, out: usize, scale: usize, residual: usize, relu: bool, N: i32, C: i32, H: i32, W: i32, O: i32, ph: i32, pw: i32, Oh: i32, Ow: i32, rowBegin: i32, rowEnd: i32, ws: usize): void { if (m == 2) winogradForward<F2>(x, u, bias, out, scale, residual, relu, N, C, H, W, O, ph, pw, Oh, Ow, rowBegin, rowEnd, ws); else if (m == 3) winogradForward<F3>(x, u, bias, out, scale, residual, relu, N, C, H, W, O, ph, pw, Oh, Ow, rowBegin, rowEnd, ws); else winogradForward<F4>(x, u, bias, out, scale, residual, relu, N, C, H, W, O, ph, pw, Oh, Ow, rowBegin, rowEnd, ws); }
export function winograd_workspace_f32(m: i32, N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 { return m == 2 ? winogradWorkspace<F2>(N, C, O, Oh, Ow) : m == 3 ? winogradWorkspace<F3>(N, C, O, Oh, Ow) : winogradWorkspace<F4>(N, C, O, Oh, Ow); }
export function winograd_gradient_f32(x: usize, dout: usize, dw: usize, N: i32, C: i32, H: i32, W: i32, O: i32, ph: i32, pw: i32, Oh: i32, Ow: i32, begin: i32, end: i32, ws: usize): void { winogradGradient(x, dout, dw, N, C, H, W, O, ph, pw, Oh, Ow, begin, end, ws); }
export function winograd_gradient_workspace_f32(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 { return winogradGradientWorkspace(N, C, O, Oh, Ow); }
