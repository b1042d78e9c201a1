import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface InplaceOptions {
  /** Whether the input is overwritten. Default false. */
  inplace?: boolean;
}

type InplaceArgs = Args<[], [inplace: boolean], InplaceOptions>;

const INPLACE = signature('__init__(bool inplace=False)');

/** What activations with no other option than `inplace` have in common. */
export abstract class InplaceActivation extends Module {
  inplace: boolean;

  constructor(...args: InplaceArgs) {
    super();
    [this.inplace] = INPLACE(args) as [boolean];
  }

  override extra_repr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

const DIM = signature('__init__(int? dim=None)');

/** What softmax and its kin have in common. */
export abstract class AlongDim extends Module {
  dim: number | null;

  constructor(...args: Args<[], [dim: number | null], { dim?: number | null }>) {
    super();
    [this.dim] = DIM(args) as [number | null];
  }

  /** torch's default, which it warns of: 0 for 0, 1 and 3 dimensions, otherwise 1. */
  protected along(input: Tensor): number {
    return this.dim ?? (input.ndim === 0 || input.ndim === 1 || input.ndim === 3 ? 0 : 1);
  }

  override extra_repr(): string {
    return `dim=${pyText(this.dim)}`;
  }
}
