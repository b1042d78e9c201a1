// Methods that are no operators: what they write, and what they refuse as torch does.
import { expect, test } from 'vitest';
import * as torch from '../../src/index.js';

test('apply_', () => {
  const y = torch.arange(6).reshape(2, 3).float();
  expect(y.t().apply_((v) => -v).tolist()).toEqual([[-0, -3], [-1, -4], [-2, -5]]); // prettier-ignore
  expect(y.tolist()).toEqual([[-0, -1, -2], [-3, -4, -5]]); // prettier-ignore
  expect(
    torch
      .tensor([true, false])
      .apply_((v) => !v)
      .tolist(),
  ).toEqual([false, true]);
  expect(
    torch
      .tensor([1, 2])
      .apply_((v) => v + 1)
      .tolist(),
  ).toEqual([2, 3]);
  const x = torch.ones(2, { requires_grad: true });
  expect(() => x.apply_((v) => v)).toThrow("Can't call apply_() on Variable that requires grad");
});

test('map_', () => {
  const x = torch.tensor([1, 2, 3]).float();
  expect(x.map_(torch.tensor(2).float(), (a, b) => a + b)).toBe(x);
  expect(x.tolist()).toEqual([3, 4, 5]);
  expect(() => x.map_(torch.tensor([1, 2, 3]), (a) => a)).toThrow(
    "map_: expected torch.FloatTensor for 'other' (got torch.LongTensor)",
  );
  expect(() => x.map_(torch.ones(2), (a) => a)).toThrow('must match the existing size');
  const grad = torch.ones(3, { requires_grad: true });
  expect(() => grad.map_(x, (a) => a)).toThrow("Can't call map_() on Variable that requires grad");
  expect(() => x.map_(grad, (a) => a)).toThrow("Can't call map_() on Variable that requires grad");
});

test('cpu and get_device', () => {
  const x = torch.ones(2);
  expect(x.cpu()).toBe(x);
  expect(x.get_device()).toBe(-1);
});

test('from_numpy', () => {
  const values = new Float64Array([1, 2]);
  const x = torch.from_numpy(values);
  values[0] = 5;
  expect([x.dtype, x.tolist()]).toEqual([torch.float64, [1, 2]]);
  expect(() => torch.from_numpy([1, 2] as unknown as Float64Array)).toThrow(
    'expected a typed array (got Array)',
  );
});
