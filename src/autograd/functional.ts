/** torch.autograd.functional: whole Jacobians and Hessians, and their products with vectors. */
import { NotImplementedError, RuntimeError } from '../errors.js';
import { signature } from '../signature.js';
import { zeros_like } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { stack } from '../ops/join.js';
import { select, view } from '../ops/view.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { enable_grad, is_grad_enabled, set_grad_enabled } from './mode.js';
import {
  NO_INPUT_VECTOR,
  checkDependence,
  checkImplicit,
  filled,
  finished,
  gradients,
  listed,
  outputsOf,
  prepared,
  scalarOf,
  unlisted,
  vectorsFor,
} from './functional_parts.js';
import type { Listed, Many } from './functional_parts.js';

type Like<M> = M extends Tensor ? Tensor : Tensor[];
type Func<O> = (...inputs: Tensor[]) => O;

export interface FunctionalOptions {
  /** Make the results differentiable. Default false. */
  create_graph?: boolean;
  /** Throw where a result does not depend on an input, instead of zeros. Default false. */
  strict?: boolean;
}

export interface ProductOptions extends FunctionalOptions {
  v?: Many | null;
}

export interface JacobianOptions extends FunctionalOptions {
  vectorize?: false;
  strategy?: 'reverse-mode';
}

export interface HessianOptions extends FunctionalOptions {
  vectorize?: false;
  outer_jacobian_strategy?: 'reverse-mode';
}

type Optional = [create_graph: boolean, strict: boolean, vectorize: false, strategy: 'reverse-mode'];
type ProductOptional = [v: Many | null, create_graph: boolean, strict: boolean];

const REST = 'bool create_graph=False, bool strict=False';
const JACOBIAN = signature(
  `jacobian(function func, any inputs, ${REST}, bool vectorize=False, str strategy='reverse-mode')`,
);
const HESSIAN = signature(
  `hessian(function func, any inputs, ${REST}, bool vectorize=False, str outer_jacobian_strategy='reverse-mode')`,
);
const product = (name: string): ReturnType<typeof signature> =>
  signature(`${name}(function func, any inputs, Tensor?|Tensor[] v=None, ${REST})`);
const [VJP, JVP, VHP, HVP] = [product('vjp'), product('jvp'), product('vhp'), product('hvp')];

type Bound = [
  func: Func<unknown>,
  inputs: unknown,
  create_graph: boolean,
  strict: boolean,
  vectorize: boolean,
  strategy: string,
];

function checkStrategy(name: string, vectorize: boolean, strategy: string): void {
  if (vectorize) throw new NotImplementedError(`${name}: vectorize=true is not supported`);
  if (strategy !== 'reverse-mode')
    throw new NotImplementedError(`${name}: there are no forward-mode derivatives, got '${strategy}'`);
}
type ProductBound = [
  func: Func<unknown>,
  inputs: unknown,
  v: Many | null,
  create_graph: boolean,
  strict: boolean,
];

/**
 * The Jacobian of `func`: for each output and each input a tensor of the output's shape followed by the input's. With one output
 * (a Tensor) and one input it is that tensor; with arrays it is an array over the outputs, over the inputs, or over the outputs of
 * arrays over the inputs.
 *
 * @example
 * const { jacobian } = torch.autograd.functional;
 * console.log(jacobian((x) => x.square(), torch.tensor([1.5, 3])).tolist()); // [ [ 3, 0 ], [ 0, 6 ] ]
 */
export function jacobian<O extends Many, I extends Many>(
  func: Func<O>,
  inputs: I,
  ...rest: Args<[], Optional, JacobianOptions>
): O extends Tensor ? Like<I> : Like<I>[] {
  const [f, given, createGraph, strict, ...way] = JACOBIAN([func, inputs, ...rest]) as Bound;
  checkStrategy('jacobian', ...way);
  return withScope('jacobian', () => {
    const { ins, outs, rows } = jacobianRows(f, given, createGraph, strict, 'jacobian');
    const result = rows.map((row) => unlisted(ins, row));
    return outs.many ? result : result[0];
  }) as O extends Tensor ? Like<I> : Like<I>[];
}

