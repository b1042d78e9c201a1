// The weights and images pass from wasmgrad to the others in a safetensors file: 8 bytes of length, a JSON header, the data.
import { readFileSync } from 'node:fs';

/** The float32 tensors of a file, by name: `{ shape, data }`. */
export function readTensors(file) {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (dtype !== 'F32') continue;
    const [from, to] = offsets.map((offset) => start + offset);
    tensors.set(name, { shape, data: new Float32Array(new Uint8Array(bytes.subarray(from, to)).buffer) });
  }
  return tensors;
}
