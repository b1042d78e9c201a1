import { IndexError, RuntimeError, ValueError } from '../errors.js';
import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import { stack } from '../ops/join.js';
import { select } from '../ops/view.js';
import { withScope } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { runBackward, runGrad } from './engine.js';
import type { BackwardOptions } from './engine.js';

type Many = Tensor | readonly Tensor[];
type Grads = Tensor | readonly (Tensor | null)[] | null;

export interface BackwardKeywords extends BackwardOptions {
  grad_tensors?: Grads;
  /** The old name of `grad_tensors`. */
  grad_variables?: Grads;
}

export interface GradOptions {
  grad_outputs?: Grads;
  /** Keep what was saved, so that the graph can be followed again. Default: `create_graph`. */
  retain_graph?: boolean | null;
  /** Record the backward itself, for higher derivatives. Default false. */
  create_graph?: boolean;
  /** Has no effect, as in torch, which warns when it is false. */
  only_inputs?: boolean;
  /** Give null for inputs that the outputs do not depend on, instead of an error. Default false. */
  allow_unused?: boolean;
  /** The first dimension of each of `grad_outputs`, and of the results, is a batch of gradients. Default false. */
  is_grads_batched?: boolean;
}

const BACKWARD = signature(
  'backward(Tensor|Tensor[] tensors, Tensor?|Tensor?[] grad_tensors=None, bool? retain_graph=None, bool create_graph=False, ' +
    'Tensor?|Tensor?[] grad_variables=None, Tensor?|Tensor[] inputs=None)',
);
const GRAD = signature(
  'grad(Tensor|Tensor[] outputs, Tensor|Tensor[] inputs, Tensor?|Tensor?[] grad_outputs=None, bool? retain_graph=None, ' +
    'bool create_graph=False, bool only_inputs=True, bool allow_unused=False, bool is_grads_batched=False)',
);

function listOf<T>(values: Tensor | readonly T[]): (T | Tensor)[] {
  return values instanceof Tensor ? [values] : [...values];
}

/** One gradient, or null, for each root; as in torch, what is too much is left out. */
function gradsFor(roots: readonly Tensor[], given: Grads): (Tensor | null)[] {
  if (given === null) return roots.map(() => null);
  const grads = listOf(given).slice(0, roots.length);
  if (grads.length < roots.length)
    throw new RuntimeError(`got ${roots.length} tensors and ${grads.length} gradients`);
  return grads;
}

type BackwardBound = [
  tensors: Many,
  grad_tensors: Grads,
  retain_graph: boolean | null,
  create_graph: boolean,
  grad_variables: Grads,
  inputs: Many | null,
];

/**
 * Adds the gradients of `tensors`, weighted by `grad_tensors`, to the `.grad` of the leaves they were made from, or of `inputs`
 * alone.
 *
 * @example
 * const x = torch.ones(2, { requires_grad: true });
 * torch.autograd.backward([x.sum(), x.mul(2).sum()]);
 * console.log(x.grad.tolist()); // [ 3, 3 ]
 */
export function backward(
  tensors: Many,
  ...rest: Args<
    [],
    [
      grad_tensors: Grads,
      retain_graph: boolean | null,
      create_graph: boolean,
      grad_variables: Grads,
      inputs: Many | null,
    ],
    BackwardKeywords
  >
): void {
  const [roots, given, retain_graph, create_graph, old, inputs] = BACKWARD([
    tensors,
    ...rest,
  ]) as BackwardBound;
  if (old !== null) {
    console.warn("'grad_variables' is deprecated. Use 'grad_tensors' instead.");
    if (given !== null) {
      throw new RuntimeError(
        "'grad_tensors' and 'grad_variables' (deprecated) arguments both passed to backward(). Please only use 'grad_tensors'.",
      );
    }
  }
  const list = listOf(roots);
  runBackward(list, gradsFor(list, given ?? old), { retain_graph, create_graph, inputs });
}

