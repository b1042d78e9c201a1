import { no_grad } from '../autograd/mode.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import { withScope } from '../scope.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { Parameter, emptyParameter } from './parameter.js';
import { pyFloat, pyText } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export type BagMode = 'sum' | 'mean' | 'max';

interface LookUpOptions {
  /** A row whose gradient stays 0 (in EmbeddingBag: entries that are left out). */
  padding_idx?: number | null;
  /** Rows that are looked up and longer are scaled down to this norm, in place. */
  max_norm?: number | null;
  /** Order of that norm. Default 2. */
  norm_type?: number;
  /** Whether a row's gradient is divided by how often it was looked up. Default false. */
  scale_grad_by_freq?: boolean;
  /** Whether the gradient of the weight is a sparse tensor, for `optim.SparseAdam`, `SGD` and `Adagrad`. Default false. */
  sparse?: boolean;
}

export interface EmbeddingOptions extends LookUpOptions, FactoryOptions {
  _weight?: Tensor | null;
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Default 'mean'. */
  mode?: BagMode;
  /** Whether the last offset is the end of the last bag. Default false. */
  include_last_offset?: boolean;
}

const OPTIONS = 'float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False';
const SIZES = 'int num_embeddings, int embedding_dim';

const EMBEDDING = signature(
  `Embedding(${SIZES}, int? padding_idx=None, ${OPTIONS}, bool sparse=False, Tensor? _weight=None, ${FACTORY})`,
);
const BAG = signature(
  `EmbeddingBag(${SIZES}, ${OPTIONS}, str mode='mean', bool sparse=False, Tensor? _weight=None, ` +
    `bool include_last_offset=False, int? padding_idx=None, ${FACTORY})`,
);
const EMBEDDING_PRETRAINED = signature(
  `from_pretrained(Tensor embeddings, bool freeze=True, int? padding_idx=None, ${OPTIONS}, bool sparse=False)`,
);
const BAG_PRETRAINED = signature(
  `from_pretrained(Tensor embeddings, bool freeze=True, ${OPTIONS}, str mode='mean', bool sparse=False, ` +
    'bool include_last_offset=False, int? padding_idx=None)',
);

/** What Embedding and EmbeddingBag have in common. */
abstract class LookUp extends Module {
  declare num_embeddings: number;
  declare embedding_dim: number;
  declare padding_idx: number | null;
  declare max_norm: number | null;
  declare norm_type: number;
  declare scale_grad_by_freq: boolean;
  declare sparse: boolean;
  /** [num_embeddings, embedding_dim] */
  declare weight: Parameter;

  protected makeWeight(given: Tensor | null, device: string | null, dtype: DType | null): void {
    checkDevice(device);
    const { num_embeddings: rows, embedding_dim: dim, padding_idx: padding } = this;
    if (padding !== null && (padding > 0 ? padding >= rows : padding < -rows)) {
      throw new RuntimeError('Padding_idx must be within num_embeddings');
    }
    if (padding !== null && padding < 0) this.padding_idx = padding + rows;
    if (given === null) {
      this.weight = emptyParameter([rows, dim], dtype);
      this.reset_parameters();
      return;
    }
    if (!sameShape(given.shape, [rows, dim])) {
      throw new RuntimeError('Shape of weight does not match num_embeddings and embedding_dim');
    }
    this.weight = new Parameter(given);
  }

  /** Draws new rows from the standard normal distribution; row `padding_idx` becomes 0. */
  reset_parameters(): void {
    init.normal_(this.weight);
    const { padding_idx: row } = this;
    if (row !== null) {
      withScope('reset_parameters', () => no_grad(() => void this.weight.select(0, row).fill_(0)));
    }
  }

  /** The parts of the text that both have. */
  protected limits(): string {
    const norm = this.max_norm === null ? '' : `, max_norm=${pyFloat(this.max_norm)}`;
    const order = this.norm_type === 2 ? '' : `, norm_type=${pyText(this.norm_type)}`;
    return norm + order + (this.scale_grad_by_freq ? ', scale_grad_by_freq=True' : '');
  }

  protected padding(): string {
    return this.padding_idx === null ? '' : `, padding_idx=${this.padding_idx}`;
  }
}

function checkPretrained(embeddings: Tensor): readonly [rows: number, dim: number] {
  if (embeddings.ndim !== 2) throw new RuntimeError('Embeddings parameter is expected to be 2-dimensional');
  return [embeddings.shape[0], embeddings.shape[1]];
}

type EmbeddingRest = [
  padding_idx: number | null,
  max_norm: number | null,
  norm_type: number,
  scale_grad_by_freq: boolean,
  sparse: boolean,
];

/**
 * A table of vectors, looked up by int64 indices: [*] gives [*, embedding_dim].
 *
 * @example
 * const words = new nn.Embedding(10, 3, { padding_idx: 0 });
 * console.log(words(torch.tensor([[1, 2, 0]])).shape, String(words)); // [ 1, 3, 3 ] Embedding(10, 3, padding_idx=0)
 */
