/** Typed views of the WebAssembly memory. Growing the memory detaches them: read them from here each time, never keep one. */

const PAGE = 65536;
const MAX_PAGES = 65536;
const SPARE_PAGES = 128;

export class Heap {
  i8!: Int8Array;
  u8!: Uint8Array;
  i16!: Int16Array;
  i32!: Int32Array;
  i64!: BigInt64Array;
  f32!: Float32Array;
  f64!: Float64Array;

  constructor(readonly memory: WebAssembly.Memory) {
    this.refresh();
  }

  get byteLength(): number {
    return this.u8.byteLength;
  }

  private refresh(): void {
    const buffer = this.memory.buffer;
    this.i8 = new Int8Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /**
   * Grows to at least `bytes` in all; false when the engine refuses. Grows by 8 MiB more than asked, if it can, so that a model being
   * built does not grow the memory tensor by tensor.
   */
  growTo(bytes: number): boolean {
    const pages = this.byteLength / PAGE;
    const needed = Math.ceil(bytes / PAGE) - pages;
    if (needed <= 0) return true;
    if (pages + needed > MAX_PAGES) return false;
    return this.tryGrow(Math.min(needed + SPARE_PAGES, MAX_PAGES - pages)) || this.tryGrow(needed);
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.refresh();
    return true;
  }
}
