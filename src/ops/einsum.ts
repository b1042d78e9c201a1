import { RuntimeError, ValueError } from '../errors.js';
import { numel } from '../shape.js';
import { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { diagonal } from './diagonal.js';
import { bmm } from './matmul.js';
import { mul } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { permute, reshape, squeeze, unsqueeze } from './view.js';

const ELLIPSIS = '...';
const LETTERS: readonly string[] = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.split('');

/** One operand's, or the output's, subscripts: letters and at most one ellipsis. */
function subscripts(text: string, offset: number, where: string, again: string, bad: string): string[] {
  const labels: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === ' ') continue;
    if (c === '.') {
      if (labels.includes(ELLIPSIS)) throw new RuntimeError(`einsum(): found '.' for ${where} ${again}`);
      if (text.slice(i, i + 3) !== ELLIPSIS) {
        throw new RuntimeError(`einsum(): found '.' for ${where} that is not part of any ellipsis${bad}`);
      }
      labels.push(ELLIPSIS);
      i += 2;
    } else if (LETTERS.includes(c)) {
      labels.push(c);
    } else {
      throw new RuntimeError(
        `einsum(): invalid subscript given at index ${offset + i} in the equation string, subscripts must be in [a-zA-Z]`,
      );
    }
  }
  return labels;
}

interface Equation {
  /** The subscripts of each operand. */
  readonly inputs: string[][];
  /** Null when the output is implicit. */
  readonly output: string[] | null;
}

function parse(equation: string, count: number): Equation {
  const arrow = equation.indexOf('->');
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  const parts = left.split(',');
  if (parts.length > count) {
    throw new RuntimeError('einsum(): fewer operands were provided than specified in the equation');
  }
  let offset = 0;
  const inputs = parts.map((part, i) => {
    const labels = subscripts(part, offset, `operand ${i}`, 'for which an ellipsis was already found', '');
    offset += part.length + 1;
    return labels;
  });
  if (parts.length < count) {
    throw new RuntimeError('einsum(): more operands were provided than specified in the equation');
  }
  if (arrow < 0) return { inputs, output: null };
  const right = equation.slice(arrow + 2);
  return {
    inputs,
    output: subscripts(right, arrow + 2, 'output', 'but an ellipsis (...) was already found', ' (...)'),
  };
}

/** How many dimensions the ellipsis of an operand stands for. */
function hiddenDims(labels: readonly string[], x: Tensor, at: number): number {
  const hasEllipsis = labels.includes(ELLIPSIS);
  const letters = labels.length - (hasEllipsis ? 1 : 0);
  if (hasEllipsis ? letters > x.ndim : letters !== x.ndim) {
    throw new RuntimeError(
      `einsum(): the number of subscripts in the equation (${letters}) ` +
        (hasEllipsis ? 'is more than the number of dimensions' : 'does not match the number of dimensions') +
        ` (${x.ndim}) for operand ${at}${hasEllipsis ? '' : ' and no ellipsis was given'}`,
    );
  }
  return x.ndim - letters;
}

/** The labels of the result's dimensions, those of the ellipsis as numbers from the last: '0' is the last one. */
function outputLabels({ inputs, output }: Equation, hidden: number): string[] {
  const ellipsis = Array.from({ length: hidden }, (_, i) => String(hidden - 1 - i));
  const used = inputs.flat().filter((label) => label !== ELLIPSIS);
  if (output === null) {
    const once = LETTERS.filter((c) => used.indexOf(c) >= 0 && used.indexOf(c) === used.lastIndexOf(c));
    return [...ellipsis, ...once];
  }
  output.forEach((label, i) => {
    if (label === ELLIPSIS) return;
    if (output.indexOf(label) !== i) {
      throw new RuntimeError(`einsum(): output subscript ${label} appears more than once in the output`);
    }
    if (!used.includes(label)) {
      throw new RuntimeError(
        `einsum(): output subscript ${label} does not appear in the equation for any input operand`,
      );
    }
  });
  return output.flatMap((label) => (label === ELLIPSIS ? ellipsis : [label]));
}

