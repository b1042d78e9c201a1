import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const ones = (...shape: number[]): torch.Tensor => torch.ones(shape);

describe('einsum', () => {
  it('takes subscripts as lists of integers', () => {
    const a = torch.arange(6).reshape(2, 3);
    const b = torch.arange(6).reshape(3, 2);
    expect(torch.einsum(a, [0, 1], b, [1, 2], [0, 2]).tolist()).toEqual(a.mm(b).tolist());
    // Without an output, labels seen once in order.
    expect(torch.einsum(a, [0, 1], b, [1, 2]).tolist()).toEqual(a.mm(b).tolist());
    expect(torch.einsum(a, ['...', 0], ['...']).tolist()).toEqual(a.sum(1).tolist());
  });

  it('sorts implicit outputs with capitals first', () => {
    expect(torch.einsum('bA', ones(2, 3)).shape).toEqual([3, 2]);
    expect(torch.einsum(' a b -> b a ', ones(2, 3)).shape).toEqual([3, 2]);
  });

  it('sums one operand as sum does, two in their dtype', () => {
    const u = torch.ones(2, { dtype: torch.uint8 });
    expect(torch.einsum('i->', u).dtype).toBe(torch.int64);
    expect(torch.einsum('i,i->', u, u).dtype).toBe(torch.uint8);
    expect(torch.einsum('i,j->', u, u).dtype).toBe(torch.int64);
  });

  it.each([
    [
      'ij',
      [ones(2)],
      'einsum(): the number of subscripts in the equation (2) does not match the number of dimensions (1) for operand 0 and no ellipsis was given',
    ],
    ['i,j', [ones(2)], 'einsum(): fewer operands were provided than specified in the equation'],
    ['i', [ones(2), ones(3)], 'einsum(): more operands were provided than specified in the equation'],
    ['i..', [ones(2)], "einsum(): found '.' for operand 0 that is not part of any ellipsis"],
    ['......', [ones(2)], "einsum(): found '.' for operand 0 for which an ellipsis was already found"],
    ['i->..', [ones(2)], "einsum(): found '.' for output that is not part of any ellipsis (...)"],
    ['i->......', [ones(2)], "einsum(): found '.' for output but an ellipsis (...) was already found"],
    ['i->ii', [ones(2)], 'einsum(): output subscript i appears more than once in the output'],
    ['i->j', [ones(2)], 'einsum(): output subscript j does not appear in the equation for any input operand'],
    [
      'i->1',
      [ones(2)],
      'einsum(): invalid subscript given at index 3 in the equation string, subscripts must be in [a-zA-Z]',
    ],
    ['ii', [ones(2, 3)], "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2"],
    [
      'ij,jk',
      [ones(2, 3), ones(4, 2)],
      'einsum(): subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3',
    ],
    [
      '...ij',
      [ones(2)],
      'einsum(): the number of subscripts in the equation (2) is more than the number of dimensions (1) for operand 0',
    ],
  ] as const)('%s: says what torch says', (equation, operands, message) => {
    expect(() => torch.einsum(equation, ...operands)).toThrow(message);
  });
});
