import { fmaOnceScalar } from './exact';
import { temper, temperLanes, twist } from './mt19937';
import { normalBlocks } from './boxmuller';

// The mt19937 generator and its distributions, drawing in PyTorch's order and rounding as its x86-64 AVX2 build does.
//
// State (2528 bytes), with the place of each field in PyTorch's 5056-byte state:
//      0  624 × u32 words            @24, each as u64
//   2496  i32 left                   @8
//   2500  i32 next                   @16, as u64
//   2504  f64 cached normal          @5024
//   2512  i32 cached normal is valid @5040
//   2516  i32 seeded                 @12
//   2520  u64 seed                   @0
const LEFT: usize = 2496;
const NEXT: usize = 2500;
const CACHE: usize = 2504;
const CACHED: usize = 2512;
const SEEDED: usize = 2516;
const SEED: usize = 2520;
const STATE_BYTES: i32 = 2528;

const UNIT24: f32 = 1 / 16777216.0;
const UNIT53: f64 = 1 / 9007199254740992.0;

export function randomStateBytes(): i32 {
  return STATE_BYTES;
}

/** The low word seeds the words; the whole seed is only remembered. Forgets the cached normal. */
export function randomSeed(state: usize, low: u32, high: u32): void {
  let word = low;
  store<u32>(state, word);
  for (let j: u32 = 1; j < 624; j++) {
    word = 1812433253 * (word ^ (word >> 30)) + j;
    store<u32>(state + ((<usize>j) << 2), word);
  }
  store<i32>(state + LEFT, 1);
  store<i32>(state + NEXT, 0);
  store<f64>(state + CACHE, 0);
  store<i32>(state + CACHED, 0);
  store<i32>(state + SEEDED, 1);
  store<u64>(state + SEED, ((<u64>high) << 32) | (<u64>low));
}

// Words that may be drawn before the next twist, twisting if there are none. A fresh block has left = 625 until its
// first draw takes it to PyTorch's 624.
// @ts-ignore: decorator
@inline
function available(state: usize): i32 {
  let left = load<i32>(state + LEFT);
  if (left == 1) {
    twist(state);
    left = 625;
    store<i32>(state + LEFT, left);
    store<i32>(state + NEXT, 0);
  }
  return left - 1;
}

// @ts-ignore: decorator
@inline
function advance(state: usize, count: i32): void {
  store<i32>(state + LEFT, load<i32>(state + LEFT) - count);
  store<i32>(state + NEXT, load<i32>(state + NEXT) + count);
}

export function randomU32(state: usize): u32 {
  available(state);
  const word = temper(load<u32>(state + ((<usize>load<i32>(state + NEXT)) << 2)));
  advance(state, 1);
  return word;
}

/** The first word drawn is the high half. */
export function randomU64(state: usize): u64 {
  const high = <u64>randomU32(state);
  return (high << 32) | (<u64>randomU32(state));
}

// [0, 1) with 53 bits.
// @ts-ignore: decorator
@inline
function unitF64(state: usize): f64 {
  return <f64>(<i64>(randomU64(state) & ((1 << 53) - 1))) * UNIT53;
}

/** One number of `unitF64`. */
export function randomUnit(state: usize): f64 {
  return unitF64(state);
}

// The same from four words in a row, high word first: two at once. Both halves of the 53 bits convert exactly.
// @ts-ignore: decorator
@inline
function unitPair(words: v128): v128 {
  const y = temperLanes(words);
  const high = v128.and(v128.shuffle<i32>(y, y, 0, 2, 0, 2), i32x4.splat(0x1fffff));
  const low = v128.shuffle<i32>(y, y, 1, 3, 1, 3);
  const sum = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_u(high), f64x2.splat(4294967296)),
    f64x2.convert_low_i32x4_u(low),
  );
  return f64x2.mul(sum, f64x2.splat(UNIT53));
}

// a·b + c rounded once but for rare ties: the product's error by Dekker's splitting, the sum's by Knuth.
// @ts-ignore: decorator
@inline
function fmaF64(a: f64, b: f64, c: f64): f64 {
  const p = a * b;
  const sa = a * 134217729;
  const sb = b * 134217729;
  const ah = sa - (sa - a);
  const bh = sb - (sb - b);
  const al = a - ah;
  const bl = b - bh;
  const productError = al * bl - (p - ah * bh - al * bh - ah * bl);
  const s = p + c;
  const t = s - p;
  const sumError = p - (s - t) + (c - t);
  return s + (sumError + productError);
}

