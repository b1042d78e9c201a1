import { no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { copy_ } from '../ops/copy.js';
import { select } from '../ops/view.js';
import { withScope } from '../scope.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
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

/** What the methods for extra state throw that a class does not have. */
export function neverCalled(name: string): RuntimeError {
  return new RuntimeError(
    `Reached a code path in Module.${name}() that should never be called. Please file an issue at ` +
      'https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug.',
  );
}

const EXTRA_STATE = '_extra_state';

/** Whether the class of the module has its own form of a method. */
function hasOwn(module: Module, name: 'get_extra_state' | 'set_extra_state'): boolean {
  return module[name] !== Module.prototype[name];
}

/** What the module's own `get_extra_state` returns, under its key; nothing where it has none. */
export function saveExtraState(module: Module, destination: StateDict, prefix: string): void {
  if (!hasOwn(module, 'get_extra_state')) return;
  (destination as Record<string, unknown>)[prefix + EXTRA_STATE] = module.get_extra_state();
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
  private actions: (() => void)[] = [];

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
    this.addExtraState(module, state, prefix + EXTRA_STATE);
    for (const key of Object.keys(state)) {
      if (!key.startsWith(prefix) || key === prefix + EXTRA_STATE) continue;
      const [name] = key.slice(prefix.length).split('.', 1) as [string];
      if (!module._modules.has(name) && !local.has(name)) this.unexpected_keys.push(key);
    }
  }

  private addExtraState(module: Module, state: StateDict, key: string): void {
    if (!hasOwn(module, 'set_extra_state')) {
      if (key in state) this.unexpected_keys.push(key);
    } else if (key in state) this.actions.push(() => module.set_extra_state(state[key]));
    else this.missing_keys.push(key);
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
    this.actions.push(() => copy_(target, source));
  }

  /** Does what has been planned since the last time. */
  run(): void {
    const actions = this.actions;
    this.actions = [];
    for (const action of actions) action();
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
  const hooks = module._state.hooks?.load;
  if (hooks === undefined || hooks.size === 0) return;
  plan.run();
  for (const hook of hooks) {
    const returned: unknown = hook(module, plan);
    if (returned === undefined || returned === null) continue;
    throw new RuntimeError(
      'Hooks registered with ``register_load_state_dict_post_hook`` are notexpected to return new values, if ' +
        'incompatible_keys need to be modified,it should be done inplace.',
    );
  }
}
