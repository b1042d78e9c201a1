// What PyTorch saved is loaded here and goes on as it did there.
import { expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from '../nn/recorded.js';

const { nn, optim } = torch;

interface SavedTensor {
  dtype: 'float32' | 'float64';
  shape: number[];
  values: number[];
}
type Saved = SavedTensor | number | null | Saved[];
interface Case {
  name: 'Adam';
  before: number[][];
  state: Record<number, Record<string, Saved>>;
  param_groups: torch.optim.OptimizerState['param_groups'];
  after: number[][];
}

const f64 = { dtype: torch.float64 };

function restored(value: Saved): torch.optim.StateValue {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null) return value;
  const dtype = value.dtype === 'float32' ? torch.float32 : torch.float64;
  return torch.tensor(value.values, { dtype }).reshape(value.shape);
}

/** The shape of a value: numbers and tensors by what they are, lists by their elements. */
function kind(value: torch.optim.StateValue): unknown {
  if (value instanceof torch.Tensor) return [String(value.dtype), ...value.shape];
  return Array.isArray(value) ? value.map(kind) : typeof value;
}

test.each((fixture('optim_state') as Case[]).map((c): [string, Case] => [c.name, c]))(
  '%s',
  (_title, saved) => {
    const [a, b] = saved.before.map((values) => new nn.Parameter(torch.tensor(values, f64)));
    const optimizer = new optim[saved.name]([a, b], { lr: 1 });
    const state = Object.fromEntries(
      Object.entries(saved.state).map(([index, values]) => [
        index,
        Object.fromEntries(Object.entries(values).map(([name, value]) => [name, restored(value)])),
      ]),
    );
    optimizer.load_state_dict({ state, param_groups: saved.param_groups });
    // torch casts float state to the parameter's dtype when it loads, all but the steps.
    const { state: loaded } = optimizer.state_dict();
    for (const [index, values] of Object.entries(loaded)) {
      expect(Object.keys(values)).toEqual(Object.keys(state[index]));
      expect(kind(values['step'] ?? null)).toEqual(kind(state[index]['step'] ?? null));
    }
    for (let step = 0; step < 10; step++) {
      torch.tidy(() =>
        optimizer.step(() => {
          optimizer.zero_grad();
          const own = a.mul(a).mul(0.5).add(a.mul(3).sin()).sum();
          const loss = own
            .add(
              b
                .sub(a.narrow(0, 0, 3))
                .square()
                .sum()
                .mul(0.1),
            )
            .add(b.cos().sum());
          loss.backward();
          return loss;
        }),
      );
    }
    [a, b].forEach((p, i) => expectClose(flat(p), saved.after[i], 1e-9));
  },
);
