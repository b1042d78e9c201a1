import { NotImplementedError, RuntimeError } from '../errors.js';
import { typeName } from '../python_text.js';
import { enterOp, failOp, leaveOp } from '../scope.js';
import { Tensor } from '../tensor.js';
import { alias } from '../tensor_handle.js';
import { checkInplace, forbidInplace, rebaseHistory } from './inplace.js';
import { exchangeGradMode, is_grad_enabled } from './mode.js';
import { Node, gradientEdge } from './node.js';
import type { Grads } from './node.js';
import { FREED, metaOf } from './op_node.js';
import { SavedTensor } from './saved.js';

/** What a custom function's `forward` and `backward` share. */
export interface FunctionContext {
  /** Keeps tensors for backward; they come back as `saved_tensors`. */
  save_for_backward(...tensors: (Tensor | null)[]): void;
  readonly saved_tensors: readonly Tensor[];
  /** For each argument of `apply`, whether backward must give its gradient. */
  readonly needs_input_grad: readonly boolean[];
  /** Declares inputs that forward wrote in place (and returns). */
  mark_dirty(...tensors: Tensor[]): void;
  /** Declares outputs that have no gradient. */
  mark_non_differentiable(...tensors: Tensor[]): void;
  /** Whether missing output gradients come as zeros (default) or null. */
  set_materialize_grads(value: boolean): void;
  /** Anything else that backward needs. */
  [key: string]: unknown;
}

class FunctionNode extends Node {
  readonly name: string;
  readonly context: FunctionContext;
  materialize = true;
  given: (Tensor | null)[] = [];
  dirty: Tensor[] = [];
  plain: Tensor[] = [];
  private saved: (SavedTensor | null)[] = [];
  private freed = false;

  constructor(
    private readonly definition: typeof AutogradFunction,
    args: readonly unknown[],
    recording: boolean,
  ) {
    super();
    this.name = `${definition.name}Backward`;
    const inputs = args.map((arg) => (arg instanceof Tensor ? arg : null));
    const edges = inputs.map((input) => (recording && input !== null ? gradientEdge(input) : null));
    this.setEdges(
      edges,
      inputs.map((input) => (input === null ? null : metaOf(input))),
    );
    const needs = edges.map((edge) => edge !== null);
    this.context = makeContext(this, needs, () => this.unpack());
  }

  override get takesNull(): boolean {
    return !this.materialize;
  }

  /** Turns what forward gave to save_for_backward into counted handles, once it is known which are outputs. */
  save(outputs: readonly Tensor[]): void {
    this.saved = this.given.map((t) => {
      if (t === null) return null;
      const nr = this.dirty.includes(t) ? -1 : outputs.indexOf(t);
      return new SavedTensor(t, nr < 0 ? null : nr);
    });
    this.given = [];
  }

  private unpack(): Tensor[] {
    if (this.freed) throw new RuntimeError(FREED);
    return this.saved.map((saved) => (saved === null ? null : saved.unpack(this))) as Tensor[];
  }

  override settle(): void {
    for (const saved of this.saved) saved?.settle();
  }

  apply(grads: Grads): Grads {
    if (this.freed) throw new RuntimeError(FREED);
    const result = this.definition.backward(this.context, ...(grads as Tensor[]));
    const list = Array.isArray(result) ? result : [result];
    const surplus = list.slice(this.edges.length).some((grad) => grad !== null);
    if (list.length < this.edges.length || surplus) {
      throw new RuntimeError(
        `function ${this.name} returned an incorrect number of gradients (expected ${this.edges.length}, got ${list.length})`,
      );
    }
    for (const grad of list) {
      if (grad !== null && grad !== undefined && !((grad as unknown) instanceof Tensor))
        throw new RuntimeError(`expected Variable or None (got ${typeName(grad)})`);
    }
    return list.slice(0, this.edges.length);
  }

  override get holds(): boolean {
    return this.saved.length > 0;
  }

  releaseSaved(): void {
    if (this.saved.length === 0) return;
    for (const saved of this.saved) saved?.release();
    this.saved = [];
    this.freed = true;
  }
}

