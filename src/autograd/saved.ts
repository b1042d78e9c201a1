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
    /** Whether it is the node's own output: its handle must not hold the node, which holds it. */
    private readonly isOutput: boolean,
  ) {
    this.handle = isOutput ? detachedAlias(source) : alias(source);
    this.version = source._version;
  }

  /** The call is over: an in-place one has counted its own write by now. */
  settle(): void {
    if (this.isOutput) this.version = this.handle._version;
  }

  unpack(node: Node, nr: number): Tensor {
    const { handle, version } = this;
    if (handle._version !== version) {
      const size = `[${handle.shape.join(', ')}]`;
      const origin = this.isOutput ? node : handle.grad_fn;
      const what =
        origin === null
          ? ''
          : `, which is output ${this.isOutput ? nr : handle._outputNr} of ${origin.name},`;
      throw new RuntimeError(
        'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
          `[torch.${handle.dtype.scalarName}Tensor ${size}]${what} is at version ${handle._version}; expected version ${version} ` +
          'instead.',
      );
    }
    if (!this.isOutput) return handle;
    const output = alias(handle, true);
    output._setGradFn(node, nr);
    return output;
  }

  release(): void {
    this.handle._drop();
  }
}
