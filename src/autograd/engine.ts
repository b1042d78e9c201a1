import { RuntimeError } from '../errors.js';
import { add, clone, ones_like, sumToSize, to, zeros } from '../ops/internal.js';
import { enterOp, failOp, keep, leaveOp, withScope } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { alias } from '../tensor_handle.js';
import { is_anomaly_check_nan_enabled, is_anomaly_enabled } from './anomaly.js';
import { exchangeGradMode } from './mode.js';
import { hasNaN, ownSparse, sumOf } from './sparse_gradient.js';
import { AccumulateGrad, gradientEdge } from './node.js';
import type { Edge, Node, TensorMeta } from './node.js';

export interface BackwardOptions {
  /** Keep what was saved, so that backward can run again. Default: `create_graph`. */
  retain_graph?: boolean | null;
  /** Record the backward itself, for higher derivatives. Default false. */
  create_graph?: boolean;
  /** Accumulate into these leaves only. */
  inputs?: Tensor | readonly Tensor[] | null;
}

/** Gradients that wait for their node, one slot per output. */
type Slots = (Tensor | null)[];

let wholeBackward = true;

/** Whether every backward under way accumulates into all leaves: torch.autograd._is_checkpoint_valid. */
export function isCheckpointValid(): boolean {
  return wholeBackward;
}

/** One run over the graph. */
class Run {
  private readonly pending = new Map<Node, Slots>();
  /** Edges into each AccumulateGrad that have not been followed yet: it runs when the last one has. */
  private readonly awaited = new Map<AccumulateGrad, number>();

  constructor(
    private readonly createGraph: boolean,
    private readonly keepGraph: boolean,
    /** Which gradients are asked for: called for each node before it runs. */
    private readonly capture: ((node: Node, slots: Slots) => void) | null,
    /** Nodes that lead to what is asked for; null for all. */
    private readonly needed: Set<Node> | null,
  ) {}

  execute(roots: readonly { edge: Edge; grad: Tensor }[]): void {
    const order = reachable(roots.map((root) => root.edge.node));
    for (const node of order) {
      for (const edge of node.edges) if (edge?.node instanceof AccumulateGrad) this.await(edge.node);
    }
    for (const { edge, grad } of roots) {
      if (edge.node instanceof AccumulateGrad) this.await(edge.node);
      this.add(edge, alias(grad));
    }
    const before = wholeBackward;
    wholeBackward &&= this.capture === null;
    try {
      for (const { edge } of roots) if (edge.node instanceof AccumulateGrad) this.followed(edge.node);
      for (const node of order) if (!(node instanceof AccumulateGrad)) this.runNode(node);
      if (!this.keepGraph) for (const node of order.reverse()) node.settleLease();
    } finally {
      wholeBackward = before;
      for (const slots of this.pending.values()) for (const grad of slots) grad?._drop();
    }
  }

  private await(node: AccumulateGrad): void {
    this.awaited.set(node, (this.awaited.get(node) ?? 0) + 1);
  }

  /** One edge into an AccumulateGrad is done, with or without a gradient. */
  private followed(node: AccumulateGrad): void {
    const left = this.awaited.get(node)! - 1;
    this.awaited.set(node, left);
    if (left > 0) return;
    const slots = this.pending.get(node);
    if (slots === undefined) return;
    this.pending.delete(node);
    this.capture?.(node, slots);
    if (this.capture === null) this.accumulate(node, slots[0]!);
    else slots[0]?._drop();
  }

  private runNode(node: Node): void {
    const slots = this.pending.get(node);
    this.pending.delete(node);
    const wanted = this.needed === null || this.needed.has(node);
    if (slots !== undefined) {
      try {
        this.applyPreHooks(node, slots);
        this.capture?.(node, slots);
      } catch (error) {
        for (const grad of slots) grad?._drop();
        throw error;
      }
    }
    if (slots !== undefined && wanted) {
      const mark = enterOp();
      try {
        const grads = this.fillMissing(node, slots);
        if (is_anomaly_enabled()) this.deliver(node, applyWatched(node, grads));
        else this.deliver(node, node.apply(grads));
      } catch (error) {
        for (const grad of slots) grad?._drop();
        failOp(mark);
        throw error;
      }
      leaveOp(mark, []);
      if (!this.keepGraph) node.releaseSaved();
    }
    if (slots !== undefined) for (const grad of slots) grad?._drop();
    for (const edge of node.edges) if (edge?.node instanceof AccumulateGrad) this.followed(edge.node);
  }

  private applyPreHooks(node: Node, slots: Slots): void {
    if (node.preHooks !== null) {
      for (const [nr, hooks] of node.preHooks) {
        for (const hook of hooks.slice()) {
          const grad = slots[nr];
          if (grad) slots[nr] = this.replaced(grad, hook(alias(grad, true)));
        }
      }
    }
    if (node.allHook !== null) this.applyAllHook(node, slots, node.allHook);
  }

