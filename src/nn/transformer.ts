import { is_grad_enabled } from '../autograd/mode.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { checkPaddingMask } from '../ops/attention.js';
import { logical_not } from '../ops/compare.js';
import { full } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { triu } from '../ops/diagonal.js';
import { masked_fill } from '../ops/mask.js';
import { narrow, unsqueeze } from '../ops/view.js';
import type { Tensor } from '../tensor.js';
import { GELU, ReLU } from './activation.js';
import { cloneModule } from './clone.js';
import { ModuleList } from './container.js';
import * as F from './functional.js';
import * as init from './init.js';
import { LayerNorm } from './layernorm.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';
import { typeName } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import { TransformerDecoderLayer, TransformerEncoderLayer, takeActivation } from './transformer_layer.js';
import type {
  DecoderMasks,
  DecoderRest,
  EncoderMasks,
  TransformerLayerOptions,
  TransformerLayerRest,
} from './transformer_layer.js';

/** A module that does what TransformerEncoderLayer does. */
type EncoderLayer = AnyModule & ((src: Tensor, options: EncoderMasks) => Tensor);
/** A module that does what TransformerDecoderLayer does. */
type DecoderLayer = AnyModule & ((tgt: Tensor, memory: Tensor, options: DecoderMasks) => Tensor);

function clones<M extends AnyModule>(layer: M, count: number): ModuleList<M> {
  if (!(layer instanceof Module)) throw new TypeError(`${typeName(layer)} is not a Module subclass`);
  return new ModuleList<M>(Array.from({ length: count }, () => cloneModule(layer as M)));
}

/** Takes the module `norm` out of arguments, first or by name, since a signature knows no modules. */
function takeNorm(args: readonly unknown[]): { norm: Module | null; rest: unknown[] } {
  if (args.length === 0) return { norm: null, rest: [] };
  const [first, ...rest] = args;
  if (first === null || first instanceof Module) return { norm: first, rest };
  if (typeof first !== 'object') throw new TypeError(`norm must be a Module or null, not ${typeName(first)}`);
  const { norm = null, ...options } = first as { norm?: Module | null };
  return { norm, rest: [options] };
}

interface EncoderOptions {
  /** Applied to the output. */
  norm?: Module | null;
  /** Whether padding is left out of what is computed, where torch can do so. Default true. */
  enable_nested_tensor?: boolean;
  /** Whether a padding mask is looked at first: it must end each sequence. Default true. */
  mask_check?: boolean;
}

const ENCODER = signature('TransformerEncoder(bool enable_nested_tensor=True, bool mask_check=True)');

const FORWARD_ENCODER = signature(
  'forward(Tensor src, Tensor? mask=None, Tensor? src_key_padding_mask=None)',
);

/**
 * Copies of an encoder layer, one after the other.
 *
 * In evaluation without gradients and with a padding mask torch leaves padding out, and gives zeros there (before `norm`), as many
 * steps as the longest sequence has; so does this.
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dim_feedforward: 16 });
 * console.log(new nn.TransformerEncoder(layer, 2)(torch.randn(5, 3, 8)).shape); // [ 5, 3, 8 ]
 */
export class TransformerEncoder extends Module {
  layers: ModuleList<EncoderLayer>;
  num_layers: number;
  norm: Module | null;
  enable_nested_tensor: boolean;
  mask_check: boolean;

  constructor(
    encoder_layer: EncoderLayer,
    num_layers: number,
    ...args: Args<
      [],
      [norm: Module | null, enable_nested_tensor: boolean, mask_check: boolean],
      EncoderOptions
    >
  ) {
    super();
    const { norm, rest } = takeNorm(args);
    this.layers = clones(encoder_layer, num_layers);
    this.num_layers = num_layers;
    this.norm = norm;
    [this.enable_nested_tensor, this.mask_check] = ENCODER(rest) as [boolean, boolean];
  }

  forward(
    src: Tensor,
    ...rest: Args<
      [],
      [mask: Tensor | null, src_key_padding_mask: Tensor | null],
      { mask?: Tensor | null; src_key_padding_mask?: Tensor | null }
    >
  ): Tensor {
    const [input, mask, padding] = FORWARD_ENCODER([src, ...rest]) as [Tensor, Tensor | null, Tensor | null];
    checkPaddingMask(padding);
    const lengths = padding === null || mask !== null ? null : this.nestedLengths(input, padding);
    let output = input;
    for (const layer of this.layers) {
      output = layer(output, { src_mask: mask, src_key_padding_mask: padding });
    }
    if (lengths !== null) {
      const longest = Math.max(...lengths);
      const hidden = narrow(logical_not(logical_not(padding!)), 1, 0, longest);
      output = masked_fill(narrow(output, 1, 0, longest), unsqueeze(hidden, 2), 0);
    }
    return this.norm === null ? output : this.norm(output);
  }

