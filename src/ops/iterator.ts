import { can_cast, numberDtype, resultType } from '../dtype.js';
import type { DType, PromotionOperand } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, broadcastStrides, numel, sameShape, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import type { Context } from './define.js';
import { cast, materialize } from './dense.js';

/** A tensor or a plain number, where torch takes either. */
export type TensorOrNumber = Tensor | number | boolean;

/** An operand as a kernel sees it. */
export interface Operand {
  readonly ptr: number;
  readonly itemsize: number;
  readonly shape: Shape;
  readonly strides: Shape;
}

const MAX_DIMS = 16;
const MAX_OPERANDS = 5;
/** Bytes of a descriptor, at most. */
export const DESC_BYTES = 4 * (1 + MAX_DIMS * (1 + MAX_OPERANDS));
const SCALAR_SLOTS = 4;

/** Memory for descriptors and for numbers that stand as operands; made with the first kernel call. */
let scratch: { desc: number; scalars: number } | null = null;

function scratchMemory(): { desc: number; scalars: number } {
  if (scratch === null) {
    const block = runtime().allocator.alloc(DESC_BYTES + 8 * SCALAR_SLOTS);
    const start = block.ptr + block.lead;
    scratch = { desc: start + 8 * SCALAR_SLOTS, scalars: start };
  }
  return scratch;
}

/**
 * Writes a kernel's descriptor for operands of one shape (strides already broadcast, output first): dimensions of size 1 are
 * dropped and neighbours that are one run in every operand merged. Returns its address.
 */
export function writeDescriptor(shape: Shape, strides: readonly Shape[]): number {
  if (shape.length > MAX_DIMS)
    throw new RuntimeError(`tensors of more than ${MAX_DIMS} dimensions are not supported`);
  const { desc } = scratchMemory();
  const { i32 } = runtime().heap;
  const at = desc >> 2;
  const sizes: number[] = [];
  const kept: number[] = [];
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const last = kept.length - 1;
    if (last >= 0 && strides.every((s) => s[kept[last]] === s[d] * shape[d])) {
      sizes[last] *= shape[d];
      kept[last] = d;
    } else {
      sizes.push(shape[d]);
      kept.push(d);
    }
  }
  if (kept.length === 0) {
    i32[at] = 1;
    i32[at + 1] = 1;
    for (let k = 0; k < strides.length; k++) i32[at + 2 + k] = 1;
    return desc;
  }
  const ndim = kept.length;
  i32[at] = ndim;
  for (let d = 0; d < ndim; d++) {
    i32[at + 1 + d] = sizes[d]!;
    for (let k = 0; k < strides.length; k++) i32[at + 1 + ndim * (k + 1) + d] = strides[k][kept[d]]!;
  }
  return desc;
}

/** A descriptor with the dimensions exactly as given, for kernels that tell them apart (reductions). */
export function writeRawDescriptor(shape: Shape, strides: readonly Shape[]): number {
  const { desc } = scratchMemory();
  const { i32 } = runtime().heap;
  const at = desc >> 2;
  i32[at] = shape.length;
  i32.set(shape, at + 1);
  strides.forEach((s, k) => i32.set(s, at + 1 + shape.length * (k + 1)));
  return desc;
}

/** Puts a number where a kernel can read it as an operand of `dtype` with all strides 0. */
export function scalarOperand(slot: number, value: number | boolean, dtype: DType): Operand {
  const ptr = scratchMemory().scalars + 8 * slot;
  writeScalar(ptr, Number(value), dtype);
  return { ptr, itemsize: dtype.itemsize, shape: [], strides: [] };
}

export function writeScalar(ptr: number, value: number, dtype: DType): void {
  const { heap } = runtime();
  switch (dtype.name) {
    case 'float32':
      heap.f32[ptr >> 2] = value;
      break;
    case 'float64':
      heap.f64[ptr >> 3] = value;
      break;
    case 'int64':
      heap.i64[ptr >> 3] = BigInt(Math.trunc(value));
      break;
    case 'int32':
      heap.i32[ptr >> 2] = value;
      break;
    case 'int16':
      heap.i16[ptr >> 1] = value;
      break;
    case 'bool':
      heap.u8[ptr] = value !== 0 ? 1 : 0;
      break;
    default:
      heap.u8[ptr] = value;
  }
}