function jacobianRows(
  func: Func<unknown>,
  given: unknown,
  createGraph: boolean,
  strict: boolean,
  name: string,
): { ins: Listed; outs: Listed; rows: Tensor[][] } {
  return enable_grad(() => {
    const ins = listed(given, 'inputs', name);
    const inputs = prepared(ins.list, createGraph, true);
    const outs = outputsOf(func(...inputs), name);
    checkDependence(outs.list, 'outputs', strict);
    const rows = outs.list.map((out, i) => {
      const columns = inputs.map((): Tensor[] => []);
      const flat = out.reshape([-1]);
      for (let j = 0; j < flat.numel(); j++) {
        const found = gradients([select(flat, 0, j)], inputs, null, createGraph, true);
        found.forEach((grad, k) => {
          if (grad === null && strict) {
            throw new RuntimeError(
              `Output ${i} of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
            );
          }
          if (grad !== null && strict && createGraph && !grad.requires_grad) {
            throw new RuntimeError(
              `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode ` +
                'when create_graph=True.',
            );
          }
          columns[k].push(grad ?? zeros_like(inputs[k]));
        });
      }
      const whole = columns.map((column, k) => view(stack(column, 0), [...out.shape, ...inputs[k].shape]));
      return finished(whole, createGraph);
    });
    return { ins, outs, rows };
  });
}

/**
 * The Hessian of `func`, which returns one element: for one input (a Tensor) a tensor of its shape twice, for an array of inputs an
 * array of arrays of tensors.
 *
 * @example
 * const { hessian } = torch.autograd.functional;
 * console.log(hessian((x) => x.pow(3).sum(), torch.tensor([1.5, 3])).tolist()); // [ [ 9, 0 ], [ 0, 18 ] ]
 */
export function hessian<I extends Many>(
  func: Func<Tensor>,
  inputs: I,
  ...rest: Args<[], Optional, HessianOptions>
): I extends Tensor ? Tensor : Tensor[][] {
  const [f, given, createGraph, strict, ...way] = HESSIAN([func, inputs, ...rest]) as Bound;
  checkStrategy('hessian', ...way);
  return withScope('hessian', () => {
    const scalar = (...at: Tensor[]): Tensor => scalarOf(f(...at), 'hessian', strict).squeeze();
    const gradient = (...at: Tensor[]): Tensor[] => {
      const { rows } = jacobianRows(scalar, at, true, false, 'jacobian');
      checkDependence(rows[0], 'jacobian', strict);
      return rows[0];
    };
    const ins = listed(given, 'inputs', 'hessian');
    const { rows } = jacobianRows(gradient, ins.list, createGraph, strict, 'jacobian');
    return ins.many ? rows : rows[0][0];
  }) as I extends Tensor ? Tensor : Tensor[][];
}

/**
 * `[func(inputs), v · J]`: the product of a vector, of the outputs' shape, with the Jacobian of `func`. `v` may be left out for one
 * output of one element.
 *
 * @example
 * const { vjp } = torch.autograd.functional;
 * const [value, product] = vjp((x) => x.square(), torch.tensor([1.5, 3]), torch.tensor([1, 10]));
 * console.log(value.tolist(), product.tolist()); // [ 2.25, 9 ] [ 3, 60 ]
 */
export function vjp<O extends Many, I extends Many>(
  func: Func<O>,
  inputs: I,
  ...rest: Args<[], ProductOptional, ProductOptions>
): [Like<O>, Like<I>] {
  const [f, given, v, createGraph, strict] = VJP([func, inputs, ...rest]) as ProductBound;
  return withScope('vjp', () => {
    const ins = listed(given, 'inputs', 'vjp');
    const inputList = prepared(ins.list, createGraph, true);
    const [outs, vectors] = enable_grad((): [Listed, Tensor[] | null] => {
      const outputs = outputsOf(f(...inputList), 'vjp');
      checkDependence(outputs.list, 'outputs', strict);
      if (v !== null) return [outputs, vectorsFor(v, outputs, 'vjp', createGraph)];
      checkImplicit(
        outputs.list,
        'The vector v can only be None if the user-provided function returns a single Tensor with a single element.',
      );
      return [outputs, null];
    });
    return set_grad_enabled(createGraph || is_grad_enabled(), () => {
      const found = gradients(outs.list, inputList, vectors, createGraph);
      const result = filled(found, inputList, 'back', strict, createGraph);
      return [unlisted(outs, finished(outs.list, createGraph)), unlisted(ins, finished(result, createGraph))];
    });
  }) as [Like<O>, Like<I>];
}

/**
 * `[func(inputs), J · v]`: the product of the Jacobian of `func` with a vector of the inputs' shape, by differentiating a backward.
 *
 * @example
 * const { jvp } = torch.autograd.functional;
 * const [value, product] = jvp((x) => x.square(), torch.tensor([1.5, 3]), torch.tensor([1, 10]));
 * console.log(value.tolist(), product.tolist()); // [ 2.25, 9 ] [ 3, 60 ]
 */
export function jvp<O extends Many>(
  func: Func<O>,
  inputs: Many,
  ...rest: Args<[], ProductOptional, ProductOptions>
): [Like<O>, Like<O>] {
  const [f, given, v, createGraph, strict] = JVP([func, inputs, ...rest]) as ProductBound;
  return withScope('jvp', () =>
    set_grad_enabled(createGraph || is_grad_enabled(), () => {
      const ins = listed(given, 'inputs', 'jvp');
      const inputList = prepared(ins.list, createGraph, true);
      const vectors = v === null ? null : vectorsFor(v, ins, 'jvp', createGraph);
      if (vectors === null) checkImplicit(inputList, NO_INPUT_VECTOR);
      const { outs, dummies, grads } = enable_grad(() => {
        const outputs = outputsOf(f(...inputList), 'jvp');
        checkDependence(outputs.list, 'outputs', strict);
        const zeroes = outputs.list.map((out) => zeros_like(out).requires_grad_(true));
        const backward = gradients(outputs.list, inputList, zeroes, true);
        checkDependence(backward, 'grad_inputs', strict);
        return { outs: outputs, dummies: zeroes, grads: backward };
      });
      const found = gradients(grads, dummies, vectors, createGraph);
      const result = filled(found, outs.list, 'back_trick', strict, createGraph);
      return [
        unlisted(outs, finished(outs.list, createGraph)),
        unlisted(outs, finished(result, createGraph)),
      ];
    }),
  ) as [Like<O>, Like<O>];
}

/** The value, and the gradient as a function of the inputs. */
function valueAndGradient(
  func: Func<unknown>,
  given: unknown,
  v: Many | null,
  createGraph: boolean,
  strict: boolean,
  name: string,
): { ins: Listed; inputs: Tensor[]; vectors: Tensor[] | null; value: Tensor; grads: (Tensor | null)[] } {
  return enable_grad(() => {
    const ins = listed(given, 'inputs', name);
    const inputs = prepared(ins.list, createGraph, true);
    const vectors = v === null ? null : vectorsFor(v, ins, name, createGraph);
    if (vectors === null) checkImplicit(inputs, NO_INPUT_VECTOR);
    const value = scalarOf(func(...inputs), name, strict);
    const grads = gradients([value], inputs, null, true);
    checkDependence(grads, 'jacobian', strict);
    return { ins, inputs, vectors, value, grads };
  });
}

/**
 * `[func(inputs), v · H]`: the product of a vector with the Hessian of `func`, which returns one element.
 *
 * @example
 * const { vhp } = torch.autograd.functional;
 * const [, product] = vhp((x) => x.pow(3).sum(), torch.tensor([1.5, 3]), torch.tensor([1, 10]));
 * console.log(product.tolist()); // [ 9, 180 ]
 */
export function vhp<I extends Many>(
  func: Func<Tensor>,
  inputs: I,
  ...rest: Args<[], ProductOptional, ProductOptions>
): [Tensor, Like<I>] {
  const [f, given, v, createGraph, strict] = VHP([func, inputs, ...rest]) as ProductBound;
  return withScope('vhp', () => {
    const at = valueAndGradient(f, given, v, createGraph, strict, 'vhp');
    const found = gradients(at.grads, at.inputs, at.vectors, createGraph);
    const result = filled(found, at.inputs, 'double_back', strict, createGraph);
    return [finished([at.value], createGraph)[0], unlisted(at.ins, finished(result, createGraph))];
  }) as [Tensor, Like<I>];
}

/**
 * `[func(inputs), H · v]`: as `vhp`, by differentiating once more; slower, and the same where the Hessian is symmetric.
 *
 * @example
 * const { hvp } = torch.autograd.functional;
 * const [, product] = hvp((x) => x.pow(3).sum(), torch.tensor([1.5, 3]), torch.tensor([1, 10]));
 * console.log(product.tolist()); // [ 9, 180 ]
 */
export function hvp<I extends Many>(
  func: Func<Tensor>,
  inputs: I,
  ...rest: Args<[], ProductOptional, ProductOptions>
): [Tensor, Like<I>] {
  const [f, given, v, createGraph, strict] = HVP([func, inputs, ...rest]) as ProductBound;
  return withScope('hvp', () => {
    const at = valueAndGradient(f, given, v, createGraph, strict, 'hvp');
    const dummies = at.inputs.map((x) => zeros_like(x).requires_grad_(true));
    const twice = enable_grad(() => gradients(at.grads, at.inputs, dummies, true));
    const found = gradients(twice, dummies, at.vectors, createGraph);
    const result = filled(found, at.inputs, 'double_back_trick', strict, createGraph);
    return [finished([at.value], createGraph)[0], unlisted(at.ins, finished(result, createGraph))];
  }) as [Tensor, Like<I>];
}
