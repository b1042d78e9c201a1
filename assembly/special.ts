// Special functions in float64. Float32 kernels use them too and round once at the end.
// The polynomials were fitted by Chebyshev interpolation with 50-digit arithmetic; the error each leaves is given beside it.

// @ts-ignore: decorator
@inline
const TWO_OVER_SQRT_PI: f64 = 1.1283791670955125739;

/** erf(x) / x in z = x^2 <= 1; 9e-18. */
function erfNear(z: f64): f64 {
  let p: f64 = -7.7958988270021422416e-10;
  p = p * z + 1.3720064546777685604e-8;
  p = p * z - 1.6208483801871705902e-7;
  p = p * z + 1.644742470331736241e-6;
  p = p * z - 1.4924736907419660338e-5;
  p = p * z + 1.2055294904839707917e-4;
  p = p * z - 8.5483259753896920806e-4;
  p = p * z + 5.2239776071164227321e-3;
  p = p * z - 2.686617064323777036e-2;
  p = p * z + 0.11283791670945006266;
  p = p * z - 0.37612638903183540438;
  return p * z + 1.1283791670955125665;
}

/** erfc(x) for 0.5 <= x <= 28: e^(-x^2) / (x + 4) times a polynomial in (x - 4) / (x + 4); 2e-19. */
function erfcFar(x: f64): f64 {
  const t = (x - 4) / (x + 4);
  let p: f64 = 1.8059453908156027631e-9;
  p = p * t + 5.0841592130886808173e-10;
  p = p * t - 1.7656086352912519066e-8;
  p = p * t - 9.4282233099246348094e-11;
  p = p * t + 1.2672358599238216762e-7;
  p = p * t - 7.444243984798025175e-8;
  p = p * t - 8.4792956570820786771e-7;
  p = p * t + 1.4234903846615209552e-6;
  p = p * t + 4.6951524072511268352e-6;
  p = p * t - 1.8860602858983130765e-5;
  p = p * t - 3.6353767776256935054e-6;
  p = p * t + 1.7681274568293617153e-4;
  p = p * t - 4.5505264736072122017e-4;
  p = p * t - 2.8095885385799045078e-4;
  p = p * t + 6.1120556517616903268e-3;
  p = p * t - 2.63700533414243767e-2;
  p = p * t + 7.638151490953679168e-2;
  p = p * t - 0.17401093723987894797;
  p = p * t + 0.3308515878780061969;
  p = p * t - 0.54085383131323631551;
  p = p * t + 0.77320870226523713808;
  p = p * t - 0.97654872908088198722;
  p = p * t + 1.0959956610004911191;
  // x^2 loses bits that e^ magnifies: h has 26 bits, so h^2 is exact.
  const h = reinterpret<f64>(reinterpret<u64>(x) & 0xfffffffff8000000);
  return NativeMath.exp(-h * h) * NativeMath.exp((h - x) * (h + x)) * (p / (x + 4));
}

export function erf(x: f64): f64 {
  const a = abs(x);
  if (a < 1) return x * erfNear(x * x);
  if (a < 6) return copysign<f64>(1 - erfcFar(a), x);
  return a != a ? x : copysign<f64>(1, x);
}

export function erfc(x: f64): f64 {
  if (x < 0.5) return 1 - erf(x);
  if (x < 28) return erfcFar(x);
  return x != x ? x : 0;
}

/** Winitzki's closed form (2e-3), then Halley steps, each of which triples the digits. */
export function erfinv(y: f64): f64 {
  const a = abs(y);
  if (!(a < 1)) return a == 1 ? copysign<f64>(Infinity, y) : NaN;
  if (a < 1e-8) return y / TWO_OVER_SQRT_PI;
  const l = NativeMath.log1p(-a * a);
  const b = 4.3307467508 + 0.5 * l;
  let x = sqrt(sqrt(b * b - l * 6.8027210884) - b);
  for (let i = 0; i < 3; i++) {
    // Near 1 the residual is taken from erfc: 1 - a is exact there.
    const d = a > 0.5 ? 1 - a - erfc(x) : erf(x) - a;
    const u = d / (TWO_OVER_SQRT_PI * NativeMath.exp(-x * x));
    x -= u / (1 + x * u);
  }
  return copysign<f64>(x, y);
}

