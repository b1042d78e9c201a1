// The margin loss over several labels: x [N, C]; target [N, C] int64, each row's labels before its first −1.

/**
 * out: [N], Σ max(0, 1 − (x[label] − x[i])) / C over labels and over i that are none. slope: [N, C], its gradient in x.
 * seen: a workspace of C bytes.
 */
export function multilabelMargin<T>(
  x: usize,
  target: usize,
  out: usize,
  slope: usize,
  seen: usize,
  N: i32,
  C: i32,
): void {
  const row = <usize>C * sizeof<T>();
  const scale = <T>1 / <T>C;
  memory.fill(slope, 0, <usize>N * row);
  for (let n = 0; n < N; ++n) {
    memory.fill(seen, 0, C);
    let count = 0;
    for (; count < C; ++count) {
      const label = load<i64>(target + ((<usize>count) << 3));
      if (label < 0) break;
      store<u8>(seen + <usize>label, 1);
    }
    let loss: T = 0;
    for (let j = 0; j < count; ++j) {
      const at = <usize>load<i64>(target + ((<usize>j) << 3)) * sizeof<T>();
      const limit = <T>1 - load<T>(x + at);
      let above: T = 0;
      for (let i = 0; i < C; ++i) {
        if (load<u8>(seen + <usize>i)) continue;
        const z = limit + load<T>(x + <usize>i * sizeof<T>());
        if (z > <T>0) {
          loss += z;
          above += scale;
          const place = slope + <usize>i * sizeof<T>();
          store<T>(place, load<T>(place) + scale);
        }
      }
      store<T>(slope + at, load<T>(slope + at) - above);
    }
    store<T>(out, loss * scale);
    out += sizeof<T>();
    x += row;
    slope += row;
    target += (<usize>C) << 3;
  }
}
