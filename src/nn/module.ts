import { float32, float64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { AnyModule } from './any_module.js';
import type { BackwardHook } from './backward_hook.js';
import { addHook, callModule, hooksOf } from './call.js';
import type {
  ForwardHook,
  ForwardPreHook,
  Inputs,
  LoadStateDictHook,
  Output,
  RemovableHandle,
  State,
} from './call.js';
import { convertModule, emptyModule, retypeModule } from './convert.js';
import { Parameter, clearGrads } from './parameter.js';
import { moduleText } from './module_text.js';
import { typeName } from '../python_text.js';
import { checkName, registration, setField } from './register.js';
import type { Callable } from './register.js';
import { signature } from '../signature.js';
import { loadStateDict, metadataOf, neverCalled } from './state_dict.js';
import type { IncompatibleKeys, LoadPlan, LocalMetadata, StateDict } from './state_dict.js';
import { attribute, explicit, namedMembers, saveModule, splitPath, submodule, walkModules } from './walk.js';

const NAMED = signature("named_parameters(str prefix='', bool recurse=True)");
const NAMED_MODULES = signature("named_modules(str prefix='', bool remove_duplicate=True)");
const STATE_DICT = signature("state_dict(*, str prefix='', bool keep_vars=False, any destination=None)");

/**
 * Base of all neural network modules. A module is called like a function: `model(x)` runs `forward(x)` in a scope, so what
 * is made inside is released when it returns, except what it returns (docs/architecture.md, "Memory").
 *
 * Parameters and modules that are assigned to fields are registered, in the order of their assignment.
 *
 * @example
 * class Net extends nn.Module {
 *   fc = new nn.Linear(4, 2);
 *   forward(x) { return this.fc(x).relu(); }
 * }
 * const net = new Net();
 * console.log(net(torch.ones(3, 4)).shape); // [ 3, 2 ]
 */
export class Module {
  /** Version of the layout of the state dict. */
  static readonly _version: number = 1;

  /** Whether the module is in training mode (`train()`, `eval()`). */
  declare training: boolean;
  declare readonly _parameters: Map<string, Parameter | null>;
  declare readonly _buffers: Map<string, Tensor | null>;
  declare readonly _modules: Map<string, Module | null>;
  declare readonly _non_persistent_buffers_set: Set<string>;
  /** @internal */
  declare readonly _state: State;

  /**
   * Returns a function with the prototype of the class behind a Proxy. Only a Proxy sees every assignment in its order: a
   * declared field is *defined* before the constructor's body assigns it, so setters would miss it, and the order of own
   * properties is that of the declarations. A call through it costs 20 ns more than through the bare function.
   */
  constructor() {
    const state: State = { label: `the call of ${new.target.name}`, hooks: null };
    const target = ((...args: unknown[]): unknown => callModule(module, state, args)) as unknown as Callable;
    Object.setPrototypeOf(target, new.target.prototype);
    // Fields may have these names.
    delete target.name;
    delete target.length;
    const hidden = {
      _parameters: new Map(),
      _buffers: new Map(),
      _modules: new Map(),
      _non_persistent_buffers_set: new Set(),
      _state: state,
    };
    for (const [key, value] of Object.entries(hidden)) Object.defineProperty(target, key, { value });
    target.training = true;
    const module = new Proxy(target, registration);
    return module;
  }

  // --- registration -------------------------------------------------------------------------------------------------

  /**
   * Adds a tensor that is part of the state but no parameter; `persistent` says whether it is in the state dict.
   *
   * @example
   * const net = new nn.Module();
   * net.register_buffer('mean', torch.zeros(3));
   * console.log(Object.keys(net.state_dict())); // [ 'mean' ]
   */
  register_buffer(
    name: string,
    tensor: Tensor | null,
    persistent: boolean | { persistent?: boolean } = true,
  ): void {
    checkName(this, 'buffer', name, this._buffers);
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw new TypeError(
        `cannot assign '${typeName(tensor)}' object to buffer '${name}' (torch Tensor or None required)`,
      );
    }
    this._buffers.set(name, tensor === null ? null : keep(tensor));
    const stays = typeof persistent === 'object' ? (persistent.persistent ?? true) : persistent;
    if (stays) this._non_persistent_buffers_set.delete(name);
    else this._non_persistent_buffers_set.add(name);
    setField(this, name, tensor);
  }

  /** Adds a parameter; null reserves the name. */
  register_parameter(name: string, param: Parameter | null): void {
    checkName(this, 'parameter', name, this._parameters);
    if (param !== null && !(param instanceof Parameter)) {
      throw new TypeError(
        `cannot assign '${typeName(param)}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      );
    }
    this._parameters.set(name, param);
    setField(this, name, param);
  }

  /** Adds a child module. */
  add_module(name: string, module: AnyModule | null): void {
    if (module !== null && !(module instanceof Module))
      throw new TypeError(`${typeName(module)} is not a Module subclass`);
    checkName(this, 'module', name, this._modules);
    this._modules.set(name, module);
    setField(this, name, module);
  }

  register_module(name: string, module: AnyModule | null): void {
    this.add_module(name, module);
  }

  // --- what it is made of -------------------------------------------------------------------------------------------

  /** The parameters, each once. */
  *parameters(recurse: boolean = true): Generator<Parameter, void, undefined> {
    for (const [, parameter] of this.named_parameters('', recurse)) yield parameter;
  }

  /**
   * `[name, parameter]` of each parameter, each once.
   *
   * @example
   * for (const [name, p] of new nn.Linear(4, 2).named_parameters()) console.log(name, p.shape); // weight [ 2, 4 ]  bias [ 2 ]
   */
  *named_parameters(
    prefix: string | { prefix?: string; recurse?: boolean } = '',
    recurse: boolean = true,
  ): Generator<[string, Parameter], void, undefined> {
    yield* namedMembers(this, (module) => module._parameters, NAMED([prefix, ...explicit(prefix, recurse)]));
  }

  /** The buffers, each once. */
  *buffers(recurse: boolean = true): Generator<Tensor, void, undefined> {
    for (const [, buffer] of this.named_buffers('', recurse)) yield buffer;
  }

  /** `[name, buffer]` of each buffer, each once. */
  *named_buffers(
    prefix: string | { prefix?: string; recurse?: boolean } = '',
    recurse: boolean = true,
  ): Generator<[string, Tensor], void, undefined> {
    yield* namedMembers(this, (module) => module._buffers, NAMED([prefix, ...explicit(prefix, recurse)]));
  }

  /** The immediate child modules, each once. */
  *children(): Generator<Module, void, undefined> {
    for (const [, module] of this.named_children()) yield module;
  }

  *named_children(): Generator<[string, Module], void, undefined> {
    const seen = new Set<Module>();
    for (const [name, module] of this._modules) {
      if (module === null || seen.has(module)) continue;
      seen.add(module);
      yield [name, module];
    }
  }

  /** This module and all below it, each once, in the order of registration. */
  *modules(): Generator<Module, void, undefined> {
    for (const [, module] of this.named_modules()) yield module;
  }

  /**
   * `[name, module]` of this module (under the name `''`) and of all below it, each once.
   *
   * @example
   * const net = new nn.Sequential(new nn.Linear(4, 2), new nn.ReLU());
   * console.log([...net.named_modules()].map(([name]) => name)); // [ '', '0', '1' ]
   */
  *named_modules(
    prefix: string | { prefix?: string; remove_duplicate?: boolean } = '',
    remove_duplicate: boolean = true,
  ): Generator<[string, Module], void, undefined> {
    const [start, once] = NAMED_MODULES([prefix, ...explicit(prefix, remove_duplicate)]) as [string, boolean];
    yield* walkModules(this, start, once ? new Set<Module>() : null);
  }

  /** The module at a dotted path, `''` for this one. */
  get_submodule(target: string): Module {
    return submodule(this, target);
  }

  get_parameter(target: string): Parameter {
    const [module, name] = splitPath(this, target);
    const parameter = attribute(module, name);
    if (!(parameter instanceof Parameter)) throw new RuntimeError(`\`${name}\` is not an nn.Parameter`);
    return parameter;
  }

  get_buffer(target: string): Tensor {
    const [module, name] = splitPath(this, target);
    attribute(module, name);
    const buffer = module._buffers.get(name);
    if (!buffer) throw new RuntimeError(`\`${name}\` is not a buffer`);
    return buffer;
  }

  // --- modes and conversions ----------------------------------------------------------------------------------------

  /**
   * Calls `fn` on each module below and then on this one.
   *
   * @example
   * const net = new nn.Sequential(new nn.Linear(4, 2), new nn.Linear(2, 1));
   * net.apply((m) => { if (m instanceof nn.Linear) nn.init.ones_(m.weight); });
   * console.log(net(torch.ones(1, 4)).shape, net[0].weight.sum().item()); // [ 1, 1 ] 8
   */
  apply(fn: (module: Module) => void): this {
    for (const module of this.children()) module.apply(fn);
    fn(this);
    return this;
  }

  /** Sets training mode (dropout drops, batch norm uses and tracks the statistics of the batch). */
  train(mode: boolean = true): this {
    if (typeof mode !== 'boolean') throw new ValueError('training mode is expected to be boolean');
    this.training = mode;
    for (const module of this.children()) module.train(mode);
    return this;
  }

  /** Sets evaluation mode: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Whether autograd records operations on the parameters. */
  requires_grad_(requires_grad: boolean = true): this {
    for (const parameter of this.parameters()) parameter.requires_grad_(requires_grad);
    return this;
  }

  /** Sets the gradients to zero, or to null with `set_to_none`. */
  zero_grad(set_to_none: boolean | { set_to_none?: boolean } = false): void {
    const toNone = typeof set_to_none === 'object' ? (set_to_none.set_to_none ?? false) : set_to_none;
    clearGrads(this.parameters(), toNone);
  }

  /**
   * Converts floating point parameters and buffers to `dtype`, in place: the tensors stay the same objects.
   * Differs from torch: 'cpu' is the only device.
   *
   * @example
   * const net = new nn.Linear(4, 2).to(torch.float64);
   * console.log(String(net.weight.dtype)); // torch.float64
   */
  to(target: DType | Tensor | 'cpu' | { dtype?: DType; device?: 'cpu' | null }): this {
    convertModule(this, target);
    return this;
  }

  float(): this {
    return this.to(float32);
  }

  double(): this {
    return this.to(float64);
  }

  /**
   * Converts all parameters and buffers to `dst_type`, in place, also buffers of integers.
   *
   * @example
   * const net = new nn.BatchNorm1d(2).type(torch.float64);
   * console.log(String(net.num_batches_tracked.dtype)); // torch.float64
   */
  type(dst_type: DType): this {
    retypeModule(this, dst_type);
    return this;
  }

  /** Gives all parameters, gradients and buffers fresh memory with whatever was in it; `device` must be given. */
  to_empty(options: { device: 'cpu' }): this {
    emptyModule(this, options);
    return this;
  }

  cpu(): this {
    return this;
  }

  /** Releases the memory of all parameters, their gradients and buffers. The module is not to be used again. */
  dispose(): void {
    for (const parameter of this.parameters()) {
      parameter._gradQuiet?.dispose();
      parameter.dispose();
    }
    for (const buffer of this.buffers()) buffer.dispose();
  }

  // --- state --------------------------------------------------------------------------------------------------------

  /**
   * Parameters and persistent buffers by their dotted names, in the order of registration: tensors without history that share
   * the memory of the module's.
   *
   * @example
   * const net = new nn.Sequential(new nn.Linear(4, 2), new nn.BatchNorm1d(2));
   * console.log(Object.keys(net.state_dict()).slice(0, 4)); // [ '0.weight', '0.bias', '1.weight', '1.bias' ]
   */
  state_dict(options: { prefix?: string; keep_vars?: boolean; destination?: StateDict } = {}): StateDict {
    const [prefix, keepVars, given] = STATE_DICT([options]) as [string, boolean, StateDict | null];
    const destination = given ?? (Object.create(null) as StateDict);
    if (metadataOf(destination) === undefined) {
      Object.defineProperty(destination, '_metadata', { value: {}, configurable: true, writable: true });
    }
    saveModule(this, destination, prefix, keepVars);
    return destination;
  }

  /**
   * Copies parameters and buffers from a state dict. Everything is checked before anything is written: a load that fails
   * changes nothing.
   *
   * Where a module has a `register_load_state_dict_post_hook`, what comes up to it is written before the hook runs.
   *
   * @param strict whether missing and unexpected keys are an error. Shapes that differ always are.
   * @example
   * const a = new nn.Linear(4, 2);
   * const b = new nn.Linear(4, 2);
   * b.load_state_dict(a.state_dict());
   * console.log(b.weight.equal(a.weight)); // true
   */
  load_state_dict(
    state_dict: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
    strict: boolean | { strict?: boolean } = true,
  ): IncompatibleKeys {
    return loadStateDict(this, state_dict, typeof strict === 'object' ? (strict.strict ?? true) : strict);
  }

  /**
   * What the state dict holds of a module besides tensors, under `_extra_state`. A class that has some has this method and
   * `set_extra_state`; those of `Module` throw.
   * Differs from torch: `safetensors` holds tensors only, so a state of another kind does not go into files.
   *
   * @example
   * class Counter extends nn.Module {
   *   count = 3;
   *   get_extra_state() { return this.count; }
   *   set_extra_state(state) { this.count = state; }
   * }
   * const counter = new Counter();
   * counter.load_state_dict({ _extra_state: 5 });
   * console.log(counter.count, { ...counter.state_dict() }); // 5 { _extra_state: 5 }
   */
  get_extra_state(): unknown {
    throw neverCalled('get_extra_state');
  }

  /** Takes what `get_extra_state` returned; `load_state_dict` calls it. */
  set_extra_state(_state: unknown): void {
    throw neverCalled('set_extra_state');
  }

  /** @internal Plans what a load writes into this module, children excepted. Layers whose layout changed fill in here. */
  _load_from_state_dict(state: StateDict, prefix: string, _metadata: LocalMetadata, plan: LoadPlan): void {
    plan.addModule(this, state, prefix);
  }

  // --- hooks --------------------------------------------------------------------------------------------------------

  /** Calls `hook(module, input)` before each `forward`; what it returns replaces the arguments. */
  register_forward_pre_hook(hook: ForwardPreHook<this>): RemovableHandle {
    return addHook(hooksOf(this).pre, hook as ForwardPreHook<Module>);
  }

  /**
   * Calls `hook(module, input, output)` after each `forward`; what it returns replaces the output.
   * Differs from torch: tensors that the hook sees go with the scopes they were made in, so `keep()` what shall outlive the call.
   *
   * @example
   * const relu = new nn.ReLU();
   * const handle = relu.register_forward_hook((_module, _input, output) => output.mul(2));
   * console.log(relu(torch.ones(2)).tolist()); // [ 2, 2 ]
   * handle.remove();
   * console.log(relu(torch.ones(2)).tolist()); // [ 1, 1 ]
   */
  register_forward_hook(hook: ForwardHook<this>): RemovableHandle {
    return addHook(hooksOf(this).post, hook as ForwardHook<Module>);
  }

  /**
   * Calls `hook(module, grad_input, grad_output)` when the gradients of the inputs are known; both are arrays, null for what is no
   * tensor. An array that it returns replaces the gradients of the inputs. Arguments and results of `forward` must not be written
   * in place then.
   *
   * @example
   * const scale = new nn.Linear(1, 1, { bias: false });
   * scale.register_full_backward_hook((_module, grad_input) => [torch.zeros_like(grad_input[0])]);
   * const x = torch.ones(1, { requires_grad: true });
   * scale(x).backward();
   * console.log(x.grad.item()); // 0
   */
  register_full_backward_hook(hook: BackwardHook<this>): RemovableHandle {
    return addHook(hooksOf(this).backward, hook as BackwardHook<Module>);
  }

  /**
   * Calls `hook(module, incompatible_keys)` after `load_state_dict` has written this module and those below. The hook may change
   * the two lists of keys in place, which decide whether the load is an error, and returns nothing.
   *
   * @example
   * const fc = new nn.Linear(4, 2);
   * fc.register_load_state_dict_post_hook((_module, keys) => { keys.missing_keys.length = 0; });
   * console.log(fc.load_state_dict({ weight: torch.ones(2, 4) }).missing_keys); // []
   */
  register_load_state_dict_post_hook(hook: LoadStateDictHook<this>): RemovableHandle {
    return addHook(hooksOf(this).load, hook as LoadStateDictHook<Module>);
  }

  // --- text ---------------------------------------------------------------------------------------------------------

  /** The name that is printed. */
  _get_name(): string {
    return this.constructor.name;
  }

  /** What is printed of the module itself, besides its children. */
  extra_repr(): string {
    return '';
  }

  toString(): string {
    return moduleText(this);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** A module is called with the arguments of its `forward` and returns what that returns. */
export interface Module {
  (...args: Inputs<this>): Output<this>;
}
