/** Synchronous raw DEFLATE decoding (RFC 1951). Accepts exactly the streams that zlib accepts. */

export class InflateError extends Error {
  override name = 'InflateError';
}

export interface Inflated {
  bytes: Uint8Array;
  /** Index of the first byte after the stream. */
  end: number;
}

function fail(message: string): never {
  throw new InflateError(message);
}

/** Indexed by the next log2(length) bits; an entry is `symbol << 4 | code length`, 0 where no code starts so. */
type HuffmanTable = Uint16Array;

const LENGTH_BASE = new Uint16Array([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
]);
const LENGTH_EXTRA = new Uint8Array([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const DISTANCE_BASE = new Uint16Array([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
]);
const DISTANCE_EXTRA = new Uint8Array([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;
const MAX_MATCH = 258;
/** A match of 258 bytes can cost two bits; no stream expands more. */
const MAX_EXPANSION = 1032;

/** The table, or what is wrong with the lengths. */
function huffmanTable(
  lengths: Uint8Array,
  mayBeIncomplete: boolean,
): HuffmanTable | 'over-subscribed' | 'incomplete' {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let bits = 15;
  while (bits > 1 && counts[bits] === 0) bits--;
  const nextCode = new Uint16Array(16);
  let left = 1;
  for (let length = 1; length <= bits; length++) {
    left = left * 2 - counts[length];
    if (left < 0) return 'over-subscribed';
    nextCode[length] = (nextCode[length - 1] + counts[length - 1]) << 1;
  }
  // One code of one bit, or none, is what an encoder writes for a block with a single distance or without one.
  if (left > 0 && !(bits === 1 && mayBeIncomplete)) return 'incomplete';
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length === 0) continue;
    let reversed = 0;
    for (let bit = 0, code = nextCode[length]++; bit < length; bit++, code >>= 1) {
      reversed = (reversed << 1) | (code & 1);
    }
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  }
  return table;
}

let fixedTablesOnce: [HuffmanTable, HuffmanTable] | undefined;

/** 288 and 32 symbols complete the codes; those beyond 285 and 29 must not occur, which decoding checks. */
function fixedTables(): [HuffmanTable, HuffmanTable] {
  return (fixedTablesOnce ??= [
    huffmanTable(new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280), false) as HuffmanTable,
    huffmanTable(new Uint8Array(32).fill(5), false) as HuffmanTable,
  ]);
}

/**
 * Reads past the end of the input as zero bits, so that the hot loop needs no special end; whoever consumes
 * bits checks afterwards that they were there.
 */
class Inflater {
  private readonly input: Uint8Array;
  private at: number;
  /** Bits read but not yet used, the next one lowest. At most 31, so that it stays a non-negative int32. */
  private hold = 0;
  private held = 0;
  private out: Uint8Array;
  private length = 0;

  constructor(input: Uint8Array, start: number, sizeHint: number) {
    this.input = input;
    this.at = start;
    this.out = new Uint8Array(sizeHint);
  }

  run(): Inflated {
    let final: number;
    do {
      final = this.bits(1);
      const type = this.bits(2);
      if (type === 0) this.storedBlock();
      else if (type === 1) this.codedBlock(...fixedTables());
      else if (type === 2) this.codedBlock(...this.dynamicTables());
      else this.corrupt('unknown block type 3');
      this.checkEnd();
    } while (final === 0);
    return { bytes: this.out.subarray(0, this.length), end: this.at - (this.held >> 3) };
  }

  private checkEnd(): void {
    if (this.at - (this.held >> 3) > this.input.length) this.truncated();
  }

  private truncated(): never {
    fail(`truncated deflate stream: ${this.input.length} bytes of input end before the last block does`);
  }

  /** Bits read past the end can make no sense; then truncation is the cause. */
  private corrupt(message: string, at = this.at): never {
    if (at > this.input.length) this.truncated();
    fail(`corrupt deflate stream: ${message} (before byte ${at} of the input)`);
  }

  private fill(count: number): void {
    while (this.held < count) {
      this.hold |= (this.at < this.input.length ? this.input[this.at] : 0) << this.held;
      this.at++;
      this.held += 8;
    }
  }

  private bits(count: number): number {
    this.fill(count);
    const value = this.hold & ((1 << count) - 1);
    this.hold >>= count;
    this.held -= count;
    return value;
  }

  private reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.out.length) return;
    const size = Math.max(needed, this.out.length * 2);
    let grown: Uint8Array;
    try {
      grown = new Uint8Array(size);
    } catch (cause) {
      throw new InflateError(`cannot allocate ${size} bytes for the inflated data`, { cause });
    }
    grown.set(this.out.subarray(0, this.length));
    this.out = grown;
  }

  private storedBlock(): void {
    this.bits(this.held & 7);
    const length = this.bits(16);
    const complement = this.bits(16);
    if (length !== (complement ^ 0xffff))
      this.corrupt(`stored length ${length} has complement ${complement}`);
    this.at -= this.held >> 3;
    this.hold = this.held = 0;
    if (this.at + length > this.input.length) this.truncated();
    this.reserve(length);
    this.out.set(this.input.subarray(this.at, this.at + length), this.length);
    this.at += length;
    this.length += length;
  }

  private dynamicTables(): [HuffmanTable, HuffmanTable] {
    const literals = this.bits(5) + 257;
    const distances = this.bits(5) + 1;
    const codes = this.bits(4) + 4;
    if (literals > 286 || distances > 30) {
      this.corrupt(`${literals} length and ${distances} distance symbols, at most 286 and 30 exist`);
    }
    const codeLengths = new Uint8Array(19);
    for (let i = 0; i < codes; i++) codeLengths[CODE_LENGTH_ORDER[i]] = this.bits(3);
    const table = this.table(codeLengths, 'code-length');
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length;) {
      const symbol = this.codeLengthSymbol(table);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) this.corrupt('a code length is repeated before the first');
      const repeated = symbol === 16 ? lengths[i - 1] : 0;
      const count = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
      if (i + count > lengths.length) this.corrupt('a repeat runs past the last code length');
      lengths.fill(repeated, i, i + count);
      i += count;
    }
    if (lengths[END_OF_BLOCK] === 0) this.corrupt('a block without an end-of-block code');
    return [
      this.table(lengths.subarray(0, literals), 'literal/length'),
      this.table(lengths.subarray(literals), 'distance'),
    ];
  }

  private table(lengths: Uint8Array, what: string): HuffmanTable {
    const table = huffmanTable(lengths, what !== 'code-length');
    if (typeof table === 'string') this.corrupt(`${table} ${what} code`);
    return table;
  }

  private codeLengthSymbol(entries: HuffmanTable): number {
    this.fill(7);
    const entry = entries[this.hold & (entries.length - 1)];
    if (entry === 0) this.corrupt('invalid code-length code');
    this.bits(entry & 15);
    return entry >> 4;
  }

  private codedBlock(literalTable: HuffmanTable, distanceTable: HuffmanTable): void {
    const { input } = this;
    const end = input.length;
    const literalMask = literalTable.length - 1;
    const distanceMask = distanceTable.length - 1;
    let { at, hold, held, out, length } = this;
    for (;;) {
      if (length + MAX_MATCH > out.length) {
        this.length = length;
        this.reserve(MAX_MATCH);
        out = this.out;
      }
      // 15 bits of code and 5 extra ones.
      while (held < 20) {
        hold |= (at < end ? input[at] : 0) << held;
        at++;
        held += 8;
      }
      const entry = literalTable[hold & literalMask];
      if (entry === 0) this.corrupt('invalid literal/length code', at);
      hold >>= entry & 15;
      held -= entry & 15;
      const symbol = entry >> 4;
      if (symbol < END_OF_BLOCK) {
        if (at - 3 > end) this.truncated();
        out[length++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) break;
      const lengthIndex = symbol - END_OF_BLOCK - 1;
      if (lengthIndex >= LENGTH_BASE.length) this.corrupt(`invalid length symbol ${symbol}`, at);
      const lengthExtra = LENGTH_EXTRA[lengthIndex];
      const count = LENGTH_BASE[lengthIndex] + (hold & ((1 << lengthExtra) - 1));
      hold >>= lengthExtra;
      held -= lengthExtra;
      while (held < 15) {
        hold |= (at < end ? input[at] : 0) << held;
        at++;
        held += 8;
      }
      const distanceEntry = distanceTable[hold & distanceMask];
      if (distanceEntry === 0) this.corrupt('invalid distance code', at);
      hold >>= distanceEntry & 15;
      held -= distanceEntry & 15;
      const distanceIndex = distanceEntry >> 4;
      if (distanceIndex >= DISTANCE_BASE.length) this.corrupt(`invalid distance symbol ${distanceIndex}`, at);
      const distanceExtra = DISTANCE_EXTRA[distanceIndex];
      while (held < distanceExtra) {
        hold |= (at < end ? input[at] : 0) << held;
        at++;
        held += 8;
      }
      const distance = DISTANCE_BASE[distanceIndex] + (hold & ((1 << distanceExtra) - 1));
      hold >>= distanceExtra;
      held -= distanceExtra;
      if (distance > length) this.corrupt(`a match ${distance} bytes back in ${length} bytes of output`, at);
      if (at - 3 > end) this.truncated();
      for (const stop = length + count; length < stop; length++) out[length] = out[length - distance];
    }
    this.at = at;
    this.hold = hold;
    this.held = held;
    this.length = length;
  }
}

/** Decodes one raw DEFLATE stream that starts at `start`; what follows it is left alone. */
export function inflateRaw(input: Uint8Array, start = 0, sizeHint = 0): Inflated {
  return new Inflater(
    input,
    start,
    Math.min(sizeHint, (input.length - start) * MAX_EXPANSION) + MAX_MATCH,
  ).run();
}
