/** A call of an operator as plain data, which PyTorch (oracle.py) and this library both can make. */
import * as torch from '../../src/index.js';

/** A number that JSON has no word for. */
type JsonNumber = number | 'nan' | 'inf' | '-inf' | '-0';

/** A tensor as a view of its storage, so that strides and offsets are part of the case. */
export interface TensorArg {
  readonly tensor: string;
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
  readonly data: readonly JsonNumber[];
}

export type Arg =
  | null
  | boolean
  | number
  | string
  | TensorArg
  | { readonly float: JsonNumber }
  | { readonly dtype: string }
  | { readonly bounds: readonly (number | null)[] }
  | readonly Arg[];

export interface Case {
  /** A namespace, or `method` of the first argument. */
  readonly on: 'torch' | 'F' | 'linalg' | 'special' | 'method';
  readonly op: string;
  readonly args: readonly Arg[];
  readonly kwargs: Readonly<Record<string, Arg>>;
  /** Whether the gradients of the floating tensors are compared too. */
  readonly grad: boolean;
  /** The outputs' signs are not determined (of eigenvectors, for example): absolute values are compared, and gradients of those. */
  readonly unsigned?: boolean;
}

/** Whether a call writes its result over its first argument. */
export function isInplace({ op, kwargs }: Case): boolean {
  return /[^_]_$/.test(op) || kwargs['inplace'] === true;
}

export interface TensorResult {
  readonly dtype: string;
  readonly size: readonly number[];
  readonly data: readonly JsonNumber[];
}

/** What a call gave: outputs (and gradients, null where there is none), or an error. */
export type Result =
  | {
      readonly outputs: readonly (TensorResult | number | boolean | string | null)[];
      readonly grads: readonly (TensorResult | null)[];
    }
  | { readonly error: string };

export function toJson(value: number): JsonNumber {
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return 'inf';
  if (Object.is(value, -0)) return '-0';
  return value === -Infinity ? '-inf' : value;
}

export function fromJson(value: JsonNumber): number {
  return value === 'nan' ? NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);
}

const isTensorArg = (arg: Arg): arg is TensorArg =>
  typeof arg === 'object' && arg !== null && 'tensor' in arg;

const dtypes = torch as unknown as Readonly<Record<string, torch.DType>>;

const NAMESPACES = {
  torch,
  F: torch.nn.functional,
  linalg: torch.linalg,
  special: torch.special,
};

/** The value of an argument; tensors that may have a gradient are added to `leaves`. */
function decode(arg: Arg, grad: boolean, leaves: torch.Tensor[]): unknown {
  if (arg === null || typeof arg !== 'object') return arg;
  if (Array.isArray(arg)) return (arg as readonly Arg[]).map((item) => decode(item, grad, leaves));
  if (isTensorArg(arg)) {
    const dtype = dtypes[arg.tensor];
    const base = torch.tensor(arg.data.map(fromJson), { dtype });
    const view = base.as_strided([...arg.size], [...arg.stride], arg.offset).detach();
    if (grad && dtype.is_floating_point) leaves.push(view.requires_grad_());
    return view;
  }
  if ('float' in arg) return fromJson(arg.float);
  if ('bounds' in arg) return torch.slice(arg.bounds[0], arg.bounds[1], arg.bounds[2]);
  return dtypes[(arg as { dtype: string }).dtype];
}

/** Tensors and numbers in a result, in order; objects of fields (torch's named tuples) by their values. */
function flatten(value: unknown): unknown[] {
  if (value instanceof torch.Tensor || value === null || typeof value !== 'object') return [value];
  if (value instanceof torch.DType) return [`torch.${value.name}`];
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(flatten);
}

function encode(t: torch.Tensor): TensorResult {
  const values = t.detach().reshape(-1).tolist() as unknown as (number | boolean)[];
  return { dtype: t.dtype.name, size: [...t.shape], data: values.map((value) => toJson(Number(value))) };
}

/** Weights of the sum of outputs that gradients are taken of: no two places alike. */
function weights(t: torch.Tensor): torch.Tensor {
  return torch
    .arange(t.numel(), { dtype: torch.float64 })
    .add(1)
    .cos()
    .to(t.dtype)
    .reshape([...t.shape]);
}

/** What is in the tensor's storage: a call in place may change only what the tensor shows of it. */
function stored(self: torch.Tensor, arg: TensorArg): number[] {
  return self
    .detach()
    .as_strided([arg.data.length], [1], 0)
    .to(torch.float64)
    .tolist() as unknown as number[];
}

function checkGaps(arg: TensorArg, before: readonly number[], after: readonly number[]): void {
  const places = arg.size.reduce<number[]>(
    (from, size, d) => from.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * arg.stride[d])),
    [arg.offset],
  );
  const shown = new Set(places);
  const bad = before.findIndex((value, i) => !shown.has(i) && !Object.is(value, after[i]));
  if (bad >= 0) throw new Error(`element ${bad} of the storage, which the tensor does not show, was written`);
}

/** Makes the call with this library; null where a result is an int64 that JavaScript's numbers cannot hold. */
export function call(one: Case): Result | null {
  const { on, op, args, kwargs, grad, unsigned = false } = one;
  const inplace = isInplace(one);
  return torch.tidy(() => {
    try {
      const leaves: torch.Tensor[] = [];
      const values = args.map((arg) => decode(arg, grad, leaves));
      // A leaf that takes gradients must not be written; what comes of one may.
      if (inplace && grad) values[0] = (values[0] as torch.Tensor).clone();
      const options = Object.entries(kwargs).map(([key, arg]) => [key, decode(arg, grad, leaves)] as const);
      if (options.length > 0) values.push(Object.fromEntries(options));
      const first = values[0];
      const watched = inplace && !grad && isTensorArg(args[0]) ? args[0] : null;
      const before = watched === null ? [] : stored(first as torch.Tensor, watched);
      const self = on === 'method' ? (values.shift() as object) : NAMESPACES[on];
      const method = (self as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>)[op];
      if (typeof method !== 'function') return { error: `${op} is missing` };
      const result = method.apply(self, values);
      if (inplace && result !== first) throw new Error('the result is not the tensor itself');
      if (watched !== null) checkGaps(watched, before, stored(first as torch.Tensor, watched));
      const outputs = flatten(result).map((out) =>
        unsigned && out instanceof torch.Tensor ? out.abs() : out,
      );
      const tensors = outputs.filter((out) => out instanceof torch.Tensor);
      let grads: (TensorResult | null)[] = [];
      const roots = tensors.filter((out) => out.requires_grad);
      if (grad && roots.length > 0) {
        const total = roots
          .map((out) => out.mul(weights(out)).sum().to(torch.float64))
          .reduce((a, b) => a.add(b));
        grads = torch.autograd
          .grad(total, leaves, { allow_unused: true })
          .map((g) => (g === null ? null : encode(g)));
      }
      return {
        outputs: outputs.map((out) => {
          if (out instanceof torch.Tensor) return encode(out);
          return typeof out === 'number' ? toJson(out) : (out as boolean | string | null);
        }),
        grads,
      };
    } catch (error) {
      if (String(error).includes('is not a safe JavaScript integer')) return null;
      return { error: String(error) };
    }
  });
}
