import { exchangeGradMode, is_grad_enabled, mayWait } from '../autograd/mode.js';
import { checkInplace, rebaseHistory } from '../autograd/inplace.js';
import { OpNode, beforeWrite } from '../autograd/op_node.js';
import { RuntimeError } from '../errors.js';
import { enterOp, failOp, leaveOp } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { overwriteSparse, refuseLayout } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { overwrite_ } from './copy.js';
import { checkPlaces, checkWritable } from './iterator.js';
import { Schema } from './schema.js';

/**
 * What an operator's forward is given besides its arguments. While nothing is recorded `needs` is empty and `save` does
 * nothing, so a forward is written once.
 */
export interface Context<A extends readonly unknown[] = readonly unknown[]> {
  /** For each tensor argument (lists count per element), whether backward must give its gradient. */
  readonly needs: readonly boolean[];
  /** The arguments of the call; tensors are null here, save those that backward needs. */
  readonly args: A;
  /** Keeps arguments or intermediate tensors for backward; null where one is not needed. */
  save(...tensors: (Tensor | null)[]): void;
  /** Keeps an output for backward; the order among what is saved is that of the calls. */
  saveOutput(tensor: Tensor): void;
  /** What was saved, checked for in-place changes. */
  saved(): Tensor[];
  /** Anything else that backward needs. */
  state: unknown;
  /** Whether the result may wait until it is read: the program has switched recording off. */
  readonly mayWait: boolean;
  /** Where an in-place call wants its result, if the operator can write it there directly. */
  readonly target: Tensor | null;
}

/** One operator, whole. */
export interface Definition<A extends readonly unknown[]> {
  /** torch's schema: the name, the arguments' names, order, types and defaults. */
  readonly schema: string;
  /** Checks its arguments, then computes. Runs unrecorded, unless `backward` is 'composite'. */
  readonly forward: (ctx: Context<A>, ...args: A) => Tensor | Tensor[];
  /**
   * From the gradients of the outputs to those of the tensor arguments (null for none), written with operators, so that it
   * can itself be differentiated. A gradient may have the broadcast shape: the engine sums it to the argument's.
   * 'composite': forward is made of recorded operators. 'none': the result has no gradient.
   */
  readonly backward: ((ctx: Context<A>, ...grads: Tensor[]) => (Tensor | null)[]) | 'composite' | 'none';
  /** Writes into its first argument and returns it (`fill_`, `copy_`, `normal_`). */
  readonly mutates?: boolean;
  /** Called by other operators alone, with every argument as the schema would have it: nothing is left to check. */
  readonly internal?: boolean;
  /** Whether elements of what is written in place may share a place in memory; torch refuses that of most. Default false. */
  readonly repeats?: boolean;
  /** The backward of the in-place call where it is another one. */
  readonly inplaceBackward?: (ctx: Context<A>, ...grads: Tensor[]) => (Tensor | null)[];
  /**
   * The forward of a call with a sparse tensor among its arguments; 'same' where it is made of operators that take them. An
   * operator without it refuses them.
   */
  readonly sparse?: ((ctx: Context<A>, ...args: A) => Tensor) | 'same';
  /** Whether outputs without an arriving gradient are given to backward as zeros (default) or the node handles null. */
  readonly nullGrads?: boolean;
  /** Argument lists on which gradients, leaks and dtypes are tested. */
  readonly samples?: (make: SampleMaker) => unknown[][];
}

