// The cases of test/fixtures/sequence.py: how each module is built and called.
import * as torch from '../../src/index.js';

const { nn } = torch;
const pack = nn.utils.rnn;
const { float64 } = torch;

export interface Case {
  readonly build: () => torch.nn.AnyModule;
  readonly inputs: () => torch.Tensor[];
  /** Default: the module with the inputs. */
  readonly call?: (module: never, ...inputs: torch.Tensor[]) => unknown;
  readonly train?: boolean;
}

/** Values in [-2, 2] that the script makes the same. */
export function noise(shape: readonly number[], step = 7919): torch.Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Float64Array.from({ length: n }, (_, i) => (((i * step + 13) % 41) - 20) / 10);
  return torch.tensor(values, { dtype: float64 }).reshape(shape);
}

const N = (...shape: number[]): torch.Tensor => noise(shape);
const L = (...values: number[]): torch.Tensor => torch.tensor(values);
const index = (): torch.Tensor => torch.tensor([[1, 2, 0], [4, 2, 2]]); // prettier-ignore

const norms: Record<string, Case> = {
  LayerNorm: { build: () => new nn.LayerNorm([3, 4]), inputs: () => [N(2, 3, 4)] },
  'LayerNorm plain': { build: () => new nn.LayerNorm(4, 1e-3, false), inputs: () => [N(2, 3, 4)] },
  GroupNorm: { build: () => new nn.GroupNorm(2, 4), inputs: () => [N(2, 4, 5)] },
  'GroupNorm plain': {
    build: () => new nn.GroupNorm(4, 4, { eps: 0.1, affine: false }),
    inputs: () => [N(2, 4, 5)],
  },
  InstanceNorm1d: { build: () => new nn.InstanceNorm1d(3), inputs: () => [N(2, 3, 5)] },
  'InstanceNorm1d single': {
    build: () => new nn.InstanceNorm1d(3, { affine: true }),
    inputs: () => [N(3, 5)],
  },
  InstanceNorm2d: {
    build: () => new nn.InstanceNorm2d(3, 1e-3, 0.2, true, true),
    inputs: () => [N(2, 3, 2, 3)],
  },
  'InstanceNorm2d eval': {
    build: () => new nn.InstanceNorm2d(3, { track_running_stats: true }),
    inputs: () => [N(2, 3, 2, 3)],
    train: false,
  },
  InstanceNorm3d: { build: () => new nn.InstanceNorm3d(2), inputs: () => [N(2, 2, 2, 2, 2)] },
  Embedding: { build: () => new nn.Embedding(5, 3, { padding_idx: 2 }), inputs: () => [index()] },
  'Embedding limited': {
    build: () => new nn.Embedding(5, 3, { max_norm: 1, norm_type: 1, scale_grad_by_freq: true }),
    inputs: () => [index()],
  },
  'Embedding pretrained': {
    build: () => nn.Embedding.from_pretrained(torch.ones(5, 2), { freeze: false, padding_idx: -1 }),
    inputs: () => [index()],
  },
  EmbeddingBag: { build: () => new nn.EmbeddingBag(5, 3), inputs: () => [index()] },
  'EmbeddingBag max': {
    build: () => new nn.EmbeddingBag(5, 3, { mode: 'max', padding_idx: 0 }),
    inputs: () => [index().flatten(), L(0, 2, 2)],
  },
  'EmbeddingBag sum': {
    build: () => new nn.EmbeddingBag(5, 3, { max_norm: 2, mode: 'sum', include_last_offset: true }),
    inputs: () => [index().flatten(), L(0, 1, 6), N(6)],
  },
  Bilinear: { build: () => new nn.Bilinear(3, 2, 4), inputs: () => [N(5, 3), N(5, 2)] },
};

const x = (): torch.Tensor[] => [N(2, 4, 3)];