type GradBound = [
  outputs: Many,
  inputs: Many,
  grad_outputs: Grads,
  retain_graph: boolean | null,
  create_graph: boolean,
  only_inputs: boolean,
  allow_unused: boolean,
  is_grads_batched: boolean,
];

/**
 * The gradients of the (weighted) sum of `outputs` with respect to `inputs`, one per input; `.grad` stays as it is.
 *
 * @example
 * const x = torch.tensor([1.5, 2.5], { requires_grad: true });
 * const [g] = torch.autograd.grad(x.square().sum(), [x]);
 * console.log(g.tolist()); // [ 3, 5 ]
 */
export function grad(
  outputs: Many,
  inputs: Many,
  ...rest: Args<
    [],
    [
      grad_outputs: Grads,
      retain_graph: boolean | null,
      create_graph: boolean,
      only_inputs: boolean,
      allow_unused: boolean,
      is_grads_batched: boolean,
    ],
    GradOptions
  >
): (Tensor | null)[] {
  const bound = GRAD([outputs, inputs, ...rest]) as GradBound;
  const [of, at, given, retain_graph, create_graph, only_inputs, allow_unused, is_grads_batched] = bound;
  if (!only_inputs) {
    console.warn(
      'only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of the ' +
        'graph, please use torch.autograd.backward.',
    );
  }
  const roots = listOf(of);
  const leaves = listOf(at);
  const grads = gradsFor(roots, given);
  const options = { retain_graph, create_graph, allow_unused };
  if (leaves.length === 0) throw new ValueError('grad requires non-empty inputs.');
  return is_grads_batched ? batched(roots, leaves, grads, options) : runGrad(roots, grads, leaves, options);
}

/** `grad` for each of a batch of gradients. */
function batched(
  roots: readonly Tensor[],
  leaves: readonly Tensor[],
  grads: readonly (Tensor | null)[],
  options: { retain_graph: boolean | null; create_graph: boolean; allow_unused: boolean },
): (Tensor | null)[] {
  const size = batchSize(roots, grads);
  return withScope('torch.autograd.grad', () => {
    const rows = Array.from({ length: size }, (_, i) =>
      runGrad(
        [...roots],
        grads.map((grad) => select(grad!, 0, i)),
        [...leaves],
        { ...options, retain_graph: i < size - 1 || (options.retain_graph ?? options.create_graph) },
      ),
    );
    return leaves.map((_, k) => {
      const column = rows.map((row) => row[k]);
      return column[0] === null ? null : stack(column as Tensor[], 0);
    });
  });
}

function batchSize(roots: readonly Tensor[], grads: readonly (Tensor | null)[]): number {
  const sizes = grads.map((grad, i) => {
    if (grad === null) {
      if (roots[i].requires_grad && roots[i].numel() !== 1)
        throw new RuntimeError('grad can be implicitly created only for scalar outputs');
      throw new ValueError(
        'grad: with is_grads_batched every output needs its batch of grad_outputs, got null',
      );
    }
    if (grad.ndim === 0) {
      throw new IndexError(
        'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number',
      );
    }
    if (grad.shape[0] === 0) throw new IndexError('index 0 is out of bounds for dimension 0 with size 0');
    const shape = grad.shape.slice(1);
    if (!sameShape(shape, roots[i].shape)) {
      throw new RuntimeError(
        'If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the ' +
          'remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: ' +
          `grad_output[${i}] has a shape of torch.Size(${showShape(shape)}) and output[${i}] has a shape of ` +
          `torch.Size(${showShape(roots[i].shape)}). If you only want some tensors in \`grad_output\` to be considered batched, ` +
          'consider using vmap.',
      );
    }
    return grad.shape[0];
  });
  if (sizes.some((size) => size !== sizes[0])) {
    throw new ValueError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes ${showShape(sizes)} for the mapped dimension`,
    );
  }
  return sizes[0];
}
