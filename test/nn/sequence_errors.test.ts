// What wrong use of sequence layers says (in torch's words where torch raises), and what packed sequences, containers and tables do
// besides computing.
import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { flat } from './recorded.js';

const { nn } = torch;
const { rnn } = nn.utils;
const ones = (...shape: number[]): torch.Tensor => torch.ones(shape);

describe('recurrent layers', () => {
  const lstm = new nn.LSTM(3, 4);
  const gru = new nn.GRU(3, 4, 2, { bidirectional: true });

  test.each([
    [() => lstm(ones(5, 2, 2)), 'input.size(-1) must be equal to input_size. Expected 3, got 2'],
    [() => lstm(ones(5, 2, 3, 1)), 'input must have 3 dimensions, got 4'],
    [
      () => lstm(ones(5, 2, 3), [ones(1, 3, 4), ones(1, 2, 4)]),
      'Expected hidden[0] size (1, 2, 4), got [1, 3, 4]',
    ],
    [
      () => lstm(ones(5, 2, 3), [ones(1, 2, 4), ones(1, 3, 4)]),
      'Expected hidden[1] size (1, 2, 4), got [1, 3, 4]',
    ],
    [
      () => lstm(ones(5, 2, 3), [ones(2, 4), ones(2, 4)]),
      'For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors',
    ],
    [
      () => lstm(ones(5, 3), [ones(1, 1, 4), ones(1, 1, 4)]),
      'For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 3-D) tensors',
    ],
    [() => gru(ones(5, 2, 3), ones(2, 2, 4)), 'Expected hidden size (4, 2, 4), got [2, 2, 4]'],
    [
      () => gru(ones(5, 3), ones(2, 2, 4)),
      'For unbatched 2-D input, hx should also be 2-D but got 3-D tensor',
    ],
    [() => gru(ones(0, 2, 3)), 'Expected sequence length to be larger than 0 in RNN'],
    [() => lstm(ones(5, 2, 3).double()), 'mat1 and mat2 must have the same dtype'],
    [() => new nn.LSTM(3, 4, { dropout: 2 }), 'dropout should be a number in range [0, 1]'],
    [() => new nn.LSTM(3, 4, { proj_size: 5 }), 'proj_size has to be smaller than hidden_size'],
    [() => new nn.LSTM(3, 4, { proj_size: -1 }), 'proj_size should be a positive integer or zero'],
    [
      () => new nn.GRU(3, 4, { proj_size: 1 } as never),
      'proj_size argument is only supported for LSTM, not RNN or GRU',
    ],
    [() => new nn.RNN(3, 4, { nonlinearity: 'sin' as 'tanh' }), "Unknown nonlinearity 'sin'"],
    [() => new nn.LSTM(3, 4, { layers: 2 } as never), "unexpected keyword argument 'layers'"],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });

  test('dropout with one layer warns', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    new nn.GRU(3, 4, { dropout: 0.5 });
    expect(warn.mock.calls[0][0]).toContain('non-zero dropout expects num_layers greater than 1');
    warn.mockRestore();
  });

  test('of no sequences', () => {
    const [output, [h, c]] = lstm(ones(5, 0, 3));
    expect([output.shape, h.shape, c.shape]).toEqual([
      [5, 0, 4],
      [1, 0, 4],
      [1, 0, 4],
    ]);
  });

  test('all_weights', () => {
    expect(gru.all_weights.map((weights) => weights.length)).toEqual([4, 4, 4, 4]);
    expect(gru.all_weights[3][0].shape).toEqual([12, 8]);
  });

  test('a step of a layer is a step of a cell', () => {
    const cell = new nn.LSTMCell(3, 4);
    const state = Object.entries(cell.state_dict()).map(([name, t]) => [`${name}_l0`, t] as const);
    const layer = new nn.LSTM(3, 4);
    layer.load_state_dict(Object.fromEntries(state));
    const x = torch.randn(2, 3);
    const [h] = cell(x);
    expect(flat(layer(x.unsqueeze(0))[0])).toEqual(flat(h));
  });

  test('keep nothing of a call under no_grad but its results', () => {
    const x = torch.randn(50, 2, 3);
    const run = (): void => torch.tidy(() => torch.no_grad(() => void gru(x)));
    run();
    const before = torch.memory_stats().allocated_bytes;
    run();
    expect(torch.memory_stats().allocated_bytes).toBe(before);
  });
});

