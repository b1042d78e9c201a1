// What the calls of test/fixtures/sparse.py are made of.
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const { tensor, sparse_coo_tensor: coo } = torch;

export type T = torch.Tensor;
export type Use = (w: T) => T;

export const floats = (values: unknown): T => tensor(values as number[], { dtype: torch.float32 });

/** Three rows of a [4, 2], one of them twice. */
export function hybrid(options: { requires_grad?: boolean } = {}): T {
  const values = floats([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  return coo([[0, 2, 0]], values, [4, 2], options);
}

export function matrix(): T {
  return coo(
    [
      [1, 0, 1],
      [0, 2, 2],
    ],
    floats([4, 3, 5]),
    [2, 3],
  );
}

export const dense = (): T => torch.arange(8, { dtype: torch.float32 }).reshape(4, 2);
export const table = (): T => torch.arange(10, { dtype: torch.float32 }).reshape(5, 2).requires_grad_();

export function withGrad(leaf: T, use: Use): T {
  use(leaf).backward();
  return leaf.grad!;
}

export const total = (x: T, power: number): T => x.pow(power).sum();
export const ofTable = (use: Use): T => withGrad(table(), use);

export function E(
  indices: unknown,
  options: { padding_idx?: number; max_norm?: number; scale_grad_by_freq?: boolean } = {},
): Use {
  return (w) =>
    F.embedding(indices instanceof torch.Tensor ? indices : tensor(indices as number[]), w, {
      ...options,
      sparse: true,
    });
}

type BagOptions = Parameters<typeof F.embedding_bag>[2] & object;

export function bag(indices: unknown, offsets: number[] | null = null, options: BagOptions = {}): Use {
  const starts = offsets === null ? null : tensor(offsets);
  return (w) =>
    F.embedding_bag(tensor(indices as number[]), w, {
      ...(options as object),
      offsets: starts,
      sparse: true,
    });
}

export function hooked(change: Use): T {
  const w = table();
  w.register_hook(change);
  return withGrad(w, (x) => E([3, 1])(x).sum());
}

export const sparseLeaf = (use: Use): T => withGrad(hybrid({ requires_grad: true }), use);
export const toSparse = (values: unknown): T => tensor(values as number[]).to_sparse();
export const range = (...shape: number[]): T =>
  torch
    .arange(
      shape.reduce((a, b) => a * b),
      { dtype: torch.float32 },
    )
    .reshape(shape);

/** A result in the form in which the fixture has it. */
export function shows(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shows);
  if (!(value instanceof torch.Tensor)) return value;
  const plain = { dtype: value.dtype.name, size: [...value.shape], text: String(value.detach()) };
  if (!value.is_sparse) return { ...plain, values: value.tolist() };
  const parts = { indices: value._indices().tolist(), values: value._values().tolist() };
  return { ...plain, ...parts, coalesced: value.is_coalesced() };
}
