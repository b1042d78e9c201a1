/** Calls of products: matrices whose sizes fit. */
import type { Arg } from './case.js';
import { SMALL, shapeAndDim } from './call.js';
import type { Call, Make } from './call.js';
import { FLOATS, INTEGERS } from './draw.js';
import type { Draw } from './draw.js';

function matrices(
  draw: Draw,
  left: (m: number, k: number, n: number) => number[],
  right: (m: number, k: number, n: number) => number[],
  dtypes: readonly string[] = [...FLOATS, ...INTEGERS],
): Call {
  const [m, k, n] = [draw.int(0, 4), draw.int(0, 4), draw.int(0, 4)];
  // Products of bools are refused, except by some operators where they are empty.
  const any = (): string => draw.pick(dtypes);
  const dtype = draw.once(4) ? any() : draw.floatDtype();
  const sizes = [left(m, k, n), right(m, draw.once(15) ? k + 1 : k, n)];
  // torch does not look at the dtypes of products of nothing.
  const other = !sizes.flat().includes(0) && draw.once(20) ? any() : dtype;
  return {
    args: [draw.tensor(sizes[0], { dtype, ...SMALL }), draw.tensor(sizes[1], { dtype: other, ...SMALL })],
  };
}

function added(
  draw: Draw,
  first: (m: number, k: number, n: number) => number[],
  left: (m: number, k: number, n: number) => number[],
  right: (m: number, k: number, n: number) => number[],
): Call {
  const [m, k, n] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
  const dtype = draw.once(4) ? draw.pick(['int64', 'int32']) : draw.floatDtype();
  const number = (): number => (dtype.startsWith('float') ? draw.number() : draw.int(-2, 2));
  const kwargs: Record<string, Arg> = {};
  // torch 1.13 leaves NaN in some results of baddbmm with beta 0, where it should not read the input.
  if (draw.bool()) kwargs['beta'] = number() || 1;
  if (draw.bool()) kwargs['alpha'] = number();
  const tensor = (size: readonly number[]): Arg => draw.tensor(size, { dtype, ...SMALL });
  return {
    args: [tensor(draw.broadcastable(first(m, k, n))), tensor(left(m, k, n)), tensor(right(m, k, n))],
    kwargs,
  };
}

/** A recurrent cell of so many gates for each hidden unit, with one state or two. */
function cell(gates: number, states: number): Make {
  return (draw) => {
    const [B, I, H] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const tensor = (...size: number[]): Arg => draw.tensor(size, { dtype, ...SMALL });
    const hidden = Array.from({ length: states }, () => tensor(B, H));
    const args = [
      tensor(B, I),
      states === 1 ? hidden[0] : hidden,
      tensor(gates * H, I),
      tensor(gates * H, H),
    ];
    if (draw.bool()) args.push(tensor(gates * H), tensor(gates * H));
    return { args };
  };
}

