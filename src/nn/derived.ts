/** Parameters that are computed from others before each call: what weight_norm and spectral_norm have in common. */
import { RuntimeError, ValueError } from '../errors.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import { hooksOf } from './call.js';
import type { ForwardPreHook } from './call.js';
import type { AnyModule } from './any_module.js';
import type { Module } from './module.js';
import { Parameter } from './parameter.js';
import { moduleText } from './module_text.js';

/** A hook that computes the parameter `parameter` of its module; a module has at most one of a kind for a name. */
interface Deriving extends ForwardPreHook<Module> {
  readonly kind: string;
  readonly parameter: string;
  readonly compute: (module: AnyModule, calling: boolean) => Tensor;
  readonly undo: (module: AnyModule) => Tensor;
}

type Fields = Record<string, unknown>;

/** The parameter, or buffer, of a name that must be there. */
export function tensorOf(module: AnyModule, name: string): Tensor {
  const found = module._parameters.get(name) ?? module._buffers.get(name);
  if (!(found instanceof Tensor)) throw new RuntimeError(`${module._get_name()} has no tensor '${name}'`);
  return found;
}

/** Gives the field a computed tensor, which lives until the next takes its place. */
function setDerived(module: AnyModule, name: string, value: Tensor): void {
  const fields = module as unknown as Fields;
  const before = fields[name];
  fields[name] = keep(value);
  if (before instanceof Tensor) before.dispose();
}

function deriving(module: AnyModule): Deriving[] {
  return [...hooksOf(module as Module).pre].filter((hook): hook is Deriving => 'kind' in hook);
}

/**
 * Takes the parameter `name` out of the module and computes it before each call, from what `prepare` registered in its place.
 * `compute` is told whether it is for a call; `undo` gives the final value and takes out what `prepare` registered.
 */
export function derive(
  module: AnyModule,
  kind: string,
  name: string,
  parts: {
    prepare: (weight: Parameter) => void;
    compute: (module: AnyModule, calling: boolean) => Tensor;
    undo: (module: AnyModule) => Tensor;
  },
): void {
  if (deriving(module).some((hook) => hook.kind === kind && hook.parameter === name)) {
    throw new RuntimeError(`Cannot register two ${kind} hooks on the same parameter ${name}`);
  }
  const weight = module._parameters.get(name);
  if (!(weight instanceof Parameter)) {
    throw new ValueError(`${kind}: ${module._get_name()} has no parameter '${name}'`);
  }
  delete (module as unknown as Fields)[name];
  parts.prepare(weight);
  setDerived(module, name, parts.compute(module, false));
  const hook = Object.assign(
    (called: Module): void => setDerived(called, name, parts.compute(called, true)),
    { kind, parameter: name, compute: parts.compute, undo: parts.undo },
  );
  hooksOf(module as Module).pre.add(hook);
}

/** Ends what `derive` began: the value of now becomes the parameter. */
export function underive(module: AnyModule, kind: string, name: string): void {
  const hook = deriving(module).find((each) => each.kind === kind && each.parameter === name);
  if (hook === undefined) throw new ValueError(`${kind} of '${name}' not found in ${moduleText(module)}`);
  hooksOf(module as Module).pre.delete(hook);
  const value = hook.undo(module);
  const fields = module as unknown as Fields;
  const before = fields[name];
  delete fields[name];
  if (before instanceof Tensor) before.dispose();
  fields[name] = new Parameter(value);
}