  private applyAllHook(node: Node, slots: Slots, hook: (grads: Slots) => Slots): void {
    const seen = node.outputs.map((_, nr) => (slots[nr] ? alias(slots[nr], true) : null));
    hook(seen).forEach((by, nr) => {
      if (by === seen[nr]) return;
      const own = by === null ? null : alias(by);
      slots[nr]?._drop();
      slots[nr] = own;
    });
  }

  /** What a hook made of a gradient; the engine owns the result. */
  private replaced(grad: Tensor, by: Tensor | null | undefined | void): Tensor {
    if (by === null || by === undefined) return grad;
    if (!(by instanceof Tensor)) throw new TypeError('a hook must return a Tensor or nothing');
    if (!sameShape(by.shape, grad.shape)) {
      throw new RuntimeError(
        `hook has changed the size of value: ${showShape(grad.shape)} became ${showShape(by.shape)}`,
      );
    }
    if (by.is_sparse !== grad.is_sparse) {
      throw new RuntimeError(`hook has changed the type of value (was ${grad.type()} got ${by.type()})`);
    }
    const own = alias(by);
    grad._drop();
    return own;
  }

  private fillMissing(node: Node, slots: Slots): Slots {
    const grads: Slots = [];
    const { takesNull } = node;
    for (let nr = 0; nr < node.outputs.length; nr++) {
      const meta = node.outputs[nr];
      grads.push(
        slots[nr] ??
          (takesNull || !meta.dtype.is_floating_point ? null : zeros([...meta.shape], { dtype: meta.dtype })),
      );
    }
    return grads;
  }

  private deliver(node: Node, results: readonly (Tensor | null | undefined)[]): void {
    if (results.length !== node.edges.length) {
      throw new RuntimeError(
        `${node.name} returned ${results.length} gradients, expected ${node.edges.length}`,
      );
    }
    for (let i = 0; i < results.length; i++) {
      const edge = node.edges[i];
      const result = results[i];
      if (!edge || !result) continue;
      const fitted = fit(node, i, result, node.inputs[i]!);
      this.add(edge, alias(fitted));
    }
  }

  /** Adds a gradient, which the engine owns, to a slot. */
  private add(edge: Edge, grad: Tensor): void {
    const { node, nr } = edge;
    let slots = this.pending.get(node);
    if (slots === undefined) this.pending.set(node, (slots = []));
    const before = slots[nr];
    if (!before) {
      slots[nr] = grad;
      return;
    }
    // Only to a dense gradient can any be added; of two sparse ones torch puts the later first.
    const [first, second] = before.is_sparse ? [grad, before] : [before, grad];
    const writable = !this.createGraph && !first.is_sparse && first._storage.unique && first.is_contiguous();
    if (writable) {
      add.inplace(first, second);
      slots[nr] = first;
    } else {
      const mark = enterOp();
      slots[nr] = alias(add(first, second));
      leaveOp(mark, []);
      first._drop();
    }
    second._drop();
  }

  /** The first gradient of a leaf, as the leaf is to have it: no memory in it is anybody else's. */
  private own(grad: Tensor): Tensor {
    if (grad.is_sparse) return this.createGraph ? clone(grad) : ownSparse(grad);
    const steal = grad._storage.unique && grad.is_contiguous();
    return this.createGraph || steal ? alias(grad, true) : clone(grad);
  }

  private accumulate(node: AccumulateGrad, incoming: Tensor): void {
    const { variable } = node;
    let grad = incoming;
    try {
      if (variable._released !== null) return;
      for (const hook of variable._hooks?.slice() ?? []) grad = this.replaced(grad, hook(alias(grad, true)));
      const before = variable._gradQuiet;
      if (before === null) {
        variable._setGrad(keep(this.own(grad)), false);
      } else if (this.createGraph || (before.is_sparse && !grad.is_sparse)) {
        variable._setGrad(keep(sumOf(before, grad)), false);
      } else {
        add.inplace(before, grad);
      }
    } finally {
      grad._drop();
    }
  }
}

/** Runs a node under anomaly detection. */
function applyWatched(node: Node, grads: Slots): Slots {
  try {
    const results = node.apply(grads);
    if (is_anomaly_check_nan_enabled()) {
      results.forEach((grad, i) => {
        if (grad?.dtype.is_floating_point === true && hasNaN(grad))
          throw new RuntimeError(`Function '${node.name}' returned nan values in its ${i}th output.`);
      });
    }
    return results;
  } catch (error) {
    console.warn(
      node.trace === null
        ? `Error detected in ${node.name}. No forward pass information available. Enable detect anomaly during forward pass ` +
            'for more information.'
        : `Error detected in ${node.name}. Traceback of forward call that caused the error:\n${node.trace}`,
    );
    throw error;
  }
}

/** Every node that can be reached, latest first: an order in which all of a node's consumers come before it. */
function reachable(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>(roots);
  const stack = [...seen];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const edge of node.edges) {
      if (edge === null || seen.has(edge.node)) continue;
      seen.add(edge.node);
      stack.push(edge.node);
    }
  }
  return [...seen].sort((a, b) => b.seq - a.seq);
}

