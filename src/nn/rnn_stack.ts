/** What RNN, LSTM and GRU compute: layers of one or two directions, step by step. */
import { dropout } from '../ops/dropout.js';
import { cat } from '../ops/join.js';
import { linear } from '../ops/linear.js';
import { add } from '../ops/pointwise_binary.js';
import { tanh } from '../ops/pointwise_unary.js';
import { relu } from '../ops/rectifier.js';
import { gruGates, lstmGates, stretches } from '../ops/rnn_cell.js';
import { narrow } from '../ops/view.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';

export type Mode = 'RNN_TANH' | 'RNN_RELU' | 'LSTM' | 'GRU';

/** The parameters of one direction of one layer. */
export interface Weights {
  readonly w_ih: Tensor;
  readonly w_hh: Tensor;
  readonly b_ih: Tensor | null;
  readonly b_hh: Tensor | null;
  /** The projection of an LSTM with proj_size. */
  readonly w_hr: Tensor | null;
}

/** One state: [h], or [h, c] of an LSTM, each [batch, size]. */
type State = Tensor[];

/** The next state from what the input adds to the gates and the state before. */
type Step = (x: Tensor, state: State) => State;

function stepOf(mode: Mode, { w_hh, b_hh, w_hr }: Weights): Step {
  if (mode === 'GRU') return (x, [h]) => [gruGates(x, linear(h, w_hh, b_hh), h)];
  if (mode !== 'LSTM') {
    const activation = mode === 'RNN_TANH' ? tanh : relu;
    return (x, [h]) => [activation(add(x, linear(h, w_hh, b_hh)))];
  }
  return (x, [h, c]) => {
    const [out, next] = lstmGates(add(x, linear(h, w_hh, b_hh)), c);
    return [w_hr === null ? out : linear(out, w_hr), next];
  };
}

const rows = (state: State, start: number, count: number): State =>
  state.map((t) => narrow(t, 0, start, count));

const joined = (states: readonly State[]): State =>
  states.length === 1 ? states[0] : states[0].map((_, i) => cat(states.map((state) => state[i])));

/**
 * One direction over steps of falling batch sizes: as sequences end (or, backwards, begin), their states leave (or join).
 * Gives each step's h and the final states.
 */
function direction(
  mode: Mode,
  weights: Weights,
  data: Tensor,
  sizes: readonly number[],
  start: State,
  backwards: boolean,
): { outputs: Tensor[]; last: State } {
  const step = stepOf(mode, weights);
  const inputs = stretches(linear(data, weights.w_ih, weights.b_ih), sizes);
  const outputs = new Array<Tensor>(sizes.length);
  const ended: State[] = [];
  let state = backwards ? rows(start, 0, sizes[sizes.length - 1]) : start;
  for (let i = 0; i < sizes.length; i++) {
    const t = backwards ? sizes.length - 1 - i : i;
    const before = state[0].shape[0];
    const size = sizes[t];
    if (size < before) {
      ended.unshift(rows(state, size, before - size));
      state = rows(state, 0, size);
    } else if (size > before) {
      state = joined([state, rows(start, before, size - before)]);
    }
    const current = state;
    state = tidy(() => step(inputs[t], current));
    outputs[t] = state[0];
  }
  return { outputs, last: joined([state, ...ended]) };
}

export interface Stack {
  readonly mode: Mode;
  /** For each layer, for each direction. */
  readonly layers: readonly (readonly Weights[])[];
  /** Between layers, in training; 0 otherwise. */
  readonly dropout: number;
}

/**
 * Runs the layers over `data` [Σ sizes, in], the steps one after the other. `starts` has the state of each direction of each
 * layer. Gives the output of the last layer [Σ sizes, directions · out] and the final states in the same order.
 */
export function runStack(
  { mode, layers, dropout: p }: Stack,
  data: Tensor,
  sizes: readonly number[],
  starts: readonly State[],
): { output: Tensor; finals: State[] } {
  const finals: State[] = [];
  let x = data;
  layers.forEach((directions, layer) => {
    const outputs = directions.map((weights, way) => {
      const start = starts[layer * directions.length + way];
      const { outputs: steps, last } = direction(mode, weights, x, sizes, start, way === 1);
      finals.push(last);
      return cat(steps, 0);
    });
    x = outputs.length === 1 ? outputs[0] : cat(outputs, 1);
    if (p > 0 && layer < layers.length - 1) x = dropout(x, p, true);
  });
  return { output: x, finals };
}