function uniformF32(state: usize, out: usize, n: i32, from: f32, to: f32): void {
  const range = to - from;
  const plain = from == 0 && range == 1;
  const mask = i32x4.splat(0xffffff);
  const unit = f32x4.splat(UNIT24);
  const fromV = f64x2.splat(<f64>from);
  const rangeV = f64x2.splat(<f64>range);
  while (n > 0) {
    const count = min(available(state), n);
    let p = state + ((<usize>load<i32>(state + NEXT)) << 2);
    let i = 0;
    for (; i <= count - 4; i += 4) {
      let x = f32x4.mul(f32x4.convert_i32x4_s(v128.and(temperLanes(v128.load(p)), mask)), unit);
      if (!plain) {
        const lo = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(x), rangeV), fromV);
        const hi = f64x2.add(
          f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)), rangeV),
          fromV,
        );
        x = v128.shuffle<i64>(f32x4.demote_f64x2_zero(lo), f32x4.demote_f64x2_zero(hi), 0, 2);
      }
      v128.store(out, x);
      p += 16;
      out += 16;
    }
    for (; i < count; i++) {
      const x = <f32>(temper(load<u32>(p)) & 0xffffff) * UNIT24;
      store<f32>(out, fmaOnceScalar<f32>(x, range, from));
      p += 4;
      out += 4;
    }
    advance(state, count);
    n -= count;
  }
}

function uniformF64(state: usize, out: usize, n: i32, from: f64, to: f64): void {
  const range = to - from;
  const plain = from == 0 && range == 1;
  while (n > 0) {
    const pairs = min(available(state) >> 2, n >> 1);
    if (pairs == 0) {
      store<f64>(out, fmaF64(unitF64(state), range, from));
      out += 8;
      n--;
      continue;
    }
    let p = state + ((<usize>load<i32>(state + NEXT)) << 2);
    for (let i = 0; i < pairs; i++) {
      const u = unitPair(v128.load(p));
      if (plain) {
        v128.store(out, u);
      } else {
        store<f64>(out, fmaF64(f64x2.extract_lane(u, 0), range, from));
        store<f64>(out, fmaF64(f64x2.extract_lane(u, 1), range, from), 8);
      }
      p += 16;
      out += 16;
    }
    advance(state, pairs << 2);
    n -= pairs << 1;
  }
}

/** [from, to), both rounded to T first. */
export function randomUniform<T>(state: usize, out: usize, n: i32, from: f64, to: f64): void {
  if (sizeof<T>() == 4) {
    uniformF32(state, out, n, <f32>from, <f32>to);
  } else {
    uniformF64(state, out, n, from, to);
  }
}

// One pair of normals in f64: the cosine's is returned, the sine's waits in the state for the next call.
function normalScalar(state: usize, mean: f64, std: f64): f64 {
  if (load<i32>(state + CACHED)) {
    store<i32>(state + CACHED, 0);
    return fmaF64(load<f64>(state + CACHE), std, mean);
  }
  const u1 = unitF64(state);
  const u2 = unitF64(state);
  const r = sqrt<f64>(-2 * NativeMath.log(1 - u2));
  const theta = 2 * NativeMath.PI * u1;
  store<f64>(state + CACHE, r * NativeMath.sin(theta));
  store<i32>(state + CACHED, 1);
  return fmaF64(r * NativeMath.cos(theta), std, mean);
}

/** PyTorch's path for fewer than 16 elements and for non-contiguous tensors: one element a call of the generator. */
export function randomNormalScalar<T>(state: usize, out: usize, n: i32, mean: f64, std: f64): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, <T>normalScalar(state, mean, std));
    out += sizeof<T>();
  }
}

function normalBlockF64(p: usize, mean: f64, std: f64): void {
  for (let j: usize = 0; j < 64; j += 8) {
    const u1 = 1 - load<f64>(p + j);
    const u2 = load<f64>(p + j, 64);
    const r = sqrt<f64>(-2 * NativeMath.log(u1));
    const theta = 2 * NativeMath.PI * u2;
    store<f64>(p + j, fmaF64(r * NativeMath.cos(theta), std, mean));
    store<f64>(p + j, fmaF64(r * NativeMath.sin(theta), std, mean), 64);
  }
}

