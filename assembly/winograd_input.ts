// The inputs of Winograd's algorithm (winograd.ts): Bᵀ·d·B of every tile.
// A tile is a position of a tap convolution (conv_plan.ts) with (m + 2)² taps and steps of m, so the band deals the columns out by
// their residue modulo m, and a packed panel holds one tile in each lane: the transforms need no shuffles.

import { fillBand, placeSteps } from './conv_band';
import { Plan, completePlan, openPlan, planBytes, setI32 } from './conv_plan';
import { packBlock } from './conv_product';
import { tileCols } from './tile';
import { outputsOf, partsOf, sideOf } from './winograd_tile';

/** Tiles along `x` outputs. */
export function tilesAlong<F>(x: i32): i32 {
  return (x + outputsOf<F>() - 1) / outputsOf<F>();
}

/**
 * The packed raw tiles of `channels` channels, [panel][channel][parts][lane], to parts `part` bytes apart: a channel's panels are
 * `stepPanel` bytes apart there, a panel's channels `stepChannel`.
 */
function transformInput<T, F>(
  raw: usize,
  panels: i32,
  channels: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  const side = <usize>sideOf<F>();
  for (let p = 0; p < panels; p++, parts += stepPanel) {
    let dst = parts;
    for (let i = 0; i < channels; i++, raw += side * side * 32, dst += stepChannel) {
      for (let half: usize = 0; half < 32; half += 16) {
        for (let y: usize = 0; y < side; y++) {
          const row = raw + y * side * 32 + half;
          changetype<F>(0).input<T>(row, 32, row, 32);
        }
        for (let x: usize = 0; x < side; x++) {
          const from = raw + x * 32 + half;
          changetype<F>(0).input<T>(from, side * 32, dst + x * part + half, side * part);
        }
      }
    }
  }
}

/** A plan of the tiles of x[N, C, H, W] for outputs [Oh, Ow], in blocks of at most `limit`. */
export function planTiles<T, F>(
  ws: usize,
  x: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  ph: i32,
  pw: i32,
  Oh: i32,
  Ow: i32,
  limit: i32,
): Plan {
  const side = sideOf<F>();
  const plan = openPlan(ws, side * side);
  for (let t = 0; t < side * side; t++) {
    setI32(plan.tapRow, t, t / side - ph);
    setI32(plan.tapCol, t, (t % side) - pw);
  }
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.sourceEnd = x + <usize>(N * C * H * W) * sizeof<T>();
  plan.channels = C;
  plan.outputs = 1;
  plan.rowStep = outputsOf<F>();
  plan.colStep = outputsOf<F>();
  plan.images = N;
  plan.gridRows = tilesAlong<F>(Oh);
  plan.gridCols = tilesAlong<F>(Ow);
  plan.flat = false;
  plan.limit = limit;
  completePlan<T>(plan, true, false);
  return plan;
}

/** Bytes of such a plan. */
export function tilesBytes<T, F>(N: i32, C: i32, Oh: i32, Ow: i32): usize {
  const span = sideOf<F>() - 1;
  const step = outputsOf<F>();
  const rows = tilesAlong<F>(Oh);
  const cols = tilesAlong<F>(Ow);
  return (<usize>planBytes<T>(C, partsOf<F>(), span, span, step, step, N, rows, cols, 1) + 15) & ~15;
}

/** Transforms `count` channels, from `channel` on, of the tiles of a block; strides as for transformInput. */
export function transformTiles<T, F>(
  plan: Plan,
  x: usize,
  channel: i32,
  count: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  const width = tileCols<T>();
  const panels = (plan.rows * plan.cols + width - 1) / width;
  const perBand = plan.depth / partsOf<F>();
  placeSteps<T>(plan, 0, plan.depth);
  for (let c = 0; c < count; c += perBand) {
    const channels = min(perBand, count - c);
    fillBand<T>(plan, x, channel + c, channels);
    packBlock<T>(plan, channels * partsOf<F>(), x);
    transformInput<T, F>(plan.block, panels, channels, parts, part, stepPanel, stepChannel);
    parts += <usize>channels * stepChannel;
  }
}