/** Sums a gradient of the broadcast shape to the input's, and casts it to the input's dtype. */
function fit(node: Node, i: number, grad: Tensor, meta: TensorMeta): Tensor {
  let out = grad;
  if (meta.is_sparse && !grad.is_sparse) {
    throw new RuntimeError(
      `Function ${node.name} returned an invalid gradient at index ${i} - expected layout Sparse but got Strided`,
    );
  }
  if (!sameShape(out.shape, meta.shape)) {
    try {
      out = sumToSize(out, meta.shape);
    } catch (error) {
      if (grad.is_sparse) throw error;
      throw new RuntimeError(
        `Function ${node.name} returned an invalid gradient at index ${i} - got ${showShape(grad.shape)} ` +
          `but expected shape compatible with ${showShape(meta.shape)}`,
      );
    }
  }
  return out.dtype === meta.dtype ? out : to(out, meta.dtype);
}

function rootsOf(
  tensors: readonly Tensor[],
  grads: readonly (Tensor | null)[],
): { edge: Edge; grad: Tensor }[] {
  return tensors.map((tensor, i) => {
    tensor._live();
    const edge = gradientEdge(tensor);
    if (edge === null) {
      throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
    }
    let grad = grads[i] ?? null;
    if (grad === null) {
      if (tensor.numel() !== 1)
        throw new RuntimeError('grad can be implicitly created only for scalar outputs');
      grad = ones_like(tensor);
    } else {
      grad._live();
      if (!sameShape(grad.shape, tensor.shape)) {
        throw new RuntimeError(
          `Mismatch in shape: grad_output[${i}] has a shape of torch.Size(${showShape(grad.shape)}) and ` +
            `output[${i}] has a shape of torch.Size(${showShape(tensor.shape)}).`,
        );
      }
    }
    if (tensor.is_sparse && !grad.is_sparse) {
      throw new RuntimeError(`invalid gradient at index ${i} - expected layout Sparse but got Strided`);
    }
    return { edge, grad };
  });
}

/** torch.autograd.backward. */
export function runBackward(tensors: Tensor[], grads: (Tensor | null)[], options: BackwardOptions): void {
  const createGraph = options.create_graph ?? false;
  const keepGraph = options.retain_graph ?? createGraph;
  const { inputs = null } = options;
  if (inputs !== null) {
    const leaves = inputs instanceof Tensor ? [inputs] : [...inputs];
    if (leaves.length === 0) throw new RuntimeError("'inputs' argument to backward() cannot be empty.");
    const found = runGrad(tensors, grads, leaves, { ...options, allow_unused: true });
    leaves.forEach((input, i) => {
      const grad = found[i];
      if (!grad) return;
      const before = input._gradQuiet;
      input._setGrad(keep(before === null ? grad : sumOf(before, grad)), false);
    });
    return;
  }
  withScope('backward', () => {
    const modeBefore = exchangeGradMode(createGraph);
    try {
      new Run(createGraph, keepGraph, null, null).execute(rootsOf(tensors, grads));
    } finally {
      exchangeGradMode(modeBefore);
    }
  });
}

/** torch.autograd.grad. */
export function runGrad(
  outputs: Tensor[],
  grads: (Tensor | null)[],
  inputs: Tensor[],
  options: BackwardOptions & { allow_unused?: boolean },
): (Tensor | null)[] {
  const createGraph = options.create_graph ?? false;
  const keepGraph = options.retain_graph ?? createGraph;
  return withScope('torch.autograd.grad', () => {
    const modeBefore = exchangeGradMode(createGraph);
    try {
      const edges = inputs.map((input) => {
        input._live();
        const edge = gradientEdge(input);
        if (edge === null) throw new RuntimeError('One of the differentiated Tensors does not require grad');
        return edge;
      });
      const roots = rootsOf(outputs, grads);
      const results = new Array<Tensor | null>(inputs.length).fill(null);
      const capture = (node: Node, slots: Slots): void => {
        edges.forEach((edge, i) => {
          if (edge.node !== node || !slots[edge.nr]) return;
          let grad = alias(slots[edge.nr]!, true);
          for (const hook of node instanceof AccumulateGrad ? (node.variable._hooks ?? []) : [])
            grad = hook(grad) ?? grad;
          results[i] = grad;
        });
      };
      new Run(createGraph, keepGraph, capture, leadingTo(edges, roots)).execute(roots);
      if (options.allow_unused !== true && results.includes(null)) {
        throw new RuntimeError(
          'One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is ' +
            'the desired behavior.',
        );
      }
      return results;
    } finally {
      exchangeGradMode(modeBefore);
    }
  });
}

/** Nodes that must run for gradients to reach one of the edges. */
function leadingTo(edges: readonly Edge[], roots: readonly { edge: Edge }[]): Set<Node> {
  const targets = new Set(edges.map((edge) => edge.node));
  const needed = new Set<Node>();
  for (const node of reachable(roots.map((root) => root.edge.node)).reverse()) {
    if (node.edges.some((edge) => edge !== null && (targets.has(edge.node) || needed.has(edge.node))))
      needed.add(node);
  }
  return needed;
}
