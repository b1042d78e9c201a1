import { lanes } from './simd';

// A window's taps at `lanes` neighbouring outputs: column `p` for the first, then every `sw` (1 or 2) elements. Nothing
// after the last of them is read.
// @ts-ignore: decorator
@inline
export function gather<T>(p: usize, sw: i32): v128 {
  if (sw == 1) return v128.load(p);
  if (sizeof<T>() == 4) return v128.shuffle<i32>(v128.load(p), v128.load(p, 12), 0, 2, 5, 7);
  return v128.shuffle<i64>(v128.load(p), v128.load(p, 8), 0, 3);
}

// Outputs of a row whose vector path never reads outside the row: [first, last), empty or at least `lanes` long.
// @ts-ignore: decorator
@inline
export function vectorFirst(sw: i32, pw: i32): i32 {
  return (pw + sw - 1) / sw;
}

// @ts-ignore: decorator
@inline
export function vectorLast<T>(W: i32, Ow: i32, sw: i32, pw: i32, reach: i32): i32 {
  if (sw > 2) return 0;
  // The last group starts at o with o·sw − pw + reach + sw·(lanes − 1) < W.
  const spare = W - 1 + pw - reach - sw * (lanes<T>() - 1);
  const last = spare < 0 ? 0 : min(Ow, spare / sw + lanes<T>());
  return last - vectorFirst(sw, pw) < lanes<T>() ? 0 : last;
}

// Bin i of o over n elements is [binStart, binEnd).
// @ts-ignore: decorator
@inline
export function binStart(i: i32, n: i32, o: i32): i32 {
  return <i32>((<i64>i * <i64>n) / <i64>o);
}

// @ts-ignore: decorator
@inline
export function binEnd(i: i32, n: i32, o: i32): i32 {
  return <i32>((<i64>(i + 1) * <i64>n + <i64>o - 1) / <i64>o);
}