const activations: Record<string, Case> = {
  CELU: { build: () => new nn.CELU(0.5), inputs: x },
  GLU: { build: () => new nn.GLU(1), inputs: x },
  Hardshrink: { build: () => new nn.Hardshrink(), inputs: x },
  SELU: { build: () => new nn.SELU(), inputs: x },
  LogSigmoid: { build: () => new nn.LogSigmoid(), inputs: x },
  Mish: { build: () => new nn.Mish(), inputs: x },
  PReLU: { build: () => new nn.PReLU(), inputs: x },
  'PReLU 4': { build: () => new nn.PReLU(4, 0.1), inputs: x },
  RReLU: { build: () => new nn.RReLU(), inputs: x },
  'RReLU bounds': { build: () => new nn.RReLU(0.1, 0.5), inputs: x },
  Softmin: { build: () => new nn.Softmin(1), inputs: x },
  'Softmin any': { build: () => new nn.Softmin(), inputs: x },
  Softmax2d: { build: () => new nn.Softmax2d(), inputs: x },
  Softshrink: { build: () => new nn.Softshrink(0.25), inputs: x },
  Softsign: { build: () => new nn.Softsign(), inputs: x },
  Tanhshrink: { build: () => new nn.Tanhshrink(), inputs: x },
  Threshold: { build: () => new nn.Threshold(0.5, -1.5), inputs: x },
  'RReLU eval': {
    build: () => new nn.RReLU({ inplace: true }),
    inputs: x,
    call: (module: torch.nn.RReLU, t) => module(t.clone()),
    train: false,
  },
};

const steps = (): torch.Tensor => N(4, 3, 2);

function packed(
  module: torch.nn.LSTM | torch.nn.GRU,
  data: torch.Tensor,
  ...hidden: torch.Tensor[]
): unknown[] {
  const sequence = pack.pack_padded_sequence(data, [2, 4, 1], { enforce_sorted: false });
  const [out, states] = (module as torch.nn.GRU)(sequence, ...hidden);
  return [...pack.pad_packed_sequence(out, { padding_value: -1 }), states];
}

const recurrent: Record<string, Case> = {
  RNN: { build: () => new nn.RNN(2, 3), inputs: () => [steps()] },
  'RNN relu': {
    build: () => new nn.RNN(2, 3, 2, { nonlinearity: 'relu', bias: false }),
    inputs: () => [steps(), N(2, 3, 3)],
  },
  'RNN single': {
    build: () => new nn.RNN(2, 3, { bidirectional: true }),
    inputs: () => [steps().select(1, 0)],
  },
  LSTM: { build: () => new nn.LSTM(2, 3), inputs: () => [steps()] },
  'LSTM states': {
    build: () => new nn.LSTM(2, 3, 2, { bidirectional: true, batch_first: true }),
    inputs: () => [steps(), N(4, 4, 3), N(4, 4, 3)],
    call: (module: torch.nn.LSTM, t, h, c) => module(t, [h, c]),
  },
  'LSTM projection': {
    build: () => new nn.LSTM(2, 4, 2, { proj_size: 3, bidirectional: true }),
    inputs: () => [steps()],
  },
  'LSTM dropout': { build: () => new nn.LSTM(2, 3, 3, { dropout: 0.4 }), inputs: () => [steps()] },
  'LSTM packed': {
    build: () => new nn.LSTM(2, 3, 2, { bidirectional: true }),
    inputs: () => [steps()],
    call: packed,
  },
  'LSTM wide': { build: () => new nn.LSTM(2, 9), inputs: () => [steps()] },
  GRU: {
    build: () => new nn.GRU(2, 5, 2, { dropout: 0.5, bidirectional: true }),
    inputs: () => [steps()],
  },
  'GRU single': {
    build: () => new nn.GRU(2, 3, { batch_first: true }),
    inputs: () => [steps().select(1, 0), N(1, 3)],
  },
  'GRU packed': {
    build: () => new nn.GRU(2, 3, { bidirectional: true }),
    inputs: () => [steps(), N(2, 3, 3)],
    call: packed,
  },
  RNNCell: { build: () => new nn.RNNCell(2, 3), inputs: () => [steps().select(0, 0), N(3, 3)] },
  'RNNCell relu': {
    build: () => new nn.RNNCell(2, 3, false, 'relu'),
    inputs: () => [steps().select(0, 0)],
  },
  LSTMCell: {
    build: () => new nn.LSTMCell(2, 3),
    inputs: () => [steps().select(0, 0), N(3, 3), N(3, 3)],
    call: (module: torch.nn.LSTMCell, t, h, c) => module(t, [h, c]),
  },
  'LSTMCell single': {
    build: () => new nn.LSTMCell(2, 3, { bias: false }),
    inputs: () => [steps().select(0, 0).select(0, 0)],
  },
  GRUCell: { build: () => new nn.GRUCell(2, 3), inputs: () => [steps().select(0, 0), N(3, 3)] },
};

