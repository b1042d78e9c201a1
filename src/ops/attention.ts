import { bool, uint8 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { baddbmm } from './addmm.js';
import { logical_or } from './compare.js';
import { to } from './copy.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { dropout } from './dropout.js';
import { cat } from './join.js';
import { repeat } from './layout.js';
import { linear } from './linear.js';
import { masked_fill } from './mask.js';
import { bmm } from './matmul.js';
import { pad } from './pad.js';
import { div } from './pointwise_binary.js';
import { mean } from './reduce.js';
import { softmax } from './softmax.js';
import { chunk, split } from './split.js';
import { expand, reshape, squeeze, transpose, unsqueeze } from './view.js';

function check(holds: boolean, message: () => string): void {
  if (!holds) throw new RuntimeError(message());
}

/** The shapes that the parts must have; whether there is a batch. */
function checkShapes(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  padding: Tensor | null,
  mask: Tensor | null,
  heads: number,
): boolean {
  const { ndim } = query;
  check(
    ndim === 2 || ndim === 3,
    () => `query should be unbatched 2D or batched 3D tensor but received ${ndim}-D query tensor`,
  );
  const kind = ndim === 3 ? 'batched (3-D)' : 'unbatched (2-D)';
  check(
    key.ndim === ndim && value.ndim === ndim,
    () =>
      `For ${kind} \`query\`, expected \`key\` and \`value\` to be ${ndim}-D but found ${key.ndim}-D and ${value.ndim}-D ` +
      'tensors respectively',
  );
  check(
    padding === null || padding.ndim === ndim - 1,
    () =>
      `For ${kind} \`query\`, expected \`key_padding_mask\` to be \`None\` or ${ndim - 1}-D but found ${padding!.ndim}-D ` +
      'tensor instead',
  );
  check(
    mask === null || mask.ndim === 2 || mask.ndim === 3,
    () =>
      `For ${kind} \`query\`, expected \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${mask!.ndim}-D tensor instead`,
  );
  if (ndim === 2 && mask?.ndim === 3) {
    const expected = [heads, query.shape[0], key.shape[0]];
    check(
      showShape(mask.shape) === showShape(expected),
      () =>
        `Expected \`attn_mask\` shape to be (${expected.join(', ')}) but got torch.Size(${showShape(mask.shape)})`,
    );
  }
  return ndim === 3;
}

export function checkPaddingMask(padding: Tensor | null): void {
  check(
    padding === null || padding.dtype === bool || padding.dtype.is_floating_point,
    () => 'only bool and floating types of key_padding_mask are supported',
  );
}

/** The three inputs times their parts of one weight; inputs that are the same are projected together. */
function projectPacked(q: Tensor, k: Tensor, v: Tensor, w: Tensor, b: Tensor | null): Tensor[] {
  const E = q.shape[q.ndim - 1];
  if (k === v && q === k) return chunk(linear(q, w, b), 3, -1);
  if (k === v) {
    const [wq, wkv] = split(w, [E, 2 * E]);
    const [bq, bkv] = b === null ? [null, null] : split(b, [E, 2 * E]);
    return [linear(q, wq, bq), ...chunk(linear(k, wkv, bkv), 2, -1)];
  }
  return projectEach([q, k, v], chunk(w, 3), b);
}

function projectEach(inputs: readonly Tensor[], weights: readonly Tensor[], b: Tensor | null): Tensor[] {
  const biases = b === null ? null : chunk(b, 3);
  return inputs.map((input, i) => linear(input, weights[i], biases === null ? null : biases[i]));
}

function checkSeparate(inputs: readonly Tensor[], weights: readonly (Tensor | null)[]): Tensor[] {
  const E = inputs[0].shape[2];
  return ['query', 'key', 'value'].map((name, i) => {
    const weight = weights[i];
    if (weight === null) {
      throw new RuntimeError(`use_separate_proj_weight is True but ${name[0]}_proj_weight is None`);
    }
    const expected = [E, inputs[i].shape[2]];
    check(
      showShape(weight.shape) === showShape(expected),
      () =>
        `expecting ${name} weights shape of (${expected.join(', ')}), but got torch.Size(${showShape(weight.shape)})`,
    );
    return weight;
  });
}

/** A mask as [1 or B·heads, target, source]. */
function maskOfAttention(mask: Tensor | null, [B, T, S]: Shape): Tensor | null {
  if (mask === null) return null;
  check(
    mask.dtype.is_floating_point || mask.dtype === bool || mask.dtype === uint8,
    () => `Only float, byte, and bool types are supported for attn_mask, not ${mask.dtype}`,
  );
  const expected = mask.ndim === 2 ? [T, S] : [B, T, S];
  check(
    showShape(mask.shape) === showShape(expected),
    () =>
      `The shape of the ${mask.ndim}D attn_mask is torch.Size(${showShape(mask.shape)}), but should be ` +
      `(${expected.join(', ')}).`,
  );
  const known = mask.dtype === uint8 ? to(mask, bool) : mask;
  return known.ndim === 2 ? unsqueeze(known, 0) : known;
}

/** Both masks as one that is added to the scores. */
function mergedMask(
  mask: Tensor | null,
  padding: Tensor | null,
  scores: Shape,
  heads: number,
  like: Tensor,
): Tensor | null {
  let merged = mask;
  if (padding !== null) {
    const [BH, , S] = scores;
    const B = BH / heads;
    check(
      showShape(padding.shape) === showShape([B, S]),
      () =>
        `expecting key_padding_mask shape of (${B}, ${S}), but got torch.Size(${showShape(padding.shape)})`,
    );
    const each = reshape(expand(reshape(padding, [B, 1, 1, S]), [B, heads, 1, S]), [BH, 1, S]);
    if (mask === null) merged = each;
    else merged = mask.dtype === bool ? logical_or(mask, each) : masked_fill(mask, each, -Infinity);
  }
  if (merged === null || merged.dtype !== bool) return merged;
  return masked_fill(zeros(merged.shape, { dtype: like.dtype }), merged, -Infinity);
}

/** [L, B, E] as [B·heads, L, E / heads]. */
function byHead(x: Tensor, heads: number): Tensor {
  const [L, B, E] = x.shape as [number, number, number];
  return transpose(reshape(x, [L, B * heads, E / heads]), 0, 1);
}

interface Attention {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly mask: Tensor | null;
  readonly dropout: number;
}

/** softmax(q·kᵀ/√d + mask)·v and the softmax (after its dropout, as in torch). */
function attend({ q, k, v, mask, dropout: p }: Attention): [out: Tensor, weights: Tensor] {
  const scaled = div(q, Math.sqrt(q.shape[2]));
  const turned = transpose(k, 1, 2);
  const scores = mask === null ? bmm(scaled, turned) : baddbmm(mask, scaled, turned);
  const soft = softmax(scores, -1);
  const weights = p > 0 ? dropout(soft, p) : soft;
  return [bmm(weights, v), weights];
}

type Forward = [
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embed_dim_to_check: number,
  num_heads: number,
  in_proj_weight: Tensor | null,
  in_proj_bias: Tensor | null,
  bias_k: Tensor | null,
  bias_v: Tensor | null,
  add_zero_attn: boolean,
  dropout_p: number,
  out_proj_weight: Tensor,
  out_proj_bias: Tensor | null,
];

export interface MultiHeadOptions {
  training?: boolean;
  key_padding_mask?: Tensor | null;
  need_weights?: boolean;
  attn_mask?: Tensor | null;
  use_separate_proj_weight?: boolean;
  q_proj_weight?: Tensor | null;
  k_proj_weight?: Tensor | null;
  v_proj_weight?: Tensor | null;
  static_k?: Tensor | null;
  static_v?: Tensor | null;
  average_attn_weights?: boolean;
}

type Rest = [
  training: boolean,
  padding: Tensor | null,
  needWeights: boolean,
  mask: Tensor | null,
  separate: boolean,
  wq: Tensor | null,
  wk: Tensor | null,
  wv: Tensor | null,
  staticK: Tensor | null,
  staticV: Tensor | null,
  average: boolean,
];

/** Adds a key and a value that every query sees, and a column to the masks. */
function extend(
  [k, v]: readonly Tensor[],
  [moreK, moreV]: readonly Tensor[],
  dim: number,
  masks: (Tensor | null)[],
): { k: Tensor; v: Tensor; masks: (Tensor | null)[] } {
  return {
    k: cat([k, moreK], dim),
    v: cat([v, moreV], dim),
    masks: masks.map((mask) => (mask === null ? null : pad(mask, [0, 1]))),
  };
}

function checkStatic(name: string, given: Tensor, BH: number, head: number): Tensor {
  check(given.shape[0] === BH, () => `expecting ${name}.size(0) of ${BH}, but got ${given.shape[0]}`);
  check(given.shape[2] === head, () => `expecting ${name}.size(2) of ${head}, but got ${given.shape[2]}`);
  return given;
}

/** `multi_head_attention_forward` without the null of weights that are not needed. */
export const multiHeadAttention: Op<(...args: [...Forward, MultiHeadOptions?]) => Tensor[]> = define({
  schema:
    'multi_head_attention_forward(Tensor query, Tensor key, Tensor value, int embed_dim_to_check, int num_heads, ' +
    'Tensor? in_proj_weight, Tensor? in_proj_bias, Tensor? bias_k, Tensor? bias_v, bool add_zero_attn, float dropout_p, ' +
    'Tensor out_proj_weight, Tensor? out_proj_bias, bool training=True, Tensor? key_padding_mask=None, ' +
    'bool need_weights=True, Tensor? attn_mask=None, bool use_separate_proj_weight=False, Tensor? q_proj_weight=None, ' +
    'Tensor? k_proj_weight=None, Tensor? v_proj_weight=None, Tensor? static_k=None, Tensor? static_v=None, ' +
    'bool average_attn_weights=True)',
  forward: (_ctx, ...args: [...Forward, ...Rest]) => {
    const [query, key, value, expected, heads, w, b, biasK, biasV, addZero, p, wOut, bOut] = args;
    const [training, padding, needWeights, mask, separate, wq, wk, wv, staticK, staticV, average] =
      args.slice(13) as Rest;
    const batched = checkShapes(query, key, value, padding, mask, heads);
    checkPaddingMask(padding);
    const withBatch = (x: Tensor): Tensor => (batched ? x : unsqueeze(x, 1));
    const q3 = withBatch(query);
    // What is one tensor stays one, so that it is projected once.
    const k3 = key === query ? q3 : withBatch(key);
    const v3 = value === key ? k3 : withBatch(value);
    const [T, B, E] = q3.shape as [number, number, number];
    const head = Math.floor(E / heads);
    check(E === expected, () => `was expecting embedding dimension of ${expected}, but got ${E}`);
    check(head * heads === E, () => `embed_dim ${E} not divisible by num_heads ${heads}`);
    const [keys, values] = [k3, v3].map(({ shape }) => showShape(separate ? shape.slice(0, 2) : shape));
    check(keys === values, () =>
      separate
        ? `key's sequence and batch dims torch.Size(${keys}) do not match value's torch.Size(${values})`
        : `key shape torch.Size(${keys}) does not match value shape torch.Size(${values})`,
    );
    if (!separate && w === null) {
      throw new RuntimeError('use_separate_proj_weight is False but in_proj_weight is None');
    }
    const inputs = [q3, k3, v3];
    const [q, kIn, vIn] = separate
      ? projectEach(inputs, checkSeparate(inputs, [wq, wk, wv]), b)
      : projectPacked(q3, k3, v3, w!, b);
    let [k, v] = [kIn, vIn];
    let masks: (Tensor | null)[] = [
      maskOfAttention(mask, [B * heads, T, k3.shape[0]]),
      padding === null || batched ? padding : unsqueeze(padding, 0),
    ];
    check((biasK === null) === (biasV === null), () => 'bias_k and bias_v must be given together');
    if (biasK !== null && biasV !== null) {
      check(staticK === null, () => 'bias cannot be added to static key.');
      check(staticV === null, () => 'bias cannot be added to static value.');
      ({ k, v, masks } = extend([k, v], [repeat(biasK, [1, B, 1]), repeat(biasV, [1, B, 1])], 0, masks));
    }
    k = staticK === null ? byHead(k, heads) : checkStatic('static_k', staticK, B * heads, head);
    v = staticV === null ? byHead(v, heads) : checkStatic('static_v', staticV, B * heads, head);
    if (addZero) {
      const zero = zeros([B * heads, 1, head], { dtype: k.dtype });
      ({ k, v, masks } = extend([k, v], [zero, zero], 1, masks));
    }
    const S = k.shape[1];
    const merged = mergedMask(masks[0], masks[1], [B * heads, T, S], heads, q);
    const [out, weights] = attend({
      q: byHead(q, heads),
      k,
      v,
      mask: merged,
      dropout: training ? p : 0,
    });
    const rows = reshape(transpose(out, 0, 1), [T * B, E]);
    const projected = linear(rows, wOut, bOut);
    const whole = reshape(projected, [T, B, projected.shape[1]]);
    const output = batched ? whole : squeeze(whole, 1);
    if (!needWeights) return [output];
    const each = reshape(weights, [B, heads, T, S]);
    const shown = average ? mean(each, 1) : each;
    return [output, batched ? shown : squeeze(shown, 0)];
  },
  backward: 'composite',
  samples: (make) => [
    [
      make(3, 2, 4),
      make(2, 2, 4),
      make(2, 2, 4),
      4,
      2,
      make(12, 4),
      make(12),
      null,
      null,
      false,
      0,
      make(4, 4),
      make(4),
    ],
  ],
});

/**
 * Attention of several heads: softmax(q·kᵀ/√d + mask)·v of the projected inputs [L, B, E] (or [L, E]), projected again. Gives the
 * output and the mean of the heads' weights [B, T, S] (each head's with `average_attn_weights: false`; null without
 * `need_weights`). `attn_mask` is added to the scores, or, of booleans, says what is not seen, as `key_padding_mask` [B, S] does of
 * keys. `nn.MultiheadAttention` calls it with its parameters.
 */
export function multi_head_attention_forward(
  ...args: [...Forward, options?: MultiHeadOptions]
): [output: Tensor, weights: Tensor | null] {
  const [output, weights] = multiHeadAttention(...args) as [Tensor, Tensor?];
  return [output, weights ?? null];
}
