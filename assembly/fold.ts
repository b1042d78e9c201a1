// Sliding blocks of images and back: im2col and col2im. Columns are [C·Kh·Kw, Oh·Ow] for each image.

// The outputs along one dimension whose tap at offset `start` from their window's begin is inside the image: [first, last).
// @ts-ignore: decorator
@inline
function firstOutput(start: i32, stride: i32): i32 {
  return start >= 0 ? 0 : (-start + stride - 1) / stride;
}

// @ts-ignore: decorator
@inline
function endOutput(start: i32, stride: i32, size: i32, outputs: i32): i32 {
  return start >= size ? 0 : min(outputs, (size - 1 - start) / stride + 1);
}

/** planes is images times channels. */
export function unfoldForward<T>(
  x: usize,
  out: usize,
  planes: i32,
  H: i32,
  W: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  Oh: i32,
  Ow: i32,
): void {
  const row = <usize>Ow * sizeof<T>();
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < kh; i++) {
      const top = i * dh - ph;
      for (let j = 0; j < kw; j++) {
        const left = j * dw - pw;
        const first = firstOutput(left, sw);
        const end = max(endOutput(left, sw, W, Ow), first);
        for (let o = 0; o < Oh; o++) {
          const h = o * sh + top;
          if (h < 0 || h >= H || first >= end) {
            memory.fill(out, 0, row);
          } else {
            memory.fill(out, 0, <usize>first * sizeof<T>());
            memory.fill(out + <usize>end * sizeof<T>(), 0, <usize>(Ow - end) * sizeof<T>());
            let from = x + <usize>(h * W + left + first * sw) * sizeof<T>();
            const to = out + <usize>first * sizeof<T>();
            if (sw == 1) {
              memory.copy(to, from, <usize>(end - first) * sizeof<T>());
            } else {
              for (let q = first; q < end; q++) {
                store<T>(out + <usize>q * sizeof<T>(), load<T>(from));
                from += <usize>sw * sizeof<T>();
              }
            }
          }
          out += row;
        }
      }
    }
    x += <usize>(H * W) * sizeof<T>();
  }
}

/** The adjoint: adds the columns to the places that they came from. x is zeroed here. */
export function foldForward<T>(
  columns: usize,
  x: usize,
  planes: i32,
  H: i32,
  W: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  Oh: i32,
  Ow: i32,
): void {
  const size = <usize>(H * W) * sizeof<T>();
  const row = <usize>Ow * sizeof<T>();
  memory.fill(x, 0, <usize>planes * size);
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < kh; i++) {
      const top = i * dh - ph;
      for (let j = 0; j < kw; j++) {
        const left = j * dw - pw;
        const first = firstOutput(left, sw);
        const end = endOutput(left, sw, W, Ow);
        for (let o = 0; o < Oh; o++) {
          const h = o * sh + top;
          if (h >= 0 && h < H) {
            let to = x + <usize>(h * W + left + first * sw) * sizeof<T>();
            for (let q = first; q < end; q++) {
              store<T>(to, <T>(load<T>(to) + load<T>(columns + <usize>q * sizeof<T>())));
              to += <usize>sw * sizeof<T>();
            }
          }
          columns += row;
        }
      }
    }
    x += size;
  }
}
