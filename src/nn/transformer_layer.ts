import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { checkPaddingMask } from '../ops/attention.js';
import { add } from '../ops/pointwise_binary.js';
import type { Tensor } from '../tensor.js';
import { MultiheadAttention } from './attention.js';
import { Dropout } from './dropout.js';
import * as F from './functional.js';
import { LayerNorm } from './layernorm.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

/** What stands between the two linear layers: a function, a module, or a name. */
export type TransformerActivation = 'relu' | 'gelu' | ((x: Tensor) => Tensor);

export interface TransformerLayerOptions extends FactoryOptions {
  /** Features between the two linear layers. Default 2048. */
  dim_feedforward?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Default F.relu. */
  activation?: TransformerActivation;
  /** Default 1e-5. */
  layer_norm_eps?: number;
  /** Whether inputs are [B, L, E] instead of [L, B, E]. Default false. */
  batch_first?: boolean;
  /** Whether norms come before attention and linear layers instead of after. Default false. */
  norm_first?: boolean;
}

export type TransformerLayerRest = [
  dim_feedforward: number,
  dropout: number,
  activation: TransformerActivation,
  layer_norm_eps: number,
  batch_first: boolean,
  norm_first: boolean,
];

export type TransformerLayerArgs =
  | [d_model: number, nhead: number, ...rest: Args<[], TransformerLayerRest, TransformerLayerOptions>]
  | [options: TransformerLayerOptions & { d_model: number; nhead: number }];

/**
 * Takes a function out of the arguments, which a signature cannot tell from an object of keywords: gives it and the arguments with
 * a name in its place.
 */
export function takeActivation(
  args: readonly unknown[],
  position: number,
): { args: unknown[]; activation: ((x: Tensor) => Tensor) | null } {
  const rest = [...args];
  const last = rest.length - 1;
  let found: unknown = rest[position];
  if (typeof found === 'function') {
    rest[position] = 'relu';
  } else {
    const options = rest[last] as { activation?: unknown } | undefined;
    found = typeof options === 'object' && options !== null ? options.activation : undefined;
    if (typeof found === 'function') rest[last] = { ...options, activation: 'relu' };
  }
  return { args: rest, activation: typeof found === 'function' ? (found as (x: Tensor) => Tensor) : null };
}

function namedActivation(name: string): (x: Tensor) => Tensor {
  if (name === 'relu') return F.relu;
  if (name === 'gelu') return F.gelu;
  throw new RuntimeError(`activation should be relu/gelu, not ${name}`);
}

const OPTIONS =
  "int d_model, int nhead, int dim_feedforward=2048, float dropout=0.1, str activation='relu', " +
  `float layer_norm_eps=1e-5, bool batch_first=False, bool norm_first=False, ${FACTORY}`;

const ENCODER_LAYER = signature(`TransformerEncoderLayer(${OPTIONS})`);
const DECODER_LAYER = signature(`TransformerDecoderLayer(${OPTIONS})`);

interface Bound {
  d_model: number;
  nhead: number;
  dim_feedforward: number;
  dropout: number;
  activation: (x: Tensor) => Tensor;
  layer_norm_eps: number;
  batch_first: boolean;
  norm_first: boolean;
  factory: { device: 'cpu' | null; dtype: DType | null };
}

function bind(by: (args: readonly unknown[]) => unknown[], given: readonly unknown[]): Bound {
  const { args, activation } = takeActivation(given, 4);
  const [
    d_model,
    nhead,
    dim_feedforward,
    dropout,
    name,
    layer_norm_eps,
    batch_first,
    norm_first,
    device,
    dtype,
  ] = by(args) as [
    number,
    number,
    number,
    number,
    string,
    number,
    boolean,
    boolean,
    'cpu' | null,
    DType | null,
  ];
  return {
    d_model,
    nhead,
    dim_feedforward,
    dropout,
    activation: activation ?? namedActivation(name),
    layer_norm_eps,
    batch_first,
    norm_first,
    factory: { device, dtype },
  };
}

const FORWARD_ENCODER = signature(
  'forward(Tensor src, Tensor? src_mask=None, Tensor? src_key_padding_mask=None)',
);

export interface EncoderMasks {
  src_mask?: Tensor | null;
  src_key_padding_mask?: Tensor | null;
}

/**
 * Self-attention and a feed-forward network, each with dropout, a residual connection and a layer norm (Vaswani et al., 2017).
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dim_feedforward: 16, batch_first: true });
 * console.log(layer(torch.randn(3, 5, 8)).shape); // [ 3, 5, 8 ]
 */
export class TransformerEncoderLayer extends Module {
  self_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm_first: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  activation: (x: Tensor) => Tensor;

