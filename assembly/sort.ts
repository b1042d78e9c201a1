// Stable sort of contiguous rows with their int64 indices, and the k best of a row. NaN counts as the greatest, as in torch.

import { BOOL, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8 } from '../src/wasm/opcode';

/** Runs this short are sorted by insertion before merging. */
// @ts-ignore: decorator
@inline
const RUN = 12;

/** Whether b must come before a, which stands to its left. */
// @ts-ignore: decorator
@inline
function before<T>(b: T, a: T, descending: bool): bool {
  if (isFloat<T>()) {
    if (descending) return b > a || (b != b && a == a);
    return b < a || (a != a && b == b);
  }
  return descending ? b > a : b < a;
}

// @ts-ignore: decorator
@inline
function key<T>(keys: usize, i: i32): T {
  return load<T>(keys + <usize>i * sizeof<T>());
}

// @ts-ignore: decorator
@inline
function setKey<T>(keys: usize, i: i32, v: T): void {
  store<T>(keys + <usize>i * sizeof<T>(), v);
}

// @ts-ignore: decorator
@inline
function index(idx: usize, i: i32): i64 {
  return load<i64>(idx + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
function setIndex(idx: usize, i: i32, v: i64): void {
  store<i64>(idx + ((<usize>i) << 3), v);
}

function insertionSort<T>(keys: usize, idx: usize, first: i32, last: i32, descending: bool): void {
  for (let i = first + 1; i < last; ++i) {
    const v = key<T>(keys, i);
    const at = index(idx, i);
    let j = i;
    for (; j > first && before<T>(v, key<T>(keys, j - 1), descending); --j) {
      setKey<T>(keys, j, key<T>(keys, j - 1));
      setIndex(idx, j, index(idx, j - 1));
    }
    setKey<T>(keys, j, v);
    setIndex(idx, j, at);
  }
}

/** Merges [first, middle) and [middle, last) from one pair of buffers into the other. */
function merge<T>(
  keys: usize,
  idx: usize,
  toKeys: usize,
  toIdx: usize,
  first: i32,
  middle: i32,
  last: i32,
  descending: bool,
): void {
  let i = first;
  let j = middle;
  for (let k = first; k < last; ++k) {
    const right = i == middle || (j < last && before<T>(key<T>(keys, j), key<T>(keys, i), descending));
    const from = right ? j++ : i++;
    setKey<T>(toKeys, k, key<T>(keys, from));
    setIndex(toIdx, k, index(idx, from));
  }
}

function sortRow<T>(keys: usize, idx: usize, n: i32, descending: bool, ws: usize): void {
  for (let i = 0; i < n; ++i) setIndex(idx, i, i);
  for (let i = 0; i < n; i += RUN) insertionSort<T>(keys, idx, i, min(i + RUN, n), descending);
  let toIdx = ws;
  let toKeys = ws + ((<usize>n) << 3);
  let fromKeys = keys;
  let fromIdx = idx;
  for (let width = RUN; width < n; width <<= 1) {
    for (let i = 0; i < n; i += 2 * width) {
      merge<T>(fromKeys, fromIdx, toKeys, toIdx, i, min(i + width, n), min(i + 2 * width, n), descending);
    }
    let t = fromKeys;
    fromKeys = toKeys;
    toKeys = t;
    t = fromIdx;
    fromIdx = toIdx;
    toIdx = t;
  }
  if (fromKeys != keys) {
    memory.copy(keys, fromKeys, <usize>n * sizeof<T>());
    memory.copy(idx, fromIdx, (<usize>n) << 3);
  }
}

function sortRows<T>(keys: usize, idx: usize, rows: i32, n: i32, descending: bool, ws: usize): void {
  for (let r = 0; r < rows; ++r) {
    sortRow<T>(keys, idx, n, descending, ws);
    keys += <usize>n * sizeof<T>();
    idx += (<usize>n) << 3;
  }
}

/** Whether element (v, i) ranks behind (w, j): equal values rank by their position. */
// @ts-ignore: decorator
@inline
function behind<T>(v: T, i: i64, w: T, j: i64, largest: bool): bool {
  return before<T>(w, v, largest) || (!before<T>(v, w, largest) && j < i);
}

/** Restores the heap, whose root is the element that ranks last, below `at`. */
function sink<T>(values: usize, idx: usize, at: i32, n: i32, largest: bool): void {
  const v = key<T>(values, at);
  const i = index(idx, at);
  for (;;) {
    let child = 2 * at + 1;
    if (child >= n) break;
    const other = child + 1;
    if (
      other < n &&
      behind<T>(key<T>(values, other), index(idx, other), key<T>(values, child), index(idx, child), largest)
    ) {
      child = other;
    }
    if (!behind<T>(key<T>(values, child), index(idx, child), v, i, largest)) break;
    setKey<T>(values, at, key<T>(values, child));
    setIndex(idx, at, index(idx, child));
    at = child;
  }
  setKey<T>(values, at, v);
  setIndex(idx, at, i);
}

/** A heap of k in the output itself, sorted at the end: n log k, and no workspace. */
function topRow<T>(x: usize, values: usize, idx: usize, n: i32, k: i32, largest: bool): void {
  for (let i = 0; i < k; ++i) {
    setKey<T>(values, i, key<T>(x, i));
    setIndex(idx, i, i);
  }
  for (let i = (k >> 1) - 1; i >= 0; --i) sink<T>(values, idx, i, k, largest);
  for (let i = k; i < n; ++i) {
    const v = key<T>(x, i);
    if (before<T>(v, load<T>(values), largest)) {
      store<T>(values, v);
      store<i64>(idx, i);
      sink<T>(values, idx, 0, k, largest);
    }
  }
  for (let last = k - 1; last > 0; --last) {
    const v = load<T>(values);
    const i = load<i64>(idx);
    store<T>(values, key<T>(values, last));
    store<i64>(idx, index(idx, last));
    setKey<T>(values, last, v);
    setIndex(idx, last, i);
    sink<T>(values, idx, 0, last, largest);
  }
}

function topRows<T>(x: usize, values: usize, idx: usize, rows: i32, n: i32, k: i32, largest: bool): void {
  if (k == 0) return;
  for (let r = 0; r < rows; ++r) {
    topRow<T>(x, values, idx, n, k, largest);
    x += <usize>n * sizeof<T>();
    values += <usize>k * sizeof<T>();
    idx += (<usize>k) << 3;
  }
}

/** Bytes of workspace for `sort` of rows of n. */
export function sort_workspace(n: i32): usize {
  return (<usize>n) << 4;
}

/** Sorts each row of keys in place and writes where each key came from. */
export function sort(
  dtype: i32,
  keys: usize,
  idx: usize,
  rows: i32,
  n: i32,
  descending: bool,
  ws: usize,
): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      sortRows<u8>(keys, idx, rows, n, descending, ws);
      break;
    case INT8:
      sortRows<i8>(keys, idx, rows, n, descending, ws);
      break;
    case INT16:
      sortRows<i16>(keys, idx, rows, n, descending, ws);
      break;
    case INT32:
      sortRows<i32>(keys, idx, rows, n, descending, ws);
      break;
    case INT64:
      sortRows<i64>(keys, idx, rows, n, descending, ws);
      break;
    case FLOAT32:
      sortRows<f32>(keys, idx, rows, n, descending, ws);
      break;
    case FLOAT64:
      sortRows<f64>(keys, idx, rows, n, descending, ws);
      break;
  }
}

/** The k best of each row, best first; of equals, the one that stands first. */
export function topk(
  dtype: i32,
  x: usize,
  values: usize,
  idx: usize,
  rows: i32,
  n: i32,
  k: i32,
  largest: bool,
): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      topRows<u8>(x, values, idx, rows, n, k, largest);
      break;
    case INT8:
      topRows<i8>(x, values, idx, rows, n, k, largest);
      break;
    case INT16:
      topRows<i16>(x, values, idx, rows, n, k, largest);
      break;
    case INT32:
      topRows<i32>(x, values, idx, rows, n, k, largest);
      break;
    case INT64:
      topRows<i64>(x, values, idx, rows, n, k, largest);
      break;
    case FLOAT32:
      topRows<f32>(x, values, idx, rows, n, k, largest);
      break;
    case FLOAT64:
      topRows<f64>(x, values, idx, rows, n, k, largest);
      break;
  }
}