function makeContext(node: FunctionNode, needs: readonly boolean[], unpack: () => Tensor[]): FunctionContext {
  return {
    save_for_backward: (...tensors) => void (node.given = tensors),
    get saved_tensors() {
      return unpack();
    },
    needs_input_grad: needs,
    mark_dirty: (...tensors) => void (node.dirty = tensors),
    mark_non_differentiable: (...tensors) => void (node.plain = tensors),
    set_materialize_grads: (value) => void (node.materialize = value),
  };
}

/**
 * A user's own differentiable function: subclass it with static `forward(ctx, …)` and `backward(ctx, …grads)`, and call
 * `apply`. `backward` returns one gradient (or null) for each argument of `apply`.
 *
 * @example
 * class Cube extends torch.autograd.Function {
 *   static forward(ctx, x) { ctx.save_for_backward(x); return x.pow(3); }
 *   static backward(ctx, g) { const [x] = ctx.saved_tensors; return g.mul(x.square().mul(3)); }
 * }
 * const x = torch.tensor([2.5], { requires_grad: true });
 * Cube.apply(x).backward();
 * console.log(x.grad.item()); // 18.75
 */
export class AutogradFunction {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- subclasses declare their own argument lists
  static forward(_ctx: FunctionContext, ..._args: any[]): Tensor | Tensor[] {
    throw new NotImplementedError('You must implement the forward function for custom autograd.Function.');
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  static backward(_ctx: FunctionContext, ..._grads: any[]): Tensor | null | (Tensor | null)[] {
    throw new NotImplementedError(
      'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
    );
  }

  /** Runs `forward` and records `backward`. */
  static apply<F extends typeof AutogradFunction>(this: F, ...args: ArgumentsOf<F>): ReturnType<F['forward']>;
  static apply(this: typeof AutogradFunction, ...args: unknown[]): Tensor | Tensor[] {
    for (const arg of args) if (arg instanceof Tensor) arg._live();
    const recording = is_grad_enabled() && args.some((arg) => arg instanceof Tensor && arg.requires_grad);
    const mark = enterOp();
    const node = new FunctionNode(this, args, recording);
    let outputs: Tensor[];
    let single: boolean;
    try {
      const before = exchangeGradMode(false);
      let result: Tensor | Tensor[];
      try {
        result = this.forward(node.context, ...args);
      } finally {
        exchangeGradMode(before);
      }
      single = result instanceof Tensor;
      outputs = result instanceof Tensor ? [result] : result;
      outputs = record(node, outputs, args, recording);
    } catch (error) {
      failOp(mark);
      node.retain();
      node.release();
      throw error;
    }
    leaveOp(mark, outputs);
    return single ? outputs[0] : outputs;
  }
}

type ArgumentsOf<F extends typeof AutogradFunction> = F['forward'] extends (
  ctx: FunctionContext,
  ...args: infer A
) => unknown
  ? A
  : never;

function record(
  node: FunctionNode,
  results: Tensor[],
  args: readonly unknown[],
  recording: boolean,
): Tensor[] {
  for (const tensor of node.dirty) {
    if (!args.includes(tensor) || !results.includes(tensor)) {
      throw new RuntimeError(
        'Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified ' +
          'inplace must all be outputs of the Function.',
      );
    }
    if (recording) checkInplace(tensor);
    tensor._wrote();
  }
  // An input that comes back unchanged becomes an output of its own.
  const outputs = results.map((t) => (args.includes(t) && !node.dirty.includes(t) ? alias(t, true) : t));
  node.outputs = outputs.map(metaOf);
  if (!recording) return outputs;
  node.save(outputs);
  outputs.forEach((output, nr) => {
    if (node.plain.includes(results[nr]) || !output.dtype.is_floating_point) return;
    if (node.dirty.includes(output)) rebaseHistory(output, node);
    else output._setGradFn(node, nr);
    if (output !== results[nr]) forbidInplace(output, nr, node.name);
  });
  node.settle();
  return outputs;
}
