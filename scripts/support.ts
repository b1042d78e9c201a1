// Writes docs/support.md: what each operator supports, found by running the samples of its definition, and which of PyTorch's OpInfo
// entries fail. test/docs/support.test.ts fails when the committed file is another one.
//
//   npm run docs:support
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import * as torch from '../src/index.js';
import * as listed from '../src/ops/index.js';
import {
  ONCE,
  callable,
  isOperator,
  leavesOf,
  namespaces,
  outputsOf,
  sampleMaker,
  samplesOf,
} from '../test/operators.js';
import type { AnyOp } from '../test/operators.js';

export const file = fileURLToPath(new URL('../docs/support.md', import.meta.url));

const INTEGERS = [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64];

type Tensors = (t: torch.Tensor) => torch.Tensor;

function mapTensors(args: readonly unknown[], change: Tensors): unknown[] {
  return args.map((arg) => {
    if (arg instanceof torch.Tensor) return change(arg);
    if (Array.isArray(arg)) return mapTensors(arg, change);
    if (arg === null || typeof arg !== 'object' || Object.getPrototypeOf(arg) !== Object.prototype)
      return arg;
    const values = mapTensors(Object.values(arg), change);
    return Object.fromEntries(Object.keys(arg).map((key, i) => [key, values[i]]));
  });
}

function tensorsIn(args: readonly unknown[]): torch.Tensor[] {
  const found: torch.Tensor[] = [];
  mapTensors(args, (t) => (found.push(t), t));
  return found;
}

/** The arguments with other data: floating tensors where there are any (indices stay), otherwise all. Makers of tensors get a keyword. */
function asDtype(op: AnyOp, args: readonly unknown[], dtype: torch.DType): unknown[] {
  const tensors = tensorsIn(args);
  const option = op.parsed.params.some((param) => param.name === 'dtype' && param.keywordOnly);
  if (tensors.length === 0) return option ? [...args, { dtype }] : [...args];
  const floating = tensors.some((t) => t.dtype.is_floating_point);
  return mapTensors(args, (t) => (floating && !t.dtype.is_floating_point ? t : t.detach().to(dtype)));
}

/** How many of the samples run with data of the dtype: 'all', 'some' or 'none'. */
function takes(name: string, op: AnyOp, dtype: torch.DType): 'all' | 'some' | 'none' {
  return torch.tidy(() => {
    const samples = samplesOf(name)!(sampleMaker());
    const running = samples.filter((args) => {
      try {
        op(...callable(op, asDtype(op, args, dtype)));
        return true;
      } catch (error) {
        if (error instanceof Error) return false;
        throw error;
      }
    });
    if (running.length === samples.length) return 'all';
    return running.length === 0 ? 'none' : 'some';
  });
}

/** How often the operator can be differentiated: 0, 1 or 2 times, 2 standing for any number. */
function orderOf(name: string, op: AnyOp): number {
  return torch.tidy(() => {
    let order = 0;
    for (const args of samplesOf(name)!(sampleMaker())) {
      const leaves = leavesOf(args);
      if (leaves.length === 0 && tensorsIn(args).some((t) => t.is_sparse)) {
        order = op.definition.backward === 'none' ? 0 : 2;
      }
      if (op.definition.backward === 'none' || leaves.length === 0) continue;
      const outputs = outputsOf(op(...callable(op, args))).filter((out) => out.requires_grad);
      if (outputs.length === 0) continue;
      const total = outputs.map((out) => out.square().sum()).reduce((a, b) => a.add(b));
      const grads = torch.autograd
        .grad(total, leaves, { create_graph: true, allow_unused: true })
        .filter((grad) => grad !== null);
      if (grads.length === 0) continue;
      order = Math.max(order, 1);
      // torch's wording is what says that there is no second derivative; the tests take the same operators by name.
      if (!ONCE.has(name)) {
        const again = grads.filter((grad) => grad.requires_grad).map((grad) => grad.square().sum());
        if (again.length > 0)
          torch.autograd.grad(
            again.reduce((a, b) => a.add(b)),
            leaves,
            { allow_unused: true },
          );
        order = 2;
      }
    }
    return order;
  });
}

const YES = '✓';
const NO = '–';
const SOME = 'partly';
const mark = (yes: boolean): string => (yes ? YES : NO);

