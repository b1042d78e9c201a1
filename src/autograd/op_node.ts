import { RuntimeError } from '../errors.js';
import type { AnyDefinition, Context } from '../ops/define.js';
import { clone } from '../ops/internal.js';
import type { Schema } from '../ops/schema.js';
import type { Storage } from '../storage.js';
import { Tensor } from '../tensor.js';
import { exchangeGradMode } from './mode.js';
import { Node, gradientEdge } from './node.js';
import type { Edge, Grads, TensorMeta } from './node.js';
import { SavedTensor } from './saved.js';

export const FREED =
  'Trying to backward through the graph a second time (or directly access saved tensors after they have already been ' +
  'freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify ' +
  'retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors ' +
  'after calling backward.';

/** What a composite that runs in place is about to overwrite. */
let doomed: Storage | null = null;

/** Runs a composite's forward before its result is written over `storage`: nodes made in it save copies of what is there. */
export function beforeWrite<R>(storage: Storage, forward: () => R): R {
  const before = doomed;
  doomed = storage;
  try {
    return forward();
  } finally {
    doomed = before;
  }
}

/** A copy with the history of the tensor, so that gradients of gradients reach it. */
function recordedClone(tensor: Tensor): Tensor {
  const before = exchangeGradMode(true);
  try {
    return clone(tensor);
  } finally {
    exchangeGradMode(before);
  }
}

/** The node of an operator's call; it is the context that forward and backward see. */
export class OpNode extends Node implements Context {
  readonly needs: readonly boolean[];
  readonly args: readonly unknown[];
  readonly mayWait = false;
  state: unknown = undefined;
  private savedTensors: (SavedTensor | null)[] = [];
  /** Outputs that were saved, until the call is over. */
  private savedOutputs: { saved: SavedTensor; tensor: Tensor }[] = [];
  private freed = false;
  /** Whether a copy of the target was saved. */
  private copied = false;

  constructor(
    private readonly definition: AnyDefinition,
    private readonly schema: Schema,
    args: readonly unknown[],
    inputs: readonly (Tensor | null)[],
    readonly target: Tensor | null,
  ) {
    super();
    const edges = inputs.map((input): Edge | null => (input === null ? null : gradientEdge(input)));
    this.setEdges(
      edges,
      inputs.map((input): TensorMeta | null => (input === null ? null : metaOf(input))),
    );
    this.needs = edges.map((edge) => edge !== null);
    this.args = args.map((arg, i) => (schema.params[i].isTensor && typeof arg === 'object' ? null : arg));
  }

  /** torch's name: `add` is `AddBackward0`, `max_pool2d` `MaxPool2DBackward0`. */
  get name(): string {
    const words = this.schema.name.replace(/^_+|_+$/g, '').split('_');
    return `${words.map((word) => word.replace(/^[a-z]|\dd$/g, (c) => c.toUpperCase())).join('')}Backward0`;
  }

  save(...tensors: (Tensor | null)[]): void {
    for (const tensor of tensors) {
      const kept = tensor !== null && this.mustCopy(tensor) ? recordedClone(tensor) : tensor;
      this.savedTensors.push(kept === null ? null : new SavedTensor(kept, null));
    }
  }

  /** What is about to be overwritten is saved as it was, but as in torch not where it is another argument of the call too. */
  private mustCopy(tensor: Tensor): boolean {
    if (tensor._storage === doomed) return true;
    if (tensor !== this.target || this.copied) return false;
    this.copied = true;
    return true;
  }

  saveOutput(tensor: Tensor): void {
    const saved = new SavedTensor(tensor, 0);
    this.savedTensors.push(saved);
    this.savedOutputs.push({ saved, tensor });
  }

  /** Null entries of `save` come back as null: the list is typed for the usual case that there are none. */
  saved(): Tensor[] {
    if (this.freed) throw new RuntimeError(FREED);
    return this.savedTensors.map((saved) => (saved === null ? null : saved.unpack(this))) as Tensor[];
  }

  /** Makes this the history of the outputs that can have a gradient. */
  record(result: Tensor | readonly Tensor[]): void {
    const outputs: readonly Tensor[] = result instanceof Tensor ? [result] : result;
    this.outputs = outputs.map(metaOf);
    for (const { saved, tensor } of this.savedOutputs) saved.outputNr = Math.max(outputs.indexOf(tensor), 0);
    outputs.forEach((output, nr) => {
      if (output.dtype.is_floating_point) output._setGradFn(this, nr);
    });
    this.settle();
  }

  override settle(): void {
    this.savedOutputs = [];
    for (const saved of this.savedTensors) saved?.settle();
  }

  /** The call failed: nothing holds this node. */
  discard(): void {
    this.savedOutputs = [];
    this.retain();
    this.release();
  }

  apply(grads: Grads): Grads {
    if (this.freed) throw new RuntimeError(FREED);
    const { backward: own, inplaceBackward } = this.definition;
    const backward = this.target === null ? own : (inplaceBackward ?? own);
    return (backward as (ctx: Context, ...grads: Grads) => Grads)(this, ...grads);
  }

  override get takesNull(): boolean {
    return this.definition.nullGrads === true;
  }

  override get holds(): boolean {
    return this.savedTensors.length > 0;
  }

  releaseSaved(): void {
    if (this.savedTensors.length === 0) return;
    for (const saved of this.savedTensors) saved?.release();
    this.savedTensors = [];
    this.freed = true;
  }
}

export function metaOf(tensor: Tensor): TensorMeta {
  return { shape: tensor.shape, dtype: tensor.dtype, is_sparse: tensor.is_sparse };
}
