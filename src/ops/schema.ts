import { DType } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { Generator } from '../generator.js';
import { Tensor } from '../tensor.js';

/**
 * torch's operator schemas, `conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, …)`: names, order,
 * types and defaults of the arguments, from which a call with positional and keyword arguments is checked and bound.
 *
 * Types: Tensor Scalar int float bool str dtype Generator function any; `T?` also takes null; `T[]` a list, `T[n]` a list of n that
 * one value stands for, `T?[]` one with nulls; `int[]...` also takes the integers one by one; `A|B` either. Arguments after `*` are keyword-only.
 */
export interface Param {
  readonly name: string;
  readonly type: string;
  readonly kinds: readonly Kind[];
  readonly required: boolean;
  readonly fallback: unknown;
  readonly keywordOnly: boolean;
  readonly isTensor: boolean;
}

interface Kind {
  readonly base: string;
  readonly list: boolean;
  /** Length of a fixed list, 0 when any. */
  readonly length: number;
  readonly optional: boolean;
  /** Whether the items of a list may be null. */
  readonly itemOptional: boolean;
  readonly variadic: boolean;
}

export class Schema {
  readonly name: string;
  readonly params: readonly Param[];
  /** Which parameters take tensors. */
  readonly tensors: readonly number[];
  private readonly positional: number;
  private readonly index = new Map<string, number>();

  constructor(readonly text: string) {
    const match = /^(\w+)\((.*)\)$/s.exec(text);
    if (match === null) throw new Error(`bad schema: ${text}`);
    this.name = match[1]!;
    const params: Param[] = [];
    let keywordOnly = false;
    for (const part of splitArguments(match[2])) {
      if (part === '*') {
        keywordOnly = true;
        continue;
      }
      const [, type, name, fallback] = /^(\S+) (\w+)(?:=(.*))?$/s.exec(part) ?? [];
      if (type === undefined || name === undefined)
        throw new Error(`bad argument '${part}' in schema: ${text}`);
      const kinds = type.split('|').map(parseKind);
      params.push({
        name,
        type,
        kinds,
        required: fallback === undefined,
        fallback: fallback === undefined ? undefined : parseDefault(fallback, kinds),
        keywordOnly,
        isTensor: kinds.some((kind) => kind.base === 'Tensor'),
      });
    }
    this.params = params;
    this.tensors = params.flatMap((param, i) => (param.isTensor ? [i] : []));
    this.positional = params.filter((param) => !param.keywordOnly).length;
    params.forEach((param, i) => this.index.set(param.name, i));
  }

  /** Positional and keyword arguments as one list in the schema's order, checked and with defaults filled in. */
  bind(raw: readonly unknown[]): unknown[] {
    const { params } = this;
    const out = new Array<unknown>(params.length);
    let count = raw.length;
    let keywords: Record<string, unknown> | null = null;
    if (count > 0 && isKeywords(raw[count - 1]) && !this.takesObject(count - 1)) {
      keywords = raw[count - 1] as Record<string, unknown>;
      count--;
    }
    let given = 0;
    for (let i = 0; i < this.positional && given < count; i++) {
      const param = params[i];
      if (param.kinds[0].variadic && typeof raw[given] === 'number') {
        const list: unknown[] = [];
        while (given < count) list.push(raw[given++]);
        out[i] = list;
      } else {
        out[i] = raw[given++];
      }
    }
    if (given < count) {
      throw new TypeError(
        `${this.name}() takes ${this.positional} positional arguments but ${count} were given: ${this.text}`,
      );
    }
    if (keywords !== null) this.bindKeywords(keywords, out);
    for (let i = 0; i < params.length; i++) {
      const value = out[i];
      const param = params[i];
      if (value === undefined) {
        if (param.required) {
          throw new TypeError(
            `${this.name}(): missing required argument '${param.name}' (position ${i + 1}): ${this.text}`,
          );
        }
        out[i] = param.fallback;
      } else {
        out[i] = this.coerce(param, i, value);
      }
    }
    return out;
  }

  private takesObject(position: number): boolean {
    const param = this.params[position];
    return param !== undefined && !param.keywordOnly && param.kinds.some((kind) => kind.base === 'any');
  }

  private bindKeywords(keywords: Record<string, unknown>, out: unknown[]): void {
    for (const key of Object.keys(keywords)) {
      const value = keywords[key];
      const i = this.index.get(key) ?? this.index.get(SYNONYMS[key] ?? '');
      if (i === undefined) {
        const known = this.params.map((param) => param.name).join(', ');
        throw new TypeError(`${this.name}() got an unexpected keyword argument '${key}'; it takes: ${known}`);
      }
      if (value === undefined) continue;
      if (out[i] !== undefined)
        throw new TypeError(`${this.name}() got multiple values for argument '${key}'`);
      out[i] = value;
    }
  }

