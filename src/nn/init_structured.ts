import { no_grad } from '../autograd/mode.js';
import { float64 } from '../dtype.js';
import { ValueError } from '../errors.js';
import { copy_ } from '../ops/copy.js';
import { empty, tensor as makeTensor } from '../ops/creation.js';
import { erf } from '../ops/pointwise_unary.js';
import { normal_, randperm, uniform_ } from '../ops/random.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { given, signature } from '../signature.js';

let skipping = false;

/** Runs `body`; initialisers do nothing meanwhile, and draw nothing. */
export function withoutInitialisers<R>(body: () => R): R {
  const before = skipping;
  skipping = true;
  try {
    return body();
  } finally {
    skipping = before;
  }
}

/** Runs an initialiser unrecorded; what it makes besides the tensor is released. */
export function initialise(tensor: Tensor, fill: () => void): Tensor {
  if (!skipping) withScope('nn.init', () => no_grad(fill));
  return tensor;
}

/** Overwrites the tensor with values in C order. */
function setValues(tensor: Tensor, values: Float64Array): void {
  copy_(tensor, makeTensor(values).reshape(tensor.shape));
}

/** Ones where both indices of a matrix are equal, zeros elsewhere. */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported');
  const [M, N] = tensor.shape as [number, number];
  const values = new Float64Array(M * N);
  for (let i = 0; i < Math.min(M, N); i++) values[i * N + i] = 1;
  return initialise(tensor, () => setValues(tensor, values));
}

/** The weight of a convolution that passes as many of its input channels as it has outputs, in each group. */
export function dirac_(tensor: Tensor, groups: number | { groups?: number } = 1): Tensor {
  if (![3, 4, 5].includes(tensor.ndim))
    throw new ValueError('Only tensors with 3, 4, or 5 dimensions are supported');
  const count = typeof groups === 'object' ? (groups.groups ?? 1) : groups;
  const [outputs, inputs, ...kernel] = tensor.shape as [number, number, ...number[]];
  if (outputs % count !== 0) throw new ValueError('dim 0 must be divisible by groups');
  const field = kernel.reduce((product, size) => product * size, 1);
  const centre = kernel.reduce((offset, size) => offset * size + Math.floor(size / 2), 0);
  const values = new Float64Array(tensor.numel());
  const perGroup = outputs / count;
  for (let output = 0; output < outputs; output++) {
    const channel = output % perGroup;
    if (channel < inputs) values[(output * inputs + channel) * field + centre] = 1;
  }
  return initialise(tensor, () => setValues(tensor, values));
}

const TRUNC = signature('trunc_normal_(Tensor tensor, float mean=0, float std=1, float a=-2, float b=2)');

export interface TruncNormalOptions {
  mean?: number;
  std?: number;
  a?: number;
  b?: number;
}

/** Fills with normal numbers, drawn as if those outside [a, b] were drawn again. */
export function trunc_normal_(
  tensor: Tensor,
  mean: number | TruncNormalOptions = 0,
  std?: number | TruncNormalOptions,
  a?: number | TruncNormalOptions,
  b?: number | TruncNormalOptions,
): Tensor {
  const [, centre, width, low, high] = TRUNC(given(tensor, mean, std, a, b)) as [
    Tensor,
    number,
    number,
    number,
    number,
  ];
  if (centre < low - 2 * width || centre > high + 2 * width) {
    console.warn(
      'mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.',
    );
  }
  return initialise(tensor, () => {
    const cdf = (x: number): number =>
      (1 + erf(makeTensor([x / Math.sqrt(2)], { dtype: float64 })).item()) / 2;
    const lower = cdf((low - centre) / width);
    const upper = cdf((high - centre) / width);
    uniform_(tensor, 2 * lower - 1, 2 * upper - 1);
    tensor.erfinv_();
    tensor.mul_(width * Math.sqrt(2));
    tensor.add_(centre);
    tensor.clamp_(low, high);
  });
}

