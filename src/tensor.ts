import { checkAssignedGrad } from './autograd/assigned_grad.js';
import { runBackward } from './autograd/engine.js';
import type { BackwardOptions } from './autograd/engine.js';
import { registerHook, retainGrad } from './autograd/hook.js';
import { refreshView } from './autograd/inplace.js';
import type { AccumulateGrad, GradHook, Node } from './autograd/node.js';
import type { DType } from './dtype.js';
import { IndexError, RuntimeError, UseAfterReleaseError } from './errors.js';
import { sparse_coo, strided } from './layout.js';
import type { Layout } from './layout.js';
import { signature } from './signature.js';
import type { Args } from './ops/define.js';
import { adopt, currentScope, keep, unwatch } from './scope.js';
import type { Holding, Scope } from './scope.js';
import { isContiguous, numel, wrapDim } from './shape.js';
import type { Shape } from './shape.js';
import { refuseLayout } from './sparse_storage.js';
import { settleReaders } from './storage.js';
import type { Storage } from './storage.js';
import { item, toTypedArray, tolist } from './tensor_data.js';
import type { NestedValues, TypedArray } from './tensor_data.js';
import { sharedParts } from './tensor_handle.js';
import type { TensorMethods } from './tensor_methods.js';
import { Counts } from './tensor_parts.js';
import type { TensorParts, VersionCounter } from './tensor_parts.js';
import { tensorToString } from './tensor_text.js';

const BACKWARD = signature(
  'backward(Tensor? gradient=None, bool? retain_graph=None, bool create_graph=False, Tensor?|Tensor[] inputs=None)',
);

/**
 * A multi-dimensional array: a handle on counted bytes in WebAssembly memory, seen through a shape and strides.
 * Made by `torch.tensor`, `torch.zeros`, … and by operators, never with `new`.
 *
 * @example
 * const x = torch.tensor([[1.5, 2.5], [3.5, 4.5]]);
 * console.log(x.shape, String(x.dtype)); // [ 2, 2 ] torch.float32
 * x.t().index(0).zero_(); // a view: it writes into x
 * console.log(x.tolist()); // [ [ 0, 2.5 ], [ 0, 4.5 ] ]
 */
export class Tensor {
  /** @internal */ readonly _storage: Storage;
  /** @internal */ _offset: number;
  /** @internal */ _shape: Shape;
  /** @internal */ _strides: Shape;
  /** @internal */ readonly _versionCounter: VersionCounter;
  /** @internal The scope that releases this handle; null when nobody does. */ _scope: Scope | null = null;
  /** @internal What released this handle. */ _released: string | null = null;
  /** @internal What is watched for this handle when no scope owns it; see `watch` in scope.ts. */ _watched:
    object | null = null;
  /** @internal */ _outputNr = 0;
  /** @internal */ _accumulate: AccumulateGrad | null = null;
  /** @internal The tensor this is a view of (never itself a view). */ _base: Tensor | null = null;
  /** @internal Version of the base's history that this view's grad_fn reflects. */ _baseHistory = 0;
  /** @internal How often the history was replaced through an in-place write. */ _history = 0;
  /** @internal */ _hooks: GradHook[] | null = null;
  /** @internal */ _retainsGrad = false;
  /** @internal */ readonly _counts: Counts;
  private readonly _dtype: DType;
  private _gradFn: Node | null = null;
  private _requiresGrad = false;
  private _grad: Tensor | null = null;
  private _gradSeen = false;

  /** @internal */
  constructor(parts: TensorParts, owned: boolean = true) {
    this._storage = parts.storage;
    this._offset = parts.offset;
    this._shape = parts.shape;
    this._strides = parts.strides;
    this._dtype = parts.dtype;
    this._versionCounter = parts.version;
    this._counts = new Counts(parts.storage);
    if (owned) adopt(this);
  }

  // --- what it is ---------------------------------------------------------------------------------------------------

  /** Sizes, outermost first. */
  get shape(): readonly number[] {
    return this._shape;
  }

  get dtype(): DType {
    return this._dtype;
  }

  /** Always `'cpu'`. */
  get device(): 'cpu' {
    return 'cpu';
  }

  /** Always true. */
  get is_cpu(): boolean {
    return true;
  }

  /** `torch.strided`, or `torch.sparse_coo` for sparse tensors. */
  get layout(): Layout {
    return this._storage.isSparse ? sparse_coo : strided;
  }

  /** Whether this is a list of values and their places (`torch.sparse_coo_tensor`). */
  get is_sparse(): boolean {
    return this._storage.isSparse;
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this._shape.length;
  }

  dim(): number {
    return this._shape.length;
  }

  /** The sizes, or the size of one dimension. */
  size(): readonly number[];
  size(dim: number): number;
  size(dim?: number): readonly number[] | number {
    return dim === undefined ? this._shape : this._sized(this._shape, dim);
  }

