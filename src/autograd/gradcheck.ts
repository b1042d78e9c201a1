import { float64 } from '../dtype.js';
import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import { toTypedArray, writeValues } from '../tensor_data.js';
import { zeros } from '../ops/creation.js';
import { runGrad } from './engine.js';

/** What gradcheck and gradgradcheck take. */
export interface CheckOptions {
  /** Perturbation of each input element. Default 1e-6. */
  eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  atol?: number;
  /** Relative tolerance. Default 1e-3. */
  rtol?: number;
  /** Throw on a mismatch (default) or return false. */
  raise_exception?: boolean;
  /** How far two runs of backward may differ. Default 0. */
  nondet_tol?: number;
  /** Whether a gradient must have the dtype of its input. Default false. */
  check_grad_dtypes?: boolean;
  /** Always done: each output is differentiated without gradients of the others. */
  check_undefined_grad?: true;
  check_batched_grad?: false;
  fast_mode?: false;
}

export interface GradcheckOptions extends CheckOptions {
  check_backward_ad?: true;
  check_forward_ad?: false;
  check_batched_forward_grad?: false;
  check_sparse_nnz?: false;
}

/** What all forms of gradcheck take by keyword. */
export const TOLERANCES =
  'float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raise_exception=True, float nondet_tol=0.0, ' +
  'bool check_grad_dtypes=False';

/** Options that have one value here. */
const FIXED: readonly Fixed[] = [
  ['check_undefined_grad', true],
  ['check_backward_ad', true],
  ['check_forward_ad', false],
  ['check_batched_grad', false],
  ['check_batched_forward_grad', false],
  ['check_sparse_nnz', false],
  ['fast_mode', false],
];

export type Fixed = readonly [name: string, value: boolean];

/** Their part of a signature. */
export function fixedParams(fixed: readonly Fixed[]): string {
  return fixed.map(([name, value]) => `bool ${name}=${value ? 'True' : 'False'}`).join(', ');
}

export function checkFixed(func: string, fixed: readonly Fixed[], values: readonly boolean[]): void {
  fixed.forEach(([name, value], i) => {
    if (values[i] !== value) throw new NotImplementedError(`${func}: ${name}=${values[i]} is not supported`);
  });
}

const GRADCHECK = signature(`gradcheck(function func, any inputs, *, ${TOLERANCES}, ${fixedParams(FIXED)})`);

interface Settings {
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  readonly nondet_tol: number;
  readonly check_grad_dtypes: boolean;
}

/** Thrown by gradcheck when a Jacobian is wrong. */
export class GradcheckError extends RuntimeError {}

/** A Jacobian by rows: one row per input element, one column per output element. */
type Jacobian = Float64Array[];

/**
 * Compares the gradients of `fn` with central differences, (f(x + eps) − f(x − eps)) / 2 eps, for every input that requires
 * grad; outputs that do not require grad are left out. Inputs should be float64: in float32 the differences are too coarse.
 *
 * @param fn takes the inputs, returns a tensor or an array of tensors
 * @returns true; false on a mismatch with `raise_exception: false`
 * @throws GradcheckError with both Jacobians on a mismatch
 * @example
 * const x = torch.randn(3, { dtype: torch.float64, requires_grad: true });
 * console.log(torch.autograd.gradcheck((t) => t.exp(), [x])); // true
 */