const q = (): torch.Tensor => N(3, 2, 4);
const k = (): torch.Tensor => N(5, 2, 4);
const above = (size: number): torch.Tensor => nn.Transformer.generate_square_subsequent_mask(size).double();
const padding = (): torch.Tensor => torch.tensor([[false, false, false], [false, false, true]]); // prettier-ignore

type Attention = torch.nn.MultiheadAttention;

const attention: Record<string, Case> = {
  attention: {
    build: () => new nn.MultiheadAttention(4, 2),
    inputs: () => [q()],
    call: (module: Attention, t) => module(t, t, t),
  },
  'attention cross': {
    build: () => new nn.MultiheadAttention(4, 2),
    inputs: () => [q(), k(), k()],
  },
  'attention memory': {
    build: () => new nn.MultiheadAttention(4, 2, { bias: false }),
    inputs: () => [q(), k()],
    call: (module: Attention, a, b) => module(a, b, b),
  },
  'attention dims': {
    build: () => new nn.MultiheadAttention(4, 2, { kdim: 3, vdim: 5 }),
    inputs: () => [q(), N(5, 2, 3), N(5, 2, 5)],
  },
  'attention masks': {
    build: () => new nn.MultiheadAttention(4, 2, { add_bias_kv: true, add_zero_attn: true }),
    inputs: () => [q()],
    call: (module: Attention, t) =>
      module(t, t, t, {
        attn_mask: above(3),
        key_padding_mask: padding(),
        average_attn_weights: false,
      }),
  },
  'attention bool': {
    build: () => new nn.MultiheadAttention(4, 4, { batch_first: true }),
    inputs: () => [q()],
    call: (module: Attention, t) =>
      module(t, t, t, { attn_mask: torch.tensor([[false, true], [false, false]]) }), // prettier-ignore
  },
  'attention dropout': {
    build: () => new nn.MultiheadAttention(4, 2, { dropout: 0.3 }),
    inputs: () => [q()],
    call: (module: Attention, t) => module(t, t, t, { need_weights: false }),
  },
  'attention single': {
    build: () => new nn.MultiheadAttention(4, 2),
    inputs: () => [q().select(1, 0)],
    call: (module: Attention, t) => module(t, t, t, padding().select(0, 1)),
  },
};

const options = { dim_feedforward: 6 };
const ends = (): torch.Tensor => torch.tensor([[false, false, true, true], [false, true, true, true]]); // prettier-ignore

function encoder(more: torch.nn.TransformerLayerOptions = {}): torch.nn.TransformerEncoder {
  const layer = new nn.TransformerEncoderLayer(4, 2, { ...options, batch_first: true, ...more });
  return new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(4));
}

const transformers: Record<string, Case> = {
  'encoder layer': { build: () => new nn.TransformerEncoderLayer(4, 2, options), inputs: () => [q()] },
  'encoder layer norm first': {
    build: () =>
      new nn.TransformerEncoderLayer(4, 2, { ...options, dropout: 0, activation: 'gelu', norm_first: true }),
    inputs: () => [q()],
    call: (module: torch.nn.TransformerEncoderLayer, t) =>
      module(t, { src_mask: above(3), src_key_padding_mask: padding() }),
  },
  'encoder layer module': {
    build: () => new nn.TransformerEncoderLayer(4, 2, 6, 0.2, new nn.PReLU(), 1e-3, true),
    inputs: () => [q()],
  },
  'decoder layer': {
    build: () => new nn.TransformerDecoderLayer(4, 2, options),
    inputs: () => [q(), k()],
    call: (module: torch.nn.TransformerDecoderLayer, a, b) =>
      module(a, b, { tgt_mask: above(3), tgt_key_padding_mask: padding() }),
  },
  'decoder layer norm first': {
    build: () => new nn.TransformerDecoderLayer(4, 2, { ...options, norm_first: true, batch_first: true }),
    inputs: () => [q().transpose(0, 1), k().transpose(0, 1)],
  },
  encoder: {
    build: () => encoder({ dropout: 0.1 }),
    inputs: () => [N(2, 4, 4)],
    call: (module: torch.nn.TransformerEncoder, t) => module(t, { src_key_padding_mask: ends() }),
  },
  'encoder eval': {
    build: () => encoder(),
    inputs: () => [N(2, 4, 4)],
    train: false,
    call: (module: torch.nn.TransformerEncoder, t) =>
      torch.no_grad(() => module(t, { src_key_padding_mask: ends() })),
  },
  'encoder holes': {
    build: () => encoder(),
    inputs: () => [N(2, 4, 4)],
    train: false,
    call: (module: torch.nn.TransformerEncoder, t) =>
      torch.no_grad(() => module(t, { src_key_padding_mask: ends().flip(1) })),
  },
  decoder: {
    build: () => new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, options), 2),
    inputs: () => [q(), k()],
  },
  transformer: {
    build: () => new nn.Transformer(4, 2, 1, 2, options),
    inputs: () => [k(), q()],
    call: (module: torch.nn.Transformer, a, b) => module(a, b, { tgt_mask: above(3) }),
  },
};

