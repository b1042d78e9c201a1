// PyTorch's OpInfo samples, exported from torch 1.13.1 (CPU), one JSON line a sample, one file an entry.
// Plain they are 12 MB and git packs them to 5.2 MB; as one brotli stream they are 3.3 MB, so that is what is committed.
//
//   node test/conformance/samples.mjs unpack          fixtures/opinfo.br -> fixtures/opinfo/*.jsonl (ignored by git)
//   node test/conformance/samples.mjs pack FOLDER     FOLDER/*.jsonl -> fixtures/opinfo.br
//
// The stream: one JSON line [[entry name, byte length], ...], then the files' bytes in that order.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const fixtures = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'fixtures');
const packed = path.join(fixtures, 'opinfo.br');

/** Where `unpack` puts the samples. */
export const folder = path.join(fixtures, 'opinfo');

/** Every entry's name with its lines, as text. */
export function readSamples() {
  const bytes = brotliDecompressSync(readFileSync(packed));
  let start = bytes.indexOf('\n') + 1;
  const entries = new Map();
  for (const [name, length] of JSON.parse(bytes.toString('utf8', 0, start))) {
    entries.set(name, bytes.toString('utf8', start, start + length));
    start += length;
  }
  return entries;
}

export function unpack() {
  const stamp = path.join(folder, '.stamp');
  const hash = createHash('sha256').update(readFileSync(packed)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of readSamples()) writeFileSync(path.join(folder, `${name}.jsonl`), text);
  writeFileSync(stamp, hash);
}

function pack(from) {
  const names = readdirSync(from)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  const files = names.map((name) => readFileSync(path.join(from, name)));
  const index = names.map((name, i) => [name.slice(0, -'.jsonl'.length), files[i].length]);
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...files]);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  writeFileSync(packed, brotliCompressSync(bytes, { params }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, from] = process.argv.slice(2);
  if (command === 'unpack') unpack();
  else if (command === 'pack' && from) pack(from);
  else {
    console.error('usage: node test/conformance/samples.mjs unpack | pack FOLDER');
    process.exitCode = 2;
  }
}