  private coerce(param: Param, i: number, value: unknown): unknown {
    for (const kind of param.kinds) {
      const result = coerceKind(kind, value);
      if (result !== undefined) return result;
    }
    const article = param.kinds.map(describeKind).join(' or ');
    throw new TypeError(
      `${this.name}(): argument '${param.name}' (position ${i + 1}) must be ${article}, not ${describeValue(value)}`,
    );
  }
}

/** Keywords that torch takes under two names. */
const SYNONYMS: Record<string, string> = { axis: 'dim', keepdims: 'keepdim', self: 'input', input: 'self' };

function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let level = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === '[' || c === '(') level++;
    if (c === ']' || c === ')') level--;
    if (i === text.length || (c === ',' && level === 0)) {
      const part = text.slice(start, i).trim();
      if (part !== '') parts.push(part);
      start = i + 1;
    }
  }
  return parts;
}

function parseKind(text: string): Kind {
  const match = /^(\w+)(\?)?(\[(\d*)\])?(\?)?(\.\.\.)?$/.exec(text);
  if (match === null) throw new Error(`bad type in schema: ${text}`);
  return {
    base: match[1],
    list: match[3] !== undefined,
    length: match[4] ? Number(match[4]) : 0,
    optional: match[5] !== undefined || (match[2] !== undefined && match[3] === undefined),
    itemOptional: match[2] !== undefined,
    variadic: match[6] !== undefined,
  };
}

function parseDefault(text: string, kinds: readonly Kind[]): unknown {
  if (text === 'None') return null;
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text === 'inf') return Infinity;
  const value: unknown = text.startsWith("'") ? text.slice(1, -1) : JSON.parse(text);
  return typeof value === 'number' && kinds[0].list ? new Array<number>(kinds[0].length).fill(value) : value;
}

function isKeywords(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function coerceKind(kind: Kind, value: unknown): unknown {
  if (value === null) return kind.optional ? null : undefined;
  if (!kind.list) return coerceItem(kind.base, value);
  if (!Array.isArray(value)) {
    if (kind.length === 0 && !(kind.base === 'int' && typeof value === 'number')) return undefined;
    const item = coerceItem(kind.base, value);
    return item === undefined ? undefined : new Array<unknown>(Math.max(kind.length, 1)).fill(item);
  }
  const items =
    value.length === 1 && kind.length > 1
      ? new Array<unknown>(kind.length).fill(value[0])
      : (value as unknown[]);
  if (kind.length > 0 && items.length !== kind.length) return undefined;
  const out = new Array<unknown>(items.length);
  for (let i = 0; i < items.length; i++) {
    const item = kind.itemOptional && items[i] === null ? null : coerceItem(kind.base, items[i]);
    if (item === undefined) return undefined;
    out[i] = item;
  }
  return out;
}

function coerceItem(base: string, value: unknown): unknown {
  switch (base) {
    case 'Tensor':
      if (!(value instanceof Tensor)) return undefined;
      value._live();
      return value;
    case 'int':
      return coerceInt(value);
    case 'Scalar':
      if (typeof value === 'bigint') return safeInteger(value);
      return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
    case 'float':
      if (typeof value === 'number') return value;
      return value instanceof Tensor && value.ndim === 0 ? value.item() : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'str':
      return typeof value === 'string' ? value : undefined;
    case 'dtype':
      return value instanceof DType ? value : undefined;
    case 'Generator':
      return value instanceof Generator ? value : undefined;
    case 'function':
      return typeof value === 'function' ? value : undefined;
    case 'any':
      return value;
    default:
      throw new Error(`unknown type ${base} in a schema`);
  }
}

function coerceInt(value: unknown): number | undefined {
  if (typeof value === 'bigint') return safeInteger(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  if (value instanceof Tensor && value.numel() === 1 && !value.dtype.is_floating_point) {
    const only: unknown = value.item(); // a boolean of a bool tensor
    return Number(only);
  }
  return undefined;
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new IndexError(`${value} is not a safe JavaScript integer`);
  return number;
}

const TYPE_WORDS: Record<string, string> = {
  Tensor: 'Tensor',
  Scalar: 'Number',
  int: 'int',
  float: 'float',
  bool: 'bool',
  str: 'str',
  dtype: 'torch.dtype',
  Generator: 'torch.Generator',
};

function describeKind(kind: Kind): string {
  const word = TYPE_WORDS[kind.base] ?? kind.base;
  const text = kind.list ? `tuple of ${kind.length > 0 ? `${kind.length} ` : ''}${word}s` : word;
  return kind.optional ? `${text} (or null)` : text;
}

/** A value's type in the words of torch's messages. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Tensor) return 'Tensor';
  if (Array.isArray(value)) return `array [${value.map(String).join(', ').slice(0, 60)}]`;
  if (typeof value === 'number') return Number.isInteger(value) ? `int ${value}` : `float ${value}`;
  if (typeof value === 'string') return `str '${value.slice(0, 40)}'`;
  if (typeof value === 'boolean') return `bool ${value}`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
}

/** For checks that come after binding: an error that begins with the operator's name. */
export function fail(op: string, message: string): never {
  throw new RuntimeError(`${op}: ${message}`);
}