export function gradcheck(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function of the inputs
  fn: (...inputs: any[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly unknown[],
  options?: GradcheckOptions,
): boolean {
  const [func, given, eps, atol, rtol, raise_exception, nondet_tol, check_grad_dtypes, ...fixed] = GRADCHECK(
    options === undefined ? [fn, inputs] : [fn, inputs, options],
  ) as [Checked, Tensor | unknown[], number, number, number, boolean, number, boolean, ...boolean[]];
  checkFixed('gradcheck', FIXED, fixed);
  const list = given instanceof Tensor ? [given] : [...given];
  try {
    return tidy(() => check(func, list, { eps, atol, rtol, nondet_tol, check_grad_dtypes }));
  } catch (error) {
    if (error instanceof GradcheckError && !raise_exception) return false;
    throw error;
  }
}

type Checked = (...inputs: unknown[]) => Tensor | readonly Tensor[];

function check(fn: Checked, inputs: unknown[], settings: Settings): boolean {
  const wanted = inputs.filter((x): x is Tensor => x instanceof Tensor && x.requires_grad);
  if (wanted.length === 0) {
    throw new ValueError(
      'gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.',
    );
  }
  const coarse = wanted.find((x) => x.dtype !== float64);
  if (coarse !== undefined && settings.eps < 1e-5) {
    console.warn(
      `gradcheck: an input is ${coarse.dtype}; with eps ${settings.eps} the check will likely fail in less than float64`,
    );
  }
  const outputs = outputsOf(fn, inputs);
  if (!outputs.some((out) => out.requires_grad)) {
    checkConstant(fn, inputs, wanted, outputs.length, settings.eps);
    return true;
  }
  outputs.forEach((output, o) => {
    if (!output.requires_grad) return;
    const analytical = analyticalJacobians(output, wanted, settings.check_grad_dtypes);
    wanted.forEach((input, i) => {
      compare(numericalJacobian(fn, inputs, input, o, settings.eps), analytical[i], o, i, settings);
    });
    checkDeterminism(analyticalJacobians(output, wanted, false), analytical, settings);
  });
  return true;
}

/** A function without gradient must not depend on its inputs. */
function checkConstant(fn: Checked, inputs: unknown[], wanted: Tensor[], count: number, eps: number): void {
  for (let o = 0; o < count; o++) {
    for (const input of wanted) {
      if (numericalJacobian(fn, inputs, input, o, eps).some((row) => row.some((value) => value !== 0)))
        throw new GradcheckError('Numerical gradient for function expected to be zero');
    }
  }
}

function outputsOf(fn: Checked, inputs: unknown[]): Tensor[] {
  const result = fn(...inputs);
  const list = result instanceof Tensor ? [result] : [...result];
  return list.filter((out) => out instanceof Tensor && out.dtype.is_floating_point);
}

function numericalJacobian(fn: Checked, inputs: unknown[], input: Tensor, o: number, eps: number): Jacobian {
  const values = toTypedArray(input) as Float64Array;
  const rows: Jacobian = [];
  const evaluate = (): Float64Array =>
    tidy(() => Float64Array.from(toTypedArray(outputsOf(fn, inputs)[o]) as Float64Array));
  const put = (changed: ArrayLike<number>): void =>
    tidy(() => {
      const copy = zeros([...input.shape], { dtype: input.dtype });
      writeValues(copy, changed);
      input.data.copy_(copy);
    });
  try {
    for (let k = 0; k < values.length; k++) {
      const changed = values.slice();
      changed[k] = values[k] + eps;
      put(changed);
      const above = evaluate();
      changed[k] = values[k] - eps;
      put(changed);
      const below = evaluate();
      rows.push(above.map((value, j) => (value - below[j]) / (2 * eps)));
    }
  } finally {
    put(values);
  }
  return rows;
}

/** One for each input; zero where the output does not depend on it. */
function analyticalJacobians(output: Tensor, inputs: Tensor[], checkDtypes: boolean): Jacobian[] {
  const jacobians = inputs.map((input) => zeroJacobian(input, output));
  for (let j = 0; j < output.numel(); j++) {
    tidy(() => {
      const oneHot = zeros([...output.shape], { dtype: output.dtype });
      const values = new Float64Array(output.numel());
      values[j] = 1;
      writeValues(oneHot, values);
      const grads = runGrad([output], [oneHot], inputs, { retain_graph: true, allow_unused: true });
      grads.forEach((grad, i) => {
        if (grad === null) return;
        if (checkDtypes && grad.dtype !== inputs[i].dtype)
          throw new GradcheckError('Gradient has dtype mismatch');
        const column = toTypedArray(grad);
        jacobians[i].forEach((row, k) => {
          row[j] = Number(column[k]);
        });
      });
    });
  }
  return jacobians;
}

function zeroJacobian(input: Tensor, output: Tensor): Jacobian {
  return Array.from({ length: input.numel() }, () => new Float64Array(output.numel()));
}

function compare(
  numerical: Jacobian,
  analytical: Jacobian,
  o: number,
  i: number,
  { atol, rtol }: Settings,
): void {
  const fits = numerical.every((row, k) =>
    row.every((value, j) => {
      const other = analytical[k][j];
      return value === other || Math.abs(value - other) <= atol + rtol * Math.abs(other);
    }),
  );
  if (fits) return;
  const show = (rows: Jacobian): string =>
    rows.map((row) => `[${Array.from(row, (v) => v.toPrecision(6)).join(', ')}]`).join('\n ');
  throw new GradcheckError(
    `Jacobian mismatch for output ${o} with respect to input ${i},\nnumerical:\n ${show(numerical)}\nanalytical:\n ${show(analytical)}\n`,
  );
}

function checkDeterminism(
  again: readonly Jacobian[],
  first: readonly Jacobian[],
  { nondet_tol }: Settings,
): void {
  const same = again.every((jacobian, i) =>
    jacobian.every((row, k) =>
      row.every((value, j) => {
        const before = first[i][k][j];
        return Object.is(value, before) || Math.abs(value - before) <= nondet_tol;
      }),
    ),
  );
  if (!same)
    throw new GradcheckError(
      'Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values',
    );
}
