/**
 * Rows of `width` in consecutive bags of counts[b] > 0 rows each: out[b, column] is the element offset of the bag's largest
 * value in that column, of equal ones the first. As in PyTorch a NaN counts only where it comes first.
 */
export function bagArgmax<T>(rows: usize, counts: usize, out: usize, bags: i32, width: i32): void {
  let first = 0;
  for (let b = 0; b < bags; b++) {
    const count = load<i32>(counts + ((<usize>b) << 2));
    for (let c = 0; c < width; c++) {
      let at = first * width + c;
      let best = load<T>(rows + <usize>at * sizeof<T>());
      for (let r = first + 1; r < first + count; r++) {
        const value = load<T>(rows + <usize>(r * width + c) * sizeof<T>());
        if (value > best) {
          best = value;
          at = r * width + c;
        }
      }
      store<i32>(out, at);
      out += 4;
    }
    first += count;
  }
}
