import { enable_grad, no_grad } from '../autograd/mode.js';
import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { clearGrads } from '../nn/parameter.js';
import { pyText, typeName } from '../python_text.js';
import { clone, to } from '../ops/copy.js';
import { copyKernel, dense, materialize } from '../ops/dense.js';
import { floatKernelName } from '../ops/float_kernel.js';
import type { FloatKernel } from '../ops/float_kernel.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';

/** One value of a state. LBFGS has lists. */
export type StateValue = Tensor | number | null | StateValue[];

/** What an optimizer remembers of one parameter. */
export type ParamState = Record<string, StateValue>;

/** Parameters that are optimized with the same options. */
export interface ParamGroup {
  params: Tensor[];
  lr: number;
  initial_lr?: number;
  [option: string]: unknown;
}

/** A group as it is given: what it lacks comes from the optimizer's defaults. */
export type GroupOptions<G extends ParamGroup> = Partial<Omit<G, 'params'>> & {
  params: Tensor | Iterable<Tensor>;
  name?: string;
};

/** Parameters, or groups of them with options of their own. */
export type Params<G extends ParamGroup> = Iterable<Tensor> | Iterable<GroupOptions<G>>;

/** torch's form: parameters are numbers, counted over all groups. */
export interface OptimizerState {
  state: Record<number, ParamState>;
  param_groups: (Record<string, unknown> & { params: number[] })[];
}

/**
 * Base of the optimizers. A subclass gives `update`, which changes the parameters of one group; it runs unrecorded and in a
 * scope.
 * The constructor of each takes the parameters, or groups of them with options of their own, and then the options of all.
 *
 * @example
 * const net = new nn.Sequential(new nn.Linear(4, 4), new nn.Linear(4, 2));
 * const groups = [{ params: net[0].parameters(), lr: 0.01 }, { params: net[1].parameters() }];
 * const optimizer = new optim.SGD(groups, { lr: 0.1 });
 * console.log(optimizer.param_groups.map((group) => group.lr)); // [ 0.01, 0.1 ]
 */
export abstract class Optimizer<G extends ParamGroup = ParamGroup> {
  readonly defaults: Readonly<Omit<G, 'params'>>;
  state = new Map<Tensor, ParamState>();
  param_groups: G[] = [];
  /** Calls of `step` since a scheduler was attached. */
  _step_count = 0;

