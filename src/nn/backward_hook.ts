import { AutogradFunction } from '../autograd/function.js';
import type { FunctionContext } from '../autograd/function.js';
import { is_grad_enabled } from '../autograd/mode.js';
import type { Grads, Node } from '../autograd/node.js';
import { RuntimeError } from '../errors.js';
import { zeros } from '../ops/creation.js';
import { Tensor } from '../tensor.js';
import type { Module } from './module.js';

/** Sees, and may replace, the gradients of a module's inputs; null stands for arguments that are no tensors. */
export type BackwardHook<M> = (
  module: M,
  grad_input: (Tensor | null)[],
  grad_output: (Tensor | null)[],
) => unknown;

/** Its outputs are its inputs: a node that all gradients of a module's inputs, or outputs, pass. */
class BackwardHookFunction extends AutogradFunction {
  static override forward(ctx: FunctionContext, ...tensors: Tensor[]): Tensor[] {
    ctx.set_materialize_grads(false);
    ctx.mark_non_differentiable(...tensors.filter((tensor) => !tensor.requires_grad));
    return tensors;
  }
  static override backward(_ctx: FunctionContext, ...grads: (Tensor | null)[]): (Tensor | null)[] {
    return grads;
  }
}

/** What the arguments became behind the node, and which of them are tensors; null where none requires grad. */
interface Passed {
  readonly values: unknown[];
  readonly at: readonly number[] | null;
}

function pass(values: readonly unknown[], prepare: (node: Node) => void): Passed {
  const at = values.flatMap((value, i) => (value instanceof Tensor ? [i] : []));
  const tensors = at.map((i) => values[i] as Tensor);
  if (!is_grad_enabled() || !tensors.some((tensor) => tensor.requires_grad))
    return { values: [...values], at: null };
  const outputs = BackwardHookFunction.apply(...tensors);
  prepare(outputs.find((output) => output.grad_fn !== null)!.grad_fn!);
  const passed = [...values];
  at.forEach((i, nr) => (passed[i] = outputs[nr]));
  return { values: passed, at };
}

/** The values at some places of a list of nulls. */
function spread<T>(at: readonly number[], values: readonly T[], size: number): (T | null)[] {
  const list = new Array<T | null>(size).fill(null);
  at.forEach((i, nr) => (list[i] = values[nr]));
  return list;
}

/** The full backward hooks of one call: they run when the gradients of the outputs and then those of the inputs are known. */
export class BackwardHooks {
  private gradOutput: (Tensor | null)[] | null = null;
  private inputCount = 0;
  private inputsAt: readonly number[] | null = null;

  constructor(
    private readonly module: Module,
    private readonly hooks: readonly BackwardHook<Module>[],
  ) {}

  onInputs(args: readonly unknown[]): unknown[] {
    const { values, at } = pass(args, (node) => (node.allHook = (grads) => this.atInputs(node, grads)));
    this.inputCount = args.length;
    this.inputsAt = at;
    return values;
  }

  onOutputs(result: unknown): unknown {
    const many = Array.isArray(result);
    const outputs: readonly unknown[] = many ? (result as unknown[]) : [result];
    const { values } = pass(outputs, (node) => {
      const at = outputs.flatMap((value, i) => (value instanceof Tensor ? [i] : []));
      node.allHook = (grads) => {
        this.gradOutput = spread(at, grads, outputs.length);
        if (this.inputsAt === null) this.withoutInputs();
        return grads;
      };
    });
    return many ? values : values[0];
  }

  private withoutInputs(): void {
    for (const hook of this.hooks) {
      const found = hook(this.module, new Array<null>(this.inputCount).fill(null), this.gradOutput!);
      if (!isNothing(found) && !(Array.isArray(found) && found.every(isNothing))) {
        throw new RuntimeError(
          'Backward hook for Modules where no input requires gradient should always return None or None for all gradients.',
        );
      }
    }
    this.gradOutput = null;
  }

  private atInputs(node: Node, grads: Grads): Grads {
    if (this.gradOutput === null) return grads;
    // torch gives hooks zeros for tensors that no gradient came to.
    const shown = grads.map((grad, nr) => {
      const { shape, dtype } = node.outputs[nr];
      return grad ?? (dtype.is_floating_point ? zeros([...shape], { dtype }) : null);
    });
    let list = spread(this.inputsAt!, shown, this.inputCount);
    for (const hook of this.hooks) {
      const found = hook(this.module, list, this.gradOutput);
      if (isNothing(found)) continue;
      const given = (Array.isArray(found) ? found : [found]) as (Tensor | null)[];
      if (given.length !== list.length) {
        throw new RuntimeError(
          `Backward hook returned an invalid number of grad_input, got ${given.length}, but expected ${list.length}`,
        );
      }
      list = given;
    }
    this.gradOutput = null;
    return this.inputsAt!.map((i, nr) => (list[i] === shown[nr] ? grads[nr] : list[i]));
  }
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
