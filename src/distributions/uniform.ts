import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import { rand } from '../ops/random.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import * as constraints from './constraints.js';
import type { Constraint } from './constraints.js';
import { Distribution } from './distribution.js';
import type { Parameters, SampleShape } from './distribution.js';
import type { DistributionOptions } from './normal.js';
import { broadcastAll } from './parameters.js';

const BIND = signature('Uniform(Tensor|float low, Tensor|float high, bool? validate_args=None)');

/**
 * The uniform distribution on [low, high).
 *
 * @example
 * const uniform = new torch.distributions.Uniform(torch.tensor([0, 2]), torch.tensor([1, 6]));
 * console.log(uniform.mean.tolist(), uniform.batch_shape); // [ 0.5, 4 ] [ 2 ]
 */
export class Uniform extends Distribution {
  low: Tensor;
  high: Tensor;

  constructor(
    low: Tensor | number,
    high: Tensor | number,
    ...rest: Args<[], [validate_args: boolean | null], DistributionOptions>
  );
  constructor(options: DistributionOptions & { low: Tensor | number; high: Tensor | number });
  constructor(...args: unknown[]) {
    const [a, b, validate] = BIND(args) as [Tensor | number, Tensor | number, boolean | null];
    const [from, to] = broadcastAll(a, b);
    super(from.shape, validate);
    this.low = from;
    this.high = to;
    if (this._validate_args && !tidy(() => Boolean(from.lt(to).all().item())))
      throw new ValueError('Uniform is not defined when low>= high');
  }

  protected override get given(): Parameters {
    return { low: this.low, high: this.high };
  }
  protected override take({ low, high }: Parameters): void {
    this.low = low!;
    this.high = high!;
  }

  /** The bounds depend on one another, so none is checked by itself. */
  override get arg_constraints(): Record<string, Constraint> {
    return {};
  }
  override get support(): Constraint {
    return constraints.interval(this.low, this.high);
  }
  override get has_rsample(): boolean {
    return true;
  }
  override get mean(): Tensor {
    return this.high.add(this.low).div(2);
  }
  override get mode(): Tensor {
    return this.high.mul(NaN);
  }
  override get stddev(): Tensor {
    return this.high.sub(this.low).div(Math.sqrt(12));
  }
  override get variance(): Tensor {
    return this.high.sub(this.low).pow(2).div(12);
  }

  override rsample(sample_shape: SampleShape = []): Tensor {
    const draws = rand(this.extended(sample_shape), { dtype: this.low.dtype });
    return this.low.add(draws.mul(this.high.sub(this.low)));
  }

  override log_prob(value: Tensor): Tensor {
    this.checkSample(value);
    const { low, high } = this;
    const inside = low.le(value).to(low.dtype).mul(high.gt(value).to(low.dtype));
    return inside.log().sub(high.sub(low).log());
  }

  override cdf(value: Tensor): Tensor {
    this.checkSample(value);
    return value.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }

  override icdf(value: Tensor): Tensor {
    return value.mul(this.high.sub(this.low)).add(this.low);
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }
}
