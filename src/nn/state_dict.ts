import { no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { copy_ } from '../ops/copy.js';
import { select } from '../ops/view.js';
import { withScope } from '../scope.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import type { Module } from './module.js';
import { pySize, typeName } from '../python_text.js';

/** Version of the layout in which one module was saved. */
export interface LocalMetadata {
  readonly version?: number | null;
}

/** Tensors by their dotted names. */
export type StateDict = Record<string, Tensor>;

/** Versions of layouts by the names of modules: `_metadata` of a state dict, which is not enumerable. */
export type Metadata = Record<string, LocalMetadata>;

export function metadataOf(state: object): Metadata | undefined {
  return (state as { _metadata?: Metadata })._metadata;
}

/** Keys that a load did not find, and keys that it did not use. */
export interface IncompatibleKeys {
  readonly missing_keys: string[];
  readonly unexpected_keys: string[];
}

/** What a load will write, and what stands against it. */
export class LoadPlan implements IncompatibleKeys {
  readonly missing_keys: string[] = [];
  readonly unexpected_keys: string[] = [];
  readonly error_msgs: string[] = [];
  private readonly writes: [target: Tensor, source: Tensor][] = [];

  /** torch's `_load_from_state_dict`, without the writing. */
  addModule(module: Module, state: StateDict, prefix: string): void {
    const local = new Map<string, Tensor>();
    for (const [name, parameter] of module._parameters) if (parameter !== null) local.set(name, parameter);
    for (const [name, buffer] of module._buffers) {
      if (buffer !== null && !module._non_persistent_buffers_set.has(name)) local.set(name, buffer);
    }
    for (const [name, target] of local) {
      const key = prefix + name;
      if (key in state) this.addWrite(key, target, state[key]);
      else this.missing_keys.push(key);
    }
    for (const key of Object.keys(state)) {
      if (!key.startsWith(prefix)) continue;
      const [name] = key.slice(prefix.length).split('.', 1) as [string];
      if (!module._modules.has(name) && !local.has(name)) this.unexpected_keys.push(key);
    }
  }

  private addWrite(key: string, target: Tensor, value: unknown): void {
    if (!(value instanceof Tensor)) {
      this.error_msgs.push(
        `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but ` +
          `received ${typeName(value)}`,
      );
      return;
    }
    value._live();
    // Checkpoints of torch 0.3 have one element where there is now none of the dimensions.
    const source = target.ndim === 0 && value.ndim === 1 && value.numel() > 0 ? select(value, 0, 0) : value;
    if (!sameShape(source.shape, target.shape)) {
      this.error_msgs.push(
        `size mismatch for ${key}: copying a param with shape ${pySize(source.shape)} from checkpoint, ` +
          `the shape in current model is ${pySize(target.shape)}.`,
      );
      return;
    }
    this.writes.push([target, source]);
  }

  run(): void {
    for (const [target, source] of this.writes) copy_(target, source);
  }
}

export function loadStateDict(
  root: Module,
  given: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  strict: boolean,
): IncompatibleKeys {
  if (given === null || typeof given !== 'object' || given instanceof Tensor || Array.isArray(given)) {
    throw new TypeError(`Expected state_dict to be dict-like, got ${typeName(given)}.`);
  }
  const metadata = metadataOf(given);
  // A copy, since layers fill in what old layouts lack.
  const entries: Iterable<[string, Tensor]> =
    given instanceof Map ? (given as Map<string, Tensor>) : Object.entries(given);
  const state: StateDict = Object.create(null) as StateDict;
  for (const [key, value] of entries) if (key !== '_metadata') state[key] = value;
  return withScope('load_state_dict', () =>
    no_grad(() => {
      const plan = new LoadPlan();
      planModule(root, state, '', metadata, plan);
      const { missing_keys, unexpected_keys, error_msgs } = plan;
      const quoted = (keys: string[]): string => keys.map((key) => `"${key}"`).join(', ');
      if (strict && unexpected_keys.length > 0) {
        error_msgs.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected_keys)}. `);
      }
      if (strict && missing_keys.length > 0)
        error_msgs.unshift(`Missing key(s) in state_dict: ${quoted(missing_keys)}. `);
      if (error_msgs.length > 0) {
        throw new RuntimeError(
          `Error(s) in loading state_dict for ${root._get_name()}:\n\t${error_msgs.join('\n\t')}`,
        );
      }
      plan.run();
      return { missing_keys, unexpected_keys };
    }),
  );
}

function planModule(
  module: Module,
  state: StateDict,
  prefix: string,
  metadata: Metadata | undefined,
  plan: LoadPlan,
): void {
  module._load_from_state_dict(state, prefix, metadata?.[prefix.slice(0, -1)] ?? {}, plan);
  for (const [name, child] of module._modules) {
    if (child === null) continue;
    const inner = `${prefix}${name}.`;
    const below: StateDict = Object.create(null) as StateDict;
    for (const key of Object.keys(state)) if (key.startsWith(inner)) below[key] = state[key]!;
    planModule(child, below, inner, metadata, plan);
  }
}
