/** torch.nn.utils.parametrize. */
import { no_grad } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { withScope } from '../scope.js';
import { signature } from '../signature.js';
import { Tensor } from '../tensor.js';
import { ModuleDict } from './container.js';
import type { AnyModule } from './any_module.js';
import type { Module } from './module.js';
import { Parameter } from './parameter.js';
import { cachedValue } from './parametrization_cache.js';
import {
  ParametrizationList,
  changeOf,
  inverted,
  registerTensor,
  replaceTensor,
} from './parametrization_list.js';
import { moduleText } from './module_text.js';
import { typeName } from '../python_text.js';

export { ParametrizationList } from './parametrization_list.js';
export { cached } from './parametrization_cache.js';

/** The lists of a module's parametrized tensors, by name. */
export type Parametrizations = ModuleDict<ParametrizationList> & {
  readonly [name: string]: ParametrizationList;
};

/** A module with parametrized tensors. */
export type Parametrized<M> = M & { readonly parametrizations: Parametrizations };

type Fields = Record<string, unknown>;
interface HasLists {
  parametrizations?: unknown;
}
type ModuleClass = new (...args: never[]) => Module;

function listsOf(module: AnyModule): ModuleDict<ParametrizationList> | null {
  const found = (module as unknown as HasLists).parametrizations;
  return found instanceof ModuleDict ? (found as ModuleDict<ParametrizationList>) : null;
}

const IS = signature('is_parametrized(any module, str? tensor_name=None)');

/**
 * Whether the module has a parametrized tensor, or one of the given name.
 *
 * @example
 * const fc = nn.utils.parametrizations.spectral_norm(new nn.Linear(4, 2));
 * const { is_parametrized } = nn.utils.parametrize;
 * console.log(is_parametrized(fc), is_parametrized(fc, 'bias')); // true false
 */
export function is_parametrized<M extends AnyModule>(
  module: M,
  tensor_name: string | null | { tensor_name?: string | null } = null,
): module is Parametrized<M> {
  const [, name] = IS([module, tensor_name]) as [M, string | null];
  const lists = listsOf(module);
  if (lists === null) return false;
  return name === null ? lists.size > 0 : lists.has(name);
}

/** The class of the module before its tensors were parametrized. */
export function type_before_parametrizations(module: AnyModule): ModuleClass {
  const type = (module as Module).constructor as ModuleClass;
  return is_parametrized(module) ? (Object.getPrototypeOf(type) as ModuleClass) : type;
}

/** A subclass whose tensors of these names are computed from their parametrizations, and set through them. */
function parametrizedClass(base: ModuleClass, names: Iterable<string>): ModuleClass {
  const type = class extends base {};
  Object.defineProperty(type, 'name', { value: `Parametrized${base.name}` });
  for (const name of names) {
    Object.defineProperty(type.prototype, name, {
      get(this: Module): Tensor {
        return cachedValue(this, name, () => listsOf(this)!.get(name)());
      },
      set(this: Module, value: Tensor): void {
        // torch registers a parameter that is assigned, which finds its name taken.
        if (value instanceof Parameter) throw new RuntimeError(`attribute '${name}' already exists`);
        listsOf(this)!.get(name).right_inverse(value);
      },
      configurable: true,
    });
  }
  return type;
}

/**
 * Gives the module the class that its parametrizations ask for. A class is made for each set of names, and none is changed:
 * copies of a module share its class.
 */
function setClass(module: AnyModule, base: ModuleClass): void {
  const lists = listsOf(module);
  const type = lists === null || lists.size === 0 ? base : parametrizedClass(base, lists.keys());
  Object.setPrototypeOf(module, type.prototype as object);
}

const REGISTER = signature(
  'register_parametrization(any module, str tensor_name, any parametrization, *, bool unsafe=False)',
);

