import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { zeros } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import { gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell } from '../ops/rnn_cell.js';
import { squeeze, unsqueeze } from '../ops/view.js';
import type { Tensor } from '../tensor.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface RNNCellOptions extends FactoryOptions {
  /** Default true. */
  bias?: boolean;
}

/** What the cells have in common. */
export abstract class RNNCellBase extends Module {
  input_size: number;
  hidden_size: number;
  bias: boolean;
  /** [gates · hidden_size, input_size] */
  declare weight_ih: Parameter;
  /** [gates · hidden_size, hidden_size] */
  declare weight_hh: Parameter;
  declare bias_ih: Parameter | null;
  declare bias_hh: Parameter | null;

  constructor(
    input_size: number,
    hidden_size: number,
    bias: boolean,
    num_chunks: number,
    device: string | null,
    dtype: DType | null,
  ) {
    super();
    checkDevice(device);
    this.input_size = input_size;
    this.hidden_size = hidden_size;
    this.bias = bias;
    const rows = num_chunks * hidden_size;
    this.weight_ih = emptyParameter([rows, input_size], dtype);
    this.weight_hh = emptyParameter([rows, hidden_size], dtype);
    this.register_parameter('bias_ih', bias ? emptyParameter([rows], dtype) : null);
    this.register_parameter('bias_hh', bias ? emptyParameter([rows], dtype) : null);
    this.reset_parameters();
  }

  /** Draws new weights: uniform in ±1/√hidden_size, in the order of the parameters. */
  reset_parameters(): void {
    const bound = this.hidden_size > 0 ? 1 / Math.sqrt(this.hidden_size) : 0;
    for (const parameter of this.parameters()) init.uniform_(parameter, -bound, bound);
  }

  /** @internal Runs a step on batched tensors: states that are not given are zeros. */
  protected step(
    input: Tensor,
    given: readonly Tensor[] | null,
    states: number,
    run: (x: Tensor, states: Tensor[]) => Tensor[],
  ): Tensor[] {
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new RuntimeError(
        `${this._get_name()}: Expected input to be 1-D or 2-D but received ${input.ndim}-D tensor`,
      );
    }
    const batched = input.ndim === 2;
    const x = batched ? input : unsqueeze(input, 0);
    const start =
      given === null
        ? new Array<Tensor>(states).fill(zeros(x.shape[0], this.hidden_size, { dtype: x.dtype }))
        : given.map((t) => (batched ? t : unsqueeze(t, 0)));
    const out = run(x, start);
    return batched ? out : out.map((t) => squeeze(t, 0));
  }

  /** @internal */
  protected get parameterList(): [Tensor, Tensor, Tensor | null, Tensor | null] {
    return [this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh];
  }

  override extra_repr(): string {
    return `${this.input_size}, ${this.hidden_size}${this.bias ? '' : ', bias=False'}`;
  }
}

type CellArgs<O extends unknown[], K> =
  | [input_size: number, hidden_size: number, ...rest: Args<[], O, K>]
  | [options: K & { input_size: number; hidden_size: number }];

const SIZES = 'int input_size, int hidden_size, bool bias=True';

const RNN_CELL = signature(`RNNCell(${SIZES}, str nonlinearity='tanh', ${FACTORY})`);

/**
 * One step of an RNN: tanh(w_ih·x + b_ih + w_hh·h + b_hh) of [B, input_size] and [B, hidden_size] (or without batch).
 *
 * @example
 * const cell = new nn.RNNCell(3, 4);
 * console.log(cell(torch.ones(2, 3), torch.zeros(2, 4)).shape); // [ 2, 4 ]
 */
export class RNNCell extends RNNCellBase {
  nonlinearity: 'tanh' | 'relu';

  constructor(
    ...args: CellArgs<
      [bias: boolean, nonlinearity: 'tanh' | 'relu'],
      RNNCellOptions & { nonlinearity?: 'tanh' | 'relu' }
    >
  ) {
    const [inputs, hidden, bias, kind, device, dtype] = RNN_CELL(args) as [
      number,
      number,
      boolean,
      'tanh' | 'relu',
      string | null,
      DType | null,
    ];
    super(inputs, hidden, bias, 1, device, dtype);
    this.nonlinearity = kind;
  }

  forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const { nonlinearity: kind } = this;
    if (kind !== 'tanh' && kind !== 'relu') {
      throw new RuntimeError(`Unknown nonlinearity: ${String(kind)}`);
    }
    const cell = kind === 'tanh' ? rnn_tanh_cell : rnn_relu_cell;
    const [out] = this.step(input, hx === null ? null : [hx], 1, (x, [h]) => [
      cell(x, h, ...this.parameterList),
    ]);
    return out;
  }

  override extra_repr(): string {
    return super.extra_repr() + (this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`);
  }
}

const LSTM_CELL = signature(`LSTMCell(${SIZES}, ${FACTORY})`);
const GRU_CELL = signature(`GRUCell(${SIZES}, ${FACTORY})`);

type Bound = [number, number, boolean, string | null, DType | null];

/**
 * One step of an LSTM, from [h, c] to the next.
 *
 * @example
 * const [h, c] = new nn.LSTMCell(3, 4)(torch.ones(2, 3));
 * console.log(h.shape, c.shape); // [ 2, 4 ] [ 2, 4 ]
 */
export class LSTMCell extends RNNCellBase {
  constructor(...args: CellArgs<[bias: boolean], RNNCellOptions>) {
    const [inputs, hidden, bias, device, dtype] = LSTM_CELL(args) as Bound;
    super(inputs, hidden, bias, 4, device, dtype);
  }

  forward(input: Tensor, hx: readonly [h: Tensor, c: Tensor] | null = null): [h: Tensor, c: Tensor] {
    const run = (x: Tensor, states: Tensor[]): Tensor[] => lstm_cell(x, states, ...this.parameterList);
    return this.step(input, hx, 2, run) as [Tensor, Tensor];
  }
}

/** One step of a GRU, from h to the next. */
export class GRUCell extends RNNCellBase {
  constructor(...args: CellArgs<[bias: boolean], RNNCellOptions>) {
    const [inputs, hidden, bias, device, dtype] = GRU_CELL(args) as Bound;
    super(inputs, hidden, bias, 3, device, dtype);
  }

  forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const [out] = this.step(input, hx === null ? null : [hx], 1, (x, [h]) => [
      gru_cell(x, h, ...this.parameterList),
    ]);
    return out;
  }
}
