import { bool } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import { elementReader, writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cast, dense } from './dense.js';
import { commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';

/** The values of an operand in the dtype of the comparison. */
function valuesOf(x: TensorOrNumber, like: readonly TensorOrNumber[]): (number | boolean)[] {
  if (!(x instanceof Tensor)) return [x];
  const source = dense(cast(x, commonDtype(like)));
  const read = elementReader(source);
  return Array.from({ length: x.numel() }, (_, i) => read(i));
}

/**
 * Whether each element is among the test elements. Either may be a number. NaN is equal to nothing.
 *
 * @param assume_unique has no effect on the result
 * @param invert whether each element is not among them
 * @example
 * console.log(torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 5])).tolist()); // [ false, true, false ]
 */
export const isin: Op<
  (
    elements: TensorOrNumber,
    test_elements: TensorOrNumber,
    options?: { assume_unique?: boolean; invert?: boolean },
  ) => Tensor
> = define({
  schema:
    'isin(Tensor|Scalar elements, Tensor|Scalar test_elements, *, bool assume_unique=False, bool invert=False)',
  forward: (_ctx, elements: TensorOrNumber, tests: TensorOrNumber, _unique: boolean, invert: boolean) => {
    if (!(elements instanceof Tensor) && !(tests instanceof Tensor)) {
      throw new TypeError('isin(): at least one of elements and test_elements must be a Tensor');
    }
    for (const x of [elements, tests]) {
      if (x instanceof Tensor && x.dtype === bool) {
        throw new RuntimeError('Unsupported input type encountered for isin(): Bool');
      }
    }
    const both = [elements, tests];
    const set = new Set(valuesOf(tests, both).filter((value) => !Number.isNaN(value)));
    const found = valuesOf(elements, both).map((value) => set.has(value) !== invert);
    const out = allocate(elements instanceof Tensor ? elements.shape : [], bool);
    writeValues(out, found);
    return out;
  },
  backward: 'none',
  samples: (make) => [[make.int(0, 5, 2, 3), make.int(0, 5, 3)]],
});
