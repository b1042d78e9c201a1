import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { zeros } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { index_select } from '../ops/gather.js';
import { stack } from '../ops/join.js';
import { checkDevice } from '../ops/make.js';
import { reshape, squeeze, transpose, unsqueeze } from '../ops/view.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as init from './init.js';
import { Module } from './module.js';
import { PackedSequence } from './packed_sequence.js';
import { emptyParameter } from './parameter.js';
import { pyFloat } from '../python_text.js';
import { runStack } from './rnn_stack.js';
import type { Mode, Weights } from './rnn_stack.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface RNNOptions extends FactoryOptions {
  /** Layers, each fed by the one before. Default 1. */
  num_layers?: number;
  /** Default true. */
  bias?: boolean;
  /** Whether inputs and outputs are [B, T, …] instead of [T, B, …]. Default false. */
  batch_first?: boolean;
  /** Probability of dropout between layers, in training. Default 0. */
  dropout?: number;
  /** Whether a second direction runs from the end. Default false. */
  bidirectional?: boolean;
}

type RNNRest = [
  num_layers: number,
  bias: boolean,
  batch_first: boolean,
  dropout: number,
  bidirectional: boolean,
];

type RNNArgs<K = RNNOptions> =
  | [input_size: number, hidden_size: number, ...rest: Args<[], RNNRest, K>]
  | [options: K & { input_size: number; hidden_size: number }];

type Bound = [number, number, ...RNNRest, number, string | null, DType | null];

const SIZES =
  'int input_size, int hidden_size, int num_layers=1, bool bias=True, bool batch_first=False, float dropout=0.0, ' +
  'bool bidirectional=False, int proj_size=0';

const GATES: Record<Mode, number> = { LSTM: 4, GRU: 3, RNN_TANH: 1, RNN_RELU: 1 };

type Input = Tensor | PackedSequence;

/** What RNN, LSTM and GRU have in common. */
export abstract class RNNBase extends Module {
  mode: Mode;
  input_size: number;
  hidden_size: number;
  num_layers: number;
  bias: boolean;
  batch_first: boolean;
  dropout: number;
  bidirectional: boolean;
  proj_size: number;

  constructor(mode: Mode, bound: unknown[]) {
    super();
    const [inputs, hidden, layers, bias, batchFirst, dropout, bidirectional, projection, device, dtype] =
      bound as Bound;
    checkDevice(device);
    this.mode = mode;
    this.input_size = inputs;
    this.hidden_size = hidden;
    this.num_layers = layers;
    this.bias = bias;
    this.batch_first = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.proj_size = projection;
    this.checkSizes();
    const outputs = projection > 0 ? projection : hidden;
    const rows = GATES[mode] * hidden;
    for (let layer = 0; layer < layers; layer++) {
      const width = layer === 0 ? inputs : outputs * this.directions;
      for (const suffix of this.suffixes(layer)) {
        const add = (name: string, shape: number[]): void =>
          this.register_parameter(`${name}_${suffix}`, emptyParameter(shape, dtype));
        add('weight_ih', [rows, width]);
        add('weight_hh', [rows, outputs]);
        if (bias) {
          add('bias_ih', [rows]);
          add('bias_hh', [rows]);
        }
        if (projection > 0) add('weight_hr', [projection, hidden]);
      }
    }
    this.reset_parameters();
  }

