import { no_grad } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { numel, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { batch_norm } from './batchnorm.js';
import { copy_ } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { repeat } from './layout.js';
import { mean as meanOf } from './reduce.js';
import { reshape } from './view.js';

type Parameters = [
  weight: Tensor | null,
  bias: Tensor | null,
  running_mean: Tensor | null,
  running_var: Tensor | null,
  use_input_stats: boolean,
  momentum: number,
  eps: number,
];

/** `nn.functional.instance_norm` with the arguments in the order that `torch.instance_norm` has. */
export const instance_norm: Op<(input: Tensor, ...parameters: Parameters) => Tensor> = define({
  schema:
    'instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, ' +
    'bool use_input_stats, float momentum, float eps)',
  forward: (_ctx, input: Tensor, ...parameters: Parameters) => {
    const [weight, bias, runningMean, runningVar, ownStatistics, momentum, eps] = parameters;
    if (input.ndim < 2) {
      throw new RuntimeError(
        `instance_norm: expected input of at least 2 dimensions (NC...), got ${showShape(input.shape)}`,
      );
    }
    if (!ownStatistics && (runningMean === null || runningVar === null)) {
      throw new RuntimeError(
        'Expected running_mean and running_var to be defined when use_input_stats is false',
      );
    }
    const [N, C, ...rest] = input.shape as [number, number, ...number[]];
    const perImage = (t: Tensor | null): Tensor | null => (t === null ? null : repeat(t, [N]));
    const [mean, variance] = [perImage(runningMean), perImage(runningVar)];
    const images = reshape(input, [1, N * C, ...rest]);
    const out = batch_norm(
      images,
      perImage(weight),
      perImage(bias),
      mean,
      variance,
      ownStatistics,
      momentum,
      eps,
    );
    if (ownStatistics) {
      moveTo(runningMean, mean, N);
      moveTo(runningVar, variance, N);
    }
    return reshape(out, input.shape);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 4), null, null, null, null, true, 0.1, 1e-5],
    [make(2, 3, 2, 2), make(3), make(3), null, null, true, 0.1, 0.1],
    [make(2, 2, 3), make(2), make(2), make(2).detach(), make.uniform(0.5, 2, 2).detach(), false, 0.1, 1e-5],
  ],
});

/** Gives a running statistic the mean of what each image made of it. */
function moveTo(running: Tensor | null, perImage: Tensor | null, N: number): void {
  if (running === null || perImage === null) return;
  no_grad(() => copy_(running, meanOf(reshape(perImage, [N, running.numel()]), 0)));
}

/**
 * Batch norm in which each image is its own batch: [N, C, …] is [1, N·C, …]. With `use_input_stats` the running statistics
 * move by `momentum` towards the mean over the images of their statistics; without, they are used.
 *
 * @example
 * console.log(F.instance_norm(torch.tensor([[[0, 2], [1, 5]]]).float(), { eps: 0 }).tolist()); // [ [ [ -1, 1 ], [ -1, 1 ] ] ]
 */
export const functional_instance_norm: Op<
  (
    ...args: Args<
      [input: Tensor],
      [
        running_mean: Tensor | null,
        running_var: Tensor | null,
        weight: Tensor | null,
        bias: Tensor | null,
        use_input_stats: boolean,
        momentum: number,
        eps: number,
      ],
      {
        running_mean?: Tensor | null;
        running_var?: Tensor | null;
        weight?: Tensor | null;
        bias?: Tensor | null;
        use_input_stats?: boolean;
        momentum?: number;
        eps?: number;
      }
    >
  ) => Tensor
> = define({
  schema:
    'instance_norm(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? weight=None, ' +
    'Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05)',
  forward: (
    _ctx,
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null,
    bias: Tensor | null,
    ownStatistics: boolean,
    momentum: number,
    eps: number,
  ) => {
    if (ownStatistics && numel(input.shape.slice(2)) === 1) {
      throw new ValueError(
        `Expected more than 1 spatial element when training, got input size torch.Size(${showShape(input.shape)})`,
      );
    }
    return instance_norm(input, weight, bias, runningMean, runningVar, ownStatistics, momentum, eps);
  },
  backward: 'composite',
});