export const products: Readonly<Record<string, Make>> = {
  // In float32 the gradient of close numbers is mostly rounding.
  corrcoef: (draw) => ({
    args: [draw.tensor(draw.shape(0, 2), { dtype: draw.pick(['float64', 'int64']), coarse: true })],
  }),
  rnn_tanh_cell: cell(1, 1),
  rnn_relu_cell: cell(1, 1),
  gru_cell: cell(3, 1),
  lstm_cell: cell(4, 2),
  mm: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  bmm: (draw) => {
    const B = draw.int(0, 3);
    return matrices(
      draw,
      (m, k) => [B, m, k],
      (_, k, n) => [B, k, n],
    );
  },
  mv: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k) => [k],
    ),
  dot: (draw) =>
    matrices(
      draw,
      (_, k) => [k],
      (_, k) => [k],
    ),
  vdot: (draw) =>
    matrices(
      draw,
      (_, k) => [k],
      (_, k) => [k],
    ),
  inner: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [n, k],
      // Of single integers torch's inner makes int64 first, which then does not fit.
      FLOATS,
    ),
  outer: (draw) =>
    matrices(
      draw,
      (m) => [m],
      (_, _k, n) => [n],
    ),
  ger: (draw) =>
    matrices(
      draw,
      (m) => [m],
      (_, _k, n) => [n],
    ),
  kron: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  matmul: (draw) => {
    const lead = draw.shape(0, 2);
    const [a, b] = [draw.int(0, 3), draw.int(0, 3)];
    return matrices(
      draw,
      (m, k) => (a === 0 ? [k] : [...draw.broadcastable(lead), m, k]),
      (_, k, n) => (b === 0 ? [k] : [...draw.broadcastable(lead), k, n]),
    );
  },
  linear: (draw) => {
    const [i, o] = [draw.int(1, 4), draw.int(1, 4)];
    const dtype = draw.floatDtype();
    const args: Arg[] = [
      draw.tensor([...draw.shape(0, 3), draw.once(15) ? i + 1 : i], { dtype, ...SMALL }),
      draw.tensor([o, i], { dtype, ...SMALL }),
    ];
    if (draw.bool()) args.push(draw.tensor([o], { dtype, ...SMALL }));
    return { args };
  },
  bilinear: (draw) => {
    const [a, b, o] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const lead = draw.shape(0, 2);
    const dtype = draw.floatDtype();
    return {
      args: [
        [...lead, a],
        [...lead, b],
        [o, a, b],
      ].map((size) => draw.tensor(size, { dtype, ...SMALL })),
    };
  },
  addmm: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  addmv: (draw) =>
    added(
      draw,
      (m) => [m],
      (m, k) => [m, k],
      (_, k) => [k],
    ),
  addr: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m) => [m],
      (_, _k, n) => [n],
    ),
  baddbmm: (draw) =>
    added(
      draw,
      (m, _, n) => [2, m, n],
      (m, k) => [2, m, k],
      (_, k, n) => [2, k, n],
    ),
  addbmm: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m, k) => [2, m, k],
      (_, k, n) => [2, k, n],
    ),
  tensordot: (draw) => {
    const dtype = draw.floatDtype();
    const shared = draw.shape(0, 2);
    return {
      args: [
        draw.tensor([...draw.shape(0, 2), ...shared], { dtype, ...SMALL }),
        draw.tensor([...shared, ...draw.shape(0, 2)], { dtype, ...SMALL }),
        shared.length,
      ],
    };
  },
  einsum: (draw) => {
    const letters = ['i', 'j', 'k', 'l'];
    const sizes = letters.map(() => draw.int(1, 3));
    const dtype = draw.floatDtype();
    const operands = Array.from({ length: draw.int(1, 3) }, () =>
      Array.from({ length: draw.int(0, 3) }, () => draw.int(0, 3)),
    );
    const used = [...new Set(operands.flat())];
    const out = used.filter(() => draw.bool());
    const words = operands.map((o) => o.map((i) => letters[i]).join(''));
    const equation = words.join(',') + (draw.once(3) ? '' : `->${out.map((i) => letters[i]).join('')}`);
    return {
      args: [
        equation,
        ...operands.map((o) =>
          draw.tensor(
            o.map((i) => sizes[i]),
            { dtype, ...SMALL },
          ),
        ),
      ],
    };
  },
  cdist: (draw) => {
    const lead = draw.shape(0, 1);
    const dtype = draw.floatDtype();
    const M = draw.int(1, 3);
    const args: Arg[] = [draw.int(1, 4), draw.int(1, 4)].map((n) =>
      draw.tensor([...lead, n, M], { dtype, ...SMALL }),
    );
    return { args: [...args, draw.pick<Arg>([0, 1, 2, 3, 0.5, { float: 'inf' }])], noGrad: true };
  },
  pdist: (draw) => ({
    args: [
      draw.tensor([draw.int(0, 4), draw.int(0, 3)], { dtype: draw.floatDtype(), ...SMALL }),
      draw.pick<Arg>([0, 1, 2, 3, { float: 'inf' }]),
    ],
    noGrad: true,
  }),
  cross: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    size[at] = draw.once(12) ? 2 : 3;
    const dtype = draw.dtype();
    return { args: [draw.tensor(size, { dtype, ...SMALL }), draw.tensor(size, { dtype, ...SMALL }), dim] };
  },
};
