// The whole kernel ABI. A family's generic source is in the file its heading names; only this file exports to the host.
// Pointers are byte addresses; counts and strides are in elements; scalars come as f64.

/** Where static data ends: the allocator may use every byte from here on. */
export const heap_base: usize = __heap_base;
