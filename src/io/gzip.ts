/** Synchronous gzip decoding (RFC 1952): browsers have only the asynchronous DecompressionStream. */
import { InflateError, inflateRaw } from './inflate.js';

function fail(message: string): never {
  throw new InflateError(`gzip: ${message}`);
}

/** Slicing-by-4: four tables, a 32-bit word a step; a byte a step takes 2.2 times as long (47 MB: 115 ms). */
let crcTables: Int32Array | undefined;

export function crc32(bytes: Uint8Array): number {
  if (crcTables === undefined) {
    crcTables = new Int32Array(4 * 256);
    for (let byte = 0; byte < 256; byte++) {
      let crc = byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      crcTables[byte] = crc;
    }
    for (let i = 256; i < 4 * 256; i++) {
      const previous = crcTables[i - 256];
      crcTables[i] = (previous >>> 8) ^ crcTables[previous & 255];
    }
  }
  const tables = crcTables;
  let crc = -1;
  let at = 0;
  for (const stop = bytes.length - 3; at < stop; at += 4) {
    const word = crc ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    crc =
      tables[768 + (word & 255)] ^
      tables[512 + ((word >>> 8) & 255)] ^
      tables[256 + ((word >>> 16) & 255)] ^
      tables[word >>> 24];
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gzipHeaderEnd(bytes: Uint8Array, start: number): number {
  const flags = bytes[start + 3];
  if (bytes[start + 2] !== 8) fail(`unknown compression method ${bytes[start + 2]}, only 8 (deflate) exists`);
  if ((flags & 0xe0) !== 0) fail(`reserved flag bits are set (flags 0x${flags.toString(16)})`);
  let at = start + 10;
  if (flags & 4) at += 2 + (bytes[at] | (bytes[at + 1] << 8));
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, at);
    at = zero < 0 ? bytes.length + 1 : zero + 1;
  }
  if (flags & 2) {
    const found = bytes[at] | (bytes[at + 1] << 8);
    const expected = crc32(bytes.subarray(start, at)) & 0xffff;
    at += 2;
    if (at <= bytes.length && found !== expected) fail(`header CRC is ${found}, expected ${expected}`);
  }
  if (at > bytes.length) fail(`truncated in the header of the member at byte ${start}`);
  return at;
}

/** Decodes all members of a gzip file, checking each one's CRC and size. Zero bytes may follow the last. */
export function gunzip(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: Uint8Array[] = [];
  let at = 0;
  do {
    if (bytes.length - at < 18) {
      fail(`${bytes.length - at} bytes at byte ${at}, expected at least 18 for a member`);
    }
    if (!isGzip(bytes.subarray(at))) {
      const found = [...bytes.subarray(at, at + 2)]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(' ');
      fail(`expected a member (1f 8b) at byte ${at}, found ${found}`);
    }
    const sizeHint = view.getUint32(bytes.length - 4, true);
    const { bytes: member, end } = inflateRaw(bytes, gzipHeaderEnd(bytes, at), sizeHint);
    if (end + 8 > bytes.length) fail(`truncated in the trailer of the member at byte ${at}`);
    const crc = view.getUint32(end, true);
    const size = view.getUint32(end + 4, true);
    const actualCrc = crc32(member);
    if (crc !== actualCrc) {
      fail(
        `gzip: the data's CRC is 0x${actualCrc.toString(16)}, expected 0x${crc.toString(16)}: the file is damaged`,
      );
    }
    if (size !== member.length % 2 ** 32)
      fail(`${member.length} bytes of data, expected ${size} (modulo 2^32)`);
    members.push(member);
    at = end + 8;
    while (bytes[at] === 0) at++;
  } while (at < bytes.length);
  if (members.length === 1) return members[0];
  const all = new Uint8Array(members.reduce((total, member) => total + member.length, 0));
  let offset = 0;
  for (const member of members) {
    all.set(member, offset);
    offset += member.length;
  }
  return all;
}