const ORTHOGONAL = signature('orthogonal_(Tensor tensor, float gain=1)');

/** A (semi-)orthogonal matrix, uniformly distributed, times `gain`; dimensions after the first count as one. */
export function orthogonal_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  const [, factor] = ORTHOGONAL([tensor, gain]) as [Tensor, number];
  if (tensor.ndim < 2) throw new ValueError('Only tensors with 2 or more dimensions are supported');
  if (tensor.numel() === 0) return tensor;
  const rows = tensor.shape[0];
  const cols = tensor.numel() / rows;
  return initialise(tensor, () => {
    const drawn = normal_(empty(rows, cols, { dtype: tensor.dtype }), 0, 1);
    const tall = rows >= cols;
    const q = orthonormalise(
      Float64Array.from(drawn.numpy() as Float64Array),
      tall ? rows : cols,
      tall ? cols : rows,
      tall,
    );
    copy_(tensor, makeTensor(q).reshape(tensor.shape).mul(factor));
  });
}

/**
 * Q of the QR decomposition of an M×N matrix, M ≥ N, with the signs that make R's diagonal positive (Mezzadri,
 * arXiv:math-ph/0609050), by Householder reflections. `a` holds the matrix row by row, or column by column without `byRow`,
 * and so does the result.
 */
function orthonormalise(a: Float64Array, M: number, N: number, byRow: boolean): Float64Array {
  const at = (i: number, j: number): number => (byRow ? i * N + j : j * M + i);
  const scales = new Float64Array(N);
  const signs = new Float64Array(N);
  /** Applies reflection k to column j of `b`. */
  const reflect = (b: Float64Array, k: number, j: number): void => {
    let dot = 0;
    for (let i = k; i < M; i++) dot += a[at(i, k)] * b[at(i, j)];
    for (let i = k; i < M; i++) b[at(i, j)] -= scales[k] * dot * a[at(i, k)];
  };
  for (let k = 0; k < N; k++) {
    let norm = 0;
    for (let i = k; i < M; i++) norm += a[at(i, k)] ** 2;
    norm = Math.sqrt(norm);
    const pivot = a[at(k, k)];
    const diagonal = pivot > 0 ? -norm : norm;
    signs[k] = Math.sign(diagonal);
    if (norm === 0) continue;
    // The reflection's vector replaces the column; its scale is 2 / |v|².
    a[at(k, k)] = pivot - diagonal;
    scales[k] = 1 / (norm * (norm + Math.abs(pivot)));
    for (let j = k + 1; j < N; j++) reflect(a, k, j);
  }
  const q = new Float64Array(M * N);
  for (let j = 0; j < N; j++) q[at(j, j)] = 1;
  for (let k = N - 1; k >= 0; k--) {
    for (let j = k; j < N; j++) reflect(q, k, j);
  }
  for (let j = 0; j < N; j++) for (let i = 0; i < M; i++) q[at(i, j)] *= signs[j];
  return q;
}

const SPARSE = signature('sparse_(Tensor tensor, float sparsity, float std=0.01)');

/** Normal numbers, of which in each column of the matrix a fraction `sparsity` is 0. */
export function sparse_(
  tensor: Tensor,
  sparsity: number | { sparsity: number; std?: number },
  std?: number | { std?: number },
): Tensor {
  const [, fraction, width] = SPARSE(given(tensor, sparsity, std)) as [Tensor, number, number];
  if (tensor.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported');
  const [rows, cols] = tensor.shape as [number, number];
  const zeros = Math.ceil(fraction * rows);
  return initialise(tensor, () => {
    normal_(tensor, 0, width);
    const values = Float64Array.from(tensor.numpy() as Float64Array);
    for (let column = 0; column < cols; column++) {
      const order = randperm(rows).tolist() as number[];
      for (const row of order.slice(0, zeros)) values[row * cols + column] = 0;
    }
    setValues(tensor, values);
  });
}
