/** The operators that are fuzzed, and why some are not. */
import * as linalg from '../../src/linalg/index.js';
import * as F from '../../src/nn/functional.js';
import * as functionalOnly from '../../src/ops/functional_only.js';
import * as operators from '../../src/ops/index.js';
import * as tensorOnly from '../../src/ops/tensor_only.js';
import * as special from '../../src/special/index.js';
import { bySchema } from './by_schema.js';
import type { AnyOp } from './by_schema.js';
import type { Arg, Case } from './case.js';
import type { Draw } from './draw.js';
import { inSomeForm } from './form.js';
import { structured } from './structured.js';

/** Operators without a case here, by the reason. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'random; compared bit for bit with PyTorch in test/rng.test.ts, test/ops/discrete.test.ts and test/ops/windows.test.ts':
    [
      'alpha_dropout',
      'bernoulli',
      'bernoulli_',
      'binomial',
      'cauchy_',
      'dropout',
      'dropout1d',
      'dropout2d',
      'dropout3d',
      'exponential_',
      'feature_alpha_dropout',
      'feature_dropout',
      'geometric_',
      'gumbel_softmax',
      'log_normal_',
      'multinomial',
      'normal',
      'normal_',
      'poisson',
      'rand',
      'rand_like',
      'randint',
      'randint_like',
      'randn',
      'randn_like',
      'random_',
      'randperm',
      'rrelu',
      'uniform_',
    ],
  'places written twice come in no determined order': [
    'as_strided_scatter',
    'index_put',
    'index_put_',
    'put',
    'put_',
  ],
  'takes or gives sparse tensors; test/sparse compares random ones with PyTorch': [
    'coalesce',
    'indices',
    'sparse_mask',
    'to_sparse',
    'values',
  ],
  'takes the storage itself away; test/ops/storage.test.ts has it': ['set_'],
  'memory that nobody wrote': ['empty', 'empty_like', 'empty_strided', 'new_empty', 'resize_', 'resize_as_'],
};
const leftOut = new Set(Object.values(LEFT_OUT).flat());

export interface Fuzzed {
  readonly name: string;
  readonly make: (draw: Draw) => Case;
}

const isOp = (value: unknown): value is AnyOp => typeof value === 'function' && 'definition' in value;

function fuzzed(name: string, value: unknown, on: Case['on']): Fuzzed | null {
  if (leftOut.has(name) || typeof value !== 'function') return null;
  const make = structured[`${on} ${name}`] ?? structured[name];
  const shown = on === 'linalg' || on === 'special' ? `${on}.${name}` : name;
  if (make !== undefined) {
    return {
      name: shown,
      make: (draw) => {
        const { args, kwargs = {}, noGrad = false, unsigned = false } = make(draw);
        const named = Object.entries(kwargs).filter(
          (entry): entry is [string, Arg] => entry[1] !== undefined,
        );
        const bound = { args, kwargs: Object.fromEntries(named), grad: !noGrad && draw.bool() };
        const one = inSomeForm(draw, name, on, isOp(value) ? value.variants : [], bound);
        return unsigned ? { ...one, unsigned } : one;
      },
    };
  }
  return isOp(value) ? { name: shown, make: (draw) => bySchema(draw, name, value, on) } : null;
}

/** Every operator under the name and in the place where torch has it. */
export function all(): Fuzzed[] {
  const found = new Map<string, Fuzzed>();
  const add = (list: object, on: Case['on']): void => {
    for (const [name, value] of Object.entries(list) as [string, unknown][]) {
      const one = fuzzed(name, value, on);
      if (one !== null && !found.has(`${on} ${name}`)) found.set(`${on} ${name}`, one);
    }
  };
  const inF = new Set(Object.keys(functionalOnly));
  add(
    Object.fromEntries(Object.entries(operators).filter(([name]) => !(name in F && name in structured))),
    'torch',
  );
  add(tensorOnly, 'method');
  add(Object.fromEntries(Object.entries(F).filter(([name]) => inF.has(name) || name in structured)), 'F');
  add(linalg, 'linalg');
  add(special, 'special');
  return [...found.values()];
}
