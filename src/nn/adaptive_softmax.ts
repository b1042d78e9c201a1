import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { tensor as makeTensor } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { gather, index_select } from '../ops/gather.js';
import { index_add } from '../ops/index_dim.js';
import { cat } from '../ops/join.js';
import { checkDevice } from '../ops/make.js';
import { add } from '../ops/pointwise_binary.js';
import { argmax } from '../ops/reduce_extremum.js';
import { narrow, squeeze, unsqueeze } from '../ops/view.js';
import type { Tensor } from '../tensor.js';
import { ModuleList, Sequential } from './container.js';
import * as F from './functional.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** By how much each cluster's projection is smaller than the one before. Default 4. */
  div_value?: number;
  /** Whether the head has a bias. Default false. */
  head_bias?: boolean;
}

const BIND = signature(
  'AdaptiveLogSoftmaxWithLoss(int in_features, int n_classes, int[] cutoffs, float div_value=4.0, bool head_bias=False, ' +
    `${FACTORY})`,
);

/** Log probabilities of the targets and their mean, negated. */
export type ASMoutput = [output: Tensor, loss: Tensor] & { readonly output: Tensor; readonly loss: Tensor };

/**
 * Softmax over many classes, of which the first, below `cutoffs[0]`, are frequent and the others in clusters with ever smaller projections
 * (Grave et al., 2017). Classes are numbered by falling frequency.
 *
 * @example
 * const softmax = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]);
 * const { output, loss } = softmax(torch.randn(3, 8), torch.tensor([0, 7, 19]));
 * console.log(output.shape, loss.shape, softmax.log_prob(torch.randn(3, 8)).shape); // [ 3 ] [] [ 3, 20 ]
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  in_features: number;
  n_classes: number;
  cutoffs: readonly number[];
  div_value: number;
  head_bias: boolean;
  shortlist_size: number;
  n_clusters: number;
  head_size: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  constructor(
    in_features: number,
    n_classes: number,
    cutoffs: readonly number[],
    ...rest: Args<[], [div_value: number, head_bias: boolean], AdaptiveLogSoftmaxOptions>
  );
  constructor(
    options: AdaptiveLogSoftmaxOptions & {
      in_features: number;
      n_classes: number;
      cutoffs: readonly number[];
    },
  );
  constructor(...args: unknown[]) {
    super();
    const [features, classes, cutoffs, divisor, headBias, device, dtype] = BIND(args) as [
      number,
      number,
      number[],
      number,
      boolean,
      'cpu' | null,
      DType | null,
    ];
    checkDevice(device);
    const rises = cutoffs.every((cutoff, i) => cutoff > (i === 0 ? 0 : cutoffs[i - 1]));
    if (cutoffs.length === 0 || !rises || cutoffs[cutoffs.length - 1] > classes - 1) {
      throw new ValueError(
        'cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between ' +
          '1 and n_classes-1',
      );
    }
    const factory = { device, dtype };
    this.in_features = features;
    this.n_classes = classes;
    this.cutoffs = [...cutoffs, classes];
    this.div_value = divisor;
    this.head_bias = headBias;
    this.shortlist_size = cutoffs[0];
    this.n_clusters = cutoffs.length;
    this.head_size = this.shortlist_size + this.n_clusters;
    this.head = new Linear(features, this.head_size, { bias: headBias, ...factory });
    this.tail = new ModuleList<Sequential>();
    for (let i = 0; i < this.n_clusters; i++) {
      const hidden = Math.floor(features / divisor ** (i + 1));
      const size = this.cutoffs[i + 1] - this.cutoffs[i];
      this.tail.append(
        new Sequential(
          new Linear(features, hidden, { bias: false, ...factory }),
          new Linear(hidden, size, { bias: false, ...factory }),
        ),
      );
    }
  }

  /** Draws new weights. */
  reset_parameters(): void {
    this.head.reset_parameters();
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).reset_parameters();
  }

  forward(input: Tensor, target: Tensor): ASMoutput {
    checkTarget(input, target);
    const single = target.ndim === 0;
    const x = single ? unsqueeze(input, 0) : input;
    const classes = (single ? unsqueeze(target, 0) : target).tolist() as number[];
    const bad = classes.filter((c) => c < 0 || c >= this.n_classes);
    if (bad.length > 0) {
      throw new RuntimeError(
        `Target values should be in [0, ${this.n_classes - 1}], but values in range ` +
          `[${Math.min(...classes)}, ${Math.max(...classes)}] were found. `,
      );
    }
    const logHead = F.log_softmax(this.head(x), 1);
    // In the head a class stands for itself, or its cluster for it.
    const clusterOf = classes.map((c) => this.cutoffs.findIndex((cutoff) => c < cutoff) - 1);
    const inHead = classes.map((c, i) => (clusterOf[i] < 0 ? c : this.shortlist_size + clusterOf[i]));
    let output = squeeze(gather(logHead, 1, column(inHead)), 1);
    for (let i = 0; i < this.n_clusters; i++) {
      const rows = classes.map((_, row) => row).filter((row) => clusterOf[row] === i);
      if (rows.length === 0) continue;
      const at = makeTensor(rows, { dtype: int64 });
      const logCluster = F.log_softmax(this.tail[i](index_select(x, 0, at)), 1);
      const within = column(rows.map((row) => classes[row] - this.cutoffs[i]));
      output = index_add(output, 0, at, squeeze(gather(logCluster, 1, within), 1));
    }
    const loss = output.neg().mean();
    const shown = single ? squeeze(output, 0) : output;
    return Object.assign([shown, loss], { output: shown, loss }) as unknown as ASMoutput;
  }

  /** Log probabilities of all classes: [N, n_classes]. */
  log_prob(input: Tensor): Tensor {
    const logHead = F.log_softmax(this.head(input), 1);
    const parts = [...this.tail].map((cluster, i) =>
      add(F.log_softmax(cluster(input), 1), narrow(logHead, 1, this.shortlist_size + i, 1)),
    );
    return cat([narrow(logHead, 1, 0, this.shortlist_size), ...parts], 1);
  }

  /** The most probable class of each row: `log_prob(input).argmax(1)`. */
  predict(input: Tensor): Tensor {
    return argmax(this.log_prob(input), 1);
  }
}

function column(values: readonly number[]): Tensor {
  return unsqueeze(makeTensor(values, { dtype: int64 }), 1);
}

function checkTarget(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) throw new RuntimeError('0D or 1D target tensor expected, multi-target not supported');
  const expected = target.ndim + 1;
  if (target.ndim === 1 && input.shape[0] !== target.shape[0]) {
    throw new RuntimeError('Input and target should have the same size in the batch dimension.');
  }
  if (input.ndim !== expected) {
    throw new RuntimeError(
      `${target.ndim}D target tensor expects ${expected}D input tensors, but found inputs with size ` +
        `torch.Size([${input.shape.join(', ')}])`,
    );
  }
}
