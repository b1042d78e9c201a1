import { runGrad } from '../autograd/engine.js';
import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { cat } from './join.js';
import { linear } from './linear.js';
import { add, mul, sub } from './pointwise_binary.js';
import { sigmoid, tanh } from './pointwise_unary.js';
import { relu } from './rectifier.js';
import { chunk } from './split.js';
import { narrow } from './view.js';

/** Consecutive stretches of dimension 0, whose backward is one concatenation (that of `split` adds up as many whole tensors). */
export const stretches: Op<(input: Tensor, sizes: readonly number[]) => Tensor[]> = define({
  schema: 'stretches(Tensor input, int[] sizes)',
  forward: (_ctx, x: Tensor, sizes: number[]) => {
    let start = 0;
    return sizes.map((size) => narrow(x, 0, (start += size) - size, size));
  },
  backward: (_ctx, ...grads) => [cat(grads, 0)],
  samples: (make) => [[make(5, 2), [2, 2, 1]]],
});

function lstmByParts(gates: Tensor, c: Tensor): Tensor[] {
  const [i, f, g, o] = chunk(gates, 4, 1);
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
}

/** The gates i, f, g, o [B, 4H] before their activation and the cell state [B, H] to [h, c], arguments checked. */
export const lstmGates: Op<(gates: Tensor, c: Tensor) => Tensor[]> = define({
  schema: 'lstm_gates(Tensor gates, Tensor c)',
  forward: (ctx, gates: Tensor, c: Tensor) => {
    const [B, H] = c.shape as [number, number];
    const [from, state] = [dense(gates), dense(c)];
    const active = allocate(gates.shape, gates.dtype);
    const [h, next] = [0, 1].map(() => allocate(c.shape, c.dtype));
    if (c.numel() > 0) {
      const pointers = [from, state, active, h, next].map(address) as [
        number,
        number,
        number,
        number,
        number,
      ];
      floatKernel('lstm_forward_f32', c.dtype)(...pointers, B, H);
    }
    ctx.save(gates, c, active, next);
    return [h, next];
  },
  backward: (ctx, gh, gc) => {
    const [gates, c, active, next] = ctx.saved();
    if (is_grad_enabled()) {
      return runGrad(lstmByParts(gates, c), [gh, gc], [gates, c], { create_graph: true });
    }
    const out = [allocate(gates.shape, gates.dtype), allocate(c.shape, c.dtype)];
    if (c.numel() > 0) {
      const [B, H] = c.shape as [number, number];
      const [a, b, d] = [gh, gc, c].map(dense);
      const inputs = [a, b, active, d, next].map(address) as [number, number, number, number, number];
      floatKernel('lstm_backward_f32', c.dtype)(...inputs, address(out[0]), address(out[1]), B, H);
    }
    return out;
  },
  samples: (make) => [
    [make(2, 12), make(2, 3)],
    [make(1, 20), make(1, 5)],
  ],
});

function gruByParts(x: Tensor, y: Tensor, h: Tensor): Tensor {
  const [xr, xz, xn] = chunk(x, 3, 1);
  const [yr, yz, yn] = chunk(y, 3, 1);
  const n = tanh(add(xn, mul(sigmoid(add(xr, yr)), yn)));
  return add(mul(sub(h, n), sigmoid(add(xz, yz))), n);
}

/** The gates r, z, n of the input and of the hidden state, [B, 3H] each, and the hidden state [B, H] to the next, checked. */
export const gruGates: Op<(x: Tensor, y: Tensor, h: Tensor) => Tensor> = define({
  schema: 'gru_gates(Tensor x, Tensor y, Tensor h)',
  forward: (ctx, x: Tensor, y: Tensor, h: Tensor) => {
    const active = allocate(x.shape, x.dtype);
    const out = allocate(h.shape, h.dtype);
    if (h.numel() > 0) {
      const [B, H] = h.shape as [number, number];
      const [a, b, c] = [x, y, h].map(dense);
      const pointers = [a, b, c, active, out].map(address) as [number, number, number, number, number];
      floatKernel('gru_forward_f32', h.dtype)(...pointers, B, H);
    }
    ctx.save(x, y, h, active);
    return out;
  },
  backward: (ctx, g) => {
    const [x, y, h, active] = ctx.saved();
    if (is_grad_enabled()) return runGrad([gruByParts(x, y, h)], [g], [x, y, h], { create_graph: true });
    const out = [x, y, h].map((t) => allocate(t.shape, t.dtype));
    if (h.numel() > 0) {
      const [B, H] = h.shape as [number, number];
      const [a, b, c] = [g, y, h].map(dense);
      const inputs = [a, active, b, c].map(address) as [number, number, number, number];
      const [gx, gy, gh] = out.map(address) as [number, number, number];
      floatKernel('gru_backward_f32', h.dtype)(...inputs, gx, gy, gh, B, H);
    }
    return out;
  },
  samples: (make) => [
    [make(2, 9), make(2, 9), make(2, 3)],
    [make(1, 15), make(1, 15), make(1, 5)],
  ],
});

