import { RuntimeError } from '../errors.js';
import { as_strided, clone, copy_, fill_ } from '../ops/internal.js';
import type { Tensor } from '../tensor.js';
import { Node, gradientEdge } from './node.js';
import type { Grads } from './node.js';
import { OpNode, metaOf } from './op_node.js';

/** Outputs of custom functions that are their inputs, which a write would change behind the input's history. */
const returnedInputs = new WeakMap<Tensor, string>();

export function forbidInplace(output: Tensor, nr: number, name: string): void {
  returnedInputs.set(output, `Output ${nr} of ${name}`);
}

/** Refuses an in-place write that autograd could not express. */
export function checkInplace(self: Tensor): void {
  const base = self._base;
  if (base !== null && base.requires_grad && base.is_leaf) {
    throw new RuntimeError(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
  }
  const returned = returnedInputs.get(self) ?? (base === null ? undefined : returnedInputs.get(base));
  if (returned !== undefined) {
    throw new RuntimeError(
      `${returned} is a view and is being modified inplace. This view was created inside a custom Function (or because an ` +
        'input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward ' +
        'associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this ' +
        'by cloning the output of the custom Function.',
    );
  }
  if (self.requires_grad && self.is_leaf) {
    throw new RuntimeError('a leaf Variable that requires grad is being used in an in-place operation.');
  }
}

/** Makes `node`, whose first input was the old value of `self`, the history of `self` after an in-place write. */
export function rebaseHistory(self: Tensor, node: Node): void {
  node.outputs = [metaOf(self)];
  const base = self._base;
  if (base === null) {
    self._setGradFn(node, 0);
    self._history++;
  } else {
    const slices = new CopySlices(base, self, node);
    base._setGradFn(slices, 0);
    base._history++;
  }
  node.settle();
}

/** History of a tensor one of whose views was written in place (torch/csrc/autograd/functions/tensor.cpp). */
class CopySlices extends Node {
  readonly name = 'CopySlices';
  private readonly geometry: { shape: readonly number[]; strides: readonly number[]; offset: number };

  constructor(
    base: Tensor,
    view: Tensor,
    private readonly written: Node,
  ) {
    super();
    if (!base.is_contiguous()) {
      throw new RuntimeError(
        'an in-place write to a view of a non-contiguous tensor that requires grad is not supported',
      );
    }
    written.retain();
    this.inner = written;
    this.setEdges(
      [gradientEdge(base), ...written.edges.slice(1)],
      [metaOf(base), ...written.inputs.slice(1)],
    );
    this.outputs = [metaOf(base)];
    this.geometry = { shape: view.shape, strides: view._strides, offset: view._offset - base._offset };
  }

  apply(grads: Grads): Grads {
    const { shape, strides, offset } = this.geometry;
    const whole = clone(grads[0]!);
    const slice = as_strided(whole, [...shape], [...strides], offset);
    const inner = this.written.apply([clone(slice)]);
    if (inner[0] == null) fill_(slice, 0);
    else copy_(slice, inner[0]);
    return [whole, ...inner.slice(1)];
  }

  override get holds(): boolean {
    return this.written.holds;
  }

  releaseSaved(): void {
    this.written.releaseSaved();
  }
}

/** Gives a view whose base was written in place the history that the base has now. */
export function refreshView(view: Tensor): void {
  const base = view._base!;
  const { definition, parsed } = as_strided;
  const args = [base, [...view.shape], [...view._strides], view._offset - base._offset];
  const node = new OpNode(definition, parsed, args, [base], null);
  node.outputs = [metaOf(view)];
  node.state = { shape: base.shape };
  view._setGradFn(node, 0);
}