/** An operand with one dimension a label: the diagonal of repeated ones, in the order of `all`, size 1 where it has none. */
function aligned(x: Tensor, labels: readonly string[], all: readonly string[], at: number): Tensor {
  const hidden = x.ndim - labels.length + (labels.includes(ELLIPSIS) ? 1 : 0);
  let names = labels.flatMap((label) =>
    label === ELLIPSIS ? Array.from({ length: hidden }, (_, i) => String(hidden - 1 - i)) : [label],
  );
  let out = x;
  for (let i = 0; i < names.length; i++) {
    const again = names.indexOf(names[i], i + 1);
    if (again < 0) continue;
    if (out.shape[i] !== out.shape[again]) {
      throw new RuntimeError(
        `einsum(): subscript ${names[i]} is repeated for operand ${at} but the sizes don't match, ` +
          `${out.shape[again]} != ${out.shape[i]}`,
      );
    }
    out = diagonal(out, 0, i, again);
    names = [...names.filter((_, k) => k !== i && k !== again), names[i]];
    i = -1;
  }
  const present = all.filter((label) => names.includes(label));
  out = permute(
    out,
    present.map((label) => names.indexOf(label)),
  );
  all.forEach((label, d) => {
    if (!names.includes(label)) out = unsqueeze(out, d);
  });
  return out;
}

/** Labels that more than one operand has must be of one size, or 1. */
function checkSizes(operands: readonly Tensor[], all: readonly string[]): void {
  all.forEach((label, d) => {
    let size = 1;
    operands.forEach((x, at) => {
      const own = x.shape[d];
      if (own === 1) return;
      if (size !== 1 && own !== size) {
        throw new RuntimeError(
          /\d/.test(label)
            ? `einsum(): dimension ${d} covered by ellipsis in operand ${at}has size ${own} which does not broadcast with ` +
                `previously seen ellipsis with size ${size} for the respective dimension`
            : `einsum(): subscript ${label} has size ${own} for operand ${at} which does not broadcast with previously ` +
                `seen size ${size}`,
        );
      }
      size = own;
    });
  });
}

/** Σ a · b over the dimensions `over` (kept with size 1), by a batch of matrix products. */
function contracted(a: Tensor, b: Tensor, over: readonly number[]): Tensor {
  if (over.length === 0) return mul(a, b);
  let [left, right] = [a, b];
  const inner: number[] = [];
  for (const d of over) {
    if (left.shape[d] === right.shape[d]) inner.push(d);
    else if (left.shape[d] !== 1) left = sum(left, d, true);
    else right = sum(right, d, true);
  }
  const dims = left.shape.map((_, d) => d).filter((d) => !over.includes(d));
  const wide = (x: Tensor, d: number): boolean => x.shape[d] !== 1;
  const batch = dims.filter((d) => wide(left, d) && wide(right, d));
  const rows = dims.filter((d) => wide(left, d) && !wide(right, d));
  const columns = dims.filter((d) => !wide(left, d));
  const sizes = (x: Tensor, of: readonly number[]): number[] => of.map((d) => x.shape[d]);
  const [B, M, N, K] = [
    numel(sizes(left, batch)),
    numel(sizes(left, rows)),
    numel(sizes(right, columns)),
    numel(sizes(left, inner)),
  ];
  const single = over.filter((d) => !inner.includes(d));
  const product = bmm(
    reshape(permute(left, [...batch, ...rows, ...inner, ...columns, ...single]), [B, M, K]),
    reshape(permute(right, [...batch, ...inner, ...columns, ...rows, ...single]), [B, K, N]),
  );
  const order = [...batch, ...rows, ...columns, ...over];
  const shape = [...sizes(left, batch), ...sizes(left, rows), ...sizes(right, columns), ...over.map(() => 1)];
  return permute(
    reshape(product, shape),
    dims.concat(over).map((_, d) => order.indexOf(d)),
  );
}

