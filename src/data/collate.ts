import { float64, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { as_tensor, stack, tensor } from '../ops/index.js';
import type { TensorData } from '../ops/index.js';
import { Tensor } from '../tensor.js';

/** The type of a batch that `default_collate` makes of items of type T. */
export type Collated<T> = T extends Tensor | number | bigint | boolean | ArrayBufferView
  ? Tensor
  : T extends string
    ? string[]
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T extends object
        ? { [K in keyof T]: Collated<T[K]> }
        : never;

/** What `default_convert` makes of an item. */
export type Converted<T> = T extends Tensor
  ? T
  : T extends ArrayBufferView
    ? Tensor
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Converted<T[K]> }
      : T;

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (typeof (value as { then?: unknown }).then === 'function') {
    return 'a Promise: load the data before the loop, get() must return the item itself';
  }
  return value.constructor?.name ?? 'object';
}

/**
 * Makes one batch of a list of items, as torch does: tensors are stacked along a new first dimension, numbers become a tensor
 * (int64 when all of them are integers, else float64), strings a list, lists and plain objects are collated element by element.
 *
 * @example
 * const [x, y] = torch.utils.data.default_collate([[torch.ones(2), 0], [torch.zeros(2), 1]]);
 * console.log(x.shape, y.tolist()); // [ 2, 2 ] [ 0, 1 ]
 */
export function default_collate<T>(batch: readonly T[]): Collated<T> {
  return collate(batch) as Collated<T>;
}

function collate(batch: readonly unknown[]): unknown {
  if (batch.length === 0) throw new RuntimeError('default_collate: expected at least one item');
  const first = batch[0];
  if (first instanceof Tensor) return stack(batch as Tensor[], 0);
  if (ArrayBuffer.isView(first))
    return stack(
      batch.map((item) => as_tensor(item as TensorData)),
      0,
    );
  switch (typeof first) {
    case 'boolean':
    case 'bigint':
      return tensor(batch as TensorData);
    case 'number':
      return tensor(batch as number[], { dtype: batch.every(Number.isInteger) ? int64 : float64 });
    case 'string':
      return batch;
  }
  if (Array.isArray(first)) {
    if (batch.some((item) => !Array.isArray(item) || item.length !== first.length)) {
      throw new RuntimeError('each element in list of batch should be of equal size');
    }
    return first.map((_, i) => collate(batch.map((item) => (item as unknown[])[i])));
  }
  if (isPlainObject(first)) {
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(first)) {
      out[key] = collate(
        batch.map((item) => {
          if (!isPlainObject(item) || !(key in item))
            throw new RuntimeError(`default_collate: an item of the batch lacks the key '${key}'`);
          return item[key];
        }),
      );
    }
    return out;
  }
  throw new TypeError(
    `default_collate: batch must contain tensors, typed arrays, numbers, strings, objects or lists; found ${describe(first)}`,
  );
}

/** What a loader without batching does with an item: typed arrays become tensors, also inside lists and plain objects. */
export function default_convert<T>(item: T): Converted<T> {
  return convert(item) as Converted<T>;
}

function convert(item: unknown): unknown {
  if (item instanceof Tensor) return item;
  if (ArrayBuffer.isView(item)) return as_tensor(item as unknown as TensorData);
  if (Array.isArray(item)) return item.map(convert);
  if (isPlainObject(item))
    return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, convert(value)]));
  return item;
}
