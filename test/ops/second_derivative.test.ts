// Gradients of gradients of networks' operators with more options than their samples, which test/operators.test.ts runs over.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const f64 = { dtype: torch.float64 };
const R = (...shape: number[]): torch.Tensor => torch.randn(shape, f64).requires_grad_(true);
const L = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: torch.int64 });

type Call = (...inputs: torch.Tensor[]) => torch.Tensor;
const weight = (): torch.Tensor => torch.tensor([1, 2, 3], f64);

const CASES: [name: string, call: Call, inputs: () => torch.Tensor[]][] = [
  ['batch_norm', (x, w, b) => F.batch_norm(x, null, null, w, b, true), () => [R(3, 2, 2), R(2), R(2)]],
  ['batch_norm without affine', (x) => F.batch_norm(x, null, null, null, null, true), () => [R(3, 2, 2)]],
  [
    'batch_norm in evaluation',
    (x, w, b) => F.batch_norm(x, torch.zeros(2, f64), torch.ones(2, f64), w, b),
    () => [R(3, 2, 2), R(2), R(2)],
  ],
  [
    'conv2d',
    (x, w, b) => F.conv2d(x, w, b, { stride: 2, padding: 1 }),
    () => [R(2, 2, 4, 4), R(2, 2, 3, 3), R(2)],
  ],
  ['conv2d in groups', (x, w) => F.conv2d(x, w, { groups: 2 }), () => [R(1, 2, 3, 3), R(2, 1, 2, 2)]],
  [
    'conv_transpose2d',
    (x, w) => F.conv_transpose2d(x, w, { stride: 2, output_padding: 1 }),
    () => [R(1, 2, 2, 2), R(2, 2, 2, 2)],
  ],
  ['max_pool2d', (x) => F.max_pool2d(x, 2, 1), () => [R(1, 2, 3, 3)]],
  ['avg_pool2d', (x) => F.avg_pool2d(x, 2, 1, 1), () => [R(1, 2, 3, 3)]],
  ['adaptive_avg_pool2d', (x) => F.adaptive_avg_pool2d(x, 2), () => [R(1, 2, 3, 3)]],
  ['adaptive_max_pool2d', (x) => F.adaptive_max_pool2d(x, 2), () => [R(1, 2, 3, 3)]],
  ['softmax', (x) => F.softmax(x, 1), () => [R(2, 3)]],
  ['log_softmax', (x) => F.log_softmax(x, 0), () => [R(2, 3)]],
  ['linear', (x, w, b) => F.linear(x, w, b), () => [R(2, 2, 3), R(2, 3), R(2)]],
  ['matmul', (x, w) => torch.matmul(x, w), () => [R(2, 1, 2, 3), R(2, 3, 2)]],
  ['addmm', (x, a, b) => torch.addmm(x, a, b, { beta: 2, alpha: 3 }), () => [R(2), R(2, 3), R(3, 2)]],
  [
    'cross_entropy',
    (x) => F.cross_entropy(x, L(0, 2, 1), { label_smoothing: 0.2, weight: weight(), ignore_index: 1 }),
    () => [R(3, 3)],
  ],
  [
    'cross_entropy of each pixel',
    (x) => F.cross_entropy(x, L(0, 2, 1, 1).reshape(2, 2), { reduction: 'none', label_smoothing: 0.1 }),
    () => [R(2, 3, 2)],
  ],
  ['nll_loss', (x) => F.nll_loss(x, L(0, 2, 1), { weight: weight() }), () => [R(3, 3)]],
  ['binary_cross_entropy', (x, t) => F.binary_cross_entropy(x.sigmoid(), t.sigmoid()), () => [R(3), R(3)]],
  [
    'binary_cross_entropy_with_logits',
    (x, t) => F.binary_cross_entropy_with_logits(x, t),
    () => [R(3), R(3)],
  ],
  ['relu', (x) => F.relu(x), () => [R(5)]],
  ['elu', (x) => F.elu(x), () => [R(5)]],
  ['silu', (x) => F.silu(x), () => [R(5)]],
  ['gelu', (x) => F.gelu(x), () => [R(5)]],
  ['gelu by tanh', (x) => F.gelu(x, { approximate: 'tanh' }), () => [R(5)]],
  ['mish', (x) => F.mish(x), () => [R(5)]],
  ['softplus', (x) => F.softplus(x), () => [R(5)]],
  ['logsigmoid', (x) => F.logsigmoid(x), () => [R(5)]],
  ['hardswish', (x) => F.hardswish(x), () => [R(5)]],
  ['prelu', (x, w) => F.prelu(x, w), () => [R(2, 3), R(3)]],
];

describe('second derivatives', () => {
  it.each(CASES)('%s', (_name, call, make) => {
    torch.manual_seed(1);
    expect(torch.autograd.gradgradcheck(call, make())).toBe(true);
  });
});