/** log Gamma(2 + s) / s for |s| <= 1/2; 4e-20. */
function lgammaNear(s: f64): f64 {
  let p: f64 = -3.085985478390577084e-8;
  p = p * s + 6.4725698400647237363e-8;
  p = p * s - 9.5581781016351950431e-8;
  p = p * s + 2.0193835401136914384e-7;
  p = p * s - 4.5081682254468382908e-7;
  p = p * s + 9.5842070485949861417e-7;
  p = p * s - 2.0389077825677104694e-6;
  p = p * s + 4.3742234810820478287e-6;
  p = p * s - 9.4395262020588178626e-6;
  p = p * s + 2.050729199656382497e-5;
  p = p * s - 4.4926233820610824575e-5;
  p = p * s + 9.9457506687881399144e-5;
  p = p * s - 2.2315475858818616017e-4;
  p = p * s + 5.0966952502419547814e-4;
  p = p * s - 1.1927539116998527338e-3;
  p = p * s + 2.8905103307344045693e-3;
  p = p * s - 7.3855510286740247879e-3;
  p = p * s + 2.0580808427784630426e-2;
  p = p * s - 6.7352301053198094998e-2;
  p = p * s + 0.32246703342411321795;
  return p * s + 0.42278433509846713939;
}

/** sin(pi x), the argument reduced exactly. */
function sinPi(x: f64): f64 {
  const r = x - 2 * nearest(x * 0.5);
  if (abs(r) <= 0.25) return NativeMath.sin(Math.PI * r);
  if (abs(r) >= 0.75) return copysign<f64>(NativeMath.sin(Math.PI * (1 - abs(r))), r);
  return copysign<f64>(NativeMath.cos(Math.PI * (0.5 - abs(r))), r);
}

/** log |Gamma(x)|. */
export function lgamma(x: f64): f64 {
  if (x != x) return x;
  if (abs(x) == Infinity) return Infinity;
  if (x <= 0) {
    if (x == floor(x)) return Infinity;
    return NativeMath.log(Math.PI / abs(x * sinPi(x))) - lgamma(-x);
  }
  if (x < 0.5) return lgamma2(x + 1) - NativeMath.log(x);
  return lgamma2(x);
}

function lgamma2(x: f64): f64 {
  if (x < 1.5) {
    // log x from x - 1, which is exact: both terms vanish at 1.
    const s = x - 1;
    return s * lgammaNear(s) - NativeMath.log1p(s);
  }
  if (x < 10) {
    let product: f64 = 1;
    while (x > 2.5) {
      x -= 1;
      product *= x;
    }
    const s = x - 2;
    return s * lgammaNear(s) + (product == 1 ? 0 : NativeMath.log(product));
  }
  if (x > 1e17) return x * (NativeMath.log(x) - 1);
  // Stirling's series with the Bernoulli numbers B_2k / (2k (2k - 1)).
  const w = 1 / (x * x);
  const tail =
    (1.0 / 12 -
      w *
        (1.0 / 360 -
          w * (1.0 / 1260 - w * (1.0 / 1680 - w * (1.0 / 1188 - w * (691.0 / 360360 - (w * 1.0) / 156)))))) /
    x;
  return (x - 0.5) * NativeMath.log(x) - x + 0.91893853320467274178 + tail;
}

/** As torch: -inf at +0, NaN at the negative integers. */
export function digamma(x: f64): f64 {
  if (x == 0) return copysign<f64>(Infinity, -x);
  if (x < 0) {
    if (x == floor(x)) return NaN;
    const r = x - nearest(x);
    return digamma(1 - x) - Math.PI / NativeMath.tan(Math.PI * r);
  }
  let y: f64 = 0;
  while (x < 10) {
    y -= 1 / x;
    x += 1;
  }
  if (x > 1e17) return y + NativeMath.log(x);
  const w = 1 / (x * x);
  const tail =
    w *
    (1.0 / 12 -
      w *
        (1.0 / 120 -
          w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132 - w * (691.0 / 32760 - (w * 1.0) / 12))))));
  return y + NativeMath.log(x) - 0.5 / x - tail;
}
