import { runtime } from '../src/wasm/module.js';

/** GFLOP/s of multiply and add on registers alone, now: the fastest of a few short runs. */
export function measurePeak(): number {
  const { kernels } = runtime();
  const flops = kernels.peak_flops_f32();
  const iterations = 2_000_000;
  const rates = Array.from({ length: 7 }, () => {
    const start = performance.now();
    kernels.peak_f32(iterations, 0.5);
    return (flops * iterations) / (performance.now() - start) / 1e6;
  });
  return Math.max(...rates);
}
