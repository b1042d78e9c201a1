/**
 * Calls of what is made of factorizations: of finite matrices far from singular, since LAPACK does not say what others give.
 */
import type { Arg, TensorArg } from './case.js';
import { SMALL } from './call.js';
import type { Make } from './call.js';
import type { Draw } from './draw.js';

interface Kind {
  readonly dtype: string;
  readonly symmetric?: boolean;
  readonly plain?: boolean;
  /** The other diagonal outweighs the rest; of a symmetric matrix that makes it indefinite. */
  readonly across?: boolean;
  /** Singular values are at least 1/2 apart: gradients of their vectors go with 1 / the difference. */
  readonly spread?: boolean;
}

/** A matrix (or a batch) whose diagonal outweighs the rest; `symmetric` makes it positive definite. */
export function dominant(
  draw: Draw,
  lead: readonly number[],
  [m, n]: readonly [number, number],
  { dtype, symmetric = false, plain = false, across = false, spread = false }: Kind,
): TensorArg {
  const side = spread ? 0.375 : 1;
  const made = draw.tensor([...lead, m, n], { dtype, low: -side, high: side, apart: true, plain });
  const data = [...made.data];
  const places = [...lead].reduce<number[]>(
    (from, size, d) => from.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * made.stride[d])),
    [made.offset],
  );
  const [row, column] = made.stride.slice(-2);
  for (const at of places) {
    for (let i = 0; i < Math.min(m, n); i++) {
      data[at + i * row + (across ? n - 1 - i : i) * column] = m + n + (spread ? 3 : 0.5) * i;
      for (let j = 0; symmetric && j < i; j++)
        data[at + j * row + i * column] = data[at + i * row + j * column];
    }
  }
  return { ...made, data };
}

/** Which row each was exchanged with, counted from 1. */
export function pivots(draw: Draw, lead: readonly number[], m: number, count: number): Arg {
  const batch = lead.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: batch }, () =>
    Array.from({ length: count }, (_, i) => draw.int(i + 1, m)),
  ).flat();
  const size = [...lead, count];
  const stride = size.map((_, d) => size.slice(d + 1).reduce((a, b) => a * b, 1));
  return { tensor: 'int32', size, stride, offset: 0, data };
}

export const lead = (draw: Draw): number[] => (draw.bool() ? [] : draw.shape(1, 2));

/** A function of one square matrix. */
export const square =
  (symmetric = false, more: (draw: Draw) => Arg[] = () => []): Make =>
  (draw) => {
    const n = draw.int(1, 4);
    const batch = lead(draw);
    return {
      args: [dominant(draw, batch, [n, n], { dtype: draw.floatDtype(), symmetric }), ...more(draw)],
    };
  };

/** A function of one matrix of full rank, with singular values far apart. */
export const rectangular =
  (more: (draw: Draw) => Arg[] = () => []): Make =>
  (draw) => {
    const size = [draw.int(1, 4), draw.int(1, 4)] as const;
    return {
      args: [dominant(draw, lead(draw), size, { dtype: draw.floatDtype(), spread: true }), ...more(draw)],
    };
  };

const flag = (draw: Draw): Arg[] => [draw.bool()];

export const factorizations: Readonly<Record<string, Make>> = {
  cholesky: square(true, flag),
  cholesky_inverse: square(false, flag),
  cholesky_solve: (draw) => {
    const [n, k] = [draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    return {
      args: [
        draw.tensor([...batch, n, k], { dtype, ...SMALL }),
        dominant(draw, batch, [n, n], { dtype }),
        draw.bool(),
      ],
    };
  },
  triangular_solve: (draw) => {
    const [n, k] = [draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    return {
      args: [
        draw.tensor([...batch, n, k], { dtype, ...SMALL }),
        dominant(draw, batch, [n, n], { dtype }),
        draw.bool(),
        draw.bool(),
        draw.bool(),
      ],
    };
  },
  det: square(),
  logdet: square(true),
  slogdet: square(),
  inverse: square(),
  matrix_exp: (draw) => {
    const n = draw.int(1, 4);
    return { args: [draw.tensor([...lead(draw), n, n], { dtype: draw.floatDtype(), low: -1, high: 1 })] };
  },
  matrix_power: square(false, (draw) => [draw.int(-2, 4)]),
  // Vectors have either sign.
  symeig: square(true, () => [false]),
  svd: rectangular((draw) => [draw.bool(), false]),
  pinverse: rectangular(),
  qr: rectangular(flag),
  geqrf: rectangular(),
  lu: rectangular((draw) => [true, draw.bool()]),
  lu_unpack: (draw) => {
    const [m, n] = [draw.int(1, 4), draw.int(1, 4)];
    const batch = lead(draw);
    return {
      args: [
        draw.tensor([...batch, m, n], { dtype: draw.floatDtype(), ...SMALL }),
        pivots(draw, batch, m, Math.min(m, n)),
        draw.bool(),
        draw.bool(),
      ],
    };
  },
  lu_solve: (draw) => {
    const [n, k] = [draw.int(1, 4), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    return {
      args: [
        draw.tensor([...batch, n, k], { dtype, ...SMALL }),
        // torch 1.13 mistakes the batches of other layouts.
        dominant(draw, batch, [n, n], { dtype, plain: true }),
        pivots(draw, batch, n, n),
      ],
    };
  },
};