function dtypeMark(name: string, op: AnyOp, ...dtypes: readonly torch.DType[]): string {
  const marks = dtypes.map((dtype) => ({ dtype, found: takes(name, op, dtype) }));
  const taken = marks.filter(({ found }) => found !== 'none');
  if (taken.length === 0) return NO;
  if (taken.length < dtypes.length) return taken.map(({ dtype }) => dtype.name).join(' ');
  return taken.every(({ found }) => found === 'all') ? YES : SOME;
}

function hasMethod(name: string): boolean {
  return name in torch.Tensor.prototype;
}

function row(name: string, op: AnyOp): string {
  const short = name.replace(/^.*\./, '');
  const order = orderOf(name, op);
  const method = name === short || name === `Tensor.${short}`;
  const cells = [
    `\`${short}\``,
    dtypeMark(name, op, torch.float32),
    dtypeMark(name, op, torch.float64),
    dtypeMark(name, op, ...INTEGERS),
    dtypeMark(name, op, torch.bool),
    mark(order >= 1),
    mark(order >= 2),
    mark(method && hasMethod(short)),
    mark(method && (short.endsWith('_') || hasMethod(`${short}_`))),
  ];
  return `| ${cells.join(' | ')} |`;
}

const HEADER = [
  '| operator | float32 | float64 | integers | bool | gradient | double gradient | method | in place |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** The functions of `torch` that are no definitions of their own. */
function composed(): string {
  const names = Object.entries(listed)
    .filter(([, value]) => typeof value === 'function' && !isOperator(value))
    .map(([name]) => `\`${name}\``);
  return names.sort().join(', ');
}

/** The document. */
export async function supportText(): Promise<string> {
  const expected = JSON.parse(
    readFileSync(new URL('../test/conformance/expected.json', import.meta.url), 'utf8'),
  ) as { entries: number; failing: Record<string, string> };
  const failing = Object.entries(expected.failing);
  const count = namespaces.reduce((sum, namespace) => sum + namespace.operators.length, 0);
  const text = [
    '# What is supported',
    '',
    '<!-- Written by npm run docs:support; a test compares it. -->',
    '',
    `The ${count} operators, as running the samples of each definition finds them:`,
    '',
    `- **float32, float64, integers, bool**: every sample runs with data of that dtype; "${SOME}": some do, because the others have options`,
    `  that it does not go with, such as a fraction. Under "integers" ${YES} stands for int8, uint8, int16, int32 and int64. Indices, masks and`,
    '  class targets keep their own dtype; factories are asked for the dtype.',
    '- **gradient, double gradient**: backward runs, and runs on what backward recorded under `create_graph`. `test/operators.test.ts` compares',
    '  both with central differences on the same samples. Operators without one in PyTorch have none here.',
    '- **method, in place**: `x.f()` and `x.f_()`.',
    '',
    'Gradients of operators on sparse tensors alone are compared in `test/sparse`. What takes sparse tensors is in',
    '[differences.md](differences.md).',
    '',
    'Not every dtype goes with every operator in PyTorch either: it has no integer `cross_entropy` and no bool `sub`. What differs from PyTorch, and what',
    'of it is not there, modules and optimizers included, is in [differences.md](differences.md).',
    '',
    '## What is not there by design',
    '',
    'Tensors are on the CPU, and real. So there is nothing of PyTorch that is about:',
    '',
    '- **complex numbers**: `fft`, `stft`, `istft`, `polar`, `view_as_real`, `linalg.eig`, `linalg.eigvals`, whose results may be complex.',
    '- **half precision and quantized numbers**: WebAssembly has no arithmetic of 16 bits; `float16` and `bfloat16` are read from files as float32.',
    '- **other devices and several processes**: `cuda`, `DataParallel`, `SyncBatchNorm`, `share_memory`.',
    '- **compilers and tracing**: `jit`, `fx`, lazy modules; there is no graph of a program to compile.',
    '',
    '## PyTorch’s own samples',
    '',
    `\`npm run conformance\` runs the samples of PyTorch’s OpInfo database, with outputs and gradients recorded from torch 1.13.1:`,
    `${expected.entries - failing.length} of ${expected.entries} entries pass whole. The command fails when another one does not. These do not pass:`,
    '',
    ...failing.map(([name, reason]) => `- \`${name}\`: ${reason}.`),
    '',
    ...namespaces.flatMap(({ title, operators }) => [
      `## ${title}`,
      '',
      ...HEADER,
      ...[...operators].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, op]) => row(name, op)),
      '',
      ...(title === 'torch'
        ? [`Functions that are made of these, or only ask something: ${composed()}.`, '']
        : []),
    ]),
  ].join('\n');
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, await supportText());
