/** The IDX format of MNIST and its kin: a magic number, big-endian sizes, big-endian values in C order. */
import { gunzip, isGzip } from './gzip.js';

export type IdxDtype = 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';

export interface IdxArray {
  dtype: IdxDtype;
  shape: number[];
  /** For uint8 and int8 a view of the bytes that were parsed; for the others a copy in native byte order. */
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

export class IdxError extends Error {
  override name = 'IdxError';
}

interface IdxType {
  dtype: IdxDtype;
  size: number;
  read: (view: DataView, count: number) => IdxArray['data'];
}

function fill<T extends Exclude<IdxArray['data'], Uint8Array | Int8Array>>(
  data: T,
  read: (offset: number) => number,
): T {
  for (let i = 0; i < data.length; i++) data[i] = read(i * data.BYTES_PER_ELEMENT);
  return data;
}

const TYPES: ReadonlyMap<number, IdxType> = new Map<number, IdxType>([
  [
    0x08,
    { dtype: 'uint8', size: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count) },
  ],
  [
    0x09,
    { dtype: 'int8', size: 1, read: (view, count) => new Int8Array(view.buffer, view.byteOffset, count) },
  ],
  [
    0x0b,
    {
      dtype: 'int16',
      size: 2,
      read: (view, count) => fill(new Int16Array(count), (at) => view.getInt16(at)),
    },
  ],
  [
    0x0c,
    {
      dtype: 'int32',
      size: 4,
      read: (view, count) => fill(new Int32Array(count), (at) => view.getInt32(at)),
    },
  ],
  [
    0x0d,
    {
      dtype: 'float32',
      size: 4,
      read: (view, count) => fill(new Float32Array(count), (at) => view.getFloat32(at)),
    },
  ],
  [
    0x0e,
    {
      dtype: 'float64',
      size: 8,
      read: (view, count) => fill(new Float64Array(count), (at) => view.getFloat64(at)),
    },
  ],
]);

function fail(message: string): never {
  throw new IdxError(`idx: ${message}`);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}

/** Parses an IDX file, gunzipping it first where it is one. */
export function parseIdx(file: Uint8Array): IdxArray {
  const bytes = isGzip(file) ? gunzip(file) : file;
  if (bytes.length < 4) fail(`expected at least 4 bytes of magic number, found ${bytes.length}`);
  const [zero0, zero1, code, dims] = bytes;
  if (zero0 !== 0 || zero1 !== 0) {
    fail(
      `expected a magic number that begins with 0x00 0x00, found ${hex(zero0)} ${hex(zero1)}: not an IDX file`,
    );
  }
  const type = TYPES.get(code);
  if (type === undefined) {
    const known = [...TYPES].map(([key, { dtype }]) => `${hex(key)} (${dtype})`).join(', ');
    fail(`unknown type code ${hex(code)}; known are ${known}`);
  }
  if (dims === 0) fail('expected at least 1 dimension, found 0');
  const headerBytes = 4 + 4 * dims;
  if (bytes.length < headerBytes) {
    fail(`expected a header of ${headerBytes} bytes for ${dims} dimensions, found ${bytes.length} bytes`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: dims }, (_, dim) => header.getUint32(4 + 4 * dim));
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const expected = headerBytes + count * type.size;
  // A product beyond 2^53 is inexact, but then no file is as long.
  if (bytes.length !== expected) {
    const what = bytes.length < expected ? 'truncated' : 'trailing bytes';
    fail(
      `${what}: expected ${expected} bytes (a header of ${headerBytes} and ${type.dtype} values of shape ` +
        `[${shape.join(', ')}]), found ${bytes.length}`,
    );
  }
  const data = type.read(new DataView(bytes.buffer, bytes.byteOffset + headerBytes), count);
  return { dtype: type.dtype, shape, data };
}
