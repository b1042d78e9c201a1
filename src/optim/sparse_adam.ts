import { RuntimeError, ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { signature } from '../signature.js';
import { withScope } from '../scope.js';
import { sparseTensor } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { Optimizer } from './optimizer.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { blank, checkBetas } from './param_state.js';

export interface SparseAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  maximize: boolean;
}

export interface SparseAdamOptions {
  /** Default 1e-3. */
  lr?: number;
  /** Decay of the averages of the gradient and of its square. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, betas: readonly [number, number], eps: number, maximize: boolean];

const BIND = signature(
  'SparseAdam(any params, float lr=1e-3, float[]? betas=None, float eps=1e-8, bool maximize=False)',
);

/**
 * Adam for sparse gradients, such as `nn.Embedding` has with `sparse: true`. A step changes only the rows that a gradient lists, of
 * the parameter and of the averages: others do not decay.
 *
 * @throws RuntimeError in a step with a dense gradient
 * @example
 * const words = new nn.Embedding(1000, 8, { sparse: true });
 * const optimizer = new optim.SparseAdam(words.parameters(), { lr: 0.1 });
 * words(torch.tensor([3, 5, 3])).sum().backward();
 * optimizer.step();
 * console.log(words.weight.grad.coalesce().indices().tolist()); // [ [ 3, 5 ] ]
 */
export class SparseAdam extends Optimizer<SparseAdamGroup> {
  constructor(params: Params<SparseAdamGroup>, ...rest: Args<[], Optional, SparseAdamOptions>) {
    const [, lr, betas, eps, maximize] = BIND([params, ...rest]) as [
      unknown,
      number,
      readonly [number, number] | null,
      number,
      boolean,
    ];
    const options = { lr, betas: betas ?? ([0.9, 0.999] as const), eps, maximize };
    checkOptions(options);
    const given: unknown = params;
    const list = given instanceof Tensor || !isIterable(given) ? given : [...given];
    super(list as Params<SparseAdamGroup>, options);
    refuseSparseParams(this.param_groups, Array.isArray(list) && !(list[0] instanceof Tensor));
  }

  protected override check(group: SparseAdamGroup): void {
    checkOptions(group);
  }

  protected override update(group: SparseAdamGroup): void {
    for (const param of group.params) {
      if (param._gradQuiet?.is_sparse === false) {
        throw new RuntimeError('SparseAdam does not support dense gradients, please consider Adam instead');
      }
    }
    for (const param of group.params) {
      const grad = param._gradQuiet;
      if (grad === null) continue;
      let state = this.state.get(param);
      if (state === undefined) {
        state = { step: 0, exp_avg: blank(param), exp_avg_sq: blank(param) };
        this.state.set(param, state);
      }
      state['step'] = Number(state['step']) + 1;
      withScope("an optimizer's step", () => stepRows(param, grad, state, group));
    }
  }
}

/** A step of the rows that the gradient lists, in torch's order of operations. */
function stepRows(param: Tensor, grad: Tensor, state: ParamState, group: SparseAdamGroup): void {
  const { lr, eps, maximize } = group;
  const [beta1, beta2] = group.betas;
  const step = state['step'] as number;
  const [average, squares] = [state['exp_avg'] as Tensor, state['exp_avg_sq'] as Tensor];
  const listed = (maximize ? grad.neg() : grad).coalesce();
  const [indices, values] = [listed.indices(), listed.values()];
  const rows = (of: Tensor): Tensor => sparseTensor(indices, of, param.shape, true);
  const oldAverage = average.sparse_mask(listed).values();
  const change = values.sub(oldAverage).mul_(1 - beta1);
  average.add_(rows(change));
  const oldSquares = squares.sparse_mask(listed).values();
  const squaresChange = values
    .square()
    .sub_(oldSquares)
    .mul_(1 - beta2);
  squares.add_(rows(squaresChange));
  const numerator = change.add_(oldAverage);
  const denominator = squaresChange.add_(oldSquares).sqrt_().add_(eps);
  const size = (lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  param.add_(rows(numerator.div_(denominator).mul_(-size)));
}

function checkOptions(options: Omit<SparseAdamGroup, 'params'>): void {
  const { lr, betas, eps } = options as SparseAdamGroup;
  if (!(lr > 0)) throw new ValueError(`Invalid learning rate: ${lr}`);
  if (!(eps > 0)) throw new ValueError(`Invalid epsilon value: ${eps}`);
  checkBetas(betas);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] === 'function';
}

/** torch's check: of the parameters, or of those of each group. */
function refuseSparseParams(groups: readonly SparseAdamGroup[], grouped: boolean): void {
  const places = groups.flatMap(({ params }, i) =>
    params.flatMap((param, j) => (param.is_sparse ? [grouped ? `[${i}, ${j}]` : `${j}`] : [])),
  );
  if (places.length === 0) return;
  throw new ValueError(
    `Sparse params at indices [${places.join(', ')}]: SparseAdam requires dense parameter tensors`,
  );
}
