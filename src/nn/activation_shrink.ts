import type { DType } from '../dtype.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import type { Tensor } from '../tensor.js';
import type { InplaceOptions } from './activation_base.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyText } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

const LAMBD = signature('__init__(float lambd=0.5)');

abstract class Shrink extends Module {
  lambd: number;

  constructor(...args: Args<[], [lambd: number], { lambd?: number }>) {
    super();
    [this.lambd] = LAMBD(args) as [number];
  }

  override extra_repr(): string {
    return pyText(this.lambd);
  }
}

/** x, but 0 where |x| ≤ lambd. */
export class Hardshrink extends Shrink {
  forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }
}

/** x moved towards 0 by lambd, 0 where it would pass it. */
export class Softshrink extends Shrink {
  forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
}

/** x − tanh(x). */
export class Tanhshrink extends Module {
  forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

const THRESHOLD = signature('Threshold(float threshold, float value, bool inplace=False)');

/** x where it is above `threshold`, `value` elsewhere. */
export class Threshold extends Module {
  threshold: number;
  value: number;
  inplace: boolean;

  constructor(threshold: number, value: number, inplace?: boolean | InplaceOptions);
  constructor(options: InplaceOptions & { threshold: number; value: number });
  constructor(...args: unknown[]) {
    super();
    [this.threshold, this.value, this.inplace] = THRESHOLD(args) as [number, number, boolean];
  }

  forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, this.inplace);
  }

  override extra_repr(): string {
    const inplace = this.inplace ? ', inplace=True' : '';
    return `threshold=${pyText(this.threshold)}, value=${pyText(this.value)}${inplace}`;
  }
}

const PRELU = signature(`PReLU(int num_parameters=1, float init=0.25, ${FACTORY})`);

/**
 * x where it is positive, weight·x elsewhere: one learned weight, or one for each channel (dimension 1).
 *
 * @example
 * console.log(new nn.PReLU()(torch.tensor([-4, 2]).float()).tolist()); // [ -1, 2 ]
 */
export class PReLU extends Module {
  num_parameters: number;
  /** [num_parameters] */
  declare weight: Parameter;

  constructor(
    ...args: Args<
      [],
      [num_parameters: number, init: number],
      FactoryOptions & { num_parameters?: number; init?: number }
    >
  ) {
    super();
    const [count, start, device, dtype] = PRELU(args) as [number, number, string | null, DType | null];
    checkDevice(device);
    this.num_parameters = count;
    this.weight = emptyParameter([count], dtype);
    init.constant_(this.weight, start);
  }

  forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extra_repr(): string {
    return `num_parameters=${this.num_parameters}`;
  }
}

const RRELU = signature('RReLU(float lower=0.125, float upper=0.3333333333333333, bool inplace=False)');

/** x where it is positive, otherwise times a slope: drawn in [lower, upper) in training, the middle of the two outside. */
export class RReLU extends Module {
  lower: number;
  upper: number;
  inplace: boolean;

  constructor(
    ...args: Args<
      [],
      [lower: number, upper: number, inplace: boolean],
      InplaceOptions & { lower?: number; upper?: number }
    >
  ) {
    super();
    [this.lower, this.upper, this.inplace] = RRELU(args) as [number, number, boolean];
  }

  forward(input: Tensor): Tensor {
    return F.rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }

  override extra_repr(): string {
    return `lower=${pyText(this.lower)}, upper=${pyText(this.upper)}${this.inplace ? ', inplace=True' : ''}`;
  }
}
