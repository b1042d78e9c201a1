import { RuntimeError } from './errors.js';
import { runtime } from './wasm/module.js';
import type { Tensor } from './tensor.js';

/**
 * Ownership by scope (docs/architecture.md, "Memory"). A scope lists the handles made while it was the innermost one
 * and releases them when it ends, except those that are returned or kept. At the bottom is the root, which owns
 * nothing: what is made there lives until it is disposed of, or until the garbage collector finds it.
 */
export class Scope {
  owned: Tensor[] = [];
  /** The loop of whose iteration this is the scope. */
  loop: LoopScope | null = null;
  constructor(
    /** What ended, in the words of a use-after-release error. */
    readonly label: string,
    readonly parent: Scope | null,
  ) {}

  release(): void {
    const { owned } = this;
    for (let i = owned.length - 1; i >= 0; i--) if (owned[i]._scope === this) owned[i]._release(this.label);
    this.owned = [];
  }

  /** Ends without releasing: the handles are left to the garbage collector. */
  disown(): void {
    for (const tensor of this.owned) {
      if (tensor._scope !== this) continue;
      tensor._scope = null;
      watch(tensor);
    }
    this.owned = [];
  }
}

const root = new Scope('the root scope', null);
let current: Scope = root;
/** Operators that are running now, one inside the other. */
let depth = 0;

export function currentScope(): Scope {
  return current;
}

/** Called by every new handle that its maker does not own. */
export function adopt(tensor: Tensor): void {
  if (current === root && depth === 0) {
    escape(tensor);
    return;
  }
  tensor._scope = current;
  current.owned.push(tensor);
}

/** Starts an operator: the returned mark goes to `leaveOp` or `failOp`. */
export function enterOp(): number {
  depth++;
  return current.owned.length;
}

/** Ends an operator: handles made since the mark are released, except its outputs. */
export function leaveOp(mark: number, outputs: Tensor | readonly Tensor[]): void {
  depth--;
  const { owned } = current;
  const single = !Array.isArray(outputs);
  if (owned.length > mark && !(single && owned.length === mark + 1 && owned[mark] === outputs)) {
    let end = mark;
    for (let i = mark; i < owned.length; i++) {
      const tensor = owned[i];
      if (tensor._scope !== current) continue;
      if (single ? tensor === outputs : (outputs as readonly Tensor[]).includes(tensor))
        owned[end++] = tensor;
      else tensor._release('the operator that made it');
    }
    owned.length = end;
  }
  if (depth === 0 && current === root) escapeSince(mark);
}

/** Ends an operator that threw. */
export function failOp(mark: number): void {
  depth--;
  releaseSince(mark);
}

function releaseSince(mark: number): void {
  const { owned } = current;
  for (let i = mark; i < owned.length; i++) {
    if (owned[i]._scope === current) owned[i]._release('the operator that made it');
  }
  owned.length = mark;
}

function escapeSince(mark: number): void {
  for (let i = mark; i < root.owned.length; i++) if (root.owned[i]._scope === root) escape(root.owned[i]);
  root.owned.length = mark;
}

// --- scopes by call -------------------------------------------------------------------------------------------------

export function openScope(label: string): Scope {
  current = new Scope(label, current);
  return current;
}

/** Ends a scope; the tensors found in `result` move to the enclosing one. */
export function closeScope(scope: Scope, result: unknown): void {
  popTo(scope);
  const parent = scope.parent!;
  current = parent;
  eachTensor(result, (tensor) => {
    if (tensor._scope !== scope) return;
    tensor._scope = parent;
    parent.owned.push(tensor);
  });
  scope.release();
  if (parent === root && depth === 0) escapeSince(0);
}

/** Loops abandoned inside `scope` (an iterator that was never finished) end with it. */
function popTo(scope: Scope): void {
  for (let inner = current; inner !== scope; inner = inner.parent!) {
    if (inner.parent === null) throw new RuntimeError('scopes ended out of order');
    inner.release();
    inner.loop?.leave();
  }
}

export function withScope<R>(label: string, body: () => R): R {
  const scope = openScope(label);
  let result: R | undefined;
  try {
    result = body();
    return result;
  } finally {
    closeScope(scope, result);
  }
}

/**
 * Runs `body` and releases every tensor made in it, except those it returns (also inside arrays and plain objects) and
 * those that were `keep()`-ed.
 *
 * @throws when `body` returns a Promise: tensors made after its first `await` could not be told from others.
 * @example
 * const norm = torch.tidy(() => torch.ones(3).square().sum().sqrt());
 * console.log(norm.item().toFixed(4)); // 1.7321
 */
