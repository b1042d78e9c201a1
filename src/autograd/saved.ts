import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { alias, detachedAlias } from '../tensor_handle.js';
import type { Node } from './node.js';

/** A tensor that a node keeps for its backward: a handle of its own on the bytes, with the version they had. */
export class SavedTensor {
  private readonly handle: Tensor;
  private version: number;

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
  }

  unpack(node: Node): Tensor {
    const { handle, version, outputNr } = this;
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
    this.handle._drop();
  }
}
