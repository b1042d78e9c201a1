import type { DType } from '../dtype.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyBool } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface LinearOptions extends FactoryOptions {
  /** Whether a learned bias is added. Default true. */
  bias?: boolean;
}

const BIND = signature(`Linear(int in_features, int out_features, bool bias=True, ${FACTORY})`);

/**
 * y = x·weightᵀ + bias: [*, in_features] to [*, out_features].
 *
 * @example
 * const fc = new nn.Linear(4, 2);
 * console.log(fc(torch.ones(3, 4)).shape, fc.weight.shape); // [ 3, 2 ] [ 2, 4 ]
 */
export class Linear extends Module {
  in_features: number;
  out_features: number;
  /** [out_features, in_features] */
  declare weight: Parameter;
  /** [out_features] */
  declare bias: Parameter | null;

  constructor(in_features: number, out_features: number, ...rest: Args<[], [bias: boolean], LinearOptions>);
  constructor(options: LinearOptions & { in_features: number; out_features: number });
  constructor(...args: unknown[]) {
    super();
    const [inputs, outputs, bias, device, dtype] = BIND(args) as [
      number,
      number,
      boolean,
      string | null,
      DType | null,
    ];
    checkDevice(device);
    this.in_features = inputs;
    this.out_features = outputs;
    this.weight = emptyParameter([outputs, inputs], dtype);
    if (bias) this.bias = emptyParameter([outputs], dtype);
    else this.register_parameter('bias', null);
    this.reset_parameters();
  }

  /** Draws new weights: uniform in ±1/√in_features, the weight before the bias. */
  reset_parameters(): void {
    init.kaiming_uniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = init._calculate_fan_in_and_fan_out(this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    init.uniform_(this.bias, -bound, bound);
  }

  forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, this.bias);
  }

  override extra_repr(): string {
    return `in_features=${this.in_features}, out_features=${this.out_features}, bias=${pyBool(this.bias !== null)}`;
  }
}

const BILINEAR = signature(
  `Bilinear(int in1_features, int in2_features, int out_features, bool bias=True, ${FACTORY})`,
);

/**
 * y = x1ᵀ·weight·x2 + bias for each output: [*, in1_features] and [*, in2_features] to [*, out_features].
 *
 * @example
 * console.log(new nn.Bilinear(3, 4, 2)(torch.ones(5, 3), torch.ones(5, 4)).shape); // [ 5, 2 ]
 */
export class Bilinear extends Module {
  in1_features: number;
  in2_features: number;
  out_features: number;
  /** [out_features, in1_features, in2_features] */
  declare weight: Parameter;
  /** [out_features] */
  declare bias: Parameter | null;

  constructor(
    in1_features: number,
    in2_features: number,
    out_features: number,
    ...rest: Args<[], [bias: boolean], LinearOptions>
  );
  constructor(options: LinearOptions & { in1_features: number; in2_features: number; out_features: number });
  constructor(...args: unknown[]) {
    super();
    const [in1, in2, outputs, bias, device, dtype] = BILINEAR(args) as [
      number,
      number,
      number,
      boolean,
      string | null,
      DType | null,
    ];
    checkDevice(device);
    this.in1_features = in1;
    this.in2_features = in2;
    this.out_features = outputs;
    this.weight = emptyParameter([outputs, in1, in2], dtype);
    this.register_parameter('bias', bias ? emptyParameter([outputs], dtype) : null);
    this.reset_parameters();
  }

  /** Draws new weights: uniform in ±1/√in1_features, the weight before the bias. */
  reset_parameters(): void {
    const bound = 1 / Math.sqrt(this.in1_features);
    init.uniform_(this.weight, -bound, bound);
    if (this.bias !== null) init.uniform_(this.bias, -bound, bound);
  }

  forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extra_repr(): string {
    return (
      `in1_features=${this.in1_features}, in2_features=${this.in2_features}, out_features=${this.out_features}, ` +
      `bias=${pyBool(this.bias !== null)}`
    );
  }
}

/**
 * Returns its input; whatever arguments it is built with.
 *
 * @example
 * console.log(new nn.Identity()(torch.ones(2)).tolist()); // [ 1, 1 ]
 */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  forward(input: Tensor): Tensor {
    return input;
  }
}