describe('cells', () => {
  test.each([
    [() => new nn.LSTMCell(3, 4)(ones(2, 2)), 'input has inconsistent input_size: got 2 expected 3'],
    [
      () => new nn.LSTMCell(3, 4)(ones(2, 3), [ones(3, 4), ones(2, 4)]),
      "Input batch size 2 doesn't match hidden0 batch size 3",
    ],
    [
      () => new nn.GRUCell(3, 4)(ones(2, 3), ones(2, 5)),
      'hidden0 has inconsistent hidden_size: got 5, expected 4',
    ],
    [
      () => new nn.GRUCell(3, 4)(ones(2, 3, 1)),
      'GRUCell: Expected input to be 1-D or 2-D but received 3-D tensor',
    ],
    [() => new nn.RNNCell(3, 4)(ones(2, 3).double()), 'mat1 and mat2 must have the same dtype'],
    [() => new nn.RNNCell(3, 4, true, 'sin' as 'tanh')(ones(2, 3)), 'Unknown nonlinearity: sin'],
    [() => torch.lstm_cell(ones(2, 3), [ones(2, 4)], ones(16, 3), ones(16, 4)), 'two hidden states'],
    [() => torch.gru_cell(ones(2, 3), ones(2, 4), ones(16, 3), ones(12, 4)), 'expected 12 rows of weights'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('packed sequences', () => {
  const padded = torch.keep(torch.tensor([[1, 2, 3], [4, 5, 0], [6, 0, 0]])); // prettier-ignore

  test('there and back', () => {
    const packed = rnn.pack_padded_sequence(padded, [3, 2, 1], true);
    expect([packed.data.tolist(), packed.batch_sizes.tolist()]).toEqual([
      [1, 4, 6, 2, 5, 3],
      [3, 2, 1],
    ]);
    expect([packed.sorted_indices, packed.unsorted_indices]).toEqual([null, null]);
    const [back, lengths] = rnn.pad_packed_sequence(packed, { batch_first: true });
    expect([back.tolist(), lengths.tolist()]).toEqual([padded.tolist(), [3, 2, 1]]);
    const [longer] = rnn.pad_packed_sequence(packed, { padding_value: -1, total_length: 4 });
    expect(longer.tolist()).toEqual([
      [1, 4, 6],
      [2, 5, -1],
      [3, -1, -1],
      [-1, -1, -1],
    ]);
    expect(rnn.unpack_sequence(packed).map((t) => t.tolist())).toEqual([[1, 2, 3], [4, 5], [6]]);
    expect(rnn.unpad_sequence(padded.t(), [3, 1, 1]).map((t) => t.tolist())).toEqual([[1, 2, 3], [4], [6]]);
  });

  test('of any order', () => {
    const packed = rnn.pack_sequence([ones(1), ones(2)], { enforce_sorted: false });
    expect(String(packed)).toBe(
      'PackedSequence(data=tensor([1., 1., 1.]), batch_sizes=tensor([2, 1]), sorted_indices=tensor([1, 0]), ' +
        'unsorted_indices=tensor([1, 0]))',
    );
    const [data, , sorted, unsorted] = packed.to(torch.float64);
    expect([String(data!.dtype), sorted, unsorted]).toEqual([
      'torch.float64',
      packed.sorted_indices,
      packed.unsorted_indices,
    ]);
    expect(packed.to(torch.float32)).toBe(packed);
  });

  test('live on when the scope that returns them ends', () => {
    const packed = torch.tidy(() => rnn.pack_sequence([ones(2), ones(1)]));
    expect(packed.data.tolist()).toEqual([1, 1, 1]);
  });

  test('errors', () => {
    const x = ones(3, 2, 1);
    expect(() => rnn.pack_padded_sequence(x, [2, 3])).toThrow(
      '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True.',
    );
    expect(() => rnn.pack_padded_sequence(x, [3, 0])).toThrow(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
    expect(() => rnn.pack_padded_sequence(x, [3])).toThrow(
      'Expected `len(lengths)` to be equal to batch_size, but got 1 (batch_size=2)',
    );
    expect(() => rnn.pack_padded_sequence(x, [4, 1])).toThrow('more than the 3 steps');
    expect(() => rnn.pack_padded_sequence(x, torch.tensor([[3, 1]]))).toThrow(
      "'lengths' argument should be a 1D CPU int64 tensor, but got 2D cpu Long tensor",
    );
    expect(() => rnn.pack_padded_sequence(ones(0, 2, 1), [0, 0])).toThrow('Cannot pack empty tensors.');
    expect(() => rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [3, 1]), { total_length: 2 })).toThrow(
      'Expected total_length to be at least the length of the longest sequence in input',
    );
    expect(() => rnn.pad_sequence([])).toThrow('received an empty list of sequences');
  });
});

describe('attention', () => {
  const attention = new nn.MultiheadAttention(4, 2);
  const x = torch.keep(ones(3, 2, 4));

  test.each([
    [() => new nn.MultiheadAttention(4, 3), 'embed_dim must be divisible by num_heads'],
    [
      () => attention(ones(3), ones(3), ones(3)),
      'query should be unbatched 2D or batched 3D tensor but received 1-D query tensor',
    ],
    [
      () => attention(x, ones(3, 4), ones(3, 4)),
      'For batched (3-D) `query`, expected `key` and `value` to be 3-D but found 2-D and 2-D tensors respectively',
    ],
    [() => attention(x, ones(3, 2, 4), ones(2, 2, 4)), 'does not match value shape torch.Size([2, 2, 4])'],
    [() => attention(ones(3, 2, 6), x, x), 'was expecting embedding dimension of 4, but got 6'],
    [
      () => attention(x, x, x, { attn_mask: ones(2, 3) }),
      'The shape of the 2D attn_mask is torch.Size([2, 3]), but should be (3, 3).',
    ],
    [
      () => attention(x, x, x, { attn_mask: ones(2, 3, 3) }),
      'The shape of the 3D attn_mask is torch.Size([2, 3, 3]), but should be (4, 3, 3).',
    ],
    [
      () => attention(x, x, x, { attn_mask: ones(3, 3).long() }),
      'Only float, byte, and bool types are supported for attn_mask, not torch.int64',
    ],
    [
      () => attention(x, x, x, { key_padding_mask: ones(2, 2).bool() }),
      'expecting key_padding_mask shape of (2, 3), but got torch.Size([2, 2])',
    ],
    [
      () => attention(x, x, x, { key_padding_mask: ones(2, 3).long() }),
      'only bool and floating types of key_padding_mask are supported',
    ],
    [() => attention(x, x, x, { mask: null } as never), "unexpected keyword argument 'mask'"],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });

  test('without weights', () => {
    expect(attention(x, x, x, { need_weights: false })[1]).toBe(null);
  });
});

describe('transformers', () => {
  const layer = new nn.TransformerEncoderLayer(4, 2, 6);

  test.each([
    [
      () => new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' as 'relu' }),
      'activation should be relu/gelu, not tanh',
    ],
    [() => new nn.TransformerEncoder(layer, 2, 3 as never), 'norm must be a Module or null, not number'],
    [
      () => new nn.TransformerEncoder(layer, 2, { norms: null } as never),
      "unexpected keyword argument 'norms'",
    ],
    [() => new nn.TransformerEncoder(3 as never, 2), 'number is not a Module subclass'],
    [
      () => new nn.Transformer(4, 2, 1, 1, 8)(ones(3, 2, 4), ones(3, 1, 4)),
      'the batch number of src and tgt',
    ],
    [
      () => new nn.Transformer(4, 2, 1, 1, 8)(ones(3, 2, 6), ones(3, 2, 4)),
      'the feature number of src and tgt must be equal to d_model',
    ],
    [() => layer(ones(3, 2, 4), { src_key_padding_mask: ones(2, 3).long() }), 'only bool and floating types'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });

  test('layers are copies', () => {
    const encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(4) });
    expect(Object.keys(encoder.state_dict()).length).toBe(26);
    const [first, second] = [...encoder.layers];
    expect(first).not.toBe(second);
    const own = [...second.parameters()].map(flat);
    expect([...first.parameters()].map(flat)).toEqual(own);
    expect([...layer.parameters()].map(flat)).toEqual(own);
    torch.no_grad(() => void [...first.parameters()][0].zero_());
    expect([...second.parameters()].map(flat)).toEqual(own);
  });

  test('an activation by any way', () => {
    const modules = [
      new nn.TransformerEncoderLayer(4, 2, 6, 0.1, torch.tanh),
      new nn.TransformerEncoderLayer(4, 2, { activation: (x) => x.tanh() }),
      new nn.TransformerEncoderLayer({ d_model: 4, nhead: 2, activation: new nn.Tanh() }),
    ];
    expect(modules.map((module) => [...module.children()].length)).toEqual([8, 8, 9]);
    const model = new nn.Transformer(4, 2, 1, 1, { activation: new nn.PReLU(), dim_feedforward: 6 });
    expect(model(ones(3, 2, 4), ones(2, 2, 4)).shape).toEqual([2, 2, 4]);
  });

  test('a custom encoder', () => {
    const custom = new nn.TransformerEncoder(layer, 1);
    const model = new nn.Transformer({ d_model: 4, nhead: 2, num_decoder_layers: 1, custom_encoder: custom });
    expect(model.encoder).toBe(custom);
  });
});

describe('tables and containers', () => {
  test('Embedding', () => {
    const rows = torch.randn(4, 2);
    const table = nn.Embedding.from_pretrained(rows);
    rows.fill_(3);
    expect(flat(table.weight)).toEqual(new Array(8).fill(3));
    expect(table.weight.requires_grad).toBe(false);
    expect(() => new nn.Embedding(4, 2, 4)).toThrow('Padding_idx must be within num_embeddings');
    expect(() => new nn.Embedding(4, 2, { _weight: torch.ones(3, 2) })).toThrow(
      'Shape of weight does not match num_embeddings and embedding_dim',
    );
    expect(() => nn.Embedding.from_pretrained(torch.ones(3))).toThrow('expected to be 2-dimensional');
    expect(nn.EmbeddingBag.from_pretrained(rows, { mode: 'sum' })(torch.tensor([[0, 1]])).tolist()).toEqual([
      [6, 6],
    ]);
  });

  test('norms', () => {
    expect(() => new nn.GroupNorm(3, 4)).toThrow('num_channels must be divisible by num_groups');
    expect(() => new nn.InstanceNorm2d(3)(torch.ones(2, 3))).toThrow(
      'expected 3D or 4D input (got 2D input)',
    );
    const state = { running_mean: torch.zeros(3), running_var: torch.ones(3) };
    expect(() => new nn.InstanceNorm1d(3).load_state_dict(state)).toThrow(
      'Unexpected running stats buffer(s) "running_mean" and "running_var" for InstanceNorm1d with ' +
        'track_running_stats=False.',
    );
    expect(() => new nn.Softmax2d()(torch.ones(2, 3))).toThrow('requires a 3D or 4D tensor');
  });

  test('ParameterDict', () => {
    const dict = new nn.ParameterDict(new Map([['b', ones(2)], ['a', ones(1)]])); // prettier-ignore
    expect([[...dict.keys()], [...dict], dict.size, dict.has('a')]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
      2,
      true,
    ]);
    expect(dict.get('c')).toBe(null);
    expect(dict.setdefault('c', ones(3)).shape).toEqual([3]);
    expect(dict.setdefault('c', ones(4)).shape).toEqual([3]);
    expect([...dict.copy().values()]).toEqual([...dict.values()]);
    expect(dict.popitem()[0]).toBe('c');
    expect(dict.pop('b').shape).toEqual([2]);
    expect([...dict.parameters()].length).toBe(1);
    expect(() => dict.pop('b')).toThrow("no parameter 'b'");
    dict.clear();
    expect(dict.size).toBe(0);
    expect(() => dict.popitem()).toThrow('ParameterDict is empty');
  });

  test('AdaptiveLogSoftmaxWithLoss', () => {
    expect(() => new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [7, 3])).toThrow('cutoffs should be a sequence');
    const softmax = new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7]);
    expect(() => softmax(ones(1, 8), torch.tensor([12]))).toThrow(
      'Target values should be in [0, 11], but values in range [12, 12] were found.',
    );
    expect(() => softmax(ones(2, 8), torch.tensor([1]))).toThrow('same size in the batch dimension');
    const { output, loss } = softmax(ones(8), torch.tensor(8));
    expect(output.shape).toEqual([]);
    expect(loss.item()).toBeCloseTo(-output.item(), 6);
    expect(softmax.log_prob(ones(1, 8)).exp().sum().item()).toBeCloseTo(1, 5);
    expect(softmax.head_size).toBe(5);
    const before = flat(softmax.head.weight);
    softmax.reset_parameters();
    expect(flat(softmax.head.weight)).not.toEqual(before);
  });
});
