import { bool, float32, float64, int16, int32, int64, int8, uint8 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { numel } from '../shape.js';
import { Tensor } from '../tensor.js';
import { toTypedArray } from '../tensor_data.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { readFile, writeFileAtomic } from './file.js';
import { SafetensorsError, parse, serialize, serializeChunks } from './safetensors_format.js';
import type { SafetensorsEntry, SafetensorsFile } from './safetensors_format.js';

export { SafetensorsError };

const CODES: ReadonlyMap<DType, string> = new Map([
  [bool, 'BOOL'],
  [uint8, 'U8'],
  [int8, 'I8'],
  [int16, 'I16'],
  [int32, 'I32'],
  [int64, 'I64'],
  [float32, 'F32'],
  [float64, 'F64'],
]);
const DTYPES_BY_CODE: ReadonlyMap<string, DType> = new Map([...CODES].map(([dtype, code]) => [code, dtype]));

/** A half's value is exact in float32: 1 sign, 5 exponent and 10 mantissa bits. */
function widenHalf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < out.length; i++) {
    const bits = view.getUint16(2 * i, true);
    const exponent = (bits >> 10) & 31;
    const mantissa = bits & 1023;
    let value: number;
    if (exponent === 0) value = mantissa * 2 ** -24;
    else if (exponent === 31) value = mantissa === 0 ? Infinity : NaN;
    else value = (1 + mantissa / 1024) * 2 ** (exponent - 15);
    out[i] = bits & 0x8000 ? -value : value;
  }
  return out;
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint32Array(bytes.byteLength / 2);
  for (let i = 0; i < out.length; i++) out[i] = view.getUint16(2 * i, true) << 16;
  return new Float32Array(out.buffer);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function toTensor(name: string, entry: SafetensorsEntry): Tensor {
  let dtype = DTYPES_BY_CODE.get(entry.dtype);
  let { bytes } = entry;
  if (entry.dtype === 'F16' || entry.dtype === 'BF16') {
    dtype = float32;
    bytes = bytesOf(entry.dtype === 'F16' ? widenHalf(bytes) : widenBfloat(bytes));
  }
  if (dtype === undefined) {
    const known = [...DTYPES_BY_CODE.keys(), 'F16', 'BF16'].join(', ');
    throw new SafetensorsError(
      `safetensors: tensor ${JSON.stringify(name)} is ${entry.dtype}, for which there is no dtype here; these can be loaded: ${known}`,
    );
  }
  if (dtype === bool && bytes.some((byte) => byte > 1)) {
    throw new SafetensorsError(
      `safetensors: tensor ${JSON.stringify(name)} is BOOL and has a byte other than 0 and 1`,
    );
  }
  const out = allocate(entry.shape.slice(), dtype);
  runtime().heap.u8.set(bytes, address(out));
  return out;
}

function* entriesOf(tensors: Readonly<Record<string, Tensor>>): Generator<[string, SafetensorsEntry]> {
  for (const name of Object.keys(tensors)) {
    const tensor: unknown = tensors[name];
    if (!(tensor instanceof Tensor)) {
      throw new TypeError(
        `safetensors: expected tensors, ${JSON.stringify(name)} is ${tensor === null ? 'null' : typeof tensor}`,
      );
    }
    const values = toTypedArray(tensor);
    yield [
      name,
      {
        dtype: CODES.get(tensor.dtype)!,
        shape: tensor.shape,
        bytes: new Uint8Array(values.buffer, values.byteOffset, numel(tensor.shape) * tensor.dtype.itemsize),
      },
    ];
  }
}

/**
 * The bytes of a `.safetensors` file with these tensors (such as a `state_dict()`) and this metadata (strings).
 *
 * @example
 * const bytes = torch.safetensors.save(new nn.Linear(4, 2).state_dict(), { epoch: '3' });
 * console.log(torch.safetensors.safe_open(bytes).metadata().epoch); // 3
 */
export function save(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return serialize(entriesOf(tensors), metadata);
}

/**
 * Writes a `.safetensors` file whole or not at all: when it cannot be written (a full disk) the old file stays as it was.
 * Node only.
 */
export function save_file(
  tensors: Readonly<Record<string, Tensor>>,
  path: string,
  metadata?: Readonly<Record<string, string>>,
): void {
  writeFileAtomic(path, serializeChunks(entriesOf(tensors), metadata));
}

/**
 * The tensors in the bytes of a `.safetensors` file, in an object without prototype, owned by the current scope.
 * float16 and bfloat16 become float32, in which each of their values is exact.
 *
 * @example
 * const bytes = torch.safetensors.save({ weight: torch.ones(2, 3) });
 * console.log(torch.safetensors.load(bytes).weight.shape); // [ 2, 3 ]
 */
export function load(bytes: Uint8Array): Record<string, Tensor> {
  const out = Object.create(null) as Record<string, Tensor>;
  for (const [name, entry] of parse(bytes).tensors) out[name] = toTensor(name, entry);
  return out;
}

/** `load` of a file. Node only; elsewhere `load` the bytes. */
export function load_file(path: string): Record<string, Tensor> {
  return load(readFile(path));
}

/** An opened file, from which tensors are made one by one. */
export class SafetensorsReader {
  private readonly file: SafetensorsFile;

  /** @internal */
  constructor(bytes: Uint8Array) {
    this.file = parse(bytes);
  }

  /** The tensors' names, in the order of their bytes. */
  keys(): string[] {
    return [...this.file.tensors.keys()];
  }

  /** The file's metadata, in an object without prototype; empty when it has none. */
  metadata(): Record<string, string> {
    return Object.assign(Object.create(null) as Record<string, string>, this.file.metadata);
  }

  /** A new tensor, as `load` makes it. */
  get_tensor(name: string): Tensor {
    const entry = this.file.tensors.get(name);
    if (entry === undefined) {
      throw new SafetensorsError(
        `safetensors: no tensor ${JSON.stringify(name)}; the file has ${this.keys().join(', ') || 'none'}`,
      );
    }
    return toTensor(name, entry);
  }
}

/**
 * Opens a file (a path in Node, bytes anywhere) to look at its names and metadata and to load some of its tensors. The header is
 * checked whole; the bytes are in JavaScript memory, so nothing has to be closed.
 *
 * @example
 * const file = torch.safetensors.safe_open(torch.safetensors.save({ a: torch.ones(2), b: torch.zeros(3) }));
 * console.log(file.keys(), file.get_tensor('a').tolist()); // [ 'a', 'b' ] [ 1, 1 ]
 */
export function safe_open(source: string | Uint8Array): SafetensorsReader {
  return new SafetensorsReader(typeof source === 'string' ? readFile(source) : source);
}
