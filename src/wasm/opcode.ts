// Numbers that the kernels and their callers share; assembly/ imports this very file, so only plain integer constants may stand here.
//
// Pointwise kernels take a descriptor of int32: [ndim, sizes…, strides of out…, strides of each input…], strides in elements.
// Those that need no op code:
//   where(size, cond, a, b, out, desc)                  size 1, 2, 4 or 8 bytes; strides of out, cond, a, b
//   copy(from, to, x, out, desc)                        dtype codes; casts as C on x86-64 (assembly/copy.ts)
//   fill(dtype, out, desc, value)
//   reduce_arg(dtype, op, x, values, indices, desc, inner)   op R_MAX or R_MIN; both outputs on the out strides
//   reduce_moments(dtype, x, mean, m2, desc, inner)     float
//   sort(dtype, keys, idx, rows, n, descending, ws)     in place, stable; ws of sort_workspace(n) bytes, 8-byte aligned
//   topk(dtype, x, values, idx, rows, n, k, largest)    best first; of equals the first
//   grid_offset(out, desc), index_offset(index, offsets, n, size, stride): i32      build int32 element offsets
//   take(size, x, offsets, out, n, width), put(size, x, offsets, values, n, width)
//   nonzero_count(dtype, x, n): i32, nonzero_write(dtype, x, n, out), arange(dtype, out, n, start, step)

/** dtype codes */
export const BOOL = 0;
export const UINT8 = 1;
export const INT8 = 2;
export const INT16 = 3;
export const INT32 = 4;
export const INT64 = 5;
export const FLOAT32 = 6;
export const FLOAT64 = 7;

// Unary: `unary(dtype, op, x, out, desc, p0, p1, p2)`; p0, p1, p2 are what the remark names. dtype is that of x and of out.
export const U_NEG = 0;
export const U_ABS = 1;
/** sign(NaN) = 0, as torch */
export const U_SIGN = 2;
export const U_SQRT = 3;
export const U_RSQRT = 4;
export const U_RECIPROCAL = 5;
export const U_SQUARE = 6;
export const U_CUBE = 7;
/** NaN stays NaN; also integers */
export const U_RELU = 8;
export const U_FLOOR = 9;
export const U_CEIL = 10;
/** half to even */
export const U_ROUND = 11;
export const U_TRUNC = 12;
export const U_FRAC = 13;
/** x + p0 */
export const U_ADD_SCALAR = 14;
/** p0 - x */
export const U_RSUB_SCALAR = 15;
/** x * p0 */
export const U_MUL_SCALAR = 16;
/** x / p0 */
export const U_DIV_SCALAR = 17;
/** p0 / x */
export const U_RDIV_SCALAR = 18;
/** min p0, max p1, NaN stays: clamp, hardtanh, relu6 */
export const U_CLAMP = 19;
/** max(x, p0) */
export const U_CLAMP_MIN = 20;
/** min(x, p0) */
export const U_CLAMP_MAX = 21;
/** slope p0 */
export const U_LEAKY_RELU = 22;
/** x > p0 ? x : p1 */
export const U_THRESHOLD = 23;
export const U_HARDSIGMOID = 24;
export const U_HARDSWISH = 25;
/** nan p0, +inf p1, -inf p2 */
export const U_NAN_TO_NUM = 26;
/** x ^ p0 */
export const U_POW_SCALAR = 27;
export const U_EXP = 28;
export const U_EXPM1 = 29;
export const U_LOG = 30;
export const U_LOG1P = 31;
export const U_SIGMOID = 32;
export const U_TANH = 33;
export const U_SILU = 34;
/** x * Phi(x), by erf */
export const U_GELU = 35;
export const U_GELU_TANH = 36;
/** alpha p0, scale p1, input scale p2: elu (a,1,1), selu, celu (a,1,1/a) */
export const U_ELU = 37;
/** beta p0, threshold p1 */
export const U_SOFTPLUS = 38;
export const U_LOGSIGMOID = 39;
export const U_MISH = 40;
export const U_ERF = 41;
export const U_EXP2 = 42;
export const U_LOG2 = 43;
export const U_LOG10 = 44;
export const U_SIN = 45;
export const U_COS = 46;
export const U_TAN = 47;
export const U_ASIN = 48;
export const U_ACOS = 49;
export const U_ATAN = 50;
export const U_SINH = 51;
export const U_COSH = 52;
export const U_ASINH = 53;
export const U_ACOSH = 54;
export const U_ATANH = 55;
export const U_ERFC = 56;
export const U_ERFINV = 57;
export const U_LGAMMA = 58;
export const U_DIGAMMA = 59;
/** p0 ^ x */
export const U_RPOW_SCALAR = 60;
/** sign of p0 */
export const U_REMAINDER_SCALAR = 61;
/** sign of x */
export const U_FMOD_SCALAR = 62;
export const U_FLOOR_DIV_SCALAR = 63;
export const U_TRUNC_DIV_SCALAR = 64;
/** integers and bool */
export const U_BITWISE_NOT = 65;