  /** Elements to step along each dimension (or one). */
  stride(): readonly number[];
  stride(dim: number): number;
  stride(dim?: number): readonly number[] | number {
    // torch has none for sparse tensors either, but an answer.
    const strides = this.is_sparse ? this._shape.map((_, d) => (d === 0 ? 1 : 0)) : this._strides;
    return dim === undefined ? strides : this._sized(strides, dim);
  }

  private _sized(list: Shape, dim: number): number {
    if (this.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
    return list[wrapDim(dim, this.ndim)];
  }

  /** The number of elements. */
  numel(): number {
    return numel(this._shape);
  }

  nelement(): number {
    return numel(this._shape);
  }

  /** Bytes per element. */
  element_size(): number {
    return this._dtype.itemsize;
  }

  /** The position of the first element in the storage, in elements. */
  storage_offset(): number {
    return this._offset;
  }

  is_contiguous(): boolean {
    return isContiguous(this._shape, this._strides);
  }

  is_floating_point(): boolean {
    return this._dtype.is_floating_point;
  }

  /** Whether both tensors see the same bytes. */
  is_set_to(other: Tensor): boolean {
    for (const t of [this, other]) if (t.is_sparse) refuseLayout('is_set_to', t);
    return this._storage === other._storage && this._offset === other._offset;
  }

  // --- autograd -----------------------------------------------------------------------------------------------------

  /** Whether operators on this tensor are recorded for backward. Can be set on leaves. */
  get requires_grad(): boolean {
    return this._requiresGrad || this.grad_fn !== null;
  }

  set requires_grad(value: boolean) {
    this.requires_grad_(value);
  }

  /** Sets `requires_grad` and returns the tensor. Only leaves of a floating dtype can take part. */
  requires_grad_(requires_grad: boolean = true): this {
    if (typeof requires_grad !== 'boolean') {
      throw new TypeError(`requires_grad_(): requires_grad must be a boolean, got ${String(requires_grad)}`);
    }
    this._live();
    if (this.grad_fn !== null) {
      if (requires_grad) return this;
      throw new RuntimeError(
        'you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph ' +
          "that doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    if (requires_grad && !this._dtype.is_floating_point) {
      throw new RuntimeError('only Tensors of floating point dtype can require gradients');
    }
    this._requiresGrad = requires_grad;
    return this;
  }

  /** Whether this was made by the user rather than by a recorded operator. */
  get is_leaf(): boolean {
    return this.grad_fn === null;
  }

  /** The recorded operation that made this, or null. */
  get grad_fn(): Node | null {
    if (this._base !== null && this._baseHistory !== this._base._history) refreshView(this);
    return this._gradFn;
  }

  /**
   * The accumulated gradient: a tensor of this shape and dtype, or null.
   * It belongs to this tensor: no scope releases it. Assigning another, or null, lets it go.
   */
  get grad(): Tensor | null {
    this._gradSeen = true;
    return this._grad;
  }

  set grad(value: Tensor | null) {
    if (value !== null) {
      checkAssignedGrad(this, value);
      keep(value);
    }
    this._setGrad(value, true);
  }

  /** @internal The gradient, without the mark that the user has seen the handle. */
  get _gradQuiet(): Tensor | null {
    return this._grad;
  }

  /** @internal The gradient belongs to this tensor; the one before goes, unless the user got hold of its handle. */
  _setGrad(value: Tensor | null, seen: boolean): void {
    const before = this._grad;
    if (before === value) return;
    this._grad = value;
    if (before !== null && before._released === null) {
      if (this._gradSeen) {
        const scope = currentScope();
        if (scope.parent !== null) adopt(before);
      } else {
        before._release('its tensor, whose gradient was set anew');
      }
    }
    this._gradSeen = seen;
  }

  /**
   * Computes the gradients of the leaves this tensor was made from and adds them to their `.grad`.
   *
   * @param gradient the gradient of what is differentiated with respect to this tensor; 1 for a single element.
   * @example
   * const x = torch.tensor([1.5, 2.5], { requires_grad: true });
   * x.square().sum().backward();
   * console.log(x.grad.tolist()); // [ 3, 5 ]
   */
  backward(
    ...args: Args<
      [],
      [
        gradient: Tensor | null,
        retain_graph: boolean | null,
        create_graph: boolean,
        inputs: Tensor | readonly Tensor[] | null,
      ],
      { gradient?: Tensor | null } & BackwardOptions
    >
  ): void {
    this._live();
    const [gradient, retain_graph, create_graph, inputs] = BACKWARD(args) as [
      Tensor | null,
      boolean | null,
      boolean,
      Tensor | readonly Tensor[] | null,
    ];
    runBackward([this], [gradient], { retain_graph, create_graph, inputs });
  }

  /**
   * Calls `hook` with the gradient of this tensor; what it returns replaces the gradient. Returns a handle to remove it.
   *
   * @example
   * const x = torch.ones(2, { requires_grad: true });
   * const handle = x.register_hook((grad) => grad.mul(10));
   * x.sum().backward();
   * handle.remove();
   * console.log(x.grad.tolist()); // [ 10, 10 ]
   */
  register_hook(hook: GradHook): { remove(): void } {
    return registerHook(this, hook);
  }

  /**
   * Keeps `.grad` for a tensor that is no leaf.
   *
   * @example
   * const x = torch.ones(2, { requires_grad: true });
   * const y = x.mul(3);
   * y.retain_grad();
   * y.sum().backward();
   * console.log(y.grad.tolist(), x.grad.tolist()); // [ 1, 1 ] [ 3, 3 ]
   */
  retain_grad(): void {
    retainGrad(this);
  }

  get retains_grad(): boolean {
    return this._retainsGrad;
  }

  /**
   * The same bytes without history.
   *
   * @example
   * const x = torch.ones(2, { requires_grad: true });
   * console.log(x.mul(2).detach().requires_grad); // false
   */
  detach(): Tensor {
    this._live();
    return new Tensor(sharedParts(this));
  }

  detach_(): this {
    this._live();
    if (this._base !== null) {
      throw new RuntimeError("Can't detach views in-place. Use detach() instead.");
    }
    this._setGradFn(null, 0);
    this._requiresGrad = false;
    return this;
  }

  /** The same bytes without history and with a version counter of its own: writes are not seen by autograd. */
  get data(): Tensor {
    this._live();
    return new Tensor({ ...sharedParts(this), version: { value: 0 } });
  }

  /** How often the bytes were written in place. */
  get _version(): number {
    return this._versionCounter.value;
  }

  /** @internal To be called before the bytes are written. */
  _willWrite(): void {
    settleReaders(this._storage);
  }

  /** @internal Counts a write of the bytes. */
  _wrote(): void {
    this._versionCounter.value++;
    this._storage.wrote();
  }

  /** @internal */
  _setGradFn(node: Node | null, nr: number): void {
    if (this._base !== null) this._baseHistory = this._base._history;
    node?.retain();
    this._counts.leave();
    this._counts.lease = node?.lease ?? null;
    this._gradFn = node;
    this._outputNr = nr;
  }

  // --- life ---------------------------------------------------------------------------------------------------------

  /**
   * Releases this handle now; touching it afterwards is an error. Doing so again does nothing.
   *
   * @example
   * const x = torch.ones(2);
   * x.dispose();
   * try { x.sum(); } catch (error) { console.log(error.name); } // UseAfterReleaseError
   */
  dispose(): void {
    if (this._released === null) this._release('dispose()');
  }

  /**
   * Takes this tensor out of the scope that owns it: it lives until `dispose()`.
   * See `torch.keep`.
   */
  keep(): this {
    return keep(this);
  }

  /** @internal Throws when this handle was released. */
  _live(): void {
    if (this._released !== null) throw releasedError(this);
  }

  /** @internal */
  _release(by: string): void {
    if (this._released !== null) return;
    this._released = by;
    this._scope = null;
    this._counts.released = true;
    if (this._grad !== null) this._setGrad(null, false);
    if (this._counts.views === 0) this._drop();
  }

  /** @internal Returns the counts; the handle is not to be used again. */
  _drop(): void {
    if (this._watched !== null) unwatch(this);
    this._released ??= 'autograd';
    this._counts.drop();
    this._gradFn = null;
    if (this._grad !== null) this._setGrad(null, false);
  }

  /** @internal */
  _holding(): Holding {
    return this._counts;
  }

  /**
   * The value of a tensor of one element: a number, or a boolean for bool.
   * Values of int64 beyond the safe integers are an error. `Tensor.tolist` and `numpy` read more than one element.
   *
   * @throws when there is not exactly one element
   * @example
   * console.log(torch.tensor([2.5]).item()); // 2.5
   */
  item(): number {
    return item(this) as number;
  }

  /**
   * The values as nested arrays (int64 as numbers, bool as booleans); the value itself for a 0-dim tensor.
   *
   * @example
   * console.log(torch.arange(4).reshape(2, 2).tolist()); // [ [ 0, 1 ], [ 2, 3 ] ]
   */
  tolist(): NestedValues {
    return tolist(this);
  }

  /**
   * A copy of the values in C order in the typed array of the dtype (bool as Uint8Array).
   * Differs from torch: it is always a copy, since the WebAssembly memory moves when it grows.
   *
   * @example
   * console.log(torch.ones(2, 2).numpy()); // Float32Array(4) [ 1, 1, 1, 1 ]
   */
  numpy(): TypedArray {
    return toTypedArray(this);
  }

  toString(): string {
    return tensorToString(this);
  }

  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return tensorToString(this);
  }
}

// eslint-disable-next-line -- declaration merging is how methods derived from the operator list get their types
export interface Tensor extends TensorMethods {}

function releasedError(t: Tensor): UseAfterReleaseError {
  return new UseAfterReleaseError(
    `this tensor [${t._shape.join(', ')}] was released by ${t._released}. ` +
      'To use it longer, return it from there, call keep() on it, or read it sooner with item() or tolist()',
  );
}
