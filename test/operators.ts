// The operators as the lists have them, with sample calls of each: what the tests and the table of support run over.
import * as torch from '../src/index.js';
import * as linalg from '../src/linalg/index.js';
import * as special from '../src/special/index.js';
import * as functionalOnly from '../src/ops/functional_only.js';
import * as hidden from '../src/ops/hidden.js';
import * as listed from '../src/ops/index.js';
import * as tensorOnly from '../src/ops/tensor_only.js';
import * as functional from '../src/nn/functional.js';
import type { AnyFunction, Op, SampleMaker, Variant } from '../src/ops/define.js';
import { samples } from './operator_samples.js';

export type AnyOp = Op<AnyFunction, Variant>;

export function isOperator(value: unknown): value is AnyOp {
  return typeof value === 'function' && 'definition' in value;
}

function operatorsOf(prefix: string, values: object): [string, AnyOp][] {
  return Object.entries(values)
    .filter((entry): entry is [string, AnyOp] => isOperator(entry[1]))
    .map(([name, op]) => [prefix + name, op]);
}

const ofTorch = operatorsOf('', listed);
const ofFunctional = operatorsOf('nn.functional.', functional).filter(([, op]) =>
  ofTorch.every(([, other]) => other !== op),
);

/** What users call, under full names; what is a function of `torch` and of `nn.functional` counts once. */
export const namespaces: readonly {
  readonly title: string;
  readonly operators: readonly [string, AnyOp][];
}[] = [
  { title: 'torch', operators: ofTorch },
  { title: 'Tensor', operators: operatorsOf('Tensor.', tensorOnly) },
  { title: 'torch.nn.functional', operators: ofFunctional },
  { title: 'torch.linalg', operators: operatorsOf('linalg.', linalg) },
  { title: 'torch.special', operators: operatorsOf('special.', special) },
];

/** Every operator, also the parts that only other operators call. */
export const operators: ReadonlyMap<string, AnyOp> = new Map([
  ...namespaces.flatMap((namespace) => namespace.operators),
  ...operatorsOf('part of nn.functional: ', functionalOnly).filter(([, op]) =>
    ofFunctional.every(([, other]) => other !== op),
  ),
  ...operatorsOf('part: ', hidden),
]);

/** Sample calls: those of the definition, or what is said for it elsewhere; none is null. */
export function samplesOf(name: string): ((make: SampleMaker) => unknown[][]) | null {
  const own = operators.get(name)?.definition.samples ?? samples[name];
  if (own !== undefined) return own;
  // `nn.functional.relu(x, inplace)` is made of `relu(x)`.
  const short = name.replace('nn.functional.', '');
  const base = operators.get(`part of nn.functional: ${short}`) ?? operators.get(short);
  return base?.definition.samples ?? null;
}

/** Operators that PyTorch differentiates once only, and so does this library. */
export const ONCE: ReadonlySet<string> = new Set([
  'ctc_loss',
  'segment_reduce',
  'nn.functional.ctc_loss',
  'nn.functional.grid_sample',
]);

/**
 * Operators whose gradient is that of symmetric matrices, or of normalized log-probabilities, which central differences leave:
 * test/linalg and test/ops/ctc_loss.test.ts compare them with PyTorch's.
 */
export const CONSTRAINED: ReadonlySet<string> = new Set([
  'cholesky',
  'symeig',
  'linalg.cholesky',
  'linalg.cholesky_ex',
  'linalg.eigh',
  'linalg.eigvalsh',
  'ctc_loss',
  'nn.functional.ctc_loss',
]);

/** The arguments of a call; what is written into is copied, since a leaf that requires a gradient refuses it. */
export function callable(op: AnyOp, args: readonly unknown[]): readonly unknown[] {
  const { mutates, schema } = op.definition;
  if (mutates !== true && !schema.split('(')[0].endsWith('_')) return args;
  return [(args[0] as torch.Tensor).clone(), ...args.slice(1)];
}

/** Seeded sample inputs in float64, the precision that central differences need. */
export function sampleMaker(): SampleMaker {
  torch.manual_seed(7);
  const leaf = (t: torch.Tensor): torch.Tensor => t.requires_grad_(true);
  const make = (...shape: number[]): torch.Tensor => leaf(torch.randn(shape, { dtype: torch.float64 }));
  return Object.assign(make, {
    uniform: (low: number, high: number, ...shape: number[]) =>
      leaf(torch.empty(shape, { dtype: torch.float64 }).uniform_(low, high)),
    int: (low: number, high: number, ...shape: number[]) => torch.randint(low, high, shape),
    bool: (...shape: number[]) => torch.randint(0, 2, shape).to(torch.bool),
  });
}

/** Tensors among the arguments that gradients are wanted for; views among samples lead back to their leaf. */
export function leavesOf(args: readonly unknown[]): torch.Tensor[] {
  return args
    .flatMap((arg) => (Array.isArray(arg) ? (arg as unknown[]) : [arg]))
    .filter((arg): arg is torch.Tensor => arg instanceof torch.Tensor && arg.requires_grad);
}

/** The floating outputs of a call, as one list; sparse ones made dense, which differences and sums can be taken of. */
export function outputsOf(result: unknown): torch.Tensor[] {
  const list = result instanceof torch.Tensor ? [result] : (result as torch.Tensor[]);
  return list
    .filter((out) => out.dtype.is_floating_point)
    .map((out) => (out.is_sparse ? out.to_dense() : out));
}