  private checkSizes(): void {
    const { dropout, num_layers: layers, proj_size: projection, hidden_size: hidden } = this;
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new ValueError(
        'dropout should be a number in range [0, 1] representing the probability of an element being zeroed',
      );
    }
    if (dropout > 0 && layers === 1) {
      console.warn(
        'dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than ' +
          `1, but got dropout=${dropout} and num_layers=1`,
      );
    }
    if (projection < 0) {
      throw new ValueError('proj_size should be a positive integer or zero to disable projections');
    }
    if (projection >= hidden) throw new ValueError('proj_size has to be smaller than hidden_size');
    if (layers < 1) throw new ValueError(`num_layers must be positive, got ${layers}`);
  }

  /** @internal */
  protected get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  private suffixes(layer: number): string[] {
    return this.bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`];
  }

  /** Draws new weights: uniform in ±1/√hidden_size, in the order of the parameters. */
  reset_parameters(): void {
    const bound = 1 / Math.sqrt(this.hidden_size);
    for (const parameter of this.parameters()) init.uniform_(parameter, -bound, bound);
  }

  /** For each direction of each layer its parameters. */
  get all_weights(): Tensor[][] {
    return this.stack().flatMap((directions) =>
      directions.map((weights) => Object.values(weights).filter((w): w is Tensor => w !== null)),
    );
  }

  private stack(): Weights[][] {
    // Fields, since a weight may be one that is computed from others (weight_norm).
    const fields = this as unknown as Readonly<Record<string, Tensor | undefined>>;
    const get = (name: string): Tensor | null => fields[name] ?? null;
    return Array.from({ length: this.num_layers }, (_, layer) =>
      this.suffixes(layer).map((suffix) => ({
        w_ih: get(`weight_ih_${suffix}`)!,
        w_hh: get(`weight_hh_${suffix}`)!,
        b_ih: get(`bias_ih_${suffix}`),
        b_hh: get(`bias_hh_${suffix}`),
        w_hr: get(`weight_hr_${suffix}`),
      })),
    );
  }

  /** @internal Sizes of one step's states: h, and c of an LSTM. */
  protected get stateSizes(): number[] {
    return [this.hidden_size];
  }

  /** @internal What a wrong number of dimensions of the states says. */
  protected abstract checkStateDims(states: readonly Tensor[], batched: boolean): void;

  /** @internal Output and final states, for an input and states (or none) of any of the accepted forms. */
  protected run(input: Input, given: readonly Tensor[] | null): { output: Input; finals: Tensor[] } {
    return input instanceof PackedSequence ? this.runPacked(input, given) : this.runPadded(input, given);
  }

  private runPacked(
    input: PackedSequence,
    given: readonly Tensor[] | null,
  ): { output: Input; finals: Tensor[] } {
    const { data, batch_sizes: batchSizes, sorted_indices: sorted, unsorted_indices: unsorted } = input;
    const sizes = batchSizes.tolist() as number[];
    this.checkInput(data, 2);
    const order = (t: Tensor, by: Tensor | null): Tensor => (by === null ? t : index_select(t, 1, by));
    const states = given?.map((t) => order(t, sorted)) ?? null;
    const { output, finals } = this.runSteps(data, sizes, this.startStates(data, sizes[0], states));
    return {
      output: new PackedSequence(output, batchSizes, sorted, unsorted),
      finals: finals.map((t) => order(t, unsorted)),
    };
  }

  private runPadded(input: Tensor, given: readonly Tensor[] | null): { output: Tensor; finals: Tensor[] } {
    const batched = input.ndim !== 2;
    const batchDim = this.batch_first ? 0 : 1;
    const x = batched ? input : unsqueeze(input, batchDim);
    if (given !== null) this.checkStateDims(given, batched);
    const states = given?.map((t) => (batched ? t : unsqueeze(t, 1))) ?? null;
    this.checkInput(x, 3);
    const steps = this.batch_first ? transpose(x, 0, 1) : x;
    const [T, B, width] = steps.shape as [number, number, number];
    const start = this.startStates(x, B, states);
    if (T === 0) throw new RuntimeError('Expected sequence length to be larger than 0 in RNN');
    const sizes = new Array<number>(T).fill(B);
    const { output: rows, finals } = this.runSteps(reshape(steps, [T * B, width]), sizes, start);
    const whole = reshape(rows, [T, B, rows.shape[1]]);
    const output = this.batch_first ? transpose(whole, 0, 1) : whole;
    if (batched) return { output, finals };
    return { output: squeeze(output, batchDim), finals: finals.map((t) => squeeze(t, 1)) };
  }

  private checkInput(input: Tensor, ndim: number): void {
    if (input.ndim !== ndim) {
      throw new RuntimeError(`input must have ${ndim} dimensions, got ${input.ndim}`);
    }
    const width = input.shape[ndim - 1];
    if (width !== this.input_size) {
      throw new RuntimeError(
        `input.size(-1) must be equal to input_size. Expected ${this.input_size}, got ${width}`,
      );
    }
  }

  private startStates(input: Tensor, batch: number, given: readonly Tensor[] | null): Tensor[] {
    const expected = this.stateSizes.map((size) => [this.num_layers * this.directions, batch, size]);
    if (given === null) return expected.map((shape) => zeros(shape, { dtype: input.dtype }));
    given.forEach((state, i) => {
      if (showShape(state.shape) === showShape(expected[i])) return;
      const which = given.length === 1 ? 'hidden' : `hidden[${i}]`;
      throw new RuntimeError(
        `Expected ${which} size (${expected[i].join(', ')}), got ${showShape(state.shape)}`,
      );
    });
    return [...given];
  }

  private runSteps(
    data: Tensor,
    sizes: readonly number[],
    start: readonly Tensor[],
  ): { output: Tensor; finals: Tensor[] } {
    const each = start.map((t) => t.unbind(0));
    const layers = this.stack();
    const { output, finals } = runStack(
      { mode: this.mode, layers, dropout: this.training ? this.dropout : 0 },
      data,
      sizes,
      each[0].map((_, i) => each.map((states) => states[i])),
    );
    return { output, finals: start.map((_, i) => stack(finals.map((state) => state[i]))) };
  }

  override extra_repr(): string {
    let text = `${this.input_size}, ${this.hidden_size}`;
    if (this.proj_size !== 0) text += `, proj_size=${this.proj_size}`;
    if (this.num_layers !== 1) text += `, num_layers=${this.num_layers}`;
    if (!this.bias) text += ', bias=False';
    if (this.batch_first) text += ', batch_first=True';
    if (this.dropout !== 0) text += `, dropout=${pyFloat(this.dropout)}`;
    if (this.bidirectional) text += ', bidirectional=True';
    return text;
  }
}

/** RNN and GRU, whose state is one tensor. */
abstract class OneState extends RNNBase {
  protected override checkStateDims([h]: readonly Tensor[], batched: boolean): void {
    const expected = batched ? 3 : 2;
    if (h.ndim === expected) return;
    const kind = batched ? 'batched 3-D' : 'unbatched 2-D';
    throw new RuntimeError(`For ${kind} input, hx should also be ${expected}-D but got ${h.ndim}-D tensor`);
  }

  forward(input: Input, hx: Tensor | null = null): [output: Input, h_n: Tensor] {
    const { output, finals } = this.run(input, hx === null ? null : [hx]);
    return [output, finals[0]];
  }
}

function noProjection(bound: unknown[], given: unknown[]): unknown[] {
  const options = given[given.length - 1];
  if (typeof options === 'object' && options !== null && 'proj_size' in options) {
    throw new ValueError('proj_size argument is only supported for LSTM, not RNN or GRU');
  }
  return bound;
}

export interface ElmanOptions extends RNNOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu';
}

const RNN_SIGNATURE = signature(`RNN(${SIZES}, ${FACTORY}, *, str nonlinearity='tanh')`);

/**
 * Recurrent network: h = tanh(w_ih·x + b_ih + w_hh·h + b_hh) over the steps of [T, B, input_size] (without batch [T, input_size]) or
 * of a PackedSequence. Gives the h of each step and the last ones of each layer and direction.
 *
 * @example
 * const rnn = new nn.RNN(3, 4, { num_layers: 2 });
 * const [output, h_n] = rnn(torch.randn(5, 2, 3));
 * console.log(output.shape, h_n.shape); // [ 5, 2, 4 ] [ 2, 2, 4 ]
 */
export class RNN extends OneState {
  nonlinearity: 'tanh' | 'relu';

  constructor(...args: RNNArgs<ElmanOptions>) {
    const bound = RNN_SIGNATURE(args);
    const kind = bound.pop() as 'tanh' | 'relu';
    if (kind !== 'tanh' && kind !== 'relu') throw new ValueError(`Unknown nonlinearity '${String(kind)}'`);
    super(kind === 'tanh' ? 'RNN_TANH' : 'RNN_RELU', noProjection(bound, args));
    this.nonlinearity = kind;
  }
}

/** Called with a tensor, an RNN gives one; with a PackedSequence, a PackedSequence. */
export interface RNN {
  (input: Tensor, hx?: Tensor | null): [output: Tensor, h_n: Tensor];
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, h_n: Tensor];
}

const GRU_SIGNATURE = signature(`GRU(${SIZES}, ${FACTORY})`);

/**
 * Gated recurrent units: r = σ(…), z = σ(…), n = tanh(w_in·x + b_in + r·(w_hn·h + b_hn)), h = (1 − z)·n + z·h. Arguments and
 * results as those of RNN.
 *
 * @example
 * const gru = new nn.GRU(3, 4, { batch_first: true, bidirectional: true });
 * const [output, h_n] = gru(torch.randn(2, 5, 3));
 * console.log(output.shape, h_n.shape); // [ 2, 5, 8 ] [ 2, 2, 4 ]
 */
export class GRU extends OneState {
  constructor(...args: RNNArgs) {
    super('GRU', noProjection(GRU_SIGNATURE(args), args));
  }
}

export interface GRU {
  (input: Tensor, hx?: Tensor | null): [output: Tensor, h_n: Tensor];
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, h_n: Tensor];
}

export interface LSTMOptions extends RNNOptions {
  /** Projects h to this size where it is not 0. */
  proj_size?: number;
}

const LSTM_SIGNATURE = signature(`LSTM(${SIZES}, ${FACTORY})`);

type LSTMState = readonly [h: Tensor, c: Tensor];

/**
 * Long short-term memory: c = σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c), with gates i, f, g, o = w_ih·x + b_ih + w_hh·h + b_hh. Arguments
 * and results as those of RNN, with states [h, c].
 *
 * @example
 * const lstm = new nn.LSTM(3, 4);
 * const [output, [h_n, c_n]] = lstm(torch.randn(5, 2, 3));
 * console.log(output.shape, h_n.shape, c_n.shape); // [ 5, 2, 4 ] [ 1, 2, 4 ] [ 1, 2, 4 ]
 */
export class LSTM extends RNNBase {
  constructor(...args: RNNArgs<LSTMOptions> | Args<[number, number], [...RNNRest, number], LSTMOptions>) {
    super('LSTM', LSTM_SIGNATURE(args));
  }

  protected override get stateSizes(): number[] {
    return [this.proj_size > 0 ? this.proj_size : this.hidden_size, this.hidden_size];
  }

  protected override checkStateDims([h, c]: readonly Tensor[], batched: boolean): void {
    const expected = batched ? 3 : 2;
    if (h.ndim === expected && c.ndim === expected) return;
    const kind = batched ? 'batched 3-D' : 'unbatched 2-D';
    throw new RuntimeError(
      `For ${kind} input, hx and cx should also be ${expected}-D but got (${h.ndim}-D, ${c.ndim}-D) tensors`,
    );
  }

  forward(input: Input, hx: LSTMState | null = null): [output: Input, states: [h_n: Tensor, c_n: Tensor]] {
    const { output, finals } = this.run(input, hx);
    return [output, finals as [Tensor, Tensor]];
  }
}

export interface LSTM {
  (input: Tensor, hx?: LSTMState | null): [output: Tensor, states: [h_n: Tensor, c_n: Tensor]];
  (
    input: PackedSequence,
    hx?: LSTMState | null,
  ): [output: PackedSequence, states: [h_n: Tensor, c_n: Tensor]];
}