export function operandOf(tensor: Tensor): Operand {
  return {
    ptr: address(tensor),
    itemsize: tensor.dtype.itemsize,
    shape: tensor.shape,
    strides: tensor._strides,
  };
}

/** The dtype that pointwise operands are computed in. */
export function commonDtype(values: readonly TensorOrNumber[]): DType {
  return resultType(values.map(promotionOperand));
}

function promotionOperand(value: TensorOrNumber): PromotionOperand {
  if (value instanceof Tensor)
    return { dtype: value.dtype, standing: value.ndim === 0 ? 'scalar' : 'tensor' };
  return { dtype: numberDtype(value), standing: 'number' };
}

export function shapeOf(value: TensorOrNumber): Shape {
  return value instanceof Tensor ? value.shape : [];
}

/** What a pointwise kernel needs: the operands in one dtype and the output they go to. */
export interface Loop {
  readonly inputs: readonly Operand[];
  readonly out: Tensor;
  /** Address of the descriptor; operands: out, then the inputs. Null when there is nothing to do. */
  readonly desc: number | null;
}

/**
 * Prepares a pointwise loop: casts the operands to `dtype`, broadcasts them, and finds or makes the output. Casts are
 * handles of the running operator and go when it ends.
 */
export function prepareLoop(
  ctx: Context,
  values: readonly TensorOrNumber[],
  dtype: DType,
  outDtype: DType,
): Loop {
  let shape: Shape = shapeOf(values[0]);
  for (let i = 1; i < values.length; i++) shape = broadcastShapes(shape, shapeOf(values[i]));
  const out = pointwiseOutput(ctx, shape, outDtype);
  const inputs = values.map((value, i) =>
    value instanceof Tensor ? operandOf(apart(cast(value, dtype), out)) : scalarOperand(i, value, dtype),
  );
  if (numel(shape) === 0) return { inputs, out, desc: null };
  const strides = [
    out._strides,
    ...inputs.map((input) => broadcastStrides(input.shape, input.strides, shape)),
  ];
  return { inputs, out, desc: writeDescriptor(shape, strides) };
}

/** An input that shares memory with the output but is laid out otherwise must be copied before it is overwritten. */
function apart(input: Tensor, out: Tensor): Tensor {
  if (input._storage !== out._storage) return input;
  const same =
    input._offset === out._offset &&
    sameShape(input.shape, out.shape) &&
    sameShape(input._strides, out._strides);
  return same ? input : materialize(input);
}

/** Whether a result of one dtype may be written over a tensor of another. */
export function checkWritable(from: DType, to: DType): void {
  if (can_cast(from, to)) return;
  throw new RuntimeError(
    `result type ${from.scalarName} can't be cast to the desired output type ${to.scalarName}`,
  );
}

/** Refuses a tensor that shows one place in memory as several elements: which of them stays there would depend on their order. */
export function checkPlaces({ shape, _strides }: Tensor): void {
  if (numel(shape) === 0 || !shape.some((size, d) => size > 1 && _strides[d] === 0)) return;
  throw new RuntimeError(
    'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please ' +
      'clone() the tensor before performing the operation.',
  );
}

/** `checkWritable` for the target of an in-place call: torch looks there first, then at the operator's own demands. */
export function checkTarget({ target }: Context, dtype: DType): void {
  if (target !== null) checkWritable(dtype, target.dtype);
}

/** The tensor that a pointwise result goes to: the target of an in-place call where it fits, otherwise a new one. */
export function pointwiseOutput(ctx: Context, shape: Shape, dtype: DType): Tensor {
  const { target } = ctx;
  if (target === null) return allocate(shape, dtype);
  if (!sameShape(target.shape, shape)) {
    throw new RuntimeError(
      `output with shape ${showShape(target.shape)} doesn't match the broadcast shape ${showShape(shape)}`,
    );
  }
  checkTarget(ctx, dtype);
  return target.dtype === dtype ? target : allocate(shape, dtype);
}
