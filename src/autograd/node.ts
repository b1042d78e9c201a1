import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { callTrace } from './anomaly.js';

/** What is known of a tensor that a gradient belongs to. */
export interface TensorMeta {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly is_sparse: boolean;
}

/** Where the gradient of one input goes: which output of which node. */
export interface Edge {
  readonly node: Node;
  readonly nr: number;
}

/** Gradients, one per output or input of a node; null where there is none. */
export type Grads = (Tensor | null)[];

/** Sees, and may replace, the gradients that enter a node. */
export type GradHook = (grad: Tensor) => Tensor | null | undefined | void;

let sequence = 0;

/**
 * What the finalizer of a handle holds of a node in place of the node itself. It lets go of a node when backward has left nothing to
 * release there: in a synchronous loop no finalizer runs, and each step's graph would pile up as JavaScript objects.
 */
export interface Lease {
  node: Node | null;
}

/**
 * One recorded operation. Counted like a storage: by the handles whose `grad_fn` it is and by the edges of live nodes
 * that lead to it. At zero it lets go of what it saved, so a graph that nobody can reach holds no memory.
 */
export abstract class Node {
  /** Later nodes have larger numbers; an edge always leads to a smaller one. */
  readonly seq = sequence++;
  /** One per tensor input; null where no gradient is wanted. */
  edges: (Edge | null)[] = [];
  /** A node that this one counts as a holder of, beside those that its edges lead to. */
  protected inner: Node | null = null;
  inputs: (TensorMeta | null)[] = [];
  outputs: TensorMeta[] = [];
  preHooks: Map<number, GradHook[]> | null = null;
  /** Sees the gradients of all outputs at once, after `preHooks`, and gives those that take their place. */
  allHook: ((grads: Grads) => Grads) | null = null;
  /** Where the operation was called, under anomaly detection. */
  readonly trace: string | null = callTrace();
  readonly lease: Lease = { node: this };
  private refs = 0;

  abstract readonly name: string;

  /** Whether `apply` takes null for an output that no gradient arrived at, instead of zeros. */
  get takesNull(): boolean {
    return false;
  }

  /** Whether `releaseSaved` has something to release. */
  get holds(): boolean {
    return false;
  }

  /** From the gradients of the outputs to those of the inputs. */
  abstract apply(grads: Grads): Grads;

  /** Lets go of saved tensors. Called after backward, and when nobody can reach the node any more. */
  abstract releaseSaved(): void;

  /** Called when the outputs have their history. */
  settle(): void {}

  setEdges(edges: (Edge | null)[], inputs: (TensorMeta | null)[]): void {
    for (const edge of edges) edge?.node.retain();
    this.edges = edges;
    this.inputs = inputs;
  }

  /** Ends the lease when neither this node nor what it leads to holds anything. */
  settleLease(): void {
    if (this.holds) return;
    for (const edge of this.edges) {
      if (edge !== null && !(edge.node instanceof AccumulateGrad) && edge.node.lease.node !== null) return;
    }
    this.lease.node = null;
  }

  retain(): void {
    this.refs++;
  }

  release(): void {
    if (--this.refs > 0) return;
    const dead: Node[] = [this];
    for (let node = dead.pop(); node !== undefined; node = dead.pop()) {
      node.releaseSaved();
      const { edges, inner } = node;
      node.edges = [];
      node.inner = null;
      for (const edge of edges) if (edge !== null && --edge.node.refs <= 0) dead.push(edge.node);
      if (inner !== null && --inner.refs <= 0) dead.push(inner);
    }
  }

  addPreHook(nr: number, hook: GradHook): () => void {
    const hooks = (this.preHooks ??= new Map<number, GradHook[]>());
    const list = hooks.get(nr) ?? [];
    list.push(hook);
    hooks.set(nr, list);
    return () => {
      const at = list.indexOf(hook);
      if (at >= 0) list.splice(at, 1);
    };
  }

  /** `[[node, output number], …]` of the inputs, as in torch. */
  get next_functions(): readonly (readonly [Node | null, number])[] {
    return this.edges.map((edge) => (edge === null ? [null, 0] : [edge.node, edge.nr]));
  }

  toString(): string {
    return `<${this.name}>`;
  }
}

/** The end of a graph: adds what arrives to the `.grad` of a leaf. */
export class AccumulateGrad extends Node {
  readonly name = 'AccumulateGrad';
  constructor(readonly variable: Tensor) {
    super();
    this.outputs = [variable];
  }

  apply(): Grads {
    throw new RuntimeError('AccumulateGrad is run by the engine');
  }

  releaseSaved(): void {}
}

/** The edge along which the gradient of `tensor` flows; null when it wants none. */
export function gradientEdge(tensor: Tensor): Edge | null {
  if (tensor.grad_fn !== null) return { node: tensor.grad_fn, nr: tensor._outputNr };
  if (!tensor.requires_grad) return null;
  return { node: (tensor._accumulate ??= new AccumulateGrad(tensor)), nr: 0 };
}