// Binary: `binary(dtype, op, a, b, out, desc, p0, p1): i32`; 1 when an integer was divided by zero (that element is 0), else 0.
/** a + p0 * b, so p0 = 1 is plain addition and -1 subtraction */
export const B_ADD = 0;
export const B_SUB = 1;
export const B_MUL = 2;
/** float only */
export const B_DIV = 3;
/** NaN wins */
export const B_MAXIMUM = 4;
/** NaN wins */
export const B_MINIMUM = 5;
/** NaN loses */
export const B_FMAX = 6;
/** NaN loses */
export const B_FMIN = 7;
export const B_COPYSIGN = 8;
export const B_TRUNC_DIV = 9;
/** (grad, out or x): x <= 0 ? 0 : grad */
export const B_RELU_BACKWARD = 10;
/** (grad, x): x <= p0 ? 0 : grad */
export const B_THRESHOLD_BACKWARD = 11;
/** (grad, x): p0 < x < p1 ? grad : 0 */
export const B_HARDTANH_BACKWARD = 12;
/** (grad, x), slope p0 */
export const B_LEAKY_RELU_BACKWARD = 13;
/** (grad, out) */
export const B_SIGMOID_BACKWARD = 14;
/** (grad, out) */
export const B_TANH_BACKWARD = 15;
/** (grad, x) */
export const B_SILU_BACKWARD = 16;
/** (grad, x), erf form */
export const B_GELU_BACKWARD = 17;
export const B_POW = 18;
export const B_ATAN2 = 19;
export const B_HYPOT = 20;
export const B_XLOGY = 21;
export const B_LOGADDEXP = 22;
export const B_LOGADDEXP2 = 23;
export const B_HEAVISIDE = 24;
/** sign of b */
export const B_REMAINDER = 25;
/** sign of a */
export const B_FMOD = 26;
export const B_FLOOR_DIV = 27;
/** integers and bool */
export const B_AND = 28;
export const B_OR = 29;
export const B_XOR = 30;
export const B_SHL = 31;
export const B_SHR = 32;
export const B_GCD = 33;
export const B_LCM = 34;

// Ternary: `ternary(dtype, op, a, b, c, out, desc, p0)`; strides of out, a, b, c.
/** a + p0 * b * c */
export const K_ADDCMUL = 0;
/** a + p0 * b / c (float) */
export const K_ADDCDIV = 1;
/** a to b by weight c (float) */
export const K_LERP = 2;
/** min(max(a, b), c), NaN wins */
export const K_CLAMP = 3;

// Comparison into bool bytes: `compare(dtype, op, a, b, out, desc)`.
export const C_EQ = 0;
export const C_NE = 1;
export const C_LT = 2;
export const C_LE = 3;
export const C_GT = 4;
export const C_GE = 5;
/** logical */
export const C_AND = 6;
export const C_OR = 7;
export const C_XOR = 8;

// Tests into bool bytes: `test(dtype, op, x, out, desc)`.
export const T_NONZERO = 0;
export const T_LOGICAL_NOT = 1;
export const T_ISNAN = 2;
export const T_ISINF = 3;
export const T_ISFINITE = 4;
export const T_ISPOSINF = 5;
export const T_ISNEGINF = 6;
export const T_SIGNBIT = 7;

// Reduction: `reduce(dtype, op, x, out, desc, inner_ndim, p0)`; the last inner_ndim dims are reduced, out strides 0 there.
/** float: same dtype; integers and bool: int64 */
export const R_SUM = 0;
/** as SUM */
export const R_PROD = 1;
/** float: sum * p0, p0 = 1/count */
export const R_MEAN = 2;
/** float */
export const R_SUM_SQUARE = 3;
/** float */
export const R_SUM_ABS = 4;
/** float: sum |x|^p0 */
export const R_SUM_POW = 5;
/** float */
export const R_NANSUM = 6;
/** same dtype, NaN wins */
export const R_MAX = 7;
/** same dtype, NaN wins */
export const R_MIN = 8;
/** float */
export const R_MAX_ABS = 9;
/** float */
export const R_MIN_ABS = 10;
/** float */
export const R_LOGSUMEXP = 11;
/** int64 */
export const R_COUNT_NONZERO = 12;
/** bool */
export const R_ANY = 13;
/** bool */
export const R_ALL = 14;
/** int64: flat over the reduced dims in C order; the first wins, NaN wins */
export const R_ARGMAX = 15;
/** int64 */
export const R_ARGMIN = 16;

// Scan along n of contiguous [outer, n, inner]: `scan(dtype, op, x, out, idx, outer, n, inner)`; idx is 0 but for CUMMAX, CUMMIN. CUMSUM and CUMPROD: out has the dtype of x.
export const S_CUMSUM = 0;
export const S_CUMPROD = 1;
/** the last of equals, as torch; idx int64 */
export const S_CUMMAX = 2;
export const S_CUMMIN = 3;
/** float */
export const S_LOGCUMSUMEXP = 4;

// How `put` combines: `put_reduce(dtype, op, x, offsets, values, n, width)`.
export const P_ADD = 0;
export const P_MUL = 1;
/** NaN wins */
export const P_MAX = 2;
/** NaN wins */
export const P_MIN = 3;