/**
 * Makes a tensor of a module a function of another: `module.weight` becomes `parametrization(original)`, computed at each
 * reading, and the parameter that is trained is `module.parametrizations.weight.original`. Several parametrizations of a tensor are
 * applied in the order of their registration. Returns the module.
 *
 * `right_inverse(X)` of a parametrization, where there is one, gives what `original` is to be for the tensor to become X: it
 * is called now, and when something is assigned to `module.weight`. An array of tensors from the first one's makes parameters
 * `original0`, `original1`, …, which its `forward` takes.
 *
 * @param tensor_name the name of a parameter or a buffer
 * @param unsafe whether the parametrization may change dtype and shape; nothing is checked then. Default false.
 * @throws ValueError when there is no such tensor, or when dtype or shape change
 * @example
 * class Symmetric extends nn.Module {
 *   forward(X) { return X.triu().add(X.triu(1).t()); }
 *   right_inverse(A) { return A.triu(); }
 * }
 * const fc = nn.utils.parametrize.register_parametrization(new nn.Linear(3, 3), 'weight', new Symmetric());
 * console.log(fc.weight.equal(fc.weight.t())); // true
 * console.log(Object.keys(fc.state_dict())); // [ 'bias', 'parametrizations.weight.original' ]
 */
export function register_parametrization<M extends AnyModule>(
  module: M,
  tensor_name: string,
  parametrization: AnyModule,
  options: { unsafe?: boolean } = {},
): Parametrized<M> {
  const [, name, , unsafe] = REGISTER([module, tensor_name, parametrization, options]) as [
    M,
    string,
    AnyModule,
    boolean,
  ];
  const added = parametrization as Module;
  added.train(module.training);
  const fields = module as unknown as Fields;
  const original = module._parameters.get(name) ?? module._buffers.get(name);
  if (is_parametrized(module, name)) {
    if (!unsafe) checkNext(fields[name] as Tensor, name, added);
    const list = module.parametrizations.get(name);
    list.append(added);
    list.unsafe ||= unsafe;
  } else if (original instanceof Tensor) {
    const list = new ParametrizationList([added], original, unsafe);
    const base = type_before_parametrizations(module);
    delete fields[name];
    if (listsOf(module) === null) (module as unknown as HasLists).parametrizations = new ModuleDict();
    listsOf(module)!.set(name, list);
    setClass(module, base);
  } else {
    throw new ValueError(
      `Module '${moduleText(module)}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
    );
  }
  return module as Parametrized<M>;
}

/** Refuses one more parametrization that does not keep dtype and shape, or whose inverse does not. */
function checkNext(before: Tensor, name: string, parametrization: Module): void {
  const after: unknown = parametrization(before);
  if (!(after instanceof Tensor)) {
    throw new ValueError(`A parametrization must return a tensor. Got ${typeName(after)}.`);
  }
  const changed = changeOf(before, after);
  if (changed !== null) {
    const { what, from, to } = changed;
    throw new ValueError(
      `Registering a parametrization may not change the ${what} of the tensor, unless the \`unsafe\` flag is enabled.\n` +
        `module.${name}.${what}: ${from}\nparametrization(module.${name}).${what}: ${to}`,
    );
  }
  const source = inverted(parametrization, after);
  if (!(source instanceof Tensor)) {
    throw new ValueError(`parametrization.right_inverse must return a tensor. Got: ${typeName(source)}`);
  }
  const lost = changeOf(before, source);
  if (lost !== null) {
    const { what, from, to } = lost;
    throw new ValueError(
      `The tensor returned by parametrization.right_inverse must have the same ${what} as module.${name}, unless the ` +
        `\`unsafe\` flag is enabled.\nmodule.${name}.${what}: ${from}\nreturned ${what}: ${to}`,
    );
  }
}

const REMOVE = signature(
  'remove_parametrizations(any module, str tensor_name, bool leave_parametrized=True)',
);