  /** @param defaults the options of groups that do not say otherwise; `lr` may be null: then each group must give it. */
  constructor(params: Params<G>, defaults: Omit<G, 'params'>) {
    if (params instanceof Tensor) {
      throw new TypeError(
        'params argument given to the optimizer should be an iterable of Tensors or dicts, but got ' +
          `torch.${(params as Tensor).dtype.scalarName}Tensor`,
      );
    }
    if (
      params === null ||
      typeof (params as { [Symbol.iterator]?: unknown })?.[Symbol.iterator] !== 'function'
    ) {
      throw new TypeError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${typeName(params)}`,
      );
    }
    this.defaults = defaults;
    const list: unknown[] = [...params];
    if (list.length === 0) throw new ValueError('optimizer got an empty parameter list');
    const groups = isGroup(list[0])
      ? (list as GroupOptions<G>[])
      : [{ params: list as Tensor[] } as unknown as GroupOptions<G>];
    for (const group of groups) this.add_param_group(group);
  }

  /** Adds a group of parameters. */
  add_param_group(group: GroupOptions<G>): void {
    if (!isGroup(group)) throw new TypeError('param group must be a dict');
    const { params, ...options } = group as GroupOptions<ParamGroup>;
    if (params instanceof Set) {
      throw new TypeError(
        'optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change ' +
          'between runs. Please use a list instead.',
      );
    }
    const list = params instanceof Tensor ? [params] : [...params];
    for (const param of list) {
      if (!(param instanceof Tensor)) {
        throw new TypeError(
          `optimizer can only optimize Tensors, but one of the params is ${typeName(param)}`,
        );
      }
      if (!param.is_leaf && !param.retains_grad) throw new ValueError("can't optimize a non-leaf Tensor");
    }
    const defaults = this.defaults as Record<string, unknown>;
    for (const name of Object.keys(options)) {
      if (!(name in defaults) && name !== 'initial_lr' && name !== 'name') {
        throw new TypeError(
          `unknown option '${name}' in a parameter group; known are ${Object.keys(defaults).join(', ')}`,
        );
      }
    }
    const merged = { params: list, ...defaults, ...options } as unknown as G;
    if (merged.lr === null)
      throw new ValueError("parameter group didn't specify a value of required optimization parameter lr");
    this.check(merged);
    if (new Set(list).size !== list.length) {
      console.warn(
        'optimizer contains a parameter group with duplicate parameters; in future, this will cause an error',
      );
    }
    const known = new Set(this.param_groups.flatMap((other) => other.params));
    if (list.some((param) => known.has(param))) {
      throw new ValueError('some parameters appear in more than one parameter group');
    }
    this.param_groups.push(merged);
  }

  /** Refuses options that make no sense. */
  protected check(_group: G): void {}

  /** Changes the parameters of a group by their gradients. */
  protected update(_group: G): void {
    throw new NotImplementedError(`${this.constructor.name} has no update`);
  }

  /** Refuses sparse gradients, before anything of the group has changed. */
  protected refuseSparse(group: G, advice = ''): void {
    if (group.params.some((param) => param._gradQuiet?.is_sparse === true)) {
      throw new RuntimeError(`${this.constructor.name} does not support sparse gradients${advice}`);
    }
  }

  /** One step, unrecorded and in a scope. */
  protected run<R>(closure: (() => R) | null): R | null {
    const loss = closure === null ? null : enable_grad(closure);
    for (const group of this.param_groups) this.update(group);
    return loss;
  }

  /**
   * One step: changes every parameter that has a gradient.
   *
   * @param closure computes the gradients anew and returns the loss, which `step` returns
   * @example
   * const p = new nn.Parameter(torch.ones(1));
   * const optimizer = new optim.SGD([p], { lr: 0.5 });
   * const loss = optimizer.step(() => {
   *   optimizer.zero_grad();
   *   const loss = p.square().sum();
   *   loss.backward();
   *   return loss.item();
   * });
   * console.log(loss, p.item()); // 1 0
   */
  step<R = null>(closure: (() => R) | null = null): R | null {
    this._step_count++;
    return withScope("an optimizer's step", () => no_grad(() => this.run(closure)));
  }

  /** Sets the gradients to zero, or to null with `set_to_none`. */
  zero_grad(set_to_none: boolean | { set_to_none?: boolean } = false): void {
    const toNone = typeof set_to_none === 'object' ? (set_to_none.set_to_none ?? false) : set_to_none;
    for (const group of this.param_groups) clearGrads(group.params, toNone);
  }

  /** The state in torch's form. Its tensors are the optimizer's own: the next step changes them. */
  state_dict(): OptimizerState {
    const numbers = new Map<Tensor, number>();
    let start = 0;
    const param_groups = this.param_groups.map((group) => {
      group.params.forEach((param, i) => {
        if (!numbers.has(param)) numbers.set(param, start + i);
      });
      start += group.params.length;
      return { ...group, params: group.params.map((param) => numbers.get(param)!) };
    });
    const state: Record<number, ParamState> = {};
    for (const [param, values] of this.state) state[numbers.get(param)!] = { ...values };
    return { state, param_groups };
  }

  /** Takes over copies of a saved state. */
  load_state_dict(saved: OptimizerState): void {
    if (saved.param_groups.length !== this.param_groups.length) {
      throw new ValueError('loaded state dict has a different number of parameter groups');
    }
    if (this.param_groups.some((group, i) => group.params.length !== saved.param_groups[i].params.length)) {
      throw new ValueError(
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
      );
    }
    const byNumber = new Map<number, Tensor>();
    const groups = saved.param_groups.map((group, i): G => {
      const { params } = this.param_groups[i];
      group.params.forEach((number, j) => byNumber.set(number, params[j]));
      const merged = {
        ...this.defaults,
        ...structuredClone({ ...group, params: [] }),
        params,
      } as unknown as G;
      this.check(merged);
      return merged;
    });
    const state = new Map<Tensor, ParamState>();
    withScope('load_state_dict', () =>
      no_grad(() => {
        for (const [number, values] of Object.entries(saved.state)) {
          const param = byNumber.get(Number(number));
          if (param === undefined) {
            throw new ValueError(
              `loaded state dict has a state for parameter ${number}, which is in none of its groups`,
            );
          }
          const copy: ParamState = {};
          for (const [name, value] of Object.entries(values)) copy[name] = copyState(param, name, value);
          state.set(param, copy);
        }
      }),
    );
    this.param_groups = groups;
    this.state = state;
  }

  toString(): string {
    const groups = this.param_groups.map((group, i) => {
      const names = Object.keys(group).filter((name) => name !== 'params');
      const lines = names.sort().map((name) => `    ${name}: ${pyText(group[name] as number)}\n`);
      return `\nParameter Group ${i}\n${lines.join('')}`;
    });
    return `${this.constructor.name} (${groups.join('')})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function isGroup(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && 'params' in value;
}

/** `step` keeps its dtype; other float state takes the parameter's. */
function copyState(param: Tensor, name: string, value: StateValue): StateValue {
  if (Array.isArray(value)) return value.map((item) => copyState(param, name, item));
  if (!(value instanceof Tensor)) return value;
  const casts = name !== 'step' && param.is_floating_point() && value.dtype !== param.dtype;
  return keep(casts ? to(value, param.dtype) : clone(value));
}

/** Runs a kernel on the memory of a parameter and its gradient, and counts the write. */
function stepKernel(param: Tensor, grad: Tensor, kernel: (p: number, g: number, n: number) => void): void {
  param._live();
  grad._live();
  if (!param.is_floating_point())
    throw new RuntimeError(`an optimizer cannot step ${String(param.dtype)} parameters`);
  if (param.numel() === 0) return;
  param._willWrite();
  const direct = param.is_contiguous();
  const values = direct ? param : materialize(param);
  const gradient = dense(grad);
  kernel(address(values), address(gradient), param.numel());
  if (!direct) copyKernel(values, param);
  param._wrote();
}

/**
 * `stepKernel` on the threads: a kernel that takes the addresses of the parameter, the gradient and the `moments` (0 for one that
 * is not there), the number of elements and the `rule`.
 */
export function stepInParts(
  name: FloatKernel,
  param: Tensor,
  grad: Tensor,
  moments: readonly number[],
  rule: readonly number[],
): void {
  const kernel = floatKernelName(name, param.dtype);
  const { itemsize } = param.dtype;
  stepKernel(param, grad, (p, g, n) =>
    splitCalls(n, (2 + moments.length) * n * itemsize, (begin, end) => {
      const at = (ptr: number): number => (ptr === 0 ? 0 : ptr + begin * itemsize);
      return [kernel, at(p), at(g), ...moments.map(at), end - begin, ...rule];
    }),
  );
}