  constructor(...given: TransformerLayerArgs) {
    super();
    const { d_model, nhead, dim_feedforward, dropout, activation, factory, ...rest } = bind(
      ENCODER_LAYER,
      given,
    );
    const { layer_norm_eps: eps, batch_first, norm_first } = rest;
    this.self_attn = new MultiheadAttention(d_model, nhead, { dropout, batch_first, ...factory });
    this.linear1 = new Linear(d_model, dim_feedforward, factory);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dim_feedforward, d_model, factory);
    this.norm_first = norm_first;
    this.norm1 = new LayerNorm(d_model, { eps, ...factory });
    this.norm2 = new LayerNorm(d_model, { eps, ...factory });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activation;
  }

  forward(
    src: Tensor,
    ...rest: Args<[], [src_mask: Tensor | null, src_key_padding_mask: Tensor | null], EncoderMasks>
  ): Tensor {
    const [x, mask, padding] = FORWARD_ENCODER([src, ...rest]) as [Tensor, Tensor | null, Tensor | null];
    checkPaddingMask(padding);
    if (this.norm_first) {
      const seen = add(x, this.attend(this.norm1(x), mask, padding));
      return add(seen, this.feed(this.norm2(seen)));
    }
    const seen = this.norm1(add(x, this.attend(x, mask, padding)));
    return this.norm2(add(seen, this.feed(seen)));
  }

  private attend(x: Tensor, attn_mask: Tensor | null, key_padding_mask: Tensor | null): Tensor {
    const [out] = this.self_attn(x, x, x, { attn_mask, key_padding_mask, need_weights: false });
    return this.dropout1(out);
  }

  private feed(x: Tensor): Tensor {
    return this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

const FORWARD_DECODER = signature(
  'forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, ' +
    'Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None)',
);

export interface DecoderMasks {
  tgt_mask?: Tensor | null;
  memory_mask?: Tensor | null;
  tgt_key_padding_mask?: Tensor | null;
  memory_key_padding_mask?: Tensor | null;
}

export type DecoderRest = Args<
  [],
  [
    tgt_mask: Tensor | null,
    memory_mask: Tensor | null,
    tgt_key_padding_mask: Tensor | null,
    memory_key_padding_mask: Tensor | null,
  ],
  DecoderMasks
>;

/** `TransformerEncoderLayer` with attention to an encoder's output in between. */
export class TransformerDecoderLayer extends Module {
  self_attn: MultiheadAttention;
  multihead_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm_first: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  activation: (x: Tensor) => Tensor;

  constructor(...given: TransformerLayerArgs) {
    super();
    const { d_model, nhead, dim_feedforward, dropout, activation, factory, ...rest } = bind(
      DECODER_LAYER,
      given,
    );
    const { layer_norm_eps: eps, batch_first, norm_first } = rest;
    this.self_attn = new MultiheadAttention(d_model, nhead, { dropout, batch_first, ...factory });
    this.multihead_attn = new MultiheadAttention(d_model, nhead, { dropout, batch_first, ...factory });
    this.linear1 = new Linear(d_model, dim_feedforward, factory);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dim_feedforward, d_model, factory);
    this.norm_first = norm_first;
    this.norm1 = new LayerNorm(d_model, { eps, ...factory });
    this.norm2 = new LayerNorm(d_model, { eps, ...factory });
    this.norm3 = new LayerNorm(d_model, { eps, ...factory });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activation;
  }

  forward(tgt: Tensor, memory: Tensor, ...rest: DecoderRest): Tensor {
    const [x, mem, mask, memoryMask, padding, memoryPadding] = FORWARD_DECODER([tgt, memory, ...rest]) as [
      Tensor,
      Tensor,
      ...(Tensor | null)[],
    ];
    if (this.norm_first) {
      const seen = add(x, this.attend(this.norm1(x), mask, padding));
      const told = add(seen, this.look(this.norm2(seen), mem, memoryMask, memoryPadding));
      return add(told, this.feed(this.norm3(told)));
    }
    const seen = this.norm1(add(x, this.attend(x, mask, padding)));
    const told = this.norm2(add(seen, this.look(seen, mem, memoryMask, memoryPadding)));
    return this.norm3(add(told, this.feed(told)));
  }

  private attend(x: Tensor, attn_mask: Tensor | null, key_padding_mask: Tensor | null): Tensor {
    const [out] = this.self_attn(x, x, x, { attn_mask, key_padding_mask, need_weights: false });
    return this.dropout1(out);
  }

  private look(x: Tensor, memory: Tensor, attn_mask: Tensor | null, key_padding_mask: Tensor | null): Tensor {
    const options = { attn_mask, key_padding_mask, need_weights: false };
    const [out] = this.multihead_attn(x, memory, memory, options);
    return this.dropout2(out);
  }

  private feed(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}