const einsumList: Op<(equation: string, operands: readonly Tensor[]) => Tensor> = define({
  schema: 'einsum(str equation, Tensor[] tensors)',
  forward: (_ctx, equation: string, tensors: Tensor[]) => {
    const parsed = parse(equation, tensors.length);
    const hidden = tensors.map((x, i) => hiddenDims(parsed.inputs[i], x, i));
    const widest = Math.max(...hidden.map((n, i) => (parsed.inputs[i].includes(ELLIPSIS) ? n : 0)));
    const output = outputLabels(parsed, widest);
    const rest = [...Array.from({ length: widest }, (_, i) => String(i)), ...LETTERS].filter(
      (label) =>
        !output.includes(label) &&
        (/\d/.test(label) || parsed.inputs.some((labels) => labels.includes(label))),
    );
    const all = [...output, ...rest];
    const operands = tensors.map((x, i) => aligned(x, parsed.inputs[i], all, i));
    checkSizes(operands, all);
    const summed = rest.map((_, i) => output.length + i);
    let out = operands[0];
    // A label is summed with the last operand that has it.
    const lastWith = (d: number): number => operands.findLastIndex((x) => x.shape[d] !== 1);
    const early = operands.length === 1 ? summed : summed.filter((d) => lastWith(d) === 0);
    if (early.length > 0) out = sum(out, early, true);
    for (let i = 1; i < operands.length; i++) {
      out = contracted(
        out,
        operands[i],
        summed.filter((d) => lastWith(d) === i),
      );
    }
    for (let d = all.length - 1; d >= output.length; d--) out = squeeze(out, d);
    return out;
  },
  backward: 'composite',
  samples: (make) => [
    ['ij,jk->ik', [make(2, 3), make(3, 2)]],
    ['...ii->...i', [make(2, 3, 3)]],
    ['bn,anm,bm->ba', [make(2, 3), make(2, 3, 2), make(2, 2)]],
  ],
});

/** Subscripts as integers (null or '...' for an ellipsis), as the text that stands for them. */
function sublist(labels: readonly unknown[]): string {
  return labels
    .map((label) => {
      if (label === null || label === ELLIPSIS) return ELLIPSIS;
      if (!Number.isInteger(label) || Number(label) < 0 || Number(label) >= LETTERS.length) {
        throw new ValueError('einsum(): subscript in subscript list is not within the valid range [0, 52)');
      }
      return LETTERS[Number(label)];
    })
    .join('');
}

/** The subscripts of one operand in torch's other form. */
export type Sublist = readonly (number | null | '...')[];

/**
 * Sums of products by Einstein's notation: a letter names a dimension, letters that the output lacks are summed over, and
 * `...` stands for the dimensions without a letter, which broadcast. `einsum(a, [0, 1], b, [1, 2], [0, 2])` is `'AB,BC->AC'`.
 *
 * @example
 * const a = torch.tensor([[1, 2], [3, 4]]);
 * console.log(torch.einsum('ij,jk->ik', a, a).tolist()); // [ [ 7, 10 ], [ 15, 22 ] ]
 * console.log(torch.einsum('ii', a).item()); // 5
 */
export function einsum(equation: string, ...operands: (Tensor | readonly Tensor[])[]): Tensor;
export function einsum(operand: Tensor, sublist: Sublist, ...rest: (Tensor | Sublist)[]): Tensor;
export function einsum(...args: unknown[]): Tensor {
  if (args.length < 2) {
    throw new ValueError(
      'einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list',
    );
  }
  if (!(args[0] instanceof Tensor)) return einsumList(args[0] as string, args.slice(1).flat() as Tensor[]);
  const pairs = args.length >> 1;
  const inputs = Array.from({ length: pairs }, (_, i) => sublist(args[2 * i + 1] as unknown[]));
  const output = args.length % 2 === 1 ? `->${sublist(args[args.length - 1] as unknown[])}` : '';
  return einsumList(
    inputs.join(',') + output,
    Array.from({ length: pairs }, (_, i) => args[2 * i] as Tensor),
  );
}
