import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import { ADAM, ADAM_REST, AdamBase, adamDefaults } from './adam.js';
import type { AdamGroup, AdamOptional, AdamOptions } from './adam.js';
import type { Params } from './optimizer.js';

const BIND = signature(`AdamW(any params, float lr=1e-3, ${ADAM}=1e-2, ${ADAM_REST})`);

/**
 * AdamW (Loshchilov and Hutter, 2017): Adam whose weight decay, p *= 1 − lr·weight_decay (default 0.01), does not enter the
 * averages.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.AdamW([p], { lr: 0.1, weight_decay: 0.5 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.85
 */
export class AdamW extends AdamBase {
  protected override get decoupled(): boolean {
    return true;
  }

  constructor(params: Params<AdamGroup>, ...rest: Args<[], AdamOptional, AdamOptions>) {
    super(params, adamDefaults(BIND([params, ...rest])));
  }
}
