import { RuntimeError } from '../errors.js';
import { empty } from '../ops/creation.js';
import { uniform_ } from '../ops/random.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import { runGrad } from './engine.js';
import { gradcheck } from './gradcheck.js';
import type { GradcheckOptions } from './gradcheck.js';
import { enable_grad } from './mode.js';

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
  grad_outputs: Tensor | readonly Tensor[] | null = null,
  options: GradcheckOptions = {},
): boolean {
  const at = inputs instanceof Tensor ? [inputs] : [...inputs];
  const differentiable = (...args: unknown[]): Tensor[] => {
    const result = fn(...args);
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
        ? outputs.map((out) =>
            uniform_(empty([...out.shape], { dtype: out.dtype }), -1, 1).requires_grad_(true),
          )
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
    return gradcheck(gradients, [...at, ...given], options);
  });
}