const others: Record<string, Case> = {
  parameters: {
    build: () => new nn.ParameterDict({ b: torch.ones(2, 3), a: torch.ones(1) }),
    inputs: () => [],
    call: () => [],
  },
  'adaptive softmax': {
    build: () => new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], 2),
    inputs: () => [N(6, 8), L(0, 2, 3, 6, 7, 11)],
    call: (module: torch.nn.AdaptiveLogSoftmaxWithLoss, t, y) => [
      ...module(t, y),
      module.log_prob(t),
      module.predict(t),
    ],
  },
};

const { weight_norm, spectral_norm, remove_weight_norm, remove_spectral_norm, fuse_conv_bn_eval } = nn.utils;
const image = (): torch.Tensor[] => [N(2, 2, 4, 4)];
const row = (): torch.Tensor[] => [N(5, 3)];

function twice(module: torch.nn.Module, t: torch.Tensor): torch.Tensor {
  module(t);
  return module(t);
}

/** A batch norm in evaluation with statistics and weights to see. */
function told<B extends torch.nn.BatchNorm1d>(norm: B): B {
  norm.double().eval();
  torch.no_grad(() => {
    norm.running_mean!.copy_(noise(norm.running_mean!.shape));
    norm.running_var!.copy_(noise(norm.running_var!.shape).abs().add(0.5));
    norm.weight!.copy_(noise(norm.weight!.shape, 5));
  });
  return norm;
}

const computed: Record<string, Case> = {
  'weight norm': { build: () => weight_norm(new nn.Linear(3, 2).double()), inputs: row, call: twice },
  'weight norm conv': {
    build: () => weight_norm(new nn.Conv2d(2, 3, 2).double(), { dim: 1 }),
    inputs: image,
  },
  'weight norm whole': {
    build: () => weight_norm(new nn.Linear(3, 2).double(), 'weight', null),
    inputs: row,
  },
  'weight norm lstm': {
    build: () => weight_norm(new nn.LSTM(2, 3).double(), 'weight_hh_l0'),
    inputs: () => [steps()],
  },
  'weight norm removed': {
    build: () => remove_weight_norm(weight_norm(new nn.Linear(3, 2).double())),
    inputs: row,
  },
  'spectral norm': { build: () => spectral_norm(new nn.Linear(3, 2).double()), inputs: row, call: twice },
  'spectral norm eval': {
    build: () => spectral_norm(new nn.Linear(3, 2).double()),
    inputs: row,
    train: false,
  },
  'spectral norm transposed': {
    build: () => spectral_norm(new nn.ConvTranspose2d(2, 3, 2).double(), { n_power_iterations: 3 }),
    inputs: image,
  },
  'spectral norm removed': {
    build: () => remove_spectral_norm(spectral_norm(new nn.Conv2d(2, 3, 2).double())),
    inputs: image,
  },
  'fused conv': {
    build: () =>
      fuse_conv_bn_eval(new nn.Conv2d(2, 3, 2, { bias: false }).double().eval(), told(new nn.BatchNorm2d(3))),
    inputs: image,
    train: false,
  },
  'fused transposed': {
    build: () =>
      fuse_conv_bn_eval(new nn.ConvTranspose2d(2, 3, 2).double().eval(), told(new nn.BatchNorm2d(3)), true),
    inputs: image,
    train: false,
  },
  'fused linear': {
    build: () =>
      nn.utils.fusion.fuse_linear_bn_eval(new nn.Linear(3, 2).double().eval(), told(new nn.BatchNorm1d(2))),
    inputs: row,
    train: false,
  },
};

export const cases: Record<string, Case> = {
  ...computed,
  ...norms,
  ...activations,
  ...recurrent,
  ...attention,
  ...transformers,
  ...others,
};
