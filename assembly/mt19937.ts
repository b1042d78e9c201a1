// mt19937's recurrence, four words at a time.

// @ts-ignore: decorator
@inline
function mix(word: u32, following: u32, far: u32): u32 {
  const y = (word & 0x80000000) | (following & 0x7fffffff);
  return far ^ (y >> 1) ^ (following & 1 ? 0x9908b0df : 0);
}

// @ts-ignore: decorator
@inline
function mixLanes(word: v128, following: v128, far: v128): v128 {
  const y = v128.bitselect(following, word, i32x4.splat(0x7fffffff));
  const odd = i32x4.neg(v128.and(following, i32x4.splat(1)));
  const matrix = v128.and(odd, i32x4.splat(<i32>0x9908b0df));
  return v128.xor(v128.xor(far, i32x4.shr_u(y, 1)), matrix);
}

/** The next 624 words in place. No group of four reads a word that the same group writes: 227 and 397 are far off. */
export function twist(state: usize): void {
  let p = state;
  const wrap = state + 227 * 4;
  const end = state + 623 * 4;
  while (p + 16 <= wrap) {
    v128.store(p, mixLanes(v128.load(p), v128.load(p, 4), v128.load(p, 397 * 4)));
    p += 16;
  }
  while (p < wrap) {
    store<u32>(p, mix(load<u32>(p), load<u32>(p, 4), load<u32>(p, 397 * 4)));
    p += 4;
  }
  while (p + 16 <= end) {
    v128.store(p, mixLanes(v128.load(p), v128.load(p, 4), v128.load(p - 227 * 4)));
    p += 16;
  }
  while (p < end) {
    store<u32>(p, mix(load<u32>(p), load<u32>(p, 4), load<u32>(p - 227 * 4)));
    p += 4;
  }
  store<u32>(p, mix(load<u32>(p), load<u32>(state), load<u32>(p - 227 * 4)));
}

// @ts-ignore: decorator
@inline
export function temper(y: u32): u32 {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >> 18);
}

// @ts-ignore: decorator
@inline
export function temperLanes(y: v128): v128 {
  y = v128.xor(y, i32x4.shr_u(y, 11));
  y = v128.xor(y, v128.and(i32x4.shl(y, 7), i32x4.splat(<i32>0x9d2c5680)));
  y = v128.xor(y, v128.and(i32x4.shl(y, 15), i32x4.splat(<i32>0xefc60000)));
  return v128.xor(y, i32x4.shr_u(y, 18));
}
