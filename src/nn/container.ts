import { IndexError } from '../errors.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';
import { Parameter } from './parameter.js';

function wrapIndex(index: number, size: number): number {
  if (!Number.isInteger(index) || index < -size || index >= size)
    throw new IndexError(`index ${index} is out of range`);
  return index < 0 ? index + size : index;
}

/** Children under the names '0', '1', …: what Sequential and ModuleList have in common. */
abstract class Numbered<M extends AnyModule> extends Module {
  [index: number]: M;

  override get length(): number {
    return this._modules.size;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this._modules.values() as IterableIterator<AnyModule> as IterableIterator<M>;
  }

  /** The child at an index; negative ones count from the end. */
  at(index: number): M {
    return [...this][wrapIndex(index, this.length)];
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.add_module(String(this.length), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of Array.from(modules)) this.append(module);
    return this;
  }

  /** Adds a module before the one at `index`. */
  insert(index: number, module: M): this {
    const all = [...this];
    if (!Number.isInteger(index) || index < -all.length || index > all.length) {
      throw new IndexError(`Index out of range: ${index}`);
    }
    all.splice(index < 0 ? index + all.length : index, 0, module);
    this.renumber(all);
    return this;
  }

  /** Takes the module at an index out. */
  pop(index: number = -1): M {
    const all = [...this];
    const [taken] = all.splice(wrapIndex(index, all.length), 1);
    this.renumber(all);
    return taken;
  }

  private renumber(modules: readonly M[]): void {
    for (const name of Array.from(this._modules.keys())) delete (this as Record<string, unknown>)[name];
    modules.forEach((module, i) => this.add_module(String(i), module));
  }
}

function isModules(value: unknown): value is Record<string, Module> | ReadonlyMap<string, Module> {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor);
}

function entriesOf<M>(modules: Record<string, M> | ReadonlyMap<string, M>): Iterable<[string, M]> {
  return modules instanceof Map ? (modules as Map<string, M>) : Object.entries(modules as Record<string, M>);
}

/**
 * Modules called one after the other, each with the result of the one before. Built from modules or from one object of named
 * ones (in the object's order).
 *
 * @example
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * console.log(net(torch.ones(1, 4)).shape, net.length); // [ 1, 2 ] 3
 */
export class Sequential extends Numbered<Module> {
  constructor(...modules: Module[]);
  constructor(modules: Record<string, Module> | ReadonlyMap<string, Module>);
  constructor(...args: unknown[]) {
    super();
    const [first] = args;
    const named = args.length === 1 && isModules(first);
    const entries = named
      ? entriesOf(first)
      : args.map((module, i): [string, Module] => [String(i), module as Module]);
    for (const [name, module] of entries) this.add_module(name, module);
  }

  /** Modules `start` to `end` as a Sequential of their own, under their names. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(new Map([...(this._modules as Map<string, Module>)].slice(start, end)));
  }

  forward(input: Tensor): Tensor {
    let x = input;
    for (const module of this) x = module(x);
    return x;
  }
}

/**
 * Modules in a list. They are registered; calling is up to whoever owns the list.
 *
 * @example
 * const layers = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 2)]);
 * let x = torch.ones(1, 4);
 * for (const layer of layers) x = layer(x);
 * console.log(x.shape, layers.length); // [ 1, 2 ] 2
 */
export class ModuleList<M extends AnyModule = Module> extends Numbered<M> {
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList([...this].slice(start, end));
  }
}

/**
 * Modules by name. They are registered; calling is up to whoever owns them.
 *
 * @example
 * const heads = new nn.ModuleDict({ digit: new nn.Linear(4, 10), sign: new nn.Linear(4, 2) });
 * console.log(heads.get('sign')(torch.ones(1, 4)).shape); // [ 1, 2 ]
 */
export class ModuleDict<M extends AnyModule = Module> extends Module {
  constructor(modules: Record<string, M> | ReadonlyMap<string, M> = {}) {
    super();
    this.update(modules);
  }

  get size(): number {
    return this._modules.size;
  }

  get(key: string): M {
    const module = this._modules.get(key);
    if (!module)
      throw new IndexError(`ModuleDict has no module '${key}'; it has: ${[...this.keys()].join(', ')}`);
    return module as AnyModule as M;
  }

  set(key: string, module: M): this {
    this.add_module(key, module);
    return this;
  }

  has(key: string): boolean {
    return this._modules.has(key);
  }

  update(modules: Record<string, M> | ReadonlyMap<string, M>): this {
    for (const [key, module] of entriesOf(modules)) this.add_module(key, module);
    return this;
  }

  pop(key: string): M {
    const module = this.get(key);
    delete (this as Record<string, unknown>)[key];
    return module;
  }

