/** torch.distributions.constraints: what parameters and samples must satisfy. */
import { ValueError } from '../errors.js';
import { all } from '../ops/reduce_logic.js';
import type { Tensor } from '../tensor.js';
import { valueText } from './value_text.js';

type Bound = Tensor | number;

/** A region; `check` tells for each element (or event) whether it is in it. */
export abstract class Constraint {
  readonly is_discrete: boolean = false;
  /** Dimensions of an event. */
  readonly event_dim: number = 0;
  protected abstract readonly label: string;
  abstract check(value: Tensor): Tensor;

  protected get bounds(): string {
    return '';
  }

  toString(): string {
    return `${this.label}(${this.bounds})`;
  }
}

class BooleanConstraint extends Constraint {
  override readonly is_discrete = true;
  protected readonly label = 'Boolean';
  check(value: Tensor): Tensor {
    return value.eq(0).logical_or(value.eq(1));
  }
}

class Real extends Constraint {
  protected readonly label = 'Real';
  check(value: Tensor): Tensor {
    return value.eq(value);
  }
}

class GreaterThan extends Constraint {
  protected readonly label = 'GreaterThan';
  constructor(readonly lower_bound: Bound) {
    super();
  }
  check(value: Tensor): Tensor {
    return value.gt(this.lower_bound);
  }
  protected override get bounds(): string {
    return `lower_bound=${valueText(this.lower_bound)}`;
  }
}

class Interval extends Constraint {
  protected readonly label: string = 'Interval';
  constructor(
    readonly lower_bound: Bound,
    readonly upper_bound: Bound,
  ) {
    super();
  }
  check(value: Tensor): Tensor {
    return value.ge(this.lower_bound).logical_and(value.le(this.upper_bound));
  }
  protected override get bounds(): string {
    return `lower_bound=${valueText(this.lower_bound)}, upper_bound=${valueText(this.upper_bound)}`;
  }
}

class IntegerInterval extends Constraint {
  override readonly is_discrete = true;
  protected readonly label = 'IntegerInterval';
  constructor(
    readonly lower_bound: number,
    readonly upper_bound: number,
  ) {
    super();
  }
  check(value: Tensor): Tensor {
    return value
      .remainder(1)
      .eq(0)
      .logical_and(value.ge(this.lower_bound))
      .logical_and(value.le(this.upper_bound));
  }
  protected override get bounds(): string {
    return `lower_bound=${this.lower_bound}, upper_bound=${this.upper_bound}`;
  }
}

class Simplex extends Constraint {
  override readonly event_dim = 1;
  protected readonly label = 'Simplex';
  check(value: Tensor): Tensor {
    const whole = value.sum(-1).sub(1).abs().lt(1e-6);
    return all(value.ge(0), -1).logical_and(whole);
  }
}

class IndependentConstraint extends Constraint {
  protected readonly label = 'IndependentConstraint';
  override readonly event_dim: number;
  override readonly is_discrete: boolean;
  constructor(
    readonly base_constraint: Constraint,
    readonly reinterpreted_batch_ndims: number,
  ) {
    super();
    this.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims;
    this.is_discrete = base_constraint.is_discrete;
  }
  check(value: Tensor): Tensor {
    const inner = this.base_constraint.check(value);
    const left = inner.ndim - this.reinterpreted_batch_ndims;
    if (left < 0) {
      throw new ValueError(`Expected value.dim() >= ${this.event_dim} but got ${value.ndim}`);
    }
    return all(inner.reshape([...inner.shape.slice(0, left), -1]), -1);
  }
  protected override get bounds(): string {
    return `${String(this.base_constraint)}, ${this.reinterpreted_batch_ndims}`;
  }
}

export const boolean: Constraint = new BooleanConstraint();
export const real: Constraint = new Real();
export const real_vector: Constraint = new IndependentConstraint(real, 1);
export const positive: Constraint = new GreaterThan(0);
export const unit_interval: Constraint = new Interval(0, 1);
export const simplex: Constraint = new Simplex();

/** Values between two bounds, both included. */
export function interval(lower_bound: Bound, upper_bound: Bound): Constraint {
  return new Interval(lower_bound, upper_bound);
}

/** Integers between two bounds, both included. */
export function integer_interval(lower_bound: number, upper_bound: number): Constraint {
  return new IntegerInterval(lower_bound, upper_bound);
}

/** Values above a bound. */
export function greater_than(lower_bound: Bound): Constraint {
  return new GreaterThan(lower_bound);
}

/** A constraint of the last dimensions together. */
export function independent(base_constraint: Constraint, reinterpreted_batch_ndims: number): Constraint {
  return new IndependentConstraint(base_constraint, reinterpreted_batch_ndims);
}