/**
 * Ends the parametrization of a tensor: it becomes a parameter, or a buffer, again. Returns the module.
 *
 * @param leave_parametrized whether it gets the value that it has (default), or that of the original, which must be one tensor
 * @throws ValueError when the tensor is not parametrized, or its originals are several and shall be left
 * @example
 * const fc = nn.utils.parametrizations.spectral_norm(new nn.Linear(4, 2));
 * nn.utils.parametrize.remove_parametrizations(fc, 'weight');
 * console.log(Object.keys(fc.state_dict())); // [ 'bias', 'weight' ]
 */
export function remove_parametrizations<M extends AnyModule>(
  module: M,
  tensor_name: string,
  leave_parametrized: boolean | { leave_parametrized?: boolean } = true,
): M {
  const [, name, leave] = REMOVE([module, tensor_name, leave_parametrized]) as [M, string, boolean];
  if (!is_parametrized(module, name)) {
    throw new ValueError(`Module ${moduleText(module)} does not have a parametrization on ${name}`);
  }
  const lists = listsOf(module)!;
  const list = lists.get(name);
  if (!list.is_tensor && !leave) {
    throw new ValueError(
      'Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.',
    );
  }
  const base = type_before_parametrizations(module);
  withScope('remove_parametrizations', () => {
    const restored = leave ? valueOf(module, name, list) : list.original;
    lists.pop(name);
    setClass(module, base);
    if (lists.size === 0) delete (module as unknown as HasLists).parametrizations;
    registerTensor(module as unknown as Module, name, restored);
  });
  return module;
}

/** The value of a parametrized tensor, in its original where that is one. */
function valueOf(module: AnyModule, name: string, list: ParametrizationList): Tensor {
  const read = (): Tensor => (module as unknown as Record<string, Tensor>)[name];
  if (!list.is_tensor) {
    // Whether an original takes gradients is seen from the value.
    const value = read();
    return value.requires_grad ? new Parameter(value) : value;
  }
  const value = no_grad(read);
  if (value.dtype !== list.original.dtype) {
    throw new RuntimeError(
      `remove_parametrizations(): '${name}' is ${value.dtype} and its original ${list.original.dtype}, so the original cannot ` +
        'take its value; pass leave_parametrized: false',
    );
  }
  replaceTensor(list.original, value);
  return list.original;
}

const TRANSFER = signature(
  'transfer_parametrizations_and_params(any from_module, any to_module, str? tensor_name=None)',
);

/**
 * Registers the parametrizations of a module's tensors, or of one of them, on another module too, which shares the originals with
 * it. A tensor that the other has not becomes a parameter of it. Returns the other.
 *
 * @example
 * const { parametrizations, parametrize } = nn.utils;
 * const from = parametrizations.spectral_norm(new nn.Linear(4, 2));
 * const to = parametrize.transfer_parametrizations_and_params(from, new nn.Linear(4, 2));
 * console.log(to.parametrizations.weight.original === from.parametrizations.weight.original); // true
 */
export function transfer_parametrizations_and_params<M extends AnyModule>(
  from_module: AnyModule,
  to_module: M,
  tensor_name: string | null | { tensor_name?: string | null } = null,
): M {
  const [, , only] = TRANSFER([from_module, to_module, tensor_name]) as [AnyModule, M, string | null];
  if (!is_parametrized(from_module)) return to_module;
  const [from, to] = [from_module, to_module] as unknown as [Fields, Fields];
  const lists = listsOf(from_module)!;
  for (const name of only === null ? [...lists.keys()] : [only]) {
    const list = lists.get(name);
    if (to[name] === undefined) to[name] = new Parameter(from[name] as Tensor);
    for (const parametrization of list) register_parametrization(to_module, name, parametrization);
    const given = listsOf(to_module)!.get(name) as unknown as Fields;
    for (const key of [...list._parameters.keys(), ...list._buffers.keys()]) {
      given[key] = (list as unknown as Fields)[key];
    }
  }
  return to_module;
}
