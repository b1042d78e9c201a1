/**
 * What torch prints for a tensor: torch/_tensor_str.py of PyTorch 1.13.1, character for character.
 */
import { formatExponential, formatFixed } from './decimal_format.js';
import { ValueError } from './errors.js';

export type Printable = number | bigint | boolean;

export interface PrintOptions {
  /** Digits after the point. */
  precision: number;
  /** Tensors of more elements are summarised. */
  threshold: number;
  /** Elements shown at each end of a summarised dimension. */
  edgeitems: number;
  linewidth: number;
  /** null: chosen from the values. */
  sci_mode: boolean | null;
}

export type PrintProfile = 'default' | 'short' | 'full';

export interface TensorFormatOptions {
  requires_grad?: boolean;
  /** Name of the node that made the tensor, such as `AddBackward0`. */
  grad_fn?: string | null;
  parameter?: boolean;
  /** The floating dtype that needs no suffix. */
  default_dtype?: string;
  /** Instead of what set_printoptions set. */
  print?: Readonly<PrintOptions>;
}

type Profile = Omit<PrintOptions, 'sci_mode'>;

const PROFILES: Readonly<Record<PrintProfile, Profile>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
};

let current: PrintOptions = { ...PROFILES.default, sci_mode: null };

function checkPrintOptions(options: Readonly<PrintOptions>): void {
  const { precision, threshold, edgeitems, linewidth, sci_mode } = options;
  const check = (valid: boolean, name: keyof PrintOptions, expected: string) => {
    if (valid) return;
    throw new ValueError(
      `set_printoptions: expected ${name} to be ${expected}, got ${String(options[name])}`,
    );
  };
  check(Number.isInteger(precision) && precision >= 0, 'precision', 'a non-negative integer');
  check(typeof threshold === 'number' && threshold >= 0, 'threshold', 'a non-negative number');
  // torch takes 0 and then fails on tensors of two dimensions or more.
  check(Number.isInteger(edgeitems) && edgeitems > 0, 'edgeitems', 'a positive integer');
  check(Number.isInteger(linewidth) && linewidth > 0, 'linewidth', 'a positive integer');
  check(sci_mode === null || typeof sci_mode === 'boolean', 'sci_mode', 'true, false or null');
}

/**
 * As in torch, `sci_mode` goes back to automatic with each call that does not give it.
 *
 * @example
 * torch.set_printoptions({ precision: 2 });
 * console.log(String(torch.tensor([1 / 3]))); // tensor([0.33])
 * torch.set_printoptions({ profile: 'default' });
 */
export function set_printoptions(
  options: Partial<PrintOptions> & { profile?: PrintProfile | null } = {},
): void {
  const known = [...Object.keys(current), 'profile'];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`set_printoptions: unknown option '${name}'; known are ${known.join(', ')}`);
    }
  }
  const { profile = null, sci_mode = null } = options;
  if (profile !== null && !Object.hasOwn(PROFILES, profile)) {
    throw new ValueError(
      `set_printoptions: unknown profile '${profile}'; known are ${Object.keys(PROFILES).join(', ')}`,
    );
  }
  const base = profile === null ? current : PROFILES[profile];
  const next: PrintOptions = {
    precision: options.precision ?? base.precision,
    threshold: options.threshold ?? base.threshold,
    edgeitems: options.edgeitems ?? base.edgeitems,
    linewidth: options.linewidth ?? base.linewidth,
    sci_mode,
  };
  checkPrintOptions(next);
  current = next;
}

interface ElementFormat {
  width: number;
  format: (value: Printable) => string;
}

function plain(value: Printable): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

function longest(values: readonly Printable[], format: (value: number) => string): number {
  return values.reduce((width: number, value) => Math.max(width, format(value as number).length), 1);
}

function floatFormat(
  values: readonly number[],
  { precision, sci_mode }: Readonly<PrintOptions>,
): ElementFormat {
  const fixed = (value: number) => formatFixed(value, precision);
  const exponential = (value: number) => formatExponential(value, precision);
  const integral = (value: number) => formatFixed(value, 0) + (Number.isFinite(value) ? '.' : '');
  const shown = values.filter((value) => Number.isFinite(value) && value !== 0);
  let min = Infinity;
  let max = 0;
  for (const value of shown) {
    min = Math.min(min, Math.abs(value));
    max = Math.max(max, Math.abs(value));
  }
  const intMode = shown.every((value) => Number.isInteger(value));
  const automatic = shown.length > 0 && (max / min > 1000 || max > 1e8 || (!intMode && min < 1e-4));
  const natural = intMode ? integral : fixed;
  // Where all is zero, infinite or NaN, torch leaves before it looks at sci_mode.
  const scientific = shown.length > 0 && (sci_mode ?? automatic);
  // The width is that of the automatic choice even where sci_mode overrides it.
  const width = longest(shown, automatic ? exponential : natural);
  return { width, format: (scientific ? exponential : natural) as (value: Printable) => string };
}

function elementFormat(
  values: readonly Printable[],
  floating: boolean,
  print: Readonly<PrintOptions>,
): ElementFormat {
  if (floating) return floatFormat(values as readonly number[], print);
  return { width: longest(values, plain), format: plain };
}

/** Indices of a dimension that are shown. */
function shownIndices(size: number, edge: number): number[] {
  if (size <= 2 * edge) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: 2 * edge }, (_, i) => (i < edge ? i : size - 2 * edge + i));
}