function checkCell(input: Tensor, hidden: readonly Tensor[], w_ih: Tensor, w_hh: Tensor): void {
  if (input.ndim !== 2 || w_ih.ndim !== 2 || w_hh.ndim !== 2) {
    throw new RuntimeError(
      `recurrent cell: expected input [batch, in] and weights of 2 dimensions, got ${input.ndim}, ${w_ih.ndim} and ${w_hh.ndim}`,
    );
  }
  if (input.shape[1] !== w_ih.shape[1]) {
    throw new RuntimeError(
      `input has inconsistent input_size: got ${input.shape[1]} expected ${w_ih.shape[1]}`,
    );
  }
  for (const h of hidden) {
    if (input.shape[0] !== h.shape[0]) {
      throw new RuntimeError(
        `Input batch size ${input.shape[0]} doesn't match hidden0 batch size ${h.shape[0] ?? 1}`,
      );
    }
    if (h.ndim !== 2 || h.shape[1] !== w_hh.shape[1]) {
      throw new RuntimeError(
        `hidden0 has inconsistent hidden_size: got ${h.shape[1] ?? 1}, expected ${w_hh.shape[1]}`,
      );
    }
  }
  checkFloat('addmm_impl_cpu_', input.dtype);
  for (const other of [...hidden, w_ih, w_hh]) {
    if (other.dtype !== input.dtype) {
      throw new RuntimeError(
        `mat1 and mat2 must have the same dtype, got ${input.dtype} and ${other.dtype} (recurrent cell)`,
      );
    }
  }
}

function checkGates(count: number, w_ih: Tensor, w_hh: Tensor, biases: (Tensor | null)[]): void {
  const rows = w_hh.shape[1] * count;
  for (const parameter of [w_ih, w_hh, ...biases]) {
    if (parameter === null || parameter.shape[0] === rows) continue;
    throw new RuntimeError(
      `recurrent cell: expected ${rows} rows of weights and biases for a hidden size of ${w_hh.shape[1]}, got ` +
        `${parameter.shape[0]}`,
    );
  }
}

const PARAMETERS = 'Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None';

type CellParameters = [w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | null, b_hh: Tensor | null];
type Cell<H, R> = Op<
  (
    ...args: Args<
      [input: Tensor, hx: H, w_ih: Tensor, w_hh: Tensor],
      [b_ih: Tensor | null, b_hh: Tensor | null],
      { b_ih?: Tensor | null; b_hh?: Tensor | null }
    >
  ) => R
>;

/** One step of an LSTM: input [B, in] and [h, c], both [B, H], to the next [h, c]. */
export const lstm_cell: Cell<readonly Tensor[], Tensor[]> = define({
  schema: `lstm_cell(Tensor input, Tensor[] hx, ${PARAMETERS})`,
  forward: (_ctx, x: Tensor, hx: Tensor[], ...[w_ih, w_hh, b_ih, b_hh]: CellParameters) => {
    if (hx.length !== 2) throw new RuntimeError('lstm_cell expects two hidden states');
    checkCell(x, hx, w_ih, w_hh);
    checkGates(4, w_ih, w_hh, [b_ih, b_hh]);
    return lstmGates(add(linear(x, w_ih, b_ih), linear(hx[0], w_hh, b_hh)), hx[1]);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3), [make(2, 2), make(2, 2)], make(8, 3), make(8, 2), make(8), make(8)]],
});

/** One step of a GRU: input [B, in] and h [B, H] to the next h. */
export const gru_cell: Cell<Tensor, Tensor> = define({
  schema: `gru_cell(Tensor input, Tensor hx, ${PARAMETERS})`,
  forward: (_ctx, x: Tensor, h: Tensor, ...[w_ih, w_hh, b_ih, b_hh]: CellParameters) => {
    checkCell(x, [h], w_ih, w_hh);
    checkGates(3, w_ih, w_hh, [b_ih, b_hh]);
    return gruGates(linear(x, w_ih, b_ih), linear(h, w_hh, b_hh), h);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3), make(2, 2), make(6, 3), make(6, 2), make(6), make(6)]],
});

function elmanCell(name: string, activation: (x: Tensor) => Tensor): Cell<Tensor, Tensor> {
  return define({
    schema: `${name}(Tensor input, Tensor hx, ${PARAMETERS})`,
    forward: (_ctx, x: Tensor, h: Tensor, ...[w_ih, w_hh, b_ih, b_hh]: CellParameters) => {
      checkCell(x, [h], w_ih, w_hh);
      checkGates(1, w_ih, w_hh, [b_ih, b_hh]);
      return activation(add(linear(x, w_ih, b_ih), linear(h, w_hh, b_hh)));
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3), make(2, 2), make(2, 3), make(2, 2), make(2), make(2)]],
  });
}

/** One step of a recurrent network: tanh(w_ih·input + b_ih + w_hh·h + b_hh). */
export const rnn_tanh_cell: Cell<Tensor, Tensor> = elmanCell('rnn_tanh_cell', (x) => tanh(x));
/** `rnn_tanh_cell` with the rectifier in place of tanh. */
export const rnn_relu_cell: Cell<Tensor, Tensor> = elmanCell('rnn_relu_cell', (x) => relu(x));
