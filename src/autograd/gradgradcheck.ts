import { RuntimeError } from '../errors.js';
import { signature } from '../signature.js';
import { empty } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { index } from '../ops/indexing.js';
import { uniform_ } from '../ops/random.js';
import { slice } from '../ops/slice.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import { runGrad } from './engine.js';
import { TOLERANCES, checkFixed, fixedParams, gradcheck } from './gradcheck.js';
import type { CheckOptions, Fixed } from './gradcheck.js';
import { enable_grad } from './mode.js';

export interface GradgradcheckOptions extends CheckOptions {
  grad_outputs?: Tensor | readonly Tensor[] | null;
  /** Whether the random gradients of the outputs are not contiguous. Default false. */
  gen_non_contig_grad_outputs?: boolean;
  check_fwd_over_rev?: false;
  check_rev_over_rev?: true;
}

const FIXED: readonly Fixed[] = [
  ['check_undefined_grad', true],
  ['check_batched_grad', false],
  ['check_fwd_over_rev', false],
  ['check_rev_over_rev', true],
  ['fast_mode', false],
];

const GRADGRADCHECK = signature(
  `gradgradcheck(function func, any inputs, Tensor?|Tensor[] grad_outputs=None, *, ${TOLERANCES}, ` +
    `bool gen_non_contig_grad_outputs=False, ${fixedParams(FIXED)})`,
);

type Bound = [
  func: (...inputs: unknown[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly unknown[],
  grad_outputs: Tensor | readonly Tensor[] | null,
  eps: number,
  atol: number,
  rtol: number,
  raise_exception: boolean,
  nondet_tol: number,
  ...flags: boolean[],
];

/**
 * `gradcheck` of the gradients of `fn`: compares second derivatives with central differences of first ones, with respect to the
 * inputs and to the gradients of the outputs.
 *
 * @param grad_outputs the gradients of the outputs at which it is done; default: random, in [-1, 1)
 * @throws GradcheckError with both Jacobians on a mismatch
 * @example
 * const x = torch.randn(3, { dtype: torch.float64, requires_grad: true });
 * console.log(torch.autograd.gradgradcheck((t) => t.exp(), [x])); // true
 */
export function gradgradcheck(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function of the inputs
  fn: (...inputs: any[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly unknown[],
  ...rest: Args<[], [grad_outputs: Tensor | readonly Tensor[] | null], GradgradcheckOptions>
): boolean {
  const [func, from, grad_outputs, eps, atol, rtol, raise_exception, nondet_tol, ...flags] = GRADGRADCHECK([
    fn,
    inputs,
    ...rest,
  ]) as Bound;
  const [check_grad_dtypes, scattered, ...fixed] = flags;
  checkFixed('gradgradcheck', FIXED, fixed);
  const at = from instanceof Tensor ? [from] : [...from];
  const differentiable = (...args: unknown[]): Tensor[] => {
    const result = func(...args);
    return (result instanceof Tensor ? [result] : [...result]).filter((out) => out.requires_grad);
  };
  return tidy(() => {
    const outputs = enable_grad(() => differentiable(...at));
    if (outputs.length === 0) {
      throw new RuntimeError(
        'gradgradcheck: none of the outputs requires grad: the function is not differentiable',
      );
    }
    const given =
      grad_outputs === null
        ? outputs.map((out) => randomLike(out, scattered))
        : grad_outputs instanceof Tensor
          ? [grad_outputs]
          : [...grad_outputs];
    const gradients = (...all: unknown[]): Tensor[] =>
      enable_grad(() => {
        const args = all.slice(0, at.length);
        const wanted = args.filter((x): x is Tensor => x instanceof Tensor && x.requires_grad);
        const directions = all.slice(at.length) as Tensor[];
        const found = runGrad(differentiable(...args), directions, wanted, {
          create_graph: true,
          allow_unused: true,
        });
        return found.filter((grad) => grad !== null);
      });
    return gradcheck(gradients, [...at, ...given], {
      eps,
      atol,
      rtol,
      raise_exception,
      nondet_tol,
      check_grad_dtypes,
    });
  });
}

/** Random numbers in [-1, 1) of a tensor's shape; `scattered` leaves gaps in memory. */
function randomLike(out: Tensor, scattered: boolean): Tensor {
  const shape = [...out.shape];
  const last = shape.length - 1;
  if (!scattered || last < 0) return uniform_(empty(shape, { dtype: out.dtype }), -1, 1).requires_grad_(true);
  const wide = empty([...shape.slice(0, last), 2 * shape[last]], { dtype: out.dtype });
  return index(uniform_(wide, -1, 1), '...', slice(null, null, 2)).requires_grad_(true);
}
