import { RuntimeError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { AlongDim, InplaceActivation } from './activation_base.js';
import type { InplaceOptions } from './activation_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyFloat, pyText } from '../python_text.js';
import { signature } from '../signature.js';

/**
 * max(x, 0).
 *
 * @example
 * console.log(new nn.ReLU()(torch.tensor([-1.5, 2])).tolist()); // [ 0, 2 ]
 */
export class ReLU extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.relu(input, { inplace: this.inplace });
  }
}

/** min(max(x, 0), 6). */
export class ReLU6 extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.relu6(input, { inplace: this.inplace });
  }
}

/** x·σ(x). */
export class SiLU extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.silu(input, { inplace: this.inplace });
  }
}

/** x·relu6(x + 3)/6. */
export class Hardswish extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.hardswish(input, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return '';
  }
}

/** relu6(x + 3)/6. */
export class Hardsigmoid extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.hardsigmoid(input, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return '';
  }
}

const LEAKY = signature('LeakyReLU(float negative_slope=0.01, bool inplace=False)');

/**
 * x where x > 0, negative_slope·x elsewhere.
 *
 * @example
 * console.log(new nn.LeakyReLU(0.5)(torch.tensor([-1.5, 2])).tolist()); // [ -0.75, 2 ]
 */
export class LeakyReLU extends Module {
  negative_slope: number;
  inplace: boolean;

  constructor(
    ...args: Args<
      [],
      [negative_slope: number, inplace: boolean],
      InplaceOptions & { negative_slope?: number }
    >
  ) {
    super();
    [this.negative_slope, this.inplace] = LEAKY(args) as [number, boolean];
  }

  forward(input: Tensor): Tensor {
    return F.leaky_relu(input, this.negative_slope, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return `negative_slope=${pyFloat(this.negative_slope)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const ELU_SIGNATURE = signature('ELU(float alpha=1.0, bool inplace=False)');

/** x where x > 0, alpha·(eˣ − 1) elsewhere. */
export class ELU extends Module {
  alpha: number;
  inplace: boolean;

  constructor(...args: Args<[], [alpha: number, inplace: boolean], InplaceOptions & { alpha?: number }>) {
    super();
    [this.alpha, this.inplace] = ELU_SIGNATURE(args) as [number, boolean];
  }

  forward(input: Tensor): Tensor {
    return F.elu(input, this.alpha, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return `alpha=${pyFloat(this.alpha)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const GELU_SIGNATURE = signature("GELU(str approximate='none')");

/**
 * x·Φ(x), by erf or by tanh.
 *
 * @example
 * console.log(new nn.GELU()(torch.zeros(2)).tolist()); // [ 0, 0 ]
 */
export class GELU extends Module {
  approximate: 'none' | 'tanh';

  constructor(...args: Args<[], [approximate: 'none' | 'tanh'], { approximate?: 'none' | 'tanh' }>) {
    super();
    [this.approximate] = GELU_SIGNATURE(args) as ['none' | 'tanh'];
    if (!['none', 'tanh'].includes(this.approximate)) {
      throw new RuntimeError('approximate argument must be either none or tanh.');
    }
  }

  forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extra_repr(): string {
    return `approximate=${pyText(this.approximate)}`;
  }
}

/** 1 / (1 + e⁻ˣ). */
export class Sigmoid extends Module {
  forward(input: Tensor): Tensor {
    return input.sigmoid();
  }
}

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export class Tanh extends Module {
  forward(input: Tensor): Tensor {
    return input.tanh();
  }
}

const HARDTANH = signature('Hardtanh(float min_val=-1.0, float max_val=1.0, bool inplace=False)');

/** min(max(x, min_val), max_val). */
export class Hardtanh extends Module {
  min_val: number;
  max_val: number;
  inplace: boolean;

  constructor(
    ...args: Args<
      [],
      [min_val: number, max_val: number, inplace: boolean],
      InplaceOptions & { min_val?: number; max_val?: number }
    >
  ) {
    super();
    [this.min_val, this.max_val, this.inplace] = HARDTANH(args) as [number, number, boolean];
    if (!(this.max_val > this.min_val)) {
      throw new RuntimeError(`Hardtanh: expected min_val < max_val, got ${this.min_val} and ${this.max_val}`);
    }
  }

  forward(input: Tensor): Tensor {
    return F.hardtanh(input, this.min_val, this.max_val, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return `min_val=${pyFloat(this.min_val)}, max_val=${pyFloat(this.max_val)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const SOFTPLUS = signature('Softplus(float beta=1, float threshold=20)');

/** log(1 + e^(beta·x)) / beta; x itself where beta·x > threshold. */
export class Softplus extends Module {
  beta: number;
  threshold: number;

  constructor(...args: Args<[], [beta: number, threshold: number], { beta?: number; threshold?: number }>) {
    super();
    [this.beta, this.threshold] = SOFTPLUS(args) as [number, number];
  }

  forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extra_repr(): string {
    return `beta=${pyText(this.beta)}, threshold=${pyText(this.threshold)}`;
  }
}

/**
 * eˣ / Σ eˣ along `dim`.
 *
 * @example
 * console.log(new nn.Softmax(1)(torch.zeros(1, 4)).tolist()); // [ [ 0.25, 0.25, 0.25, 0.25 ] ]
 */
export class Softmax extends AlongDim {
  forward(input: Tensor): Tensor {
    return F.softmax(input, this.along(input));
  }
}

/** log softmax(x) along `dim`. */
export class LogSoftmax extends AlongDim {
  forward(input: Tensor): Tensor {
    return F.log_softmax(input, this.along(input));
  }
}
