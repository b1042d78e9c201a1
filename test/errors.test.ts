// What bad calls say, and that they lose nothing.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import { AUTOGRAD_CALLS, FUNCTION_CALLS, MODULE_CALLS, TENSOR_CALLS, makeInputs } from './bad_calls.js';
import type { Inputs } from './bad_calls.js';
import { OWN_CALLS } from './bad_calls_own.js';

const recorded = JSON.parse(readFileSync(new URL('fixtures/errors.json', import.meta.url), 'utf8')) as Record<
  string,
  { type: string; message: string }
>;

/** The searchable part of torch's message where the rest cannot be the same: sets without order, Python's names of types. */
const PARTS: Readonly<Record<string, string>> = {
  'view, strides':
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces)",
  'Conv2d, padding': "Invalid padding string 'full', should be one of",
  'Conv2d, padding_mode': 'padding_mode must be one of',
  'backward, changed': 'which is output 0 of ExpBackward0, is at version 1; expected version 0 instead.',
  // torch shows the shape without its first dimension twice.
  'grad, batch of shape': 'but a mismatch was detected: grad_output[0] has a shape of',
  'register_parameter, dot': 'parameter name can',
  'register_buffer, no tensor': "object to buffer 'a' (torch Tensor or None required)",
  'add_module, no module': 'is not a Module subclass',
  'SGD, numbers': 'optimizer can only optimize Tensors, but one of the params is',
};

/** Python's errors for which there is another class here. */
const TYPES: Readonly<Record<string, string>> = {
  AssertionError: 'ValueError',
  AttributeError: 'RuntimeError',
  KeyError: 'RuntimeError',
  _LinAlgError: 'LinAlgError',
};

/** Without what differs by language alone: Python's list type, floats that end in .0, quotes, case. */
function plain(message: string): string {
  return message
    .replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1')
    .replace(/(\d)\.0\b/g, '$1')
    .replace(/[.'"`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

let inputs: Inputs;
beforeAll(() => {
  torch.manual_seed(0);
  inputs = makeInputs();
});

function tensorsOf({ lin, bn1, bn2, net, data5, ...rest }: Inputs): torch.Tensor[] {
  const modules = [lin, bn1, bn2, net].flatMap((module) => Object.values(module.state_dict()));
  return [...Object.values(rest), ...modules, ...data5.tensors];
}

/** What the call throws; it must leave the inputs, the memory and the modes as they were. */
function errorOf(call: (inputs: Inputs) => unknown): Error {
  const state = (): unknown[] =>
    tensorsOf(inputs).map((t) => [t.dtype.name, t.shape, t.requires_grad, t.tolist()]);
  const before = state();
  const random = torch.get_rng_state();
  const { allocations } = torch.memory_stats();
  let thrown: unknown = null;
  torch.tidy(() => {
    try {
      call(inputs);
    } catch (error) {
      thrown = error;
    }
    inputs.leaf.grad = null;
  });
  expect(torch.memory_stats().allocations).toBe(allocations);
  expect(state()).toEqual(before);
  expect(torch.is_grad_enabled()).toBe(true);
  torch.set_rng_state(random);
  random.dispose();
  expect(torch.tidy(() => torch.ones(2).add(1).tolist())).toEqual([2, 2]);
  expect(thrown).toBeInstanceOf(Error);
  return thrown as Error;
}

describe.each([
  ['tensors', TENSOR_CALLS],
  ['functions and layers', FUNCTION_CALLS],
  ['autograd', AUTOGRAD_CALLS],
  ['modules, optimizers and data', MODULE_CALLS],
])('%s: torch’s words and its class', (_name, calls) => {
  it.each(Object.entries(calls))('%s', (name, call) => {
    const { type, message } = recorded[name];
    const part = PARTS[name] ?? message;
    expect(message).toContain(part);
    const error = errorOf(call);
    expect(plain(error.message)).toContain(plain(part));
    const expected = TYPES[type] ?? type;
    // NotImplementedError is a RuntimeError, in Python as here.
    const names = [error.name, Object.getPrototypeOf(error.constructor as object) as { name: string }].map(
      (c) => (typeof c === 'string' ? c : c.name),
    );
    expect(names).toContain(expected);
  });
});

it('covers every call that was recorded', () => {
  const calls = { ...TENSOR_CALLS, ...FUNCTION_CALLS, ...AUTOGRAD_CALLS, ...MODULE_CALLS };
  expect(Object.keys(calls).sort()).toEqual(Object.keys(recorded).sort());
});

describe('calls that torch does not have', () => {
  it.each(OWN_CALLS)('%s', (_name, call, says) => {
    expect(errorOf(call).message).toMatch(says);
  });
});

it('prints integers that no number holds', () => {
  torch.tidy(() => {
    const t = torch.tensor([2n ** 60n + 1n, 3n] as unknown as number[]);
    expect(String(t)).toBe('tensor([1152921504606846977,                   3])');
  });
});
