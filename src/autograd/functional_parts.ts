/** What the functions of functional.ts have in common; the messages are torch's. */
import { RuntimeError } from '../errors.js';
import { pySize, typeName } from '../python_text.js';
import { zeros_like } from '../ops/creation.js';
import { view } from '../ops/view.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { runGrad } from './engine.js';

export type Many = Tensor | readonly Tensor[];

/** A list of tensors, and whether it was given as one. */
export interface Listed {
  readonly many: boolean;
  readonly list: readonly Tensor[];
}

export function listed(value: unknown, what: string, name: string): Listed {
  const many = Array.isArray(value);
  const list: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  list.forEach((item, i) => {
    if (item instanceof Tensor) return;
    const which = many ? `the value at index ${i}` : `the given ${what}`;
    throw new TypeError(
      `The ${what} given to ${name} must be either a Tensor or a tuple of Tensors but ${which} has type ${typeName(item)}.`,
    );
  });
  return { many, list: list as Tensor[] };
}

export function outputsOf(value: unknown, name: string): Listed {
  return listed(value, 'outputs of the user-provided function', name);
}

/** Fresh tensors, so that an input is told from the same tensor in the function's closure. */
export function prepared(list: readonly Tensor[], createGraph: boolean, requiresGrad: boolean): Tensor[] {
  return list.map((x) =>
    createGraph && x.requires_grad ? view(x, [...x.shape]) : x.detach().requires_grad_(requiresGrad),
  );
}

export function finished(list: readonly Tensor[], createGraph: boolean): Tensor[] {
  return createGraph ? [...list] : list.map((x) => x.detach());
}

export function unlisted({ many }: Listed, list: readonly Tensor[]): Many {
  return many ? list : list[0];
}

export function vectorsFor(v: Many, other: Listed, name: string, createGraph: boolean): Tensor[] {
  const { list } = listed(v, 'v', name);
  if (list.length !== other.list.length) {
    throw new RuntimeError(
      other.many
        ? `v is a tuple of invalid length: should be ${other.list.length} but got ${list.length}.`
        : 'The given v should contain a single Tensor.',
    );
  }
  list.forEach((x, i) => {
    const wanted = other.list[i].shape;
    if (sameShape(x.shape, wanted)) return;
    const entry = other.many ? `Entry ${i} in ` : '';
    throw new RuntimeError(
      `${entry}v has invalid size: should be ${pySize(wanted)} but got ${pySize(x.shape)}.`,
    );
  });
  return prepared(list, createGraph, false);
}

const DEPENDENCE = {
  outputs: (i: number) =>
    `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a ` +
    'differentiable manner from the input when running in strict mode.',
  grad_inputs: (i: number) =>
    `The gradient with respect to input ${i} is independent of the inputs of the user-provided function. This is not ` +
    'allowed in strict mode.',
  jacobian: (i: number) =>
    `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is ` +
    'independent of the input. This is not allowed in strict mode. You should ensure that your function is twice ' +
    'differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).',
};

export function checkDependence(
  list: readonly (Tensor | null)[],
  kind: keyof typeof DEPENDENCE,
  strict: boolean,
): void {
  if (!strict) return;
  list.forEach((x, i) => {
    if (x === null) {
      throw new RuntimeError(
        `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
      );
    }
    if (!x.requires_grad) throw new RuntimeError(DEPENDENCE[kind](i));
  });
}

/** Gradients of the outputs that have any; null where there is none. */
export function gradients(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  vectors: readonly Tensor[] | null,
  createGraph: boolean,
  retainGraph: boolean = createGraph,
): (Tensor | null)[] {
  const at = outputs.map((out, i) => (out?.requires_grad === true ? i : -1)).filter((i) => i >= 0);
  if (at.length === 0) return inputs.map(() => null);
  return runGrad(
    at.map((i) => outputs[i]!),
    at.map((i) => vectors?.[i] ?? null),
    [...inputs],
    { create_graph: createGraph, retain_graph: retainGraph, allow_unused: true },
  );
}

const INDEPENDENT = {
  back: (i: number) =>
    `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  back_trick: (i: number) =>
    `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double ` +
    'backward trick to compute forward mode gradients. This is not allowed in strict mode.',
  double_back: (i: number) =>
    `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  double_back_trick: (i: number) =>
    `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. This is not allowed in ` +
    'strict mode as it prevents from using the double backward trick to replace forward mode AD.',
};

export function filled(
  grads: readonly (Tensor | null)[],
  like: readonly Tensor[],
  stage: keyof typeof INDEPENDENT,
  strict: boolean,
  createGraph: boolean,
): Tensor[] {
  return grads.map((grad, i) => {
    if (grad === null) {
      if (strict) throw new RuntimeError(INDEPENDENT[stage](i));
      return zeros_like(like[i]);
    }
    if (strict && createGraph && !grad.requires_grad) {
      const what = stage.startsWith('double') ? 'hessian' : 'jacobian';
      throw new RuntimeError(
        `The ${what} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when ` +
          'create_graph=True.',
      );
    }
    return grad;
  });
}

export function checkImplicit(list: readonly Tensor[], message: string): void {
  if (list.length !== 1 || list[0].numel() !== 1) throw new RuntimeError(message);
}

export const NO_INPUT_VECTOR =
  'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.';

/** The one output of one element of a function whose Hessian is wanted. */
export function scalarOf(value: unknown, name: string, strict: boolean): Tensor {
  const { many, list } = outputsOf(value, name);
  checkDependence(list, 'outputs', strict);
  if (many) throw new RuntimeError(`The function given to ${name} should return a single Tensor`);
  if (list[0].numel() !== 1) {
    throw new RuntimeError(
      `The Tensor returned by the function given to ${name} should contain a single element`,
    );
  }
  return list[0];
}
