import { no_grad } from '../autograd/mode.js';
import { NotImplementedError, ValueError } from '../errors.js';
import { pySize, pyText, typeName } from '../python_text.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { Constraint } from './constraints.js';
import { valueText } from './value_text.js';

/** The shape of what is drawn, before the batch's. */
export type SampleShape = readonly number[];

let validateByDefault = true;

/** The values that make up a distribution, by torch's names; null where one is derived from another. */
export type Parameters = Record<string, Tensor | null>;

/**
 * Base of the distributions. Its parameters are tensors of the batch's shape (and more for each event), so it is a batch of
 * distributions. They belong to the scope in which it is made, and are returned from it with the distribution.
 */
export abstract class Distribution {
  readonly batch_shape: readonly number[];
  readonly event_shape: readonly number[];
  /** Whether parameters and samples are checked. */
  _validate_args: boolean;

  /** Whether arguments are checked where a distribution does not say. Initially true. */
  static set_default_validate_args(value: boolean): void {
    if (typeof value !== 'boolean') throw new ValueError('');
    validateByDefault = value;
  }

  constructor(batch_shape: readonly number[], validate_args: boolean | null) {
    this.batch_shape = batch_shape;
    this.event_shape = [];
    this._validate_args = validate_args ?? validateByDefault;
  }

  /** The given parameters, in torch's order. */
  protected abstract get given(): Readonly<Parameters>;

  /** The given parameters, and those that have been derived. */
  protected get known(): Readonly<Parameters> {
    return this.given;
  }

  /** Takes over other parameters of the same kind. */
  protected abstract take(given: Parameters): void;

  /** What each parameter must satisfy. */
  abstract get arg_constraints(): Readonly<Record<string, Constraint>>;
  /** Where samples are. */
  abstract get support(): Constraint;
  /** Whether samples can be differentiated with respect to the parameters. */
  get has_rsample(): boolean {
    return false;
  }
  get has_enumerate_support(): boolean {
    return false;
  }

  abstract get mean(): Tensor;
  abstract get mode(): Tensor;
  abstract get variance(): Tensor;
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /** A sample of shape `sample_shape` + batch_shape, without gradient. */
  sample(sample_shape: SampleShape = []): Tensor {
    return no_grad(() => this.rsample(sample_shape));
  }

  /** A sample that can be differentiated with respect to the parameters. */
  rsample(_sample_shape: SampleShape = []): Tensor {
    throw new NotImplementedError(`${this.constructor.name} has no rsample`);
  }

  /** The logarithm of the density (or probability) at `value`. */
  abstract log_prob(value: Tensor): Tensor;

  /** The probability of values up to `value`. */
  cdf(_value: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} has no cdf`);
  }

  /** The inverse of `cdf`. */
  icdf(_value: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} has no icdf`);
  }

  abstract entropy(): Tensor;

  /** exp of the entropy. */
  perplexity(): Tensor {
    return this.entropy().exp();
  }

  /** All values, one after the other along a new first dimension; over the whole batch with `expand`. */
  enumerate_support(_expand: boolean = true): Tensor {
    throw new NotImplementedError(`${this.constructor.name} has no enumerate_support`);
  }

  /** Trailing dimensions of a parameter that are no batch. */
  protected get paramDims(): readonly number[] {
    return [];
  }

  /** The same distributions in a larger batch; nothing is copied. */
  expand(batch_shape: readonly number[]): this {
    const copy = Object.create(Object.getPrototypeOf(this) as object) as this;
    Object.assign(copy, this, { batch_shape: [...batch_shape] });
    const given: Parameters = {};
    for (const [name, value] of Object.entries(this.given))
      given[name] = value === null ? null : value.expand([...batch_shape, ...this.paramDims]);
    copy.take(given);
    return copy;
  }

  /** The shape of a sample. */
  protected extended(sample_shape: SampleShape): number[] {
    if (!Array.isArray(sample_shape))
      throw new TypeError(`'${typeName(sample_shape)}' object is not iterable`);
    return [...(sample_shape as number[]), ...this.batch_shape, ...this.event_shape];
  }

  /** Refuses parameters that break their constraints. The constructors of subclasses call it last. */
  protected checkParameters(): void {
    if (!this._validate_args) return;
    for (const [name, constraint] of Object.entries(this.arg_constraints)) {
      const value = this.given[name];
      if (!value || satisfies(constraint, value)) continue;
      throw new ValueError(
        `Expected parameter ${name} (${described(value)}) of distribution ${String(this)} to satisfy the constraint ` +
          `${String(constraint)}, but found invalid values:\n${valueText(value)}`,
      );
    }
  }

  /** Refuses a value that cannot be a sample. */
  protected checkSample(value: Tensor): void {
    if (!this._validate_args) return;
    if (!(value instanceof Tensor)) throw new ValueError('The value argument to log_prob must be a Tensor');
    const expected = [...this.batch_shape, ...this.event_shape];
    const [a, b] = [[...value.shape].reverse(), [...expected].reverse()];
    if (a.some((size, i) => i < b.length && size !== 1 && b[i] !== 1 && size !== b[i])) {
      throw new ValueError(
        `Value is not broadcastable with batch_shape+event_shape: ${pySize(value.shape)} vs ${pySize(expected)}.`,
      );
    }
    if (satisfies(this.support, value)) return;
    throw new ValueError(
      `Expected value argument (${described(value)}) to be within the support (${String(this.support)}) of the ` +
        `distribution ${String(this)}, but found invalid values:\n${valueText(value)}`,
    );
  }

  toString(): string {
    const parts = Object.entries(this.known).flatMap(([name, value]) =>
      value === null ? [] : [`${name}: ${value.numel() === 1 ? valueText(value) : pySize(value.shape)}`],
    );
    return `${this.constructor.name}(${parts.join(', ')})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** @internal What a scope that returns this distribution passes on. */
  _tensors(): Tensor[] {
    return Object.values(this.known).filter((value) => value !== null);
  }
}

function satisfies(constraint: Constraint, value: Tensor): boolean {
  return tidy(() => no_grad(() => Boolean(constraint.check(value).all().item())));
}

function described(value: Tensor): string {
  return `${value.constructor.name} of shape ${pyText(value.shape)}`;
}