  /** Lengths of the sequences where torch would leave padding out, null where it would not. */
  private nestedLengths(src: Tensor, padding: Tensor): number[] | null {
    const layer: unknown = this.layers[0];
    if (!(layer instanceof TransformerEncoderLayer)) return null;
    const { self_attn: attention, activation, linear1, linear2, norm1, norm2 } = layer;
    const known =
      activation === F.relu ||
      activation === F.gelu ||
      activation instanceof ReLU ||
      activation instanceof GELU;
    const applies =
      known &&
      this.enable_nested_tensor &&
      !layer.norm_first &&
      !layer.training &&
      attention.batch_first &&
      attention._qkv_same_embed_dim &&
      attention.num_heads % 2 === 0 &&
      norm1.eps === norm2.eps &&
      src.ndim === 3;
    if (!applies) return null;
    const modules = [attention, linear1, linear2, norm1, norm2];
    const parameters = modules.flatMap((module) => [...module.parameters()]);
    if (is_grad_enabled() && [src, ...parameters].some((t) => t.requires_grad)) return null;
    const kept = logical_not(padding).tolist() as boolean[][];
    const lengths = kept.map((row) => row.filter(Boolean).length);
    const aligned = kept.every((row, i) => row.every((seen, t) => seen === t < lengths[i]));
    return aligned || !this.mask_check ? lengths : null;
  }
}

/** Copies of a decoder layer, one after the other. */
export class TransformerDecoder extends Module {
  layers: ModuleList<DecoderLayer>;
  num_layers: number;
  norm: Module | null;

  constructor(
    decoder_layer: DecoderLayer,
    num_layers: number,
    ...args: Args<[], [norm: Module | null], { norm?: Module | null }>
  ) {
    super();
    const { norm, rest } = takeNorm(args);
    DECODER(rest);
    this.layers = clones(decoder_layer, num_layers);
    this.num_layers = num_layers;
    this.norm = norm;
  }

  forward(tgt: Tensor, memory: Tensor, ...rest: DecoderRest): Tensor {
    const [input, mem, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask] =
      FORWARD_DECODER([tgt, memory, ...rest]) as [Tensor, Tensor, ...(Tensor | null)[]];
    const masks = { tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask };
    let output = input;
    for (const layer of this.layers) output = layer(output, mem, masks);
    return this.norm === null ? output : this.norm(output);
  }
}

const DECODER = signature('TransformerDecoder()');

const FORWARD_DECODER = signature(
  'forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, ' +
    'Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None)',
);

export interface TransformerOptions extends TransformerLayerOptions {
  /** Features of the tokens. Default 512. */
  d_model?: number;
  /** Heads of attention. Default 8. */
  nhead?: number;
  /** Default 6. */
  num_encoder_layers?: number;
  /** Default 6. */
  num_decoder_layers?: number;
  /** In place of the encoder. */
  custom_encoder?: Coder | null;
  /** In place of the decoder. */
  custom_decoder?: Coder | null;
}

/** A module in place of encoder or decoder, called as they are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- encoders and decoders differ in their arguments
type Coder = AnyModule & ((...args: any[]) => Tensor);

type TransformerArgs = Args<
  [],
  [
    d_model: number,
    nhead: number,
    num_encoder_layers: number,
    num_decoder_layers: number,
    ...rest: TransformerLayerRest,
  ],
  TransformerOptions
>;

const TRANSFORMER = signature(
  'Transformer(int d_model=512, int nhead=8, int num_encoder_layers=6, int num_decoder_layers=6, ' +
    "int dim_feedforward=2048, float dropout=0.1, str activation='relu', float layer_norm_eps=1e-5, " +
    `bool batch_first=False, bool norm_first=False, ${FACTORY})`,
);

const FORWARD = signature(
  'forward(Tensor src, Tensor tgt, Tensor? src_mask=None, Tensor? tgt_mask=None, Tensor? memory_mask=None, ' +
    'Tensor? src_key_padding_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None)',
);

/** Takes the custom encoder and decoder out of the keywords, since a signature knows no modules. */
function takeCoders(args: readonly unknown[]): {
  rest: unknown[];
  encoder: Coder | null;
  decoder: Coder | null;
} {
  const options = args[args.length - 1];
  if (typeof options !== 'object' || options === null)
    return { rest: [...args], encoder: null, decoder: null };
  const {
    custom_encoder: encoder = null,
    custom_decoder: decoder = null,
    ...rest
  } = options as TransformerOptions;
  return { rest: [...args.slice(0, -1), rest], encoder, decoder };
}

