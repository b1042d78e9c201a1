import { no_grad } from '../autograd/mode.js';
import { signature } from '../signature.js';
import { empty } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { erf, erfinv } from '../ops/pointwise_unary.js';
import { normal, normal_ } from '../ops/random.js';
import type { Tensor } from '../tensor.js';
import * as constraints from './constraints.js';
import type { Constraint } from './constraints.js';
import { Distribution } from './distribution.js';
import type { Parameters, SampleShape } from './distribution.js';
import { broadcastAll } from './parameters.js';

export interface DistributionOptions {
  /** Check parameters and samples. Default true. */
  validate_args?: boolean | null;
}

const BIND = signature('Normal(Tensor|float loc, Tensor|float scale, bool? validate_args=None)');

const CONSTRAINTS = { loc: constraints.real, scale: constraints.positive };

/**
 * The normal distribution with mean `loc` and standard deviation `scale`.
 *
 * @example
 * const normal = new torch.distributions.Normal(0, 1);
 * console.log(normal.log_prob(torch.tensor(0)).item().toFixed(4)); // -0.9189
 */
export class Normal extends Distribution {
  loc: Tensor;
  scale: Tensor;

  constructor(
    loc: Tensor | number,
    scale: Tensor | number,
    ...rest: Args<[], [validate_args: boolean | null], DistributionOptions>
  );
  constructor(options: DistributionOptions & { loc: Tensor | number; scale: Tensor | number });
  constructor(...args: unknown[]) {
    const [m, s, validate] = BIND(args) as [Tensor | number, Tensor | number, boolean | null];
    const [mean, deviation] = broadcastAll(m, s);
    super(mean.shape, validate);
    this.loc = mean;
    this.scale = deviation;
    this.checkParameters();
  }

  protected override get given(): Parameters {
    return { loc: this.loc, scale: this.scale };
  }
  protected override take({ loc, scale }: Parameters): void {
    this.loc = loc!;
    this.scale = scale!;
  }

  override get arg_constraints(): Record<string, Constraint> {
    return CONSTRAINTS;
  }
  override get support(): Constraint {
    return constraints.real;
  }
  override get has_rsample(): boolean {
    return true;
  }
  override get mean(): Tensor {
    return this.loc;
  }
  override get mode(): Tensor {
    return this.loc;
  }
  override get stddev(): Tensor {
    return this.scale;
  }
  override get variance(): Tensor {
    return this.scale.pow(2);
  }

  override sample(sample_shape: SampleShape = []): Tensor {
    const shape = this.extended(sample_shape);
    return no_grad(() => normal(this.loc.expand(shape), this.scale.expand(shape)));
  }

  override rsample(sample_shape: SampleShape = []): Tensor {
    const shape = this.extended(sample_shape);
    const noise = normal_(empty(shape, { dtype: this.loc.dtype }));
    return this.loc.add(noise.mul(this.scale));
  }

  override log_prob(value: Tensor): Tensor {
    this.checkSample(value);
    return value
      .sub(this.loc)
      .pow(2)
      .neg()
      .div(this.variance.mul(2))
      .sub(this.scale.log())
      .sub(Math.log(Math.sqrt(2 * Math.PI)));
  }

  override cdf(value: Tensor): Tensor {
    this.checkSample(value);
    return erf(value.sub(this.loc).mul(this.scale.reciprocal()).div(Math.SQRT2)).add(1).mul(0.5);
  }

  override icdf(value: Tensor): Tensor {
    return this.loc.add(this.scale.mul(erfinv(value.mul(2).sub(1))).mul(Math.SQRT2));
  }

  override entropy(): Tensor {
    return this.scale.log().add(0.5 + 0.5 * Math.log(2 * Math.PI));
  }
}
