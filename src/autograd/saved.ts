import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { alias, detachedAlias } from '../tensor_handle.js';
import type { Node } from './node.js';
import { Packed, currentSavedHooks } from './saved_hooks.js';

/** A tensor that a node keeps for its backward: a handle of its own on the bytes, with the version they had. */
export class SavedTensor {
  private readonly handle: Tensor;
  private version: number;
  private readonly hooks = currentSavedHooks();
  /** What hooks keep in place of the handle. */
  private packed: Packed | null = null;

  constructor(
    source: Tensor,
    /** Which of the node's own outputs it is, null when none: the handle of one must not hold the node, which holds it. */
    public outputNr: number | null,
  ) {
    this.handle = outputNr === null ? alias(source) : detachedAlias(source);
    this.version = source._version;
  }

  /** The call is over: an in-place one has counted its own write by now. */
  settle(): void {
    if (this.outputNr !== null) this.version = this.handle._version;
    if (this.hooks === null || this.packed !== null) return;
    this.packed = new Packed(this.handle, this.outputNr !== null, this.hooks);
    this.handle._drop();
  }

  unpack(node: Node): Tensor {
    const { handle, version, outputNr, packed } = this;
    if (packed !== null) return packed.unpack(outputNr === null ? null : { node, nr: outputNr });
    if (handle._version !== version) {
      const size = `[${handle.shape.join(', ')}]`;
      const origin = outputNr === null ? handle.grad_fn : node;
      const what =
        origin === null ? '' : `, which is output ${outputNr ?? handle._outputNr} of ${origin.name},`;
      throw new RuntimeError(
        'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
          `[torch.${handle.dtype.scalarName}Tensor ${size}]${what} is at version ${handle._version}; expected version ${version} ` +
          'instead.',
      );
    }
    if (outputNr === null) return handle;
    const output = alias(handle, true);
    output._setGradFn(node, outputNr);
    return output;
  }

  release(): void {
    if (this.packed === null) this.handle._drop();
    else this.packed.release();
  }
}
