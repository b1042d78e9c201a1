/** The order in which PyTorch's `unique` gives unsorted values: that of GNU C++'s std::unordered_set. */

/** The numbers of buckets that libstdc++ chooses from. */
// prettier-ignore
const BUCKETS = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 103, 109, 113, 127,
  137, 139, 149, 157, 167, 179, 193, 199, 211, 227, 241, 257, 277, 293, 313, 337, 359, 383, 409, 439, 467, 503, 541,
  577, 619, 661, 709, 761, 823, 887, 953, 1031, 1109, 1193, 1289, 1381, 1493, 1613, 1741, 1879, 2029, 2179, 2357, 2549,
  2753, 2971, 3209, 3469, 3739, 4027, 4349, 4703, 5087, 5503, 5953, 6427, 6949, 7517, 8123, 8783, 9497, 10273, 11113,
  12011, 12983, 14033, 15173, 16411, 17749, 19183, 20753, 22447, 24281, 26267, 28411, 30727, 33223, 35933, 38873,
  42043, 45481, 49201, 53201, 57557, 62233, 67307, 72817, 78779, 85229, 92203, 99733, 107897, 116731, 126271, 136607,
  147793, 159871, 172933, 187091, 202409, 218971, 236897, 256279, 277261, 299951, 324503, 351061, 379787, 410857,
  444487, 480881, 520241, 562841, 608903, 658753, 712697, 771049, 834181, 902483, 976369, 1056323, 1142821, 1236397,
  1337629, 1447153, 1565659, 1693859, 1832561, 1982627, 2144977, 2320627, 2510653, 2716249, 2938679, 3179303, 3439651,
  3721303, 4026031, 4355707, 4712381, 5098259, 5515729, 5967347, 6456007, 6984629, 7556579, 8175383, 8844859, 9569143,
  10352717, 11200489, 12117689, 13109983, 14183539, 15345007, 16601593, 17961079, 19431899, 21023161, 22744717,
  24607243, 26622317, 28802401, 31160981, 33712729, 36473443, 39460231, 42691603, 46187573, 49969847, 54061849,
  58488943, 63278561, 68460391, 74066549, 80131819, 86693767, 93793069, 101473717, 109783337, 118773397, 128499677,
  139022417, 150406843, 162723577, 176048909, 190465427, 206062531, 222936881, 241193053, 260944219, 282312799,
  305431229, 330442829, 357502601, 386778277, 418451333, 452718089, 489790921, 529899637, 573292817, 620239453,
  671030513, 725980837, 785430967, 849749479, 919334987, 994618837, 1076067617, 1164186217,
];

const MULTIPLIER = 0xc6a4a7935bd1e995n;
const SEED = 0xc70f6907n;
const WORD = 2n ** 64n - 1n;
const bytes = new DataView(new ArrayBuffer(8));

const mixed = (x: bigint): bigint => x ^ (x >> 47n);

/** std::hash of an integer is the integer, of a float (4 or 8 bytes) Murmur's hash of its bytes, of 0 it is 0. */
function hashOf(value: number, floatBytes: number): bigint {
  if (floatBytes === 0) return BigInt.asUintN(64, BigInt(value));
  if (value === 0) return 0n;
  let data: bigint;
  if (floatBytes === 8) {
    bytes.setFloat64(0, value);
    data = (mixed((bytes.getBigUint64(0) * MULTIPLIER) & WORD) * MULTIPLIER) & WORD;
  } else {
    bytes.setFloat32(0, value);
    data = BigInt(bytes.getUint32(0));
  }
  let hash = SEED ^ ((BigInt(floatBytes) * MULTIPLIER) & WORD);
  hash = ((hash ^ data) * MULTIPLIER) & WORD;
  return mixed((mixed(hash) * MULTIPLIER) & WORD);
}

/**
 * The indices of distinct values, given in the order of their first occurrence, as a hash set lists them: a new bucket's value
 * goes to the front of the list, another to the front of its bucket; when values outnumber buckets, these at least double and
 * the list is built anew.
 *
 * @param floatBytes 4 or 8 for floats, 0 for integers
 */
export function hashOrder(values: readonly number[], floatBytes: number): number[] {
  const hashes = values.map((value) => hashOf(value, floatBytes));
  /** The value after each one in the list; the last place is the head. */
  const head = values.length;
  const next = new Int32Array(values.length + 1).fill(-1);
  let count = 13;
  /** The place before each bucket's first value, -1 for an empty bucket. */
  let before = new Int32Array(count).fill(-1);
  const bucketOf = (i: number): number => Number(hashes[i] % BigInt(count));

  const insert = (i: number): void => {
    const bucket = bucketOf(i);
    if (before[bucket] >= 0) {
      next[i] = next[before[bucket]];
      next[before[bucket]] = i;
      return;
    }
    next[i] = next[head];
    next[head] = i;
    before[bucket] = head;
    if (next[i] >= 0) before[bucketOf(next[i])] = i;
  };

  for (let i = 0; i < values.length; i++) {
    if (i === count) {
      const old = listed(next, head);
      count = BUCKETS.find((size) => size >= 2 * count)!;
      before = new Int32Array(count).fill(-1);
      next[head] = -1;
      for (const k of old) insert(k);
    }
    insert(i);
  }
  return listed(next, head);
}

function listed(next: Int32Array, head: number): number[] {
  const out: number[] = [];
  for (let i = next[head]; i >= 0; i = next[i]) out.push(i);
  return out;
}
