// Spatial operators against PyTorch's values, gradients and refusals (test/fixtures/spatial.py).
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose } from '../nn/recorded.js';
import { argumentsOf, closeTo, makeInput, recorded, resultsOf } from '../spatial.js';

const F = torch.nn.functional as unknown as Record<
  string,
  (...args: unknown[]) => torch.Tensor | torch.Tensor[]
>;

/** A call as one writes it. */
const show = ({ name, inputs, args, kwargs }: (typeof recorded.errors)[number]): string =>
  `${name} ${JSON.stringify([...inputs, ...args])} ${JSON.stringify(kwargs)}`;

describe('values and gradients', () => {
  it.each(recorded.functions.map((row) => [show(row as never), row] as const))('%s', (_name, row) => {
    torch.tidy(() => {
      const inputs = row.inputs.map(makeInput);
      const leaves = inputs.filter((t) => t.requires_grad);
      const found = resultsOf(F[row.name](...inputs, ...argumentsOf(row)), leaves);
      expect(found.out.map(({ shape }) => shape)).toEqual(row.out.map(({ shape }) => shape));
      closeTo(found, row, (a, b) => {
        expectClose(a, b, 2e-8);
      });
    });
  });
});

/** torch's classes, by name; NotImplementedError is a RuntimeError too. */
const errors = torch as unknown as Record<string, new () => Error>;

describe('refusals', () => {
  it.each(recorded.errors.map((row) => [show(row), row] as const))('%s', (_name, row) => {
    const inputs = row.inputs.map(makeInput);
    let thrown: unknown = null;
    try {
      F[row.name](...inputs, ...argumentsOf(row));
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error | null)?.message).toContain(wordsOf(row.message));
    expect(thrown).toBeInstanceOf(errors[row.error]);
  });
});

/** What of torch's message must be there: its beginning, up to the values that this library writes otherwise. */
function wordsOf(message: string): string {
  return message
    .split(/[:([]|, but/)[0]
    .trim()
    .slice(0, 60);
}