export function tidy<R>(body: () => R): R {
  return withScope('torch.tidy', () => {
    const result = body();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      throw new RuntimeError(
        'tidy: the function returned a Promise; tidy ends when the function returns, so it must be synchronous. ' +
          'Tidy the synchronous parts between two awaits',
      );
    }
    return result;
  });
}

/**
 * Takes a tensor out of the scope that owns it: it lives until `dispose()`. Returns the tensor.
 *
 * @example
 * let kept;
 * torch.tidy(() => { kept = torch.keep(torch.ones(2)); });
 * console.log(kept.tolist()); // [ 1, 1 ]
 * kept.dispose();
 */
export function keep<T extends Tensor>(tensor: T): T {
  tensor._live();
  tensor._scope = null;
  keptBytes += tensor._storage.nbytes;
  watch(tensor);
  return tensor;
}

/** Calls `visit` for each tensor in a value made of arrays, plain objects, Maps, tensors and objects that list their own. */
export function eachTensor(value: unknown, visit: (tensor: Tensor) => void, depthLeft = 8): void {
  if (value === null || typeof value !== 'object') return;
  if (isTensor(value)) {
    visit(value);
  } else if (depthLeft > 0) {
    if (Array.isArray(value)) {
      for (const item of value) eachTensor(item, visit, depthLeft - 1);
    } else if (value instanceof Map) {
      for (const item of value.values()) eachTensor(item, visit, depthLeft - 1);
    } else if (listsTensors(value)) {
      for (const item of value._tensors()) visit(item);
    } else {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) {
        for (const item of Object.values(value)) eachTensor(item, visit, depthLeft - 1);
      }
    }
  }
}

function listsTensors(value: object): value is { _tensors(): Tensor[] } {
  return typeof (value as { _tensors?: unknown })._tensors === 'function';
}

/** A tensor is told by its storage field, so that this file needs tensor.ts for types alone. */
function isTensor(value: object): value is Tensor {
  return '_storage' in value && '_scope' in value;
}

// --- what no scope owns ---------------------------------------------------------------------------------------------

/** What a collected handle was holding, kept in step with it by the handle itself. */
export interface Holding {
  drop(): void;
}

const registry = new FinalizationRegistry<Holding>((holding) => {
  holding.drop();
});

/**
 * The registry watches an empty object that only the handle refers to: V8's young collections take what is watched for alive, and
 * with the handle its whole graph would live until the next full collection.
 */
function watch(tensor: Tensor): void {
  if (tensor._watched !== null) return;
  tensor._watched = {};
  registry.register(tensor._watched, tensor._holding(), tensor._watched);
}

export function unwatch(tensor: Tensor): void {
  registry.unregister(tensor._watched!);
  tensor._watched = null;
}

/** Unowned bytes made within one job (until control returns to the event loop) at which one warning is printed. */
const WARN_BYTES = 512 * 2 ** 20;
let unownedBytes = 0;
/** Bytes of tensors that got an owner in this job. */
let keptBytes = 0;
/** Bytes that were allocated when the first unowned tensor of this job was made. */
let bytesBefore = 0;
let jobTimer = false;
let warned = false;

