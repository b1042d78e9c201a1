// Reading a descriptor: [ndim, sizes…, strides of operand 0…, strides of operand 1…, …].

// @ts-ignore: decorator
@inline
export function sizeOf(desc: usize, dim: i32): i32 {
  return load<i32>(desc + 4 + ((<usize>dim) << 2));
}

// @ts-ignore: decorator
@inline
export function strideOf(desc: usize, operand: i32, dim: i32): i32 {
  return load<i32>(desc + 4 + ((<usize>(dim + (operand + 1) * load<i32>(desc))) << 2));
}

/** Product of the sizes of dims first … last - 1. */
export function countOf(desc: usize, first: i32, last: i32): i32 {
  let n = 1;
  for (let d = first; d < last; ++d) n *= sizeOf(desc, d);
  return n;
}

/** Element offset in an operand of position `index`, counted in C order over dims first … last - 1. */
export function offsetOf(desc: usize, operand: i32, first: i32, last: i32, index: i32): isize {
  let offset: isize = 0;
  for (let d = last - 1; d >= first && index > 0; --d) {
    const n = sizeOf(desc, d);
    const q = index / n;
    offset += <isize>(index - q * n) * <isize>strideOf(desc, operand, d);
    index = q;
  }
  return offset;
}
