import type { Tensor } from '../index.js';
import { prototypeDepth } from '../data/arguments.js';

/**
 * Base class of transforms: an instance is called like a function, `transform(image)`. A subclass defines `forward`, and
 * `batch_form` when it can do the same for a stack of images at once.
 */
// eslint-disable-next-line -- an instance is a function: the constructor returns one
export abstract class Transform<I = Tensor, O = Tensor> {
  constructor() {
    const call = (input: I): O => self.forward(input);
    const self = call as unknown as Transform<I, O>;
    Object.setPrototypeOf(self, new.target.prototype as object);
    // Fields may have these names.
    delete (call as { name?: unknown }).name;
    delete (call as { length?: unknown }).length;
    return self;
  }

  abstract forward(input: I): O;

  /** `forward` for a stack of images at once, [N, …] to [N, …]; null where images have to go one by one. */
  batch_form(): ((images: I) => O) | null {
    return null;
  }

  /** What is printed between the brackets. */
  protected extra_repr(): string {
    return '';
  }

  toString(): string {
    return `${this.constructor.name}(${this.extra_repr()})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

// eslint-disable-next-line -- see above
export interface Transform<I = Tensor, O = Tensor> {
  (input: I): O;
}

/** The form of a transform that takes whole batches, or null; a subclass that changes `forward` alone has none. */
export function batchForm<O>(transform: (image: Tensor) => O): ((images: Tensor) => O) | null {
  if (
    !(transform instanceof Transform) ||
    prototypeDepth(transform, 'batch_form') > prototypeDepth(transform, 'forward')
  ) {
    return null;
  }
  return (transform as unknown as Transform<Tensor, O>).batch_form();
}