function escape(tensor: Tensor): void {
  if (pool(tensor)) return;
  tensor._scope = null;
  watch(tensor);
  if (warned) return;
  if (tensor._storage.unique) unownedBytes += tensor._storage.nbytes;
  const { allocatedBytes } = runtime().allocator;
  if (!jobTimer) {
    jobTimer = true;
    bytesBefore = allocatedBytes;
    keptBytes = 0;
    queueMicrotask(() => {
      jobTimer = false;
      unownedBytes = 0;
    });
  }
  const saved = tensor._counts.lease === null ? 0 : allocatedBytes - bytesBefore - keptBytes;
  if (unownedBytes > WARN_BYTES) {
    warn(
      `${mebibytes(unownedBytes)} of tensors were made outside any scope in one synchronous run; nothing frees them before it ends.`,
    );
  } else if (saved > WARN_BYTES) {
    warn(
      `${mebibytes(saved)} are kept for the backward of results that were made outside any scope in one synchronous run. ` +
        'For inference call the model in torch.no_grad(() => …).',
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function warn(what: string): void {
  warned = true;
  console.warn(
    `wasmgrad: ${what} Wrap the body of the loop in torch.tidy(() => { … }), or iterate with a DataLoader.`,
  );
}

// --- loops ----------------------------------------------------------------------------------------------------------

/**
 * The scope of one iteration of a loop, moved on by the loop's iterator.
 *
 * While the body is synchronous everything made belongs to it for certain. Once a body has awaited, other code may run
 * between its steps, and nothing tells whose a new tensor is: such tensors go to a pool and are released only after
 * every loop that was open when they were made has moved on. Tensors made in the synchronous stretch in which another
 * loop was started may belong to the code around either loop: they are left to the garbage collector.
 */
export class LoopScope {
  /** The scope on the stack while the body has not awaited. */
  private scope: Scope | null = null;
  /** What the iterator made for this iteration. */
  private items: Scope | null = null;
  private iteration = 0;
  private begun = 0;

  constructor(private readonly label: string) {}

  /**
   * Ends the iteration before and begins the next, whose items `make` builds. Of what `make` made only the tensors found in its
   * result live through the iteration; all of it does with `keepAll`, for results whose tensors cannot be found.
   */
  next<R>(make: () => R, keepAll = false): R {
    this.end();
    const items = openScope(this.label);
    let result: R;
    try {
      result = make();
    } catch (error) {
      closeScope(items, null);
      throw error;
    }
    popTo(items);
    current = items.parent!;
    if (!keepAll) {
      const kept: Tensor[] = [];
      eachTensor(result, (tensor) => {
        if (tensor._scope === items) kept.push(tensor);
      });
      const keptSet = new Set(kept);
      for (const tensor of items.owned) {
        if (tensor._scope === items && !keptSet.has(tensor)) tensor._release(this.label);
      }
      items.owned = kept;
    }
    this.items = items;
    this.scope = openScope(this.label);
    this.scope.loop = this;
    this.begun++;
    const iteration = ++this.iteration;
    openLoops.add(this);
    queueMicrotask(() => {
      if (this.iteration === iteration && this.scope !== null) suspendLoops();
    });
    return result;
  }

  /** Ends the loop. */
  end(): void {
    this.finish((scope) => scope.release());
  }

  /** Ends a loop whose iterator was collected before it was finished: what it gave may still be in use. */
  abandon(): void {
    this.finish((scope) => scope.disown());
  }

  private finish(close: (scope: Scope) => void): void {
    const { scope, items } = this;
    this.scope = null;
    this.items = null;
    this.iteration++;
    if (scope !== null) {
      popTo(scope);
      current = scope.parent!;
      close(scope);
    }
    if (items !== null) close(items);
    openLoops.delete(this);
    const stretch = own.get(this);
    if (stretch !== undefined) close(stretch);
    own.delete(this);
    for (const batch of pools) {
      batch.waiting.delete(this);
      if (batch.waiting.size > 0) continue;
      close(batch.scope);
      pools.delete(batch);
    }
    openPool = null;
  }

  /** A scope around this loop ended while its body was on the stack: the body is over, its items live until the loop moves on. */
  leave(): void {
    this.scope = null;
    openLoops.delete(this);
  }

  /** Whether the body is on the stack in the iteration with which the loop was started. */
  get starting(): boolean {
    return this.scope !== null && this.begun === 1;
  }

  /** Takes this loop's scope off the stack after its body awaited, and gives what it owns to `owner`. */
  detach(owner: (scope: Scope) => void): void {
    const { scope } = this;
    if (scope === null) return;
    this.scope = null;
    scope.loop = null;
    owner(scope);
  }
}

interface Pool {
  readonly scope: Scope;
  readonly waiting: Set<LoopScope>;
}

const openLoops = new Set<LoopScope>();
/** What loops made in the synchronous stretch before they awaited, while no other loop was open. */
const own = new Map<LoopScope, Scope>();
const pools = new Set<Pool>();
let openPool: Pool | null = null;

/** Runs as a microtask, when no synchronous code is under way: every scope on the stack is a loop's. */
function suspendLoops(): void {
  const loops = [...openLoops];
  const starting = loops.some((loop) => loop.starting);
  current = root;
  openPool = null;
  for (const loop of loops) {
    if (loops.length === 1) loop.detach((scope) => own.set(loop, scope));
    else loop.detach(starting ? (scope) => scope.disown() : poolAll);
  }
}

function poolAll(scope: Scope): void {
  for (const tensor of scope.owned) if (tensor._scope === scope) pool(tensor);
  scope.owned = [];
}

/** Puts a tensor that was made while loops were suspended into the pool of those loops; false when none is. */
function pool(tensor: Tensor): boolean {
  if (openLoops.size === 0) return false;
  if (openPool === null) {
    openPool = { scope: new Scope('an iteration of a DataLoader', null), waiting: new Set(openLoops) };
    pools.add(openPool);
  }
  tensor._scope = openPool.scope;
  openPool.scope.owned.push(tensor);
  return true;
}
