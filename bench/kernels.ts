// GEMM and every convolution of ResNet-18, in GFLOP/s and as a share of what multiply-adds in registers reach in the same run.
//   tsx bench/kernels.ts [images]
// Times are processor time (other processes do not count), the least of many calls.
import { runtime } from '../src/wasm/module.js';

const images = Number(process.argv[2] ?? 1);
const { allocator, build, heap, kernels } = runtime();

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of the fastest call, of at least five and for at least 200 ms. */
function fastest(call: () => void): number {
  let least = Infinity;
  const start = processorTime();
  for (let calls = 0; calls < 5 || processorTime() - start < 200; calls++) {
    const before = processorTime();
    call();
    least = Math.min(least, processorTime() - before);
  }
  return least;
}

let state = 1;
function operand(length: number): number {
  const block = allocator.alloc(length * 4);
  const ptr = block.ptr + block.lead;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    heap.f32[ptr / 4 + i] = state / 2 ** 31 - 1;
  }
  return ptr;
}

const iterations = 500_000;
function peakOfNow(): number {
  const flops = iterations * kernels.peak_flops_f32();
  return flops / fastest(() => void kernels.peak_f32(iterations, 0.5)) / 1e6;
}

for (let i = 0; i < 3000; i++) kernels.peak_f32(1000, 0.5);
// V8 compiles the optimised code on another thread and enters it at the next call.
await new Promise((resolve) => setTimeout(resolve, 100));

interface Measured {
  milliseconds: number;
  share: number;
  text: string;
}

function measure(flops: number, call: () => void): Measured {
  call();
  call();
  const peak = peakOfNow();
  const milliseconds = fastest(call);
  const rate = flops / milliseconds / 1e6;
  const share = rate / peak;
  const percent = `${(share * 100).toFixed(0)} %`.padStart(5);
  return {
    milliseconds,
    share,
    text: `${milliseconds.toFixed(2).padStart(8)} ms ${rate.toFixed(1).padStart(6)} ${percent}`,
  };
}

console.log(
  `Node ${process.versions.node}, ${build} build, ${images} images, peak ${peakOfNow().toFixed(1)} GFLOP/s`,
);

for (const [M, N, K] of [
  [1024, 1024, 1024],
  [512, 512, 512],
  [64, 64, 64],
  [1, 1000, 512],
] as const) {
  const [a, b, c, ws] = [
    operand(M * K),
    operand(N * K),
    operand(M * N),
    operand(kernels.gemm_workspace_f32(M, N, K) / 4),
  ];
  const times = Math.ceil(1e7 / (M * N * K));
  const { text } = measure(2 * M * N * K * times, () => {
    for (let i = 0; i < times; i++) kernels.gemm_f32(M, N, K, a, K, 1, b, 1, K, c, N, 0, ws);
  });
  console.log(`gemm ${M}×${N}×${K}`.padEnd(22), text);
}

// Input channels, side, output channels, kernel, stride, padding, how often.
const layers = [
  [3, 224, 64, 7, 2, 3, 1],
  [64, 56, 64, 3, 1, 1, 4],
  [64, 56, 128, 3, 2, 1, 1],
  [64, 56, 128, 1, 2, 0, 1],
  [128, 28, 128, 3, 1, 1, 3],
  [128, 28, 256, 3, 2, 1, 1],
  [128, 28, 256, 1, 2, 0, 1],
  [256, 14, 256, 3, 1, 1, 3],
  [256, 14, 512, 3, 2, 1, 1],
  [256, 14, 512, 1, 2, 0, 1],
  [512, 7, 512, 3, 1, 1, 3],
] as const;

const total = [0, 0, 0];
const ideal = [0, 0, 0];
console.log(''.padEnd(22), ['forward', 'input', 'weight'].map((pass) => pass.padStart(24)).join(''));
for (const [C, H, O, K, s, p, count] of layers) {
  const side = Math.floor((H + 2 * p - K) / s) + 1;
  const geometry = [images, C, H, H, O, K, K, s, s, p, p, 1, 1, 1, side, side] as const;
  const flops = 2 * images * O * side * side * C * K * K;
  const x = operand(images * C * H * H);
  const w = operand(O * C * K * K);
  const y = operand(images * O * side * side);
  const ws = operand(
    Math.max(
      kernels.conv2d_forward_workspace_f32(...geometry),
      kernels.conv2d_backward_input_workspace_f32(...geometry),
      kernels.conv2d_backward_weight_workspace_f32(...geometry),
    ) / 4,
  );
  const gx = operand(images * C * H * H);
  const gw = operand(O * C * K * K);
  const out = operand(images * O * side * side);
  const passes = [
    measure(flops, () => kernels.conv2d_forward_f32(x, w, 0, out, ...geometry, ws)),
    // A network never asks for the gradient of its images.
    C === 3 ? null : measure(flops, () => kernels.conv2d_backward_input_f32(y, w, gx, ...geometry, ws)),
    measure(flops, () => kernels.conv2d_backward_weight_f32(x, y, gw, ...geometry, ws)),
  ];
  passes.forEach((pass, i) => {
    if (pass === null) return;
    total[i] += pass.milliseconds * count;
    ideal[i] += pass.milliseconds * pass.share * count;
  });
  const name = `${C}×${H}² ${K}×${K}/${s} ${O} ·${count}`;
  console.log(name.padEnd(22), passes.map((pass) => (pass?.text ?? '').padStart(24)).join(''));
}
const sums = total.map((ms, i) =>
  `${ms.toFixed(1)} ms  ${((ideal[i] / ms) * 100).toFixed(0)} %`.padStart(24),
);
console.log('all'.padEnd(22), sums.join(''));
