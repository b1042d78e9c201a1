import { no_grad } from '../autograd/mode.js';
import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { arange } from '../ops/creation_range.js';
import type { Args } from '../ops/define.js';
import { binary_cross_entropy_with_logits } from '../ops/binary_loss.js';
import { bernoulli } from '../ops/random.js';
import type { Tensor } from '../tensor.js';
import * as constraints from './constraints.js';
import type { Constraint } from './constraints.js';
import { Distribution } from './distribution.js';
import type { Parameters, SampleShape } from './distribution.js';
import type { DistributionOptions } from './normal.js';
import { Lazy, broadcastAll, logitsToProbs, probsToLogits } from './parameters.js';

export interface BernoulliOptions extends DistributionOptions {
  /** The probability of 1. */
  probs?: Tensor | number | null;
  /** log(p / (1 − p)) in its place. */
  logits?: Tensor | number | null;
}

type Optional = [
  probs: Tensor | number | null,
  logits: Tensor | number | null,
  validate_args: boolean | null,
];

const BIND = signature(
  'Bernoulli(Tensor|float? probs=None, Tensor|float? logits=None, bool? validate_args=None)',
);

const CONSTRAINTS = { probs: constraints.unit_interval, logits: constraints.real };

/**
 * 1 with probability `probs`, else 0. Either `probs` or `logits` is given; the other one is computed when it is asked for.
 *
 * @example
 * const { Bernoulli } = torch.distributions;
 * console.log(new Bernoulli(0.25).variance.item(), new Bernoulli({ logits: 0 }).probs.item()); // 0.1875 0.5
 */
export class Bernoulli extends Distribution {
  private given_: { probs: Tensor | null; logits: Tensor | null };
  private derived: Lazy;

  constructor(...args: Args<[], Optional, BernoulliOptions>) {
    const [probs, logits, validate] = BIND(args) as Optional;
    if ((probs === null) === (logits === null))
      throw new ValueError('Either `probs` or `logits` must be specified, but not both.');
    const [param] = broadcastAll(probs ?? logits!);
    super(param.shape, validate);
    this.given_ = probs === null ? { probs: null, logits: param } : { probs: param, logits: null };
    this.derived = this.derive();
    this.checkParameters();
  }

  private derive(): Lazy {
    const { probs, logits } = this.given_;
    return new Lazy(() => (probs === null ? logitsToProbs(logits!, true) : probsToLogits(probs, true)));
  }

  get probs(): Tensor {
    return this.given_.probs ?? this.derived.get();
  }
  get logits(): Tensor {
    return this.given_.logits ?? this.derived.get();
  }
  get param_shape(): readonly number[] {
    return this.batch_shape;
  }

  protected override get given(): Parameters {
    return this.given_;
  }
  protected override get known(): Parameters {
    const { probs, logits } = this.given_;
    return { probs: probs ?? this.derived.known, logits: logits ?? this.derived.known };
  }
  protected override take({ probs, logits }: Parameters): void {
    this.given_ = { probs, logits };
    this.derived = this.derive();
  }

  override get arg_constraints(): Record<string, Constraint> {
    return CONSTRAINTS;
  }
  override get support(): Constraint {
    return constraints.boolean;
  }
  override get has_enumerate_support(): boolean {
    return true;
  }
  override get mean(): Tensor {
    return this.probs;
  }
  override get mode(): Tensor {
    const { probs } = this;
    return probs.ge(0.5).to(probs.dtype).masked_fill(probs.eq(0.5), NaN);
  }
  override get variance(): Tensor {
    return this.probs.mul(this.probs.neg().add(1));
  }

  override sample(sample_shape: SampleShape = []): Tensor {
    const shape = this.extended(sample_shape);
    return no_grad(() => bernoulli(this.probs.expand(shape)));
  }

  override log_prob(value: Tensor): Tensor {
    this.checkSample(value);
    const [logits, at] = broadcastAll(this.logits, value);
    return binary_cross_entropy_with_logits(logits, at, { reduction: 'none' }).neg();
  }

  override entropy(): Tensor {
    return binary_cross_entropy_with_logits(this.logits, this.probs, { reduction: 'none' });
  }

  override enumerate_support(expand: boolean = true): Tensor {
    const { dtype } = this.given_.probs ?? this.given_.logits!;
    const values = arange(2, { dtype }).view([2, ...this.batch_shape.map(() => 1)]);
    return expand ? values.expand([2, ...this.batch_shape]) : values;
  }
}
