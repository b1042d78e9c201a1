import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import { transpose } from '../ops/view.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

/** torch's name of a Linear that its dynamic quantisation leaves alone. */
class NonDynamicallyQuantizableLinear extends Linear {}

export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Probability of dropout on the weights, in training. Default 0. */
  dropout?: number;
  /** Default true. */
  bias?: boolean;
  /** Whether a learned key and value are added. Default false. */
  add_bias_kv?: boolean;
  /** Whether a key and a value of zeros are added. Default false. */
  add_zero_attn?: boolean;
  /** Features of the keys; default: embed_dim. */
  kdim?: number | null;
  /** Features of the values; default: embed_dim. */
  vdim?: number | null;
  /** Whether inputs are [B, L, E] instead of [L, B, E]. Default false. */
  batch_first?: boolean;
}

export interface AttentionOptions {
  /** Keys that are not seen: true, or -inf of floats, in [B, S] (or [S]). */
  key_padding_mask?: Tensor | null;
  /** Whether the weights are given too. Default true. */
  need_weights?: boolean;
  /** What is added to the scores, or true for what is not seen: [T, S] or [B·heads, T, S]. */
  attn_mask?: Tensor | null;
  /** Whether the weights are averaged over the heads. Default true. */
  average_attn_weights?: boolean;
}

type Rest = [
  dropout: number,
  bias: boolean,
  add_bias_kv: boolean,
  add_zero_attn: boolean,
  kdim: number | null,
  vdim: number | null,
  batch_first: boolean,
];

const BIND = signature(
  'MultiheadAttention(int embed_dim, int num_heads, float dropout=0.0, bool bias=True, bool add_bias_kv=False, ' +
    `bool add_zero_attn=False, int? kdim=None, int? vdim=None, bool batch_first=False, ${FACTORY})`,
);

const FORWARD = signature(
  'forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask=None, bool need_weights=True, ' +
    'Tensor? attn_mask=None, bool average_attn_weights=True)',
);

/**
 * Attention of several heads (Vaswani et al., 2017): queries [T, B, E], keys and values [S, B, E] (with `batch_first` the batch first,
 * or without batch) to the output [T, B, E] and the weights [B, T, S].
 *
 * @example
 * const attention = new nn.MultiheadAttention(8, 2, { batch_first: true });
 * const x = torch.randn(3, 5, 8);
 * const [output, weights] = attention(x, x, x);
 * console.log(output.shape, weights.shape); // [ 3, 5, 8 ] [ 3, 5, 5 ]
 */
export class MultiheadAttention extends Module {
  embed_dim: number;
  kdim: number;
  vdim: number;
  /** @internal Whether one weight projects queries, keys and values. */
  _qkv_same_embed_dim: boolean;
  num_heads: number;
  dropout: number;
  batch_first: boolean;
  head_dim: number;
  add_zero_attn: boolean;
  /** [3·embed_dim, embed_dim]; null where kdim or vdim differ */
  declare in_proj_weight: Parameter | null;
  declare q_proj_weight: Parameter | null;
  declare k_proj_weight: Parameter | null;
  declare v_proj_weight: Parameter | null;
  declare in_proj_bias: Parameter | null;
  out_proj: Linear;
  declare bias_k: Parameter | null;
  declare bias_v: Parameter | null;

  constructor(embed_dim: number, num_heads: number, ...rest: Args<[], Rest, MultiheadAttentionOptions>);
  constructor(options: MultiheadAttentionOptions & { embed_dim: number; num_heads: number });
  constructor(...args: unknown[]) {
    super();
    const [E, heads, dropout, bias, biasKV, zeroAttention, kdim, vdim, batchFirst, device, dtype] = BIND(
      args,
    ) as [number, number, ...Rest, 'cpu' | null, DType | null];
    checkDevice(device);
    this.embed_dim = E;
    this.kdim = kdim ?? E;
    this.vdim = vdim ?? E;
    this._qkv_same_embed_dim = this.kdim === E && this.vdim === E;
    this.num_heads = heads;
    this.dropout = dropout;
    this.batch_first = batchFirst;
    this.head_dim = Math.floor(E / heads);
    if (this.head_dim * heads !== E) throw new RuntimeError('embed_dim must be divisible by num_heads');
    const own = this._qkv_same_embed_dim;
    const add = (name: string, there: boolean, shape: number[]): void =>
      this.register_parameter(name, there ? emptyParameter(shape, dtype) : null);
    add('q_proj_weight', !own, [E, E]);
    add('k_proj_weight', !own, [E, this.kdim]);
    add('v_proj_weight', !own, [E, this.vdim]);
    add('in_proj_weight', own, [3 * E, E]);
    add('in_proj_bias', bias, [3 * E]);
    this.out_proj = new NonDynamicallyQuantizableLinear(E, E, { bias, device, dtype });
    add('bias_k', biasKV, [1, 1, E]);
    add('bias_v', biasKV, [1, 1, E]);
    this.add_zero_attn = zeroAttention;
    this._reset_parameters();
  }

  /** Draws new projections (Glorot and Bengio, 2010); biases become 0. */
  _reset_parameters(): void {
    const weights = [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight];
    for (const weight of weights) if (weight !== null) init.xavier_uniform_(weight);
    if (this.in_proj_bias !== null) {
      init.zeros_(this.in_proj_bias);
      init.zeros_(this.out_proj.bias!);
    }
    for (const bias of [this.bias_k, this.bias_v]) if (bias !== null) init.xavier_normal_(bias);
  }

  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...rest: Args<
      [],
      [
        key_padding_mask: Tensor | null,
        need_weights: boolean,
        attn_mask: Tensor | null,
        average_attn_weights: boolean,
      ],
      AttentionOptions
    >
  ): [output: Tensor, weights: Tensor | null] {
    const [, , , padding, needWeights, mask, average] = FORWARD([query, key, value, ...rest]) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor | null,
      boolean,
      Tensor | null,
      boolean,
    ];
    const turned = this.batch_first && query.ndim === 3;
    const turn = (x: Tensor): Tensor => (turned ? transpose(x, 0, 1) : x);
    // What is one tensor stays one, so that it is projected once.
    const q = turn(query);
    const k = key === query ? q : turn(key);
    const v = value === key ? k : turn(value);
    const [output, weights] = F.multi_head_attention_forward(
      q,
      k,
      v,
      this.embed_dim,
      this.num_heads,
      this.in_proj_weight,
      this.in_proj_bias,
      this.bias_k,
      this.bias_v,
      this.add_zero_attn,
      this.dropout,
      this.out_proj.weight,
      this.out_proj.bias,
      {
        training: this.training,
        key_padding_mask: padding,
        need_weights: needWeights,
        attn_mask: mask,
        use_separate_proj_weight: !this._qkv_same_embed_dim,
        q_proj_weight: this.q_proj_weight,
        k_proj_weight: this.k_proj_weight,
        v_proj_weight: this.v_proj_weight,
        average_attn_weights: average,
      },
    );
    return [turn(output), weights];
  }
}
