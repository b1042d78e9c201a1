import { RuntimeError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { AlongDim, InplaceActivation } from './activation_base.js';
import type { InplaceOptions } from './activation_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyFloat } from '../python_text.js';
import { signature } from '../signature.js';

/** ELU with the alpha and scale that keep mean 0 and variance 1 (Klambauer et al., 2017). */
export class SELU extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.selu(input, { inplace: this.inplace });
  }
}

/** x·tanh(log(1 + eˣ)). */
export class Mish extends InplaceActivation {
  forward(input: Tensor): Tensor {
    return F.mish(input, { inplace: this.inplace });
  }
}

const CELU_SIGNATURE = signature('CELU(float alpha=1.0, bool inplace=False)');

/** max(x, 0) + min(alpha·(exp(x / alpha) − 1), 0). */
export class CELU extends Module {
  alpha: number;
  inplace: boolean;

  constructor(...args: Args<[], [alpha: number, inplace: boolean], InplaceOptions & { alpha?: number }>) {
    super();
    [this.alpha, this.inplace] = CELU_SIGNATURE(args) as [number, boolean];
  }

  forward(input: Tensor): Tensor {
    return F.celu(input, this.alpha, { inplace: this.inplace });
  }

  override extra_repr(): string {
    return `alpha=${pyFloat(this.alpha)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const GLU_SIGNATURE = signature('GLU(int dim=-1)');

/**
 * The first half of a dimension times the sigmoid of its second half.
 *
 * @example
 * console.log(new nn.GLU()(torch.zeros(2, 6)).shape); // [ 2, 3 ]
 */
export class GLU extends Module {
  dim: number;

  constructor(...args: Args<[], [dim: number], { dim?: number }>) {
    super();
    [this.dim] = GLU_SIGNATURE(args) as [number];
  }

  forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extra_repr(): string {
    return `dim=${this.dim}`;
  }
}

/** log(1 / (1 + e⁻ˣ)). */
export class LogSigmoid extends Module {
  forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

/** x / (1 + |x|). */
export class Softsign extends Module {
  forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/** softmax(−x) along `dim`. */
export class Softmin extends AlongDim {
  forward(input: Tensor): Tensor {
    return F.softmin(input, this.along(input));
  }
}

/** Softmax over the channels of each place of [N, C, H, W] or [C, H, W]. */
export class Softmax2d extends Module {
  forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new RuntimeError('Softmax2d requires a 3D or 4D tensor as input');
    }
    return F.softmax(input, -3);
  }
}
