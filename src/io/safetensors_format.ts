/**
 * The safetensors container: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
 * Rules as in the format's README and its reference reader (safetensors/src/tensor.rs); where JSON.parse is
 * laxer than that reader (duplicate keys, `1.0` for 1, lone surrogates), `checkHeaderText` is not.
 */

export interface SafetensorsEntry {
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

export interface SafetensorsFile {
  /** Has no prototype: any string is a harmless key. */
  metadata: Record<string, string>;
  /** In the order of their bytes in the file; `bytes` are views of the input, at any alignment. */
  tensors: Map<string, SafetensorsEntry>;
}

export class SafetensorsError extends Error {
  override name = 'SafetensorsError';
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
/** The reference reader's JSON parser stops here too; deeper nesting only serves to exhaust memory. */
const MAX_HEADER_DEPTH = 128;
const METADATA_KEY = '__metadata__';

/** Bits per element, in the reference's order: a writer puts later ones first, so that wide types are aligned. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
]);
const DTYPE_RANK: ReadonlyMap<string, number> = new Map(
  [...DTYPE_BITS.keys()].map((dtype, rank) => [dtype, rank]),
);

const LONE_SURROGATE = /\p{Surrogate}/u;

function fail(message: string): never {
  throw new SafetensorsError(`safetensors: ${message}`);
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byteSize(name: string, dtype: string, shape: readonly number[]): number {
  const bits = DTYPE_BITS.get(dtype);
  if (bits === undefined) {
    fail(
      `tensor ${quoted(name)}: unknown dtype ${quoted(dtype)}; known are ${[...DTYPE_BITS.keys()].join(', ')}`,
    );
  }
  let total = bits;
  // Checked at each step, as in the reference: a product that overflows on the way is refused even if a later size is 0.
  for (const size of shape) {
    total *= size;
    if (total > Number.MAX_SAFE_INTEGER) {
      fail(`tensor ${quoted(name)}: shape [${shape.join(', ')}] of ${dtype} overflows the size computation`);
    }
  }
  if (total % 8 !== 0) {
    fail(
      `tensor ${quoted(name)}: shape [${shape.join(', ')}] of ${dtype} is ${total} bits, not a whole number of bytes`,
    );
  }
  return total / 8;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/**
 * What JSON.parse lets through: duplicate keys (it keeps the last), number spellings other than a plain integer,
 * lone surrogates. Needs no valid JSON: what this does not understand is left to JSON.parse, which runs after it.
 */
function checkHeaderText(text: string): void {
  const scopes: Set<string>[] = [];
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      const value = JSON.parse(text.slice(at, end)) as string;
      if (LONE_SURROGATE.test(value)) fail(`header: the string ${quoted(value)} has a lone surrogate`);
      at = end;
      while (at < text.length && ' \n\r\t'.includes(text[at])) at++;
      if (text[at] !== ':') continue;
      const keys = scopes[scopes.length - 1];
      if (keys?.has(value)) fail(`header: duplicate key ${quoted(value)}`);
      keys?.add(value);
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      let end = at + 1;
      while (end < text.length && /[0-9.eE+-]/.test(text[end])) end++;
      const number = text.slice(at, end);
      if (!/^(0|[1-9][0-9]*)$/.test(number) || !Number.isSafeInteger(Number(number))) {
        fail(`header: expected an integer from 0 to 2^53 - 1, found ${number.slice(0, 40)}`);
      }
      at = end;
    } else {
      if (char === '{') scopes.push(new Set());
      if (char === '}') scopes.pop();
      if (char === '{' || char === '[') depth++;
      if (char === '}' || char === ']') depth--;
      if (depth > MAX_HEADER_DEPTH) fail(`header: nested deeper than ${MAX_HEADER_DEPTH} levels`);
      at++;
    }
  }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SafetensorsError('safetensors: header: not valid UTF-8', { cause });
  }
  if (text[0] !== '{') {
    fail(`header: expected to start with '{', found ${text === '' ? 'an empty header' : quoted(text[0])}`);
  }
  try {
    checkHeaderText(text);
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw cause;
    throw new SafetensorsError(`safetensors: header: not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

function parseMetadata(value: unknown): Record<string, string> {
  const metadata = Object.create(null) as Record<string, string>;
  if (value === undefined || value === null) return metadata;
  if (!isPlainObject(value)) fail(`${METADATA_KEY}: expected an object of strings`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') fail(`${METADATA_KEY}: ${quoted(key)} is not a string`);
    metadata[key] = text;
  }
  return metadata;
}

interface Extent {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

function parseEntry(name: string, entry: unknown): Extent {
  if (!isPlainObject(entry))
    fail(`tensor ${quoted(name)}: expected an object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') fail(`tensor ${quoted(name)}: dtype is missing or not a string`);
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    fail(`tensor ${quoted(name)}: shape is missing or not an array of non-negative integers`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    fail(`tensor ${quoted(name)}: data_offsets is missing or not two non-negative integers`);
  }
  const [begin, end] = offsets as [number, number];
  return { name, dtype, shape, begin, end };
}

/** Tensors must cover the data from its first byte to its last, without holes or overlaps. */
function checkExtents(extents: readonly Extent[], dataBytes: number): void {
  let expected = 0;
  for (const { name, dtype, shape, begin, end } of extents) {
    if (begin !== expected || end < begin) {
      fail(
        `tensor ${quoted(name)}: data_offsets [${begin}, ${end}], expected to begin at ${expected} and end after it`,
      );
    }
    const size = byteSize(name, dtype, shape);
    if (end - begin !== size) {
      fail(
        `tensor ${quoted(name)}: shape [${shape.join(', ')}] of ${dtype} needs ${size} bytes, ` +
          `data_offsets [${begin}, ${end}] hold ${end - begin}`,
      );
    }
    expected = end;
  }
  if (expected !== dataBytes) fail(`the tensors cover ${expected} bytes of data, the file has ${dataBytes}`);
}

export function parse(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < LENGTH_BYTES) fail(`expected at least ${LENGTH_BYTES} bytes, found ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES)
    fail(`header length ${length} is over the limit of ${MAX_HEADER_BYTES} bytes`);
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) {
    fail(
      `header of ${length} bytes does not fit: the file has ${bytes.length} bytes, expected at least ${dataStart}`,
    );
  }
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart));
  const metadata = parseMetadata(header[METADATA_KEY]);
  const extents = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, entry]) => parseEntry(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkExtents(extents, bytes.length - dataStart);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, dtype, shape, begin, end } of extents) {
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) });
  }
  return { metadata, tensors };
}

/** By code point, as Rust compares strings; JavaScript's `<` goes by UTF-16 unit and differs beyond U+FFFF. */
function compareNames(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  // A difference in the second half of a pair has the same first half before it, so the unit decides.
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

function checkWritable(name: string, { dtype, shape, bytes }: SafetensorsEntry): void {
  if (name === METADATA_KEY) fail(`a tensor cannot be named ${METADATA_KEY}`);
  if (LONE_SURROGATE.test(name)) fail(`tensor ${quoted(name)}: the name has a lone surrogate`);
  if (!shape.every((size) => isCount(size)))
    fail(`tensor ${quoted(name)}: shape [${shape.join(', ')}] is not of non-negative integers`);
  const size = byteSize(name, dtype, shape);
  if (bytes.length !== size) {
    fail(
      `tensor ${quoted(name)}: shape [${shape.join(', ')}] of ${dtype} needs ${size} bytes, got ${bytes.length}`,
    );
  }
}

/** The file as a list of chunks (header, then each tensor's own bytes): writing it needs no second copy of the data. */
export function serializeChunks(
  tensors: Iterable<readonly [string, SafetensorsEntry]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array[] {
  // Pairs, not an object: it would put names that look like integers first and lose one called __proto__.
  const entries: [string, unknown][] = [];
  if (metadata !== undefined) {
    for (const [key, value] of Object.entries(metadata)) {
      if (typeof value !== 'string') fail(`${METADATA_KEY}: ${quoted(key)} is not a string`);
      if (LONE_SURROGATE.test(key + value)) fail(`${METADATA_KEY}: ${quoted(key)} has a lone surrogate`);
    }
    entries.push([METADATA_KEY, metadata]);
  }
  const sorted = [...tensors].sort(
    ([aName, a], [bName, b]) =>
      (DTYPE_RANK.get(b.dtype) ?? -1) - (DTYPE_RANK.get(a.dtype) ?? -1) || compareNames(aName, bName),
  );
  const names = new Set<string>();
  let offset = 0;
  for (const [name, entry] of sorted) {
    checkWritable(name, entry);
    if (names.has(name)) fail(`two tensors are named ${quoted(name)}`);
    names.add(name);
    const { dtype, shape, bytes } = entry;
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + bytes.length] }]);
    offset += bytes.length;
  }
  const text = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const json = new TextEncoder().encode(text);
  const headerBytes = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  if (headerBytes > MAX_HEADER_BYTES) {
    fail(`the header would be ${headerBytes} bytes, over the limit of ${MAX_HEADER_BYTES}`);
  }
  const head = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, LENGTH_BYTES);
  return [head, ...sorted.map(([, entry]) => entry.bytes)];
}

export function serialize(
  tensors: Iterable<readonly [string, SafetensorsEntry]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const chunks = serializeChunks(tensors, metadata);
  const file = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    file.set(chunk, offset);
    offset += chunk.length;
  }
  return file;
}
