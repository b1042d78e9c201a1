import { withWorkspace } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import type { Geometry } from './conv_geometry.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { dense } from './dense.js';

/** Gives `use` the address of the 36 transformed parts of a dense weight, which are kept for as long as it is unchanged. */
function withTransformed(weight: Tensor, use: (u: number) => void): void {
  const { kernels } = runtime();
  const [O, C] = weight.shape;
  const bytes = 36 * O * C * weight.element_size();
  const transform = (u: number): void =>
    withWorkspace(kernels.winograd_weight_workspace_f32(), (ws) => {
      kernels.winograd_weight_f32(address(weight), u, O, C, 0, ws);
    });
  const u = weight._storage.derived(`winograd ${weight._offset} ${O} ${C}`, bytes, transform);
  if (u !== null) {
    use(u);
    return;
  }
  withWorkspace(bytes, (ptr) => {
    transform(ptr);
    use(ptr);
  });
}

/** A float32 convolution of stride 1 by 3×3 kernels, threads taking rows of tiles. Not recorded: training is exact. */
export const winogradConvolution: Op<
  (input: Tensor, weight: Tensor, bias: Tensor | null, geometry: Geometry) => Tensor
> = define({
  schema: 'winograd_convolution(Tensor input, Tensor weight, Tensor? bias, any geometry)',
  forward: (_ctx, input: Tensor, weight: Tensor, bias: Tensor | null, geometry: Geometry) => {
    const [N, C, H, W, O, , , , , ph, pw, , , , Oh, Ow] = geometry;
    const out = allocate([N, O, Oh, Ow], input.dtype);
    const [x, k, b] = [dense(input), dense(weight), bias === null ? null : dense(bias)];
    const rows = N * Math.ceil(Oh / 4);
    const parts = partsFor(2 * 9 * C * out.numel(), rows);
    const space = Math.ceil(runtime().kernels.winograd_workspace_f32(N, C, O, Oh, Ow) / 64) * 64;
    withTransformed(k, (u) => {
      withWorkspace(parts * space, (ws) => {
        const pointers = [address(x), u, b === null ? 0 : address(b), address(out)];
        const calls = Array.from({ length: parts }, (_, i): KernelCall => {
          const range = partOf(rows, i, parts);
          return [
            'winograd_forward_f32',
            ...pointers,
            N,
            C,
            H,
            W,
            O,
            ph,
            pw,
            Oh,
            Ow,
            ...range,
            ws + i * space,
          ];
        });
        runCalls(calls);
      });
    });
    return out;
  },
  backward: 'none',
});
