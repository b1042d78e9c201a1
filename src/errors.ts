/**
 * Errors. Python's names where torch raises them, since that is what users search for; each is a subclass of the
 * nearest JavaScript error so that `catch` code written for JavaScript works too.
 */

class NamedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** torch's RuntimeError: shapes, states and values that an operator cannot work with. */
export class RuntimeError extends NamedError {}

/** torch's ValueError: an argument of the right type with a value outside its range. */
export class ValueError extends NamedError {}

/** torch's NotImplementedError: a dtype or case that the operator does not have. */
export class NotImplementedError extends RuntimeError {}

/** torch's IndexError: an index or a dimension out of range. */
export class IndexError extends RangeError {
  constructor(message: string) {
    super(message);
    this.name = 'IndexError';
  }
}

/** The WebAssembly memory cannot grow by what was asked for. Everything that existed is intact and usable. */
export class OutOfMemoryError extends RuntimeError {
  constructor(
    /** Bytes that were asked for. */
    readonly requested: number,
    /** Bytes in live tensors at that moment. */
    readonly allocated: number,
    /** Bytes of WebAssembly memory at that moment. */
    readonly reserved: number,
  ) {
    const mib = (bytes: number) =>
      bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    super(
      `out of memory: tried to allocate ${mib(requested)}; ${mib(allocated)} are in live tensors, ` +
        `${mib(reserved)} of WebAssembly memory are reserved and it cannot grow further. ` +
        `Existing tensors are intact: release some (end a scope, dispose()) or use a smaller batch`,
    );
  }
}

/** A tensor was touched after the scope that owned it had released it. */
export class UseAfterReleaseError extends RuntimeError {}
