import { RuntimeError } from '../errors.js';
import { typeName } from '../python_text.js';
import { currentScope, eachTensor, keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import { alias } from '../tensor_handle.js';
import { no_grad } from './mode.js';
import { AccumulateGrad, gradientEdge } from './node.js';
import type { Edge } from './node.js';

/** What is kept of tensors that are saved for backward, in place of the tensors. */
export interface SavedHooks {
  pack(tensor: Tensor): unknown;
  /** The tensor's values again. */
  unpack(packed: unknown): Tensor;
  /** What was packed is not needed any more. */
  release?(packed: unknown): void;
}

let hooks: SavedHooks | null = null;
/** What using hooks throws while they are disabled. */
let disabled: string | null = null;

/** Runs `body`, in which hooks for saved tensors are an error with that message. */
export function withoutSavedHooks<R>(message: string, body: () => R): R {
  if (hooks !== null) throw new RuntimeError(message);
  const before = disabled;
  disabled = message;
  try {
    return body();
  } finally {
    disabled = before;
  }
}

/** The hooks for tensors that are saved now. */
export function currentSavedHooks(): SavedHooks | null {
  return hooks;
}

export function withSavedHooks<R>(inner: SavedHooks | null, body: () => R): R {
  if (inner !== null && disabled !== null) throw new RuntimeError(disabled);
  const before = hooks;
  hooks = inner;
  try {
    return body();
  } finally {
    hooks = before;
  }
}

/** What a hook made of a saved tensor. */
export class Packed {
  private readonly value: unknown;
  /** Where the gradient of an input flows; outputs get theirs from their node. */
  private readonly edge: Edge | null;
  /** Tensors that the hook made. */
  private readonly owned: Tensor[] = [];

  constructor(
    tensor: Tensor,
    isOutput: boolean,
    private readonly hooks: SavedHooks,
  ) {
    const scope = currentScope();
    const mark = scope.owned.length;
    const { _version: version } = tensor;
    // A handle with an output's history would hold the node that holds it.
    const shown = isOutput ? tensor.detach() : alias(tensor, true);
    this.value = withSavedHooks(null, () => no_grad(() => hooks.pack(shown)));
    if (tensor._version !== version) {
      throw new RuntimeError(
        'A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be ' +
          'modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need ' +
          'to perform in-place operations on the input to a pack hook.',
      );
    }
    eachTensor(this.value, (part) => {
      if (scope.owned.includes(part, mark)) this.owned.push(keep(part));
    });
    this.edge = isOutput ? null : gradientEdge(tensor);
    this.edge?.node.retain();
  }

  /** The tensor with its history: an input's own, or `output` for the node's output. */
  unpack(output: Edge | null): Tensor {
    const found: unknown = withSavedHooks(null, () => no_grad(() => this.hooks.unpack(this.value)));
    if (!(found instanceof Tensor)) {
      throw new TypeError(
        `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${typeName(found)}`,
      );
    }
    const restored = found.detach();
    const edge = output ?? this.edge;
    if (edge !== null) {
      const { node, nr } = edge;
      if (node instanceof AccumulateGrad) restored.requires_grad_(true)._accumulate = node;
      else restored._setGradFn(node, nr);
    }
    return restored;
  }

  release(): void {
    this.edge?.node.release();
    for (const tensor of this.owned) tensor.dispose();
    this.hooks.release?.(this.value);
  }
}
