import { int64, limits } from '../dtype.js';
import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { broadcast_tensors } from '../ops/broadcast.js';
import { full } from '../ops/creation.js';
import { arange } from '../ops/creation_range.js';
import type { Args } from '../ops/define.js';
import { multinomial } from '../ops/discrete.js';
import { no_grad } from '../autograd/mode.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as constraints from './constraints.js';
import type { Constraint } from './constraints.js';
import { Distribution } from './distribution.js';
import type { Parameters, SampleShape } from './distribution.js';
import type { DistributionOptions } from './normal.js';
import { Lazy, logitsToProbs, probsToLogits } from './parameters.js';

export interface CategoricalOptions extends DistributionOptions {
  /** The probabilities of 0, 1, … along the last dimension, up to a common factor. */
  probs?: Tensor | null;
  /** Their logarithms in their place, up to a common summand. */
  logits?: Tensor | null;
}

type Optional = [probs: Tensor | null, logits: Tensor | null, validate_args: boolean | null];

const BIND = signature('Categorical(Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)');

const CONSTRAINTS = { probs: constraints.simplex, logits: constraints.real_vector };

/**
 * The integers 0 … K − 1 with probabilities `probs`, whose last dimension has size K. Either `probs` or `logits` is given, and
 * normalised; the other one is computed when it is asked for.
 *
 * @example
 * const { Categorical } = torch.distributions;
 * const three = new Categorical(torch.tensor([1, 1, 2]));
 * console.log(three.probs.tolist(), three.log_prob(torch.tensor(2)).exp().item()); // [ 0.25, 0.25, 0.5 ] 0.5
 */
export class Categorical extends Distribution {
  private given_: { probs: Tensor | null; logits: Tensor | null };
  private derived: Lazy;
  private readonly count: number;

  constructor(...args: Args<[], Optional, CategoricalOptions>) {
    const [probs, logits, validate] = BIND(args) as Optional;
    if ((probs === null) === (logits === null))
      throw new ValueError('Either `probs` or `logits` must be specified, but not both.');
    const param = probs ?? logits!;
    const name = probs === null ? 'logits' : 'probs';
    if (param.ndim < 1) throw new ValueError(`\`${name}\` parameter must be at least one-dimensional.`);
    super(param.shape.slice(0, -1), validate);
    this.given_ =
      probs === null
        ? { probs: null, logits: param.sub(param.logsumexp(-1, true)) }
        : { probs: param.div(param.sum(-1, { keepdim: true })), logits: null };
    this.count = param.shape[param.ndim - 1];
    this.derived = this.derive();
    this.checkParameters();
  }

  private derive(): Lazy {
    const { probs, logits } = this.given_;
    return new Lazy(() => (probs === null ? logitsToProbs(logits!, false) : probsToLogits(probs, false)));
  }

  get probs(): Tensor {
    return this.given_.probs ?? this.derived.get();
  }
  get logits(): Tensor {
    return this.given_.logits ?? this.derived.get();
  }
  get param_shape(): readonly number[] {
    return [...this.batch_shape, this.count];
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
  protected override get paramDims(): readonly number[] {
    return [this.count];
  }

  override get arg_constraints(): Record<string, Constraint> {
    return CONSTRAINTS;
  }
  override get support(): Constraint {
    return constraints.integer_interval(0, this.count - 1);
  }
  override get has_enumerate_support(): boolean {
    return true;
  }
  /** NaN: the values are names. */
  override get mean(): Tensor {
    return full([...this.batch_shape], NaN, { dtype: this.probs.dtype });
  }
  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }
  /** NaN: the values are names. */
  override get variance(): Tensor {
    return full([...this.batch_shape], NaN, { dtype: this.probs.dtype });
  }

  override sample(sample_shape: SampleShape = []): Tensor {
    const shape = this.extended(sample_shape);
    return no_grad(() => {
      const rows = this.probs.reshape([-1, this.count]);
      const draws = multinomial(rows, numel(sample_shape), true);
      return draws.t().reshape(shape);
    });
  }

  override log_prob(value: Tensor): Tensor {
    this.checkSample(value);
    const [at, logits] = broadcast_tensors(value.to(int64).unsqueeze(-1), this.logits);
    return logits.gather(-1, at.narrow(-1, 0, 1)).squeeze(-1);
  }

  override entropy(): Tensor {
    const { logits } = this;
    const [min] = limits(logits.dtype);
    return logits.clamp({ min }).mul(this.probs).sum(-1).neg();
  }

  override enumerate_support(expand: boolean = true): Tensor {
    const values = arange(this.count).view([this.count, ...this.batch_shape.map(() => 1)]);
    return expand ? values.expand([this.count, ...this.batch_shape]) : values;
  }
}