  clear(): void {
    for (const key of Array.from(this.keys())) this.pop(key);
  }

  keys(): IterableIterator<string> {
    return this._modules.keys();
  }

  values(): IterableIterator<M> {
    return this._modules.values() as IterableIterator<AnyModule> as IterableIterator<M>;
  }

  items(): IterableIterator<[string, M]> {
    return this._modules.entries() as IterableIterator<[string, AnyModule]> as IterableIterator<[string, M]>;
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.keys();
  }
}

/**
 * Parameters in a list; tensors become parameters.
 *
 * @example
 * const list = new nn.ParameterList([torch.ones(2), torch.zeros(3)]);
 * console.log([...list.parameters()].map((p) => p.shape)); // [ [ 2 ], [ 3 ] ]
 */
export class ParameterList extends Module {
  [index: number]: Parameter;

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  override get length(): number {
    return this._parameters.size;
  }

  at(index: number): Parameter {
    return [...this][wrapIndex(index, this.length)];
  }

  append(value: Tensor): this {
    this.register_parameter(String(this.length), value instanceof Parameter ? value : new Parameter(value));
    return this;
  }

  extend(values: Iterable<Tensor>): this {
    for (const value of Array.from(values)) this.append(value);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this._parameters.values() as IterableIterator<Parameter>;
  }

  override extra_repr(): string {
    return [...this]
      .map((p, i) => `  (${i}): Parameter containing: [${String(p.dtype)} of size ${p.shape.join('x')}]`)
      .join('\n');
  }
}

/**
 * Parameters by name; tensors become parameters. Built from a plain object, whose keys are sorted as torch sorts them, or from a
 * Map, in its order.
 *
 * @example
 * const dict = new nn.ParameterDict({ left: torch.ones(2), right: torch.zeros(3) });
 * console.log([...dict.keys()], dict.get('right').shape); // [ 'left', 'right' ] [ 3 ]
 */
export class ParameterDict extends Module {
  constructor(parameters: ParameterEntries = {}) {
    super();
    this.update(parameters);
  }

  get size(): number {
    return this._parameters.size;
  }

  /** The parameter of a name, or `fallback` where there is none. */
  get(key: string): Parameter | null;
  get<T>(key: string, fallback: T): Parameter | T;
  get(key: string, fallback: unknown = null): unknown {
    return this._parameters.get(key) ?? fallback;
  }

  set(key: string, value: Tensor): this {
    this.register_parameter(key, value instanceof Parameter ? value : new Parameter(value));
    return this;
  }

  /** The parameter of a name, set to `value` where there is none. */
  setdefault(key: string, value: Tensor): Parameter {
    if (!this.has(key)) this.set(key, value);
    return this._parameters.get(key)!;
  }

  has(key: string): boolean {
    return this._parameters.has(key);
  }

  update(parameters: ParameterEntries): this {
    const entries: [string, Tensor][] =
      parameters instanceof ParameterDict || parameters instanceof Map
        ? Array.from(parameters instanceof Map ? parameters.entries() : parameters.items())
        : Object.entries(parameters as Record<string, Tensor>).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, value] of entries) this.set(key, value);
    return this;
  }

  pop(key: string): Parameter {
    const parameter = this._parameters.get(key);
    if (!parameter) {
      throw new IndexError(`ParameterDict has no parameter '${key}'; it has: ${[...this.keys()].join(', ')}`);
    }
    delete (this as Record<string, unknown>)[key];
    return parameter;
  }

  /** Takes the parameter that was added last out. */
  popitem(): [string, Parameter] {
    const key = [...this.keys()].at(-1);
    if (key === undefined) throw new IndexError('popitem(): ParameterDict is empty');
    return [key, this.pop(key)];
  }

  clear(): void {
    for (const key of Array.from(this.keys())) this.pop(key);
  }

  /** Another ParameterDict with the same parameters. */
  copy(): ParameterDict {
    return new ParameterDict(new Map(this.items()));
  }

  keys(): IterableIterator<string> {
    return this._parameters.keys();
  }

  values(): IterableIterator<Parameter> {
    return this._parameters.values() as IterableIterator<Parameter>;
  }

  items(): IterableIterator<[string, Parameter]> {
    return this._parameters.entries() as IterableIterator<[string, Parameter]>;
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.keys();
  }

  override extra_repr(): string {
    return [...this.items()]
      .map(([key, p]) => {
        const size = p.shape.join('x');
        return `  (${key}): Parameter containing: [torch.${p.dtype.scalarName}Tensor of size ${size}]`;
      })
      .join('\n');
  }
}

type ParameterEntries = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor> | ParameterDict;