/** Contiguous normals. A last ragged block of 16 is drawn afresh over the previous values, as PyTorch does. */
export function randomNormal<T>(state: usize, out: usize, n: i32, mean: f64, std: f64): void {
  if (n < 16) {
    randomNormalScalar<T>(state, out, n, mean, std);
    return;
  }
  randomUniform<T>(state, out, n, 0, 1);
  const tail = out + <usize>(n - 16) * sizeof<T>();
  if (sizeof<T>() == 4) {
    normalBlocks(out, n >> 4, <f32>mean, <f32>std);
    if (n & 15) {
      randomUniform<T>(state, tail, 16, 0, 1);
      normalBlocks(tail, 1, <f32>mean, <f32>std);
    }
  } else {
    for (let b = 0; b < n >> 4; b++) normalBlockF64(out + ((<usize>b) << 7), mean, std);
    if (n & 15) {
      randomUniform<T>(state, tail, 16, 0, 1);
      normalBlockF64(tail, mean, std);
    }
  }
}

/** 0..n−1 shuffled, as int64. */
export function randomPermutation(state: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<i64>(out + ((<usize>i) << 3), <i64>i);
  for (let i = 0; i < n - 1; i++) {
    const z = randomU32(state) % <u32>(n - i);
    const a = out + ((<usize>i) << 3);
    const b = a + ((<usize>z) << 3);
    const kept = load<i64>(a);
    store<i64>(a, load<i64>(b));
    store<i64>(b, kept);
  }
}

/** int64 in [base, base + range); a range from 2^32 on takes 64 bits a draw. */
export function randomInteger(state: usize, out: usize, n: i32, base: f64, range: f64): void {
  const b = <i64>base;
  const r = <u64>range;
  for (let i = 0; i < n; i++) {
    const drawn = r >= 0x100000000 ? randomU64(state) % r : <u64>(randomU32(state) % <u32>r);
    store<i64>(out, <i64>drawn + b);
    out += 8;
  }
}

/** yes where a 53-bit uniform is below p, else 0. bernoulli_(p) has yes = 1; dropout's mask yes = 1/(1 − p). */
export function randomBernoulli<T>(state: usize, out: usize, n: i32, p: f64, yes: f64): void {
  const below = f64x2.splat(p);
  const hit = v128.splat<T>(<T>yes);
  while (n > 0) {
    const pairs = min(available(state) >> 2, n >> 1);
    if (pairs == 0) {
      store<T>(out, unitF64(state) < p ? <T>yes : <T>0);
      out += sizeof<T>();
      n--;
      continue;
    }
    let q = state + ((<usize>load<i32>(state + NEXT)) << 2);
    for (let i = 0; i < pairs; i++) {
      const take = f64x2.lt(unitPair(v128.load(q)), below);
      if (sizeof<T>() == 4) {
        v128.store64_lane(out, v128.and(v128.shuffle<i32>(take, take, 0, 2, 0, 2), hit), 0);
      } else {
        v128.store(out, v128.and(take, hit));
      }
      q += 16;
      out += 2 * sizeof<T>();
    }
    advance(state, pairs << 2);
    n -= pairs << 1;
  }
}

/** bernoulli(tensor): a 24-bit uniform against each f32 probability, a 53-bit one against f64. out may be p. */
export function randomBernoulliFrom<T>(state: usize, p: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    if (sizeof<T>() == 4) {
      const u = <f32>(randomU32(state) & 0xffffff) * UNIT24;
      store<f32>(out, u < load<f32>(p) ? 1 : 0);
    } else {
      store<f64>(out, unitF64(state) < load<f64>(p) ? 1 : 0);
    }
    p += sizeof<T>();
    out += sizeof<T>();
  }
}

export function randomExponential<T>(state: usize, out: usize, n: i32, lambda: f64): void {
  const scale = -1 / lambda;
  for (let i = 0; i < n; i++) {
    store<T>(out, <T>(scale * NativeMath.log(1 - unitF64(state))));
    out += sizeof<T>();
  }
}
