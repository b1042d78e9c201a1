// torch 1.13.1's losses, gradients and errors (test/fixtures/linalg.py), and gradients of gradients by central differences.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { BAD_CALLS, CASES, makeInputs, noise } from './cases.js';

interface Recorded {
  readonly cases: Record<string, { shapes: number[][]; loss: number; grads: (number[] | null)[] }>;
  readonly errors: Record<string, { type: string; message: string }>;
}

const { cases, errors } = JSON.parse(
  readFileSync(new URL('../fixtures/linalg.json', import.meta.url), 'utf8'),
) as Recorded;

it('covers what was recorded', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(cases).sort());
  expect(Object.keys(BAD_CALLS).sort()).toEqual(Object.keys(errors).sort());
});

describe.each(Object.keys(CASES))('%s', (name) => {
  const { shapes, loss, grads } = cases[name];
  const inputs = (): torch.Tensor[] => shapes.map((shape, i) => noise(i + 1, ...shape).requires_grad_(true));

  it('float64: loss and gradients', () => {
    torch.tidy(() => {
      const given = inputs();
      const out = CASES[name](...given);
      expect(Math.abs(out.item() - loss)).toBeLessThan(1e-9 * Math.max(1, Math.abs(loss)));
      if (out.requires_grad) out.backward();
      given.forEach((x, i) => {
        const expected = grads[i];
        if (expected === null) {
          expect(x.grad).toBeNull();
          return;
        }
        const scale = Math.max(...expected.map(Math.abs), 1);
        x.grad!.flatten()
          .numpy()
          .forEach((value, k) => {
            expect(Math.abs(Number(value) - expected[k]) / scale).toBeLessThan(1e-9);
          });
      });
    });
  });

  it('float32: loss', () => {
    torch.tidy(() => {
      const out = CASES[name](...inputs().map((x) => x.detach().float()));
      expect(Math.abs(out.item() - loss)).toBeLessThan(2e-3 * Math.max(1, Math.abs(loss)));
    });
  });

  it.runIf(grads.some((grad) => grad !== null))('second derivatives', () => {
    torch.tidy(() => {
      const given = inputs();
      const first = (...all: torch.Tensor[]): torch.Tensor[] =>
        torch.enable_grad(() =>
          torch.autograd
            .grad([CASES[name](...all)], all, { create_graph: true, allow_unused: true })
            .filter((grad): grad is torch.Tensor => grad !== null && grad.requires_grad),
        );
      expect(torch.autograd.gradcheck(first, given, { atol: 1e-4 })).toBe(true);
    });
  });
});

describe('bad calls', () => {
  it.each(Object.entries(BAD_CALLS))('%s', (name, call) => {
    const inputs = makeInputs();
    const { type, message } = errors[name];
    let thrown: unknown;
    try {
      torch.tidy(() => {
        call(inputs);
      });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    const error = thrown as Error;
    expect(error.message.replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1')).toContain(
      message.replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1'),
    );
    const ancestor = Object.getPrototypeOf(error.constructor) as { name: string };
    expect([error.name, ancestor.name]).toContain(type);
  });
});
