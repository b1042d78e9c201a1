import { fmaOnce } from './exact';

// Box–Muller on f32 blocks of 16 with the log and sincos of avx_mathfun (Cephes' polynomials; Julien Pommier's
// sse_mathfun, Giovanni Garberoglio's AVX form). fmaOnce stands exactly where GCC contracted PyTorch's AVX2 code:
// moving one changes last bits of every network initialised by normal_.

// log of x in (0, 1], normal numbers only.
// @ts-ignore: decorator
@inline
function log(x: v128): v128 {
  const one = f32x4.splat(1);
  let e = f32x4.add(f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127))), one);
  x = v128.or(v128.and(x, i32x4.splat(<i32>0x807fffff)), f32x4.splat(0.5));
  const small = f32x4.lt(x, f32x4.splat(0.707106781186547524));
  const doubled = v128.and(x, small);
  e = f32x4.sub(e, v128.and(one, small));
  x = f32x4.add(f32x4.sub(x, one), doubled);
  const z = f32x4.mul(x, x);
  let y = fmaOnce<f32>(f32x4.splat(7.0376836292e-2), x, f32x4.splat(-1.151461031e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(1.167699874e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(-1.2420140846e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(1.4249322787e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(-1.6668057665e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(2.0000714765e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(-2.4999993993e-1));
  y = fmaOnce<f32>(y, x, f32x4.splat(3.3333331174e-1));
  y = f32x4.mul(y, x);
  y = fmaOnce<f32>(y, z, f32x4.mul(e, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  return fmaOnce<f32>(e, f32x4.splat(0.693359375), f32x4.add(x, y));
}

// Eight pairs of uniforms at p, in place: four at p and p + 32.
// @ts-ignore: decorator
@inline
function transform(p: usize, mean: v128, std: v128): void {
  const u1 = f32x4.sub(f32x4.splat(1), v128.load(p));
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(u1)));
  const theta = f32x4.mul(f32x4.splat(6.283185307179586), v128.load(p, 32));

  const j = v128.and(
    i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.mul(theta, f32x4.splat(1.27323954473516))), i32x4.splat(1)),
    i32x4.splat(~1),
  );
  const y = f32x4.convert_i32x4_s(j);
  const sinSign = i32x4.shl(v128.and(j, i32x4.splat(4)), 29);
  const cosSign = i32x4.shl(v128.andnot(i32x4.splat(4), i32x4.sub(j, i32x4.splat(2))), 29);
  const near = i32x4.eq(v128.and(j, i32x4.splat(2)), i32x4.splat(0));
  let x = fmaOnce<f32>(y, f32x4.splat(-0.78515625), theta);
  x = fmaOnce<f32>(y, f32x4.splat(-2.4187564849853515625e-4), x);
  x = fmaOnce<f32>(y, f32x4.splat(-3.77489497744594108e-8), x);
  const z = f32x4.mul(x, x);
  let c = fmaOnce<f32>(f32x4.splat(2.443315711809948e-5), z, f32x4.splat(-1.388731625493765e-3));
  c = fmaOnce<f32>(c, z, f32x4.splat(4.166664568298827e-2));
  c = f32x4.mul(c, z);
  c = f32x4.add(fmaOnce<f32>(c, z, f32x4.mul(z, f32x4.splat(-0.5))), f32x4.splat(1));
  let s = fmaOnce<f32>(f32x4.splat(-1.9515295891e-4), z, f32x4.splat(8.3321608736e-3));
  s = fmaOnce<f32>(s, z, f32x4.splat(-1.6666654611e-1));
  s = fmaOnce<f32>(f32x4.mul(s, z), x, x);
  const sin = v128.xor(v128.bitselect(s, c, near), sinSign);
  const cos = v128.xor(v128.bitselect(c, s, near), cosSign);

  v128.store(p, fmaOnce<f32>(f32x4.mul(radius, cos), std, mean));
  v128.store(p, fmaOnce<f32>(f32x4.mul(radius, sin), std, mean), 32);
}

/** `blocks` blocks of 16 uniforms at p become normals in place. */
export function normalBlocks(p: usize, blocks: i32, mean: f32, std: f32): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(std);
  for (let b = 0; b < blocks; b++) {
    transform(p, m, s);
    transform(p + 16, m, s);
    p += 64;
  }
}
