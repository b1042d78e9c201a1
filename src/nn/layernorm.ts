import type { DType } from '../dtype.js';
import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyBool, pyFloat, pyText } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

function resetAffine(weight: Parameter | null, bias: Parameter | null): void {
  if (weight !== null) init.ones_(weight);
  if (bias !== null) init.zeros_(bias);
}

export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether a learned scale and shift of each element follow. Default true. */
  elementwise_affine?: boolean;
}

const LAYER = signature(
  `LayerNorm(int[] normalized_shape, float eps=1e-5, bool elementwise_affine=True, ${FACTORY})`,
);

/**
 * Normalisation over the last dimensions, whose sizes are `normalized_shape`: (x − mean) / √(var + eps) · weight + bias.
 *
 * @example
 * const norm = new nn.LayerNorm(8);
 * console.log(norm(torch.randn(4, 8)).mean(1).abs().max().item() < 1e-6, String(norm)); // true LayerNorm((8,), eps=1e-05, elementwise_affine=True)
 */
export class LayerNorm extends Module {
  normalized_shape: readonly number[];
  eps: number;
  elementwise_affine: boolean;
  /** [...normalized_shape], null without `elementwise_affine` */
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(
    normalized_shape: number | readonly number[],
    ...rest: Args<[], [eps: number, elementwise_affine: boolean], LayerNormOptions>
  );
  constructor(options: LayerNormOptions & { normalized_shape: number | readonly number[] });
  constructor(...args: unknown[]) {
    super();
    const [shape, eps, affine, device, dtype] = LAYER(args) as [
      number[],
      number,
      boolean,
      string | null,
      DType | null,
    ];
    checkDevice(device);
    this.normalized_shape = shape;
    this.eps = eps;
    this.elementwise_affine = affine;
    this.register_parameter('weight', affine ? emptyParameter(shape, dtype) : null);
    this.register_parameter('bias', affine ? emptyParameter(shape, dtype) : null);
    this.reset_parameters();
  }

  /** Weight 1, bias 0. */
  reset_parameters(): void {
    resetAffine(this.weight, this.bias);
  }

  forward(input: Tensor): Tensor {
    return F.layer_norm(input, this.normalized_shape, this.weight, this.bias, this.eps);
  }

  override extra_repr(): string {
    return `${pyText(this.normalized_shape)}, eps=${pyFloat(this.eps)}, elementwise_affine=${pyBool(this.elementwise_affine)}`;
  }
}

export interface GroupNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether a learned scale and shift of each channel follow. Default true. */
  affine?: boolean;
}

const GROUP = signature(
  `GroupNorm(int num_groups, int num_channels, float eps=1e-5, bool affine=True, ${FACTORY})`,
);

/**
 * Normalisation of [N, C, …] over each of `num_groups` groups of channels of each image.
 *
 * @example
 * console.log(new nn.GroupNorm(2, 4)(torch.randn(3, 4, 5)).shape); // [ 3, 4, 5 ]
 */
export class GroupNorm extends Module {
  num_groups: number;
  num_channels: number;
  eps: number;
  affine: boolean;
  /** [num_channels], null without `affine` */
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(
    num_groups: number,
    num_channels: number,
    ...rest: Args<[], [eps: number, affine: boolean], GroupNormOptions>
  );
  constructor(options: GroupNormOptions & { num_groups: number; num_channels: number });
  constructor(...args: unknown[]) {
    super();
    const [groups, channels, eps, affine, device, dtype] = GROUP(args) as [
      number,
      number,
      number,
      boolean,
      string | null,
      DType | null,
    ];
    checkDevice(device);
    if (channels % groups !== 0) throw new ValueError('num_channels must be divisible by num_groups');
    this.num_groups = groups;
    this.num_channels = channels;
    this.eps = eps;
    this.affine = affine;
    this.register_parameter('weight', affine ? emptyParameter([channels], dtype) : null);
    this.register_parameter('bias', affine ? emptyParameter([channels], dtype) : null);
    this.reset_parameters();
  }

  /** Weight 1, bias 0. */
  reset_parameters(): void {
    resetAffine(this.weight, this.bias);
  }

  forward(input: Tensor): Tensor {
    return F.group_norm(input, this.num_groups, this.weight, this.bias, this.eps);
  }

  override extra_repr(): string {
    return `${this.num_groups}, ${this.num_channels}, eps=${pyFloat(this.eps)}, affine=${pyBool(this.affine)}`;
  }
}
