/** The functions of `torch` that write into their first argument and return it: `torch.relu_(x)` is `x.relu_()`. */
import type { AnyFunction } from './ops/define.js';
import * as ops from './ops/index.js';
import { signature } from './signature.js';
import type { Tensor } from './tensor.js';

/** The operator is looked up with the call: it may be loaded then. */
function inplace<F extends AnyFunction>(op: () => { readonly inplace: F }): F {
  return ((...args: unknown[]) => op().inplace(...args)) as F;
}

export const abs_: typeof ops.abs.inplace = inplace(() => ops.abs);
export const acos_: typeof ops.acos.inplace = inplace(() => ops.acos);
export const acosh_: typeof ops.acosh.inplace = inplace(() => ops.acosh);
export const addmv_: typeof ops.addmv.inplace = inplace(() => ops.addmv);
export const arccos_: typeof ops.arccos.inplace = inplace(() => ops.arccos);
export const arccosh_: typeof ops.arccosh.inplace = inplace(() => ops.arccosh);
export const arcsin_: typeof ops.arcsin.inplace = inplace(() => ops.arcsin);
export const arcsinh_: typeof ops.arcsinh.inplace = inplace(() => ops.arcsinh);
export const arctan_: typeof ops.arctan.inplace = inplace(() => ops.arctan);
export const arctanh_: typeof ops.arctanh.inplace = inplace(() => ops.arctanh);
export const asin_: typeof ops.asin.inplace = inplace(() => ops.asin);
export const asinh_: typeof ops.asinh.inplace = inplace(() => ops.asinh);
export const atan_: typeof ops.atan.inplace = inplace(() => ops.atan);
export const atanh_: typeof ops.atanh.inplace = inplace(() => ops.atanh);
export const ceil_: typeof ops.ceil.inplace = inplace(() => ops.ceil);
export const celu_: typeof ops.celu.inplace = inplace(() => ops.celu);
export const clamp_: typeof ops.clamp.inplace = inplace(() => ops.clamp);
export const clamp_max_: typeof ops.clamp_max.inplace = inplace(() => ops.clamp_max);
export const clamp_min_: typeof ops.clamp_min.inplace = inplace(() => ops.clamp_min);
export const clip_: typeof ops.clip.inplace = inplace(() => ops.clip);
export const conj_physical_: typeof ops.conj_physical.inplace = inplace(() => ops.conj_physical);
export const cos_: typeof ops.cos.inplace = inplace(() => ops.cos);
export const cosh_: typeof ops.cosh.inplace = inplace(() => ops.cosh);
export const deg2rad_: typeof ops.deg2rad.inplace = inplace(() => ops.deg2rad);
export const erf_: typeof ops.erf.inplace = inplace(() => ops.erf);
export const erfc_: typeof ops.erfc.inplace = inplace(() => ops.erfc);
export const exp_: typeof ops.exp.inplace = inplace(() => ops.exp);
export const exp2_: typeof ops.exp2.inplace = inplace(() => ops.exp2);
export const expm1_: typeof ops.expm1.inplace = inplace(() => ops.expm1);
export const fix_: typeof ops.fix.inplace = inplace(() => ops.fix);
export const floor_: typeof ops.floor.inplace = inplace(() => ops.floor);
export const frac_: typeof ops.frac.inplace = inplace(() => ops.frac);
export const gcd_: typeof ops.gcd.inplace = inplace(() => ops.gcd);
export const i0_: typeof ops.i0.inplace = inplace(() => ops.i0);
export const lcm_: typeof ops.lcm.inplace = inplace(() => ops.lcm);
export const ldexp_: typeof ops.ldexp.inplace = inplace(() => ops.ldexp);
export const log_: typeof ops.log.inplace = inplace(() => ops.log);
export const log10_: typeof ops.log10.inplace = inplace(() => ops.log10);
export const log1p_: typeof ops.log1p.inplace = inplace(() => ops.log1p);
export const log2_: typeof ops.log2.inplace = inplace(() => ops.log2);
export const logit_: typeof ops.logit.inplace = inplace(() => ops.logit);
export const nan_to_num_: typeof ops.nan_to_num.inplace = inplace(() => ops.nan_to_num);
export const neg_: typeof ops.neg.inplace = inplace(() => ops.neg);
export const negative_: typeof ops.negative.inplace = inplace(() => ops.negative);
export const rad2deg_: typeof ops.rad2deg.inplace = inplace(() => ops.rad2deg);
export const reciprocal_: typeof ops.reciprocal.inplace = inplace(() => ops.reciprocal);
export const relu_: typeof ops.relu.inplace = inplace(() => ops.relu);
export const round_: typeof ops.round.inplace = inplace(() => ops.round);
export const rrelu_: typeof ops.rrelu.inplace = inplace(() => ops.rrelu);
export const rsqrt_: typeof ops.rsqrt.inplace = inplace(() => ops.rsqrt);
export const selu_: typeof ops.selu.inplace = inplace(() => ops.selu);
export const sigmoid_: typeof ops.sigmoid.inplace = inplace(() => ops.sigmoid);
export const sin_: typeof ops.sin.inplace = inplace(() => ops.sin);
export const sinc_: typeof ops.sinc.inplace = inplace(() => ops.sinc);
export const sinh_: typeof ops.sinh.inplace = inplace(() => ops.sinh);
export const sqrt_: typeof ops.sqrt.inplace = inplace(() => ops.sqrt);
export const square_: typeof ops.square.inplace = inplace(() => ops.square);
export const tan_: typeof ops.tan.inplace = inplace(() => ops.tan);
export const tanh_: typeof ops.tanh.inplace = inplace(() => ops.tanh);
export const threshold_: typeof ops.threshold.inplace = inplace(() => ops.threshold);
export const trunc_: typeof ops.trunc.inplace = inplace(() => ops.trunc);
export const xlogy_: typeof ops.xlogy.inplace = inplace(() => ops.xlogy);

type Dropout = (input: Tensor, p: number, train: boolean) => Tensor;

function dropoutInto(name: string, op: () => typeof ops.dropout): Dropout {
  const bind = signature(`${name}(Tensor input, float p, bool train)`);
  return (...args) => {
    const [x, p, train] = bind(args) as Parameters<Dropout>;
    return op()(x, p, train, true);
  };
}

export const alpha_dropout_: Dropout = dropoutInto('alpha_dropout_', () => ops.alpha_dropout);
export const dropout_: Dropout = dropoutInto('dropout_', () => ops.dropout);
export const feature_alpha_dropout_: Dropout = dropoutInto(
  'feature_alpha_dropout_',
  () => ops.feature_alpha_dropout,
);
export const feature_dropout_: Dropout = dropoutInto('feature_dropout_', () => ops.feature_dropout);