/**
 * Encoder and decoder (Vaswani et al., 2017): src [S, B, E] and tgt [T, B, E] to [T, B, E]; with `batch_first` the batch comes
 * first. `custom_encoder` and `custom_decoder` are given by name.
 *
 * @example
 * const options = { d_model: 8, nhead: 2, num_encoder_layers: 1, num_decoder_layers: 1, dim_feedforward: 16 };
 * const model = new nn.Transformer(options);
 * const mask = nn.Transformer.generate_square_subsequent_mask(4);
 * console.log(model(torch.randn(5, 3, 8), torch.randn(4, 3, 8), { tgt_mask: mask }).shape); // [ 4, 3, 8 ]
 */
export class Transformer extends Module {
  encoder: Coder;
  decoder: Coder;
  d_model: number;
  nhead: number;
  batch_first: boolean;

  constructor(...args: TransformerArgs) {
    super();
    const { rest, encoder, decoder } = takeCoders(args);
    const { args: given, activation } = takeActivation(rest, 6);
    const bound = TRANSFORMER(given);
    const [d_model, nhead, encoders, decoders] = bound as [number, number, number, number];
    const [dim_feedforward, dropout, name, layer_norm_eps, batch_first, norm_first, device, dtype] =
      bound.slice(4) as [
        number,
        number,
        'relu' | 'gelu',
        number,
        boolean,
        boolean,
        'cpu' | null,
        DType | null,
      ];
    const factory = { device, dtype };
    const layer = {
      dim_feedforward,
      dropout,
      activation: activation ?? name,
      layer_norm_eps,
      batch_first,
      norm_first,
      ...factory,
    };
    const norm = (): LayerNorm => new LayerNorm(d_model, { eps: layer_norm_eps, ...factory });
    this.encoder =
      encoder ??
      stackOf(
        (first) => new TransformerEncoder(first, encoders, norm()),
        new TransformerEncoderLayer(d_model, nhead, layer),
      );
    this.decoder =
      decoder ??
      stackOf(
        (first) => new TransformerDecoder(first, decoders, norm()),
        new TransformerDecoderLayer(d_model, nhead, layer),
      );
    this._reset_parameters();
    this.d_model = d_model;
    this.nhead = nhead;
    this.batch_first = batch_first;
  }

  /** Draws new matrices (Glorot and Bengio, 2010); vectors stay as they are. */
  _reset_parameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) init.xavier_uniform_(parameter);
  }

  /**
   * −∞ above the diagonal of a [size, size] matrix, 0 elsewhere: each step sees those before it.
   *
   * @example
   * console.log(nn.Transformer.generate_square_subsequent_mask(2).tolist()); // [ [ 0, -Infinity ], [ 0, 0 ] ]
   */
  static generate_square_subsequent_mask(size: number): Tensor {
    return triu(full([size, size], -Infinity), 1);
  }

  forward(
    src: Tensor,
    tgt: Tensor,
    ...rest: Args<
      [],
      [
        src_mask: Tensor | null,
        tgt_mask: Tensor | null,
        memory_mask: Tensor | null,
        src_key_padding_mask: Tensor | null,
        tgt_key_padding_mask: Tensor | null,
        memory_key_padding_mask: Tensor | null,
      ],
      DecoderMasks & { src_mask?: Tensor | null; src_key_padding_mask?: Tensor | null }
    >
  ): Tensor {
    const bound = FORWARD([src, tgt, ...rest]);
    const [source, target] = bound as [Tensor, Tensor];
    const [mask, tgt_mask, memory_mask, src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask] =
      bound.slice(2) as (Tensor | null)[];
    const batch = this.batch_first ? 0 : 1;
    if (source.ndim === 3 && source.shape[batch] !== target.shape[batch]) {
      throw new RuntimeError('the batch number of src and tgt must be equal');
    }
    for (const { shape, ndim } of [source, target]) {
      if (shape[ndim - 1] !== this.d_model) {
        throw new RuntimeError('the feature number of src and tgt must be equal to d_model');
      }
    }
    const memory = this.encoder(source, { mask, src_key_padding_mask });
    const masks = { tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask };
    return this.decoder(target, memory, masks);
  }
}

/** A stack of copies of a layer; the layer itself goes, but for the activation that the caller gave. */
function stackOf<L extends AnyModule>(make: (layer: L) => Coder, layer: L): Coder {
  const made = make(layer);
  for (const [name, child] of layer.named_children()) if (name !== 'activation') child.dispose();
  return made;
}
