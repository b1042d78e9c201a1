import { runBackward, runGrad } from './engine.js';
import type { BackwardOptions } from './engine.js';
import { Tensor } from '../tensor.js';

export { AutogradFunction as Function } from './function.js';
export type { FunctionContext } from './function.js';
export * as functional from './functional.js';
export * as graph from './graph.js';
export * as function from './function_namespace.js';
export { detect_anomaly, set_detect_anomaly } from './anomaly.js';
export { GradcheckError, gradcheck } from './gradcheck.js';
export type { GradcheckOptions } from './gradcheck.js';
export { gradgradcheck } from './gradgradcheck.js';
export { enable_grad, inference_mode, no_grad, set_grad_enabled } from './mode.js';
export type { BackwardOptions } from './engine.js';

type Many = Tensor | readonly Tensor[];

function listOf(tensors: Many): Tensor[] {
  return tensors instanceof Tensor ? [tensors] : [...tensors];
}

/**
 * Adds the gradients of `tensors`, weighted by `grad_tensors`, to the `.grad` of the leaves they were made from.
 *
 * @example
 * const x = torch.ones(2, { requires_grad: true });
 * torch.autograd.backward([x.sum(), x.mul(2).sum()]);
 * console.log(x.grad.tolist()); // [ 3, 3 ]
 */
export function backward(
  tensors: Many,
  grad_tensors: Many | readonly (Tensor | null)[] | null = null,
  options: BackwardOptions = {},
): void {
  const roots = listOf(tensors);
  const grads =
    grad_tensors === null ? [] : grad_tensors instanceof Tensor ? [grad_tensors] : [...grad_tensors];
  runBackward(
    roots,
    roots.map((_, i) => grads[i] ?? null),
    options,
  );
}

export interface GradOptions {
  grad_outputs?: Many | readonly (Tensor | null)[] | null;
  retain_graph?: boolean;
  create_graph?: boolean;
  /** Give null for inputs that the outputs do not depend on, instead of an error. Default false. */
  allow_unused?: boolean;
}

/**
 * The gradients of the (weighted) sum of `outputs` with respect to `inputs`, one per input; `.grad` stays as it is.
 *
 * @example
 * const x = torch.tensor([1.5, 2.5], { requires_grad: true });
 * const [g] = torch.autograd.grad(x.square().sum(), [x]);
 * console.log(g.tolist()); // [ 3, 5 ]
 */
export function grad(outputs: Many, inputs: Many, options: GradOptions = {}): (Tensor | null)[] {
  const { grad_outputs = null, ...rest } = options;
  const roots = listOf(outputs);
  const grads =
    grad_outputs === null ? [] : grad_outputs instanceof Tensor ? [grad_outputs] : [...grad_outputs];
  return runGrad(
    roots,
    roots.map((_, i) => grads[i] ?? null),
    listOf(inputs),
    rest,
  );
}
