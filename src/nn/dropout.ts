import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyBool, pyFloat } from '../python_text.js';
import { signature } from '../signature.js';

const BIND = signature('__init__(float p=0.5, bool inplace=False)');

abstract class DropoutNd extends Module {
  p: number;
  inplace: boolean;

  constructor(...args: Args<[], [p: number, inplace: boolean], { p?: number; inplace?: boolean }>) {
    super();
    [this.p, this.inplace] = BIND(args) as [number, boolean];
    if (!(this.p >= 0 && this.p <= 1)) {
      throw new ValueError(`dropout probability has to be between 0 and 1, but got ${this.p}`);
    }
  }

  override extra_repr(): string {
    return `p=${pyFloat(this.p)}, inplace=${pyBool(this.inplace)}`;
  }
}

/**
 * In training sets each element to 0 with probability `p` (default 0.5) and scales the others by 1/(1 − p).
 *
 * @example
 * const dropout = new nn.Dropout(0.2).eval();
 * console.log(dropout(torch.ones(2)).tolist()); // [ 1, 1 ]
 */
export class Dropout extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, L] or [C, L]. */
export class Dropout1d extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, H, W]. */
export class Dropout2d extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, D, H, W] or [C, D, H, W]. */
export class Dropout3d extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout for SELU: in training sets elements to its lower limit, then keeps mean 0 and variance 1. Never in place, as in torch. */
export class AlphaDropout extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.alpha_dropout(input, this.p, this.training);
  }
}

/** AlphaDropout of whole channels: of each index of the first two dimensions. */
export class FeatureAlphaDropout extends DropoutNd {
  forward(input: Tensor): Tensor {
    return F.feature_alpha_dropout(input, this.p, this.training);
  }
}
