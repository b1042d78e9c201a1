/** How a tensor is held. Compared by identity: there is one object per layout. */
export class Layout {
  constructor(
    /** torch's name, without the `torch.` prefix. */
    readonly name: 'strided' | 'sparse_coo',
    /** How torch's messages spell it. */
    readonly word: 'Strided' | 'Sparse',
  ) {}

  toString(): string {
    return `torch.${this.name}`;
  }
}

/** Every element has a place in memory, found by strides. */
export const strided = new Layout('strided', 'Strided');
/** A list of indices and the values there; what is not listed is 0 (`sparse_coo_tensor`). */
export const sparse_coo = new Layout('sparse_coo', 'Sparse');