export class Embedding extends LookUp {
  constructor(
    num_embeddings: number,
    embedding_dim: number,
    ...rest: Args<[], [...EmbeddingRest, _weight: Tensor | null], EmbeddingOptions>
  );
  constructor(options: EmbeddingOptions & { num_embeddings: number; embedding_dim: number });
  constructor(...args: unknown[]) {
    super();
    const [rows, dim, padding, maxNorm, normType, byFrequency, sparse, weight, device, dtype] = EMBEDDING(
      args,
    ) as [number, number, ...EmbeddingRest, Tensor | null, string | null, DType | null];
    this.num_embeddings = rows;
    this.embedding_dim = dim;
    this.padding_idx = padding;
    this.max_norm = maxNorm;
    this.norm_type = normType;
    this.scale_grad_by_freq = byFrequency;
    this.sparse = sparse;
    this.makeWeight(weight, device, dtype);
  }

  /**
   * A table of given rows, which share the tensor's memory; with `freeze` (default) they are not trained.
   *
   * @example
   * const table = nn.Embedding.from_pretrained(torch.ones(4, 2));
   * console.log(table(torch.tensor(1)).tolist(), table.weight.requires_grad); // [ 1, 1 ] false
   */
  static from_pretrained(
    ...args: Args<
      [embeddings: Tensor],
      [freeze: boolean, ...EmbeddingRest],
      LookUpOptions & { freeze?: boolean }
    >
  ): Embedding {
    const [weight, freeze, padding, maxNorm, normType, byFrequency, sparse] = EMBEDDING_PRETRAINED(args) as [
      Tensor,
      boolean,
      ...EmbeddingRest,
    ];
    const [rows, dim] = checkPretrained(weight);
    const made = new Embedding(rows, dim, padding, maxNorm, normType, byFrequency, sparse, weight);
    made.weight.requires_grad = !freeze;
    return made;
  }

  forward(input: Tensor): Tensor {
    return F.embedding(
      input,
      this.weight,
      this.padding_idx,
      this.max_norm,
      this.norm_type,
      this.scale_grad_by_freq,
      this.sparse,
    );
  }

  override extra_repr(): string {
    const sparse = this.sparse ? ', sparse=True' : '';
    return `${this.num_embeddings}, ${this.embedding_dim}${this.padding()}${this.limits()}${sparse}`;
  }
}

type BagFirst = [max_norm: number | null, norm_type: number, scale_grad_by_freq: boolean, mode: BagMode];

/**
 * Sums, means or maxima of bags of an `Embedding`'s vectors, without the vectors in between (`nn.functional.embedding_bag`).
 *
 * @example
 * const bags = new nn.EmbeddingBag(10, 3, { mode: 'sum' });
 * console.log(bags(torch.tensor([1, 2, 4, 5]), torch.tensor([0, 3])).shape); // [ 2, 3 ]
 */
export class EmbeddingBag extends LookUp {
  declare mode: BagMode;
  declare include_last_offset: boolean;

  constructor(
    num_embeddings: number,
    embedding_dim: number,
    ...rest: Args<
      [],
      [
        ...BagFirst,
        sparse: boolean,
        _weight: Tensor | null,
        include_last_offset: boolean,
        padding_idx: number | null,
      ],
      EmbeddingBagOptions
    >
  );
  constructor(options: EmbeddingBagOptions & { num_embeddings: number; embedding_dim: number });
  constructor(...args: unknown[]) {
    super();
    const [rows, dim, maxNorm, normType, byFrequency, mode, sparse, weight, closed, padding, device, dtype] =
      BAG(args) as [
        number,
        number,
        ...BagFirst,
        boolean,
        Tensor | null,
        boolean,
        number | null,
        string | null,
        DType | null,
      ];
    this.num_embeddings = rows;
    this.embedding_dim = dim;
    this.padding_idx = padding;
    this.max_norm = maxNorm;
    this.norm_type = normType;
    this.scale_grad_by_freq = byFrequency;
    this.sparse = sparse;
    this.makeWeight(weight, device, dtype);
    this.mode = mode;
    this.include_last_offset = closed;
  }

  /** Bags of given rows, which share the tensor's memory; with `freeze` (default) they are not trained. */
  static from_pretrained(
    ...args: Args<
      [embeddings: Tensor],
      [
        freeze: boolean,
        ...BagFirst,
        sparse: boolean,
        include_last_offset: boolean,
        padding_idx: number | null,
      ],
      LookUpOptions & { freeze?: boolean; mode?: BagMode; include_last_offset?: boolean }
    >
  ): EmbeddingBag {
    const [weight, freeze, maxNorm, normType, byFrequency, mode, sparse, closed, padding] = BAG_PRETRAINED(
      args,
    ) as [Tensor, boolean, ...BagFirst, boolean, boolean, number | null];
    const [rows, dim] = checkPretrained(weight);
    const limits = [maxNorm, normType, byFrequency] as const;
    const made = new EmbeddingBag(rows, dim, ...limits, mode, sparse, weight, closed, padding);
    made.weight.requires_grad = !freeze;
    return made;
  }

  forward(input: Tensor, offsets: Tensor | null = null, per_sample_weights: Tensor | null = null): Tensor {
    return F.embedding_bag(input, this.weight, {
      offsets,
      per_sample_weights,
      max_norm: this.max_norm,
      norm_type: this.norm_type,
      scale_grad_by_freq: this.scale_grad_by_freq,
      mode: this.mode,
      sparse: this.sparse,
      include_last_offset: this.include_last_offset,
      padding_idx: this.padding_idx,
    });
  }

  override extra_repr(): string {
    return `${this.num_embeddings}, ${this.embedding_dim}${this.limits()}, mode=${this.mode}${this.padding()}`;
  }
}
