/** In which form an operator is called: as a function, as a method, in place. */
import * as torch from '../../src/index.js';
import type { Arg, Case } from './case.js';
import type { Draw } from './draw.js';

interface Bound {
  readonly args: readonly Arg[];
  readonly kwargs: Readonly<Record<string, Arg>>;
  readonly grad: boolean;
}

/** Functions whose method takes the arguments in another order. */
const OTHER_ORDER = new Set(['where']);

/** torch 1.13 gives a tensor that broadcasts the size of the result, where other operators raise. */
const RESIZES = new Set(['addbmm']);

/** Operators that torch lets write where elements share a place: which of them stays is not determined. */
const REPEATS = new Set(['index_fill', 'masked_fill']);

/** Whether elements of the tensor share a place. */
function sharesPlaces(arg: Arg | undefined): boolean {
  if (typeof arg !== 'object' || arg === null || !('tensor' in arg)) return false;
  return arg.size.some((n, d) => n > 1 && arg.stride[d] === 0);
}

function namespaceOf(on: Case['on']): object {
  return on === 'torch' ? torch : on === 'F' ? torch.nn.functional : {};
}

/** The call on the namespace that has it, or in another of the forms that the operator has. */
export function inSomeForm(
  draw: Draw,
  name: string,
  on: Case['on'],
  variants: readonly string[],
  { args, kwargs, grad }: Bound,
): Case {
  const plain: Case = { on, op: name, args, kwargs, grad };
  const inplace: Case['on'][] = [];
  if (variants.includes('inplace')) inplace.push('method');
  if (`${name}_` in namespaceOf(on)) inplace.push(on);
  if (
    inplace.length > 0 &&
    draw.once(4) &&
    !RESIZES.has(name) &&
    !(REPEATS.has(name) && sharesPlaces(args[0]))
  ) {
    const { inplace: _, ...others } = kwargs;
    return {
      ...plain,
      on: draw.pick(inplace),
      op: `${name}_`,
      kwargs: others,
      grad,
    };
  }
  const method = variants.includes('method') && !OTHER_ORDER.has(name) && draw.once(4);
  return method ? { ...plain, on: 'method' } : plain;
}