/** Makes seeded inputs for samples: `make(2, 3)` is a standard normal [2, 3] that takes gradients. */
export interface SampleMaker {
  (...shape: number[]): Tensor;
  /** Uniform in [low, high). */
  uniform(low: number, high: number, ...shape: number[]): Tensor;
  /** Integers in [low, high), int64, without gradient. */
  int(low: number, high: number, ...shape: number[]): Tensor;
  /** Random booleans. */
  bool(...shape: number[]): Tensor;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the top of all function types
export type AnyFunction = (...args: any[]) => unknown;

/** The methods that an operator gives `Tensor`: `x.f()`, and `x.f_()` in place. */
export type Variant = 'method' | 'inplace';

/** A callable operator. V says which methods `Tensor` gets from it. */
export type Op<F extends AnyFunction, V extends Variant = never> = F & {
  readonly definition: AnyDefinition;
  readonly parsed: Schema;
  readonly variants: readonly V[];
  /** The in-place form, when there is one. */
  readonly inplace: F;
};

/** A definition with its argument types forgotten. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- definitions of every argument list share one list
export type AnyDefinition = Definition<any>;

/**
 * The arguments of an operator: required and optional positional ones, and a trailing object of keywords, which may take the
 * place of any optional one.
 */
export type Args<R extends unknown[], O extends unknown[], K> = [
  ...required: R,
  ...optional: Partial<{ [I in keyof O]: O[I] | K }>,
  options?: K,
];

const IDLE: Context = {
  needs: [],
  args: [],
  save() {},
  saveOutput() {},
  saved: () => [],
  state: undefined,
  mayWait: false,
  target: null,
};
/** While the program has switched recording off. */
const UNRECORDED: Context = { ...IDLE, mayWait: true };

class TargetContext implements Context {
  readonly needs = [];
  readonly args = [];
  readonly mayWait = mayWait();
  state: unknown = undefined;
  constructor(readonly target: Tensor) {}
  save(): void {}
  saveOutput(): void {}
  saved(): Tensor[] {
    return [];
  }
}

/**
 * Makes the callable operator of a definition. Operators refer to one another, so their modules import in cycles: while a
 * module is evaluated it may define operators, but must not read imported ones (wrap them in a function).
 */
export function define<F extends AnyFunction, V extends Variant = never>(
  definition: AnyDefinition,
  variants: readonly V[] = [],
): Op<F, V> {
  // Parsed with the first call: an import costs nothing for operators that are not used.
  let parsed: Schema | null = null;
  const schema = (): Schema => (parsed ??= new Schema(definition.schema));
  const call =
    definition.mutates === true
      ? (...args: unknown[]) => runInplace(definition, schema(), args)
      : (...args: unknown[]) => run(definition, schema(), args);
  const inplace = (...args: unknown[]) => runInplace(definition, schema(), args);
  Object.assign(call, { definition, variants, inplace });
  return Object.defineProperty(call, 'parsed', { get: schema }) as unknown as Op<F, V>;
}

/** The tensor arguments in order; lists are spread, null stands for an absent one or a number. */
function tensorInputs(schema: Schema, args: readonly unknown[]): (Tensor | null)[] {
  const inputs: (Tensor | null)[] = [];
  for (let i = 0; i < args.length; i++) {
    if (!schema.params[i].isTensor) continue;
    const value = args[i];
    if (Array.isArray(value)) for (const item of value) inputs.push(item as Tensor);
    else inputs.push(value instanceof Tensor ? value : null);
  }
  return inputs;
}

/** The forward for these arguments. What the operator does not take is refused, before anything is allocated. */
function forwardFor(
  definition: AnyDefinition,
  schema: Schema,
  args: readonly unknown[],
  suffix: string,
): AnyDefinition['forward'] {
  const { sparse, forward } = definition;
  if (sparse === 'same') return forward;
  for (const i of schema.tensors) {
    const value = args[i];
    if (Array.isArray(value)) {
      for (const item of value as (Tensor | null)[]) {
        if (item?.is_sparse === true) return sparse ?? refuseLayout(schema.name + suffix, item);
      }
    } else if (value instanceof Tensor && value.is_sparse) {
      return sparse ?? refuseLayout(schema.name + suffix, value);
    }
  }
  return forward;
}

function wantsGrad(inputs: readonly (Tensor | null)[]): boolean {
  for (const input of inputs) if (input !== null && input.requires_grad) return true;
  return false;
}

function run(definition: AnyDefinition, schema: Schema, raw: unknown[]): Tensor | Tensor[] {
  const args = definition.internal === true ? raw : schema.bind(raw);
  const forward = forwardFor(definition, schema, args, '');
  const mark = enterOp();
  let node: OpNode | null = null;
  let result: Tensor | Tensor[];
  try {
    if (definition.backward === 'composite') {
      result = forward(IDLE, ...args);
    } else {
      const recording = is_grad_enabled() && definition.backward !== 'none';
      const inputs = recording ? tensorInputs(schema, args) : null;
      if (inputs !== null && wantsGrad(inputs)) node = new OpNode(definition, schema, args, inputs, null);
      const context = node ?? (mayWait() ? UNRECORDED : IDLE);
      const before = exchangeGradMode(false);
      try {
        result = forward(context, ...args);
      } finally {
        exchangeGradMode(before);
      }
      if (node !== null) node.record(result);
    }
  } catch (error) {
    node?.discard();
    failOp(mark);
    throw error;
  }
  leaveOp(mark, result);
  return result;
}

function runInplace(definition: AnyDefinition, schema: Schema, raw: unknown[]): Tensor {
  const args = schema.bind(raw);
  const self = args[0] as Tensor;
  const forward = forwardFor(definition, schema, args, definition.mutates === true ? '' : '_');
  const mark = enterOp();
  let node: OpNode | null = null;
  try {
    self._willWrite();
    const inputs = tensorInputs(schema, args);
    const recording = is_grad_enabled() && self.dtype.is_floating_point && wantsGrad(inputs);
    if (recording) checkInplace(self);
    if (definition.repeats !== true) checkPlaces(self);
    const backward = definition.inplaceBackward ?? definition.backward;
    const records = recording && backward !== 'none';
    if (records && backward === 'composite') {
      // The composite's result has a history; copying it into self records the rest. Its parts save copies of what was there.
      const result = beforeWrite(self._storage, () => forward(IDLE, ...args) as Tensor);
      if (result !== self) writeResult(self, result);
    } else {
      if (records) node = new OpNode(definition, schema, args, inputs, self);
      const before = exchangeGradMode(false);
      try {
        const result = forward(node ?? new TargetContext(self), ...args) as Tensor;
        if (result === self) self._wrote();
        else writeResult(self, result);
      } finally {
        exchangeGradMode(before);
      }
      if (node !== null) rebaseHistory(self, node);
    }
  } catch (error) {
    node?.discard();
    failOp(mark);
    throw error;
  }
  leaveOp(mark, self);
  return self;
}

/** Puts the result of an in-place call that could not be computed in place over the tensor. */
function writeResult(self: Tensor, result: Tensor): void {
  checkWritable(result.dtype, self.dtype);
  if (!sameShape(result.shape, self.shape)) {
    throw new RuntimeError(
      `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ${showShape(result.shape)}`,
    );
  }
  if (self.is_sparse) overwriteSparse(self, result);
  else overwrite_(self, result);
}
