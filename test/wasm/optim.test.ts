import { afterEach, test } from 'vitest';
import { type Values, Scratch, expectClose, expectSame, kernel, read, recorded, unpack } from './recorded.js';

interface Options {
  kind: 'sgd' | 'adam' | 'adamw' | 'rmsprop' | 'adagrad';
  steps: number;
  n: number;
  lr: number;
  weight_decay: number;
  momentum: number;
  dampening: number;
  nesterov: boolean;
  maximize: boolean;
  betas: [number, number];
  eps: number;
  amsgrad: boolean;
  alpha: number;
  centered: boolean;
  lr_decay: number;
}

const scratch = new Scratch();
afterEach(() => scratch.free());

for (const c of recorded<Options>('optim')) {
  const { kind, dtype, steps, n, tensors } = c;
  const { lr, weight_decay, momentum, dampening, betas, eps, alpha } = c;
  const options = JSON.stringify({
    ...c,
    tensors: undefined,
    kind: undefined,
    dtype: undefined,
    n: undefined,
  });

  test(`${kind} ${dtype} ${options}`, () => {
    const p = scratch.put(unpack(tensors.start!));
    const g = scratch.put(unpack(tensors.grads!));
    const trace = unpack(tensors.trace!);
    const zeros = (): number => scratch.put(dtype === 'f32' ? new Float32Array(n) : new Float64Array(n));
    const bytes = dtype === 'f32' ? 4 : 8;
    const [maximize, nesterov] = [c.maximize ? 1 : 0, c.nesterov ? 1 : 0];
    // RMSprop's buffer begins at zero, SGD's with the first gradient.
    const buf = momentum ? (kind === 'rmsprop' ? zeros() : scratch.empty(dtype, n)) : 0;
    const [m, v, vmax] = [zeros(), zeros(), c.amsgrad ? zeros() : 0];
    for (let step = 0; step < steps; step++) {
      const grad = g + step * n * bytes;
      if (kind === 'sgd') {
        const first = step === 0 ? 1 : 0;
        kernel('sgd_step', dtype)(
          p,
          grad,
          buf,
          n,
          lr,
          weight_decay,
          momentum,
          dampening,
          nesterov,
          maximize,
          first,
        );
      } else if (kind === 'rmsprop') {
        const avg = c.centered ? v : 0;
        kernel('rmsprop_step', dtype)(
          p,
          grad,
          m,
          avg,
          buf,
          n,
          lr,
          alpha,
          eps,
          weight_decay,
          momentum,
          maximize,
        );
      } else if (kind === 'adagrad') {
        const rate = lr / (1 + step * c.lr_decay);
        kernel('adagrad_step', dtype)(p, grad, m, n, rate, eps, weight_decay, maximize);
      } else {
        const decoupled = kind === 'adamw' ? 1 : 0;
        kernel('adam_step', dtype)(
          p,
          grad,
          m,
          v,
          vmax,
          n,
          lr,
          ...betas,
          eps,
          weight_decay,
          decoupled,
          maximize,
          step + 1,
        );
      }
      const expected: Values = trace.subarray(step * n, (step + 1) * n);
      const actual = read(p, dtype, n);
      if (dtype === 'f32') expectSame(actual, expected, `after step ${step + 1}`);
      else expectClose(actual, expected, 1e-12, 1e-14, `after step ${step + 1}`);
    }
  });
}
