import { float64, get_default_dtype, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { withScope } from '../scope.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { signature } from '../signature.js';
import { emptySparse } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { toTypedArray } from '../tensor_data.js';
import type { NestedValues } from '../tensor_data.js';
import { to } from './copy.js';
import { tensor } from './creation.js';
import type { Args } from './define.js';
import { cast } from './dense.js';
import { OPTIONS, checkDevice, checkSize, finish } from './make.js';
import type { TensorOptions } from './make.js';
import { assemble } from './sparse.js';
import { reshape } from './view.js';

const OF_PARTS = signature(`sparse_coo_tensor(any indices, any values, int[]? size=None, *, ${OPTIONS})`);
const OF_SIZE = signature(`sparse_coo_tensor(int[] size, *, ${OPTIONS})`);

type Options = [dtype: DType | null, requires_grad: boolean, device: string | null];

/**
 * A sparse tensor in coordinate format: `values` [entries, ...dense sizes] at the places `indices` [sparse dimensions, entries],
 * and 0 elsewhere. The values of a place that is listed more than once are added. Without `size` it is as large as the
 * largest indices ask for; of a size alone it has no entries.
 *
 * @param indices a tensor or nested list of integers, a column for each entry
 * @param values a tensor or nested list; tensors are not copied, and get a gradient
 * @throws RuntimeError where the parts do not fit together, or an index is negative or beyond the size
 * @example
 * const x = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3, 4, 5], [2, 3]);
 * console.log(x.to_dense().tolist()); // [ [ 0, 0, 3 ], [ 4, 0, 5 ] ]
 * console.log(torch.sparse_coo_tensor([2, 3])._nnz()); // 0
 */
export function sparse_coo_tensor(
  ...args:
    | Args<
        [indices: Tensor | NestedValues, values: Tensor | NestedValues],
        [size: readonly number[] | null],
        TensorOptions & { size?: readonly number[] | null }
      >
    | [size: readonly number[] | (TensorOptions & { size: readonly number[] }), options?: TensorOptions]
): Tensor {
  return withScope('sparse_coo_tensor', () => {
    if (isSizeAlone(args)) {
      const [size, dtype, requiresGrad, device] = OF_SIZE(args) as [number[], ...Options];
      checkSize('sparse_coo_tensor', size);
      checkDevice(device);
      return finish(emptySparse(size, size.length, dtype ?? get_default_dtype()), requiresGrad);
    }
    const [places, data, size, dtype, requiresGrad, device] = OF_PARTS(args) as [
      Tensor | NestedValues,
      Tensor | NestedValues,
      number[] | null,
      ...Options,
    ];
    checkDevice(device);
    if (size !== null) checkSize('sparse_coo_tensor', size);
    const values = data instanceof Tensor ? data : tensor(data, { dtype });
    const indices = places instanceof Tensor ? places : tensor(places, { dtype: int64 });
    return finish(assembleChecked(indices, dtype === null ? values : to(values, dtype), size), requiresGrad);
  });
}

function isSizeAlone(args: readonly unknown[]): boolean {
  const last = args[args.length - 1];
  const keywords =
    typeof last === 'object' && last !== null && !Array.isArray(last) && !(last instanceof Tensor);
  return args.length === (keywords ? 2 : 1) || (args.length === 1 && keywords);
}

/** torch's checks, in its order. */
function assembleChecked(indices: Tensor, given: Tensor, size: readonly number[] | null): Tensor {
  for (const [what, part] of [
    ['indices', indices],
    ['values', given],
  ] as const) {
    if (part.is_sparse) {
      throw new RuntimeError(
        `expected ${what} to be a dense tensor, but got ${what} of layout ${part.layout.word}`,
      );
    }
  }
  const values = given.ndim === 0 ? reshape(given, [1]) : given;
  if (indices.ndim !== 2) {
    throw new RuntimeError(`indices must be sparse_dim x nnz, but got: ${showShape(indices.shape)}`);
  }
  const places = to(indices, int64);
  const [dims, count] = places.shape;
  const dense = values.shape.slice(1);
  if (size !== null && size.length !== dims + dense.length) {
    throw new RuntimeError(
      `number of dimensions must be sparse_dim (${dims}) + dense_dim (${dense.length}), but got ${size.length}`,
    );
  }
  const shape = size ?? [...largest(places, null), ...dense];
  if (size !== null) largest(places, size);
  if (count !== values.shape[0]) {
    throw new RuntimeError(
      'indices and values must have same nnz, but got nnz from indices: ' +
        `${count}, nnz from values: ${values.shape[0]}`,
    );
  }
  const expected = [count, ...shape.slice(dims)];
  if (expected.some((n, d) => n !== values.shape[d])) {
    throw new RuntimeError(
      `values has incorrect size, expected ${showShape(expected)}, got ${showShape(values.shape)}`,
    );
  }
  return assemble(places, values, shape);
}

/** The sizes that indices ask for; negative ones, and those beyond a size that is given, are refused. */
function largest(indices: Tensor, size: Shape | null): number[] {
  const [dims, count] = indices.shape;
  const places = toTypedArray(cast(indices, float64));
  return Array.from({ length: dims }, (_, d) => {
    let low = 0;
    let high = -1;
    for (let i = 0; i < count; i++) {
      const index = Number(places[d * count + i]);
      low = Math.min(low, index);
      high = Math.max(high, index);
    }
    if (low < 0) throw new RuntimeError(`found negative index ${low} for dim ${d}`);
    if (size !== null && high >= size[d]) {
      throw new RuntimeError(
        `size is inconsistent with indices: for dim ${d}, size is ${size[d]} but found index ${high}`,
      );
    }
    return high + 1;
  });
}