/** The elements that are shown, in the order in which they are printed. */
function shownValues(at: (index: number) => Printable, shape: readonly number[], edge: number): Printable[] {
  let indices = [0];
  for (const size of shape) {
    const shown = shownIndices(size, edge);
    indices = indices.flatMap((outer) => shown.map((i) => outer * size + i));
  }
  return indices.map((index) => at(index));
}

function formatRow(
  items: readonly string[],
  size: number,
  edge: number,
  indent: number,
  perLine: number,
): string {
  const row = size > 2 * edge ? [...items.slice(0, edge), ' ...', ...items.slice(edge)] : items;
  const lines: string[] = [];
  for (let i = 0; i < row.length; i += perLine) lines.push(row.slice(i, i + perLine).join(', '));
  return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`;
}

function formatElements(
  at: (index: number) => Printable,
  shape: readonly number[],
  floating: boolean,
  print: Readonly<PrintOptions>,
  indent: number,
): string {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return '[]';
  const edge = count > print.threshold ? print.edgeitems : Infinity;
  const values = shownValues(at, shape, edge);
  const { width, format } = elementFormat(values, floating, print);
  const texts = values.map((value) => format(value).padStart(width));
  let next = 0;
  const nested = (dim: number): string => {
    if (dim === shape.length) return texts[next++];
    const size = shape[dim];
    const shown = Math.min(size, 2 * edge);
    if (dim === shape.length - 1) {
      const perLine = Math.max(1, Math.floor((print.linewidth - indent - dim) / (width + 2)));
      next += shown;
      return formatRow(texts.slice(next - shown, next), size, edge, indent + dim, perLine);
    }
    const slices = Array.from({ length: shown }, () => nested(dim + 1));
    if (size > 2 * edge) slices.splice(edge, 0, '...');
    return `[${slices.join(`,${'\n'.repeat(shape.length - dim - 1)}${' '.repeat(indent + dim + 1)}`)}]`;
  };
  return nested(0);
}

function addSuffixes(
  text: string,
  suffixes: readonly string[],
  indent: number,
  linewidth: number,
  ownLine = false,
): string {
  let result = text;
  let lastLine = text.length - text.lastIndexOf('\n') + 1;
  for (const [i, suffix] of suffixes.entries()) {
    if ((ownLine && i === 0) || lastLine + suffix.length + 2 > linewidth) {
      result += `,\n${' '.repeat(indent)}${suffix}`;
      lastLine = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      lastLine += suffix.length + 2;
    }
  }
  return `${result})`;
}

function isFloating(dtype: string): boolean {
  return dtype.startsWith('float') || dtype === 'bfloat16';
}

function pyTuple(sizes: readonly number[]): string {
  return `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`;
}

function gradSuffix({ grad_fn = null, requires_grad = false }: Readonly<TensorFormatOptions>): string[] {
  if (grad_fn !== null) return [`grad_fn=<${grad_fn}>`];
  return requires_grad ? ['requires_grad=True'] : [];
}

/** A part of a sparse tensor, as `formatTensor` takes a tensor. */
export interface FormatPart {
  readonly at: (index: number) => Printable;
  readonly shape: readonly number[];
}

/** `repr` of a sparse tensor. */
export function formatSparse(
  indices: FormatPart,
  values: FormatPart,
  shape: readonly number[],
  dtype: string,
  options: Readonly<TensorFormatOptions> = {},
): string {
  const { default_dtype = 'float32' } = options;
  const print = options.print ?? current;
  const indent = 'tensor('.length;
  const part = (name: string, { at, shape: sizes }: FormatPart, floating: boolean): string => {
    const prefix = `${name}=tensor(`;
    const text = formatElements(at, sizes, floating, print, indent + prefix.length);
    return `${prefix}${text}${sizes.includes(0) ? `, size=${pyTuple(sizes)}` : ''})`;
  };
  const suffixes = [`size=${pyTuple(shape)}`, `nnz=${indices.shape[1]}`];
  if (dtype !== default_dtype && dtype !== 'int64' && dtype !== 'bool') suffixes.push(`dtype=torch.${dtype}`);
  suffixes.push('layout=torch.sparse_coo', ...gradSuffix(options));
  const parts = [part('indices', indices, false), part('values', values, isFloating(dtype))];
  const text = `tensor(${parts.join(`,\n${' '.repeat(indent)}`)}`;
  return addSuffixes(text, suffixes, indent, print.linewidth, true);
}

/**
 * `repr` of a tensor whose element at C-order index `i` is `at(i)`. Reads only what it shows.
 */
export function formatTensor(
  at: (index: number) => Printable,
  shape: readonly number[],
  dtype: string,
  options: Readonly<TensorFormatOptions> = {},
): string {
  const { parameter = false, default_dtype = 'float32' } = options;
  const print = options.print ?? current;
  const prefix = 'tensor(';
  const suffixes: string[] = [];
  const empty = shape.includes(0);
  if (empty && shape.length !== 1) suffixes.push(`size=${pyTuple(shape)}`);
  // Without elements to tell, int64 and bool are named too.
  const implied = dtype === default_dtype || (!empty && (dtype === 'int64' || dtype === 'bool'));
  if (!implied) suffixes.push(`dtype=torch.${dtype}`);
  suffixes.push(...gradSuffix(options));
  const elements = formatElements(at, shape, isFloating(dtype), print, prefix.length);
  const text = addSuffixes(prefix + elements, suffixes, prefix.length, print.linewidth);
  return parameter ? `Parameter containing:\n${text}` : text;
}
