// Calls that torch refuses, by the names that test/fixtures/errors.py gives them.
import * as torch from '../src/index.js';
import { models } from '../src/vision/index.js';

const { nn } = torch;
const F = nn.functional;
const { data } = torch.utils;
const { lr_scheduler } = torch.optim;

/** What the calls are made on; none may change. */
export interface Inputs {
  readonly a23: torch.Tensor;
  readonly a34: torch.Tensor;
  readonly v3: torch.Tensor;
  readonly i3: torch.Tensor;
  readonly b3: torch.Tensor;
  readonly img: torch.Tensor;
  readonly w: torch.Tensor;
  readonly leaf: torch.Tensor;
  readonly lin: torch.nn.Linear;
  readonly bn1: torch.nn.BatchNorm1d;
  readonly bn2: torch.nn.BatchNorm2d;
  readonly net: torch.nn.Sequential;
  readonly data5: torch.utils.data.TensorDataset<[torch.Tensor]>;
}

export function makeInputs(): Inputs {
  return {
    a23: torch.arange(6).to(torch.float32).reshape(2, 3).clone(),
    a34: torch.arange(12).to(torch.float32).reshape(3, 4).clone(),
    v3: torch.arange(3).to(torch.float32),
    i3: torch.arange(3),
    b3: torch.tensor([true, false, true]),
    img: torch.ones(2, 3, 8, 8),
    w: torch.ones(4, 3, 3, 3),
    leaf: torch.ones(3, { requires_grad: true }),
    lin: new nn.Linear(3, 2),
    bn1: new nn.BatchNorm1d(3),
    bn2: new nn.BatchNorm2d(3),
    net: new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU()),
    data5: new data.TensorDataset(torch.arange(5)),
  };
}

export type Call = (inputs: Inputs) => unknown;

export const sgd = (leaf: torch.Tensor, options: object = {}): torch.optim.SGD =>
  new torch.optim.SGD([leaf], { lr: 0.1, ...options });
export const adam = (leaf: torch.Tensor, options: object): torch.optim.Adam =>
  new torch.optim.Adam([leaf], options);

/** Values that the types refuse, for callers without types. */
export const wrong = (value: unknown): never => value as never;

export const TENSOR_CALLS: Readonly<Record<string, Call>> = {
  'add, sizes': ({ a23, a34 }) => a23.add(a34),
  'add, sizes of dim 1': ({ a23 }) => a23.add(torch.ones(2, 4)),
  'in place, broadcast': ({ v3, a23 }) => v3.add_(a23),
  'matmul, inner': ({ a23, a34 }) => a34.matmul(a23),
  'matmul, vectors': ({ v3 }) => v3.matmul(torch.ones(4)),
  'matmul, 0-dim': ({ v3 }) => torch.matmul(torch.tensor(1.5), v3),
  'mm, 1-D': ({ v3, a34 }) => torch.mm(v3, a34),
  'bmm, batch': () => torch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 5)),
  'bmm, 2-D': ({ a23, a34 }) => torch.bmm(a23, a34),
  'view, size': ({ a23 }) => a23.view(4, 2),
  'view, strides': ({ a23 }) => a23.t().view(6),
  'reshape, size': ({ a23 }) => a23.reshape(4, -1),
  'reshape, two -1': ({ a23 }) => a23.reshape(-1, -1),
  'expand, size': ({ a23 }) => a23.expand(4, 3),
  'expand, fewer': ({ a23 }) => a23.expand(3),
  'cat, sizes': ({ a23, a34 }) => torch.cat([a23, a34]),
  'cat, dims': ({ a23 }) => torch.cat([a23, torch.tensor(1.5)]),
  'cat, nothing': () => torch.cat([]),
  'stack, sizes': ({ a23, a34 }) => torch.stack([a23, a34]),
  'stack, nothing': () => torch.stack([]),
  'permute, repeated': ({ a23 }) => a23.permute(0, 0),
  'permute, count': ({ a23 }) => a23.permute(0),
  't, 3-D': () => torch.ones(1, 2, 3).t(),
  'squeeze, dim': ({ a23 }) => a23.squeeze(2),
  'sum, dim': ({ a23 }) => a23.sum(2),
  'sum, dim -3': ({ a23 }) => a23.sum(-3),
  'sum, repeated': ({ a23 }) => a23.sum([0, 0]),
  'softmax, dim': ({ a23 }) => a23.softmax(2),
  'argmax, dim': ({ a23 }) => a23.argmax(5),
  'topk, k': ({ v3 }) => v3.topk(4),
  'select, index': ({ a23 }) => a23.select(0, 2),
  'narrow, length': ({ a23 }) => a23.narrow(0, 1, 2),
  'index, out of range': ({ a23 }) => a23.index(2),
  'index, too many': ({ a23 }) => a23.index(0, 0, 0),
  'index, tensor out of range': ({ v3 }) => v3.index(torch.tensor([3])),
  'index, mask': ({ a23, b3 }) => a23.index(b3),
  'index_select, range': ({ v3 }) => v3.index_select(0, torch.tensor([3])),
  'index_select, dtype': ({ v3 }) => v3.index_select(0, v3),
  'gather, range': ({ a23 }) => a23.gather(1, torch.tensor([[3], [0]])),
  'split, size': ({ v3 }) => v3.split(-1),
  'split, sections': ({ v3 }) => v3.split([1, 1]),
  'chunk, none': ({ v3 }) => v3.chunk(0),
  'item, three': ({ v3 }) => v3.item(),
  'max, empty': () => torch.ones(0).max(),
  'argmax, empty': () => torch.ones(0).argmax(),
  'zeros, negative': () => torch.zeros(-1),
  'arange, step': () => torch.arange(0, 5, -1),
  'linspace, steps': () => torch.linspace(0, 1, -1),
  'randint, range': () => torch.randint(5, 5, [2]),
  'randperm, negative': () => torch.randperm(-1),
  'where, condition': ({ v3 }) => torch.where(v3.gt(1), v3, torch.ones(2)),
  'flatten, dims': ({ a23 }) => a23.flatten(1, 0),
  'mean, int64': ({ i3 }) => i3.mean(),
  'dtype in place': ({ i3 }) => i3.add_(1.5),
  'div in place': ({ i3 }) => i3.div_(2),
  'requires_grad, int64': ({ i3 }) => i3.requires_grad_(),
  'matmul, dtypes': ({ a23, a34 }) => a23.matmul(a34.double()),
  'bitwise, float': ({ v3 }) => v3.bitwise_and(v3),
  'sub, bool': ({ b3 }) => b3.sub(b3),
  'neg, bool': ({ b3 }) => b3.neg(),
  'log_softmax, int64': ({ i3 }) => i3.log_softmax(0),
  'uniform_, range': ({ v3 }) => v3.uniform_(1, 0),
  'normal_, std': ({ v3 }) => v3.normal_(0, -1),
  'bernoulli_, p': ({ v3 }) => v3.bernoulli_(2),
  'set_rng_state, dtype': () => torch.set_rng_state(torch.zeros(5056)),
  'hann_window, length': () => torch.hann_window(-1),
  'poisson, negative': ({ v3 }) => torch.poisson(v3.neg().sub(1)),
  'poisson, integers': ({ i3 }) => torch.poisson(i3),
  'binomial, dtypes': ({ v3 }) => torch.binomial(v3, v3.double()),
  'flip, twice': ({ a23 }) => a23.flip([0, 0]),
  'roll, dims': ({ a23 }) => a23.roll([1, 1], [0]),
  'tril, 1-D': ({ v3 }) => v3.tril(),
  'diagonal, dims': ({ a23 }) => a23.diagonal(0, 1, 1),
  'repeat, dims': ({ a23 }) => a23.repeat(2),
  'movedim, count': ({ a23 }) => a23.movedim([0, 1], [0]),
  'unfold, size': ({ a23 }) => a23.unfold(1, 4, 1),
  'kthvalue, k': ({ a23 }) => a23.kthvalue(5),
  'quantile, q': ({ v3 }) => v3.quantile(2),
  'cross, size': () => torch.linalg.cross(torch.ones(4), torch.ones(4)),
  'det, square': ({ a23 }) => torch.linalg.det(a23),
  'cholesky, not positive': () => torch.linalg.cholesky(torch.eye(2).neg()),
  'inv, singular': () => torch.linalg.inv(torch.zeros(2, 2)),
  'bincount, negative': ({ i3 }) => torch.bincount(i3.sub(1)),
  'one_hot, classes': ({ i3 }) => F.one_hot(i3, 2),
  'tensordot, sizes': ({ a23, a34 }) => torch.tensordot(a23, a34, 2),
  'cdist, sizes': ({ a23, a34 }) => torch.cdist(a23, a34),
};

export const FUNCTION_CALLS: Readonly<Record<string, Call>> = {
  'conv2d, channels': ({ w }) => F.conv2d(torch.ones(1, 2, 5, 5), w),
  'conv2d, small': ({ w }) => F.conv2d(torch.ones(1, 3, 2, 2), w),
  'conv2d, dims': ({ w }) => F.conv2d(torch.ones(3, 8), w),
  'conv2d, bias': ({ img, w }) => F.conv2d(img, w, torch.ones(3)),
  'conv2d, stride': ({ img, w }) => F.conv2d(img, w, { stride: 0 }),
  'conv2d, padding': ({ img, w }) => F.conv2d(img, w, { padding: -1 }),
  'conv2d, groups': ({ img, w }) => F.conv2d(img, w, { groups: 2 }),
  'conv2d, same': ({ img, w }) => F.conv2d(img, w, { padding: 'same', stride: 2 }),
  'Conv2d, groups': () => new nn.Conv2d(3, 4, 3, { groups: 2 }),
  'Conv2d, padding': () => new nn.Conv2d(3, 4, 3, { padding: wrong('full') }),
  'Conv2d, padding_mode': () => new nn.Conv2d(3, 4, 3, { padding_mode: wrong('mirror') }),
  'Conv2d, same': () => new nn.Conv2d(3, 4, 3, { padding: 'same', stride: 2 }),
  'BatchNorm2d, dims': ({ bn2 }) => bn2(torch.ones(3, 8)),
  'BatchNorm2d, one value': ({ bn2 }) => bn2(torch.ones(1, 3, 1, 1)),
  'BatchNorm1d, dims': ({ bn1, img }) => bn1(img),
  'batch_norm, channels': ({ img }) => F.batch_norm(img, torch.zeros(4), torch.ones(4)),
  'max_pool2d, padding': ({ img }) => F.max_pool2d(img, 3, { padding: 2 }),
  'max_pool2d, small': ({ img }) => F.max_pool2d(img, 9),
  'max_pool2d, dims': ({ v3 }) => F.max_pool2d(v3, 2),
  'avg_pool2d, stride': ({ img }) => F.avg_pool2d(img, 2, { stride: 0 }),
  'avg_pool2d, divisor': ({ img }) => F.avg_pool2d(img, 2, { divisor_override: 0 }),
  'adaptive_avg_pool2d, dims': ({ v3 }) => F.adaptive_avg_pool2d(v3, 2),
  'linear, features': ({ lin, a34 }) => lin(a34),
  'Flatten, dims': ({ a23 }) => new nn.Flatten(3)(a23),
  'dropout, p': ({ v3 }) => F.dropout(v3, 1.5),
  'Dropout, p': () => new nn.Dropout(-0.1),
  'pad, count': ({ v3 }) => F.pad(v3, [1]),
  'pad, reflect': () => F.pad(torch.ones(1, 1, 3), [3, 3], { mode: 'reflect' }),
  'cross_entropy, class': ({ a23 }) => F.cross_entropy(a23, torch.tensor([0, 3])),
  'cross_entropy, batch': ({ a23 }) => F.cross_entropy(a23, torch.tensor([0, 1, 2])),
  'cross_entropy, dtype': ({ a23 }) => F.cross_entropy(a23, torch.tensor([0, 1], { dtype: torch.int32 })),
  'cross_entropy, weight': ({ a23 }) => F.cross_entropy(a23, torch.tensor([0, 1]), torch.ones(2)),
  'cross_entropy, smoothing': ({ a23 }) =>
    F.cross_entropy(a23, torch.tensor([0, 1]), { label_smoothing: 1.5 }),
  'cross_entropy, reduction': ({ a23 }) =>
    F.cross_entropy(a23, torch.tensor([0, 1]), { reduction: wrong('average') }),
  'nll_loss, class': ({ a23 }) => F.nll_loss(a23, torch.tensor([0, -1])),
  'mse_loss, sizes': ({ a23, a34 }) => F.mse_loss(a23, a34),
  'binary_cross_entropy, range': () =>
    F.binary_cross_entropy(torch.tensor([1.5]), torch.tensor([1.0]).float()),
  'binary_cross_entropy, sizes': () => F.binary_cross_entropy(torch.ones(2), torch.ones(3)),
  'smooth_l1_loss, beta': ({ v3 }) => F.smooth_l1_loss(v3, v3, { beta: -1 }),
  'huber_loss, delta': ({ v3 }) => F.huber_loss(v3, v3, { delta: 0 }),
};

export const AUTOGRAD_CALLS: Readonly<Record<string, Call>> = {
  'backward, not scalar': ({ leaf }) => leaf.exp().backward(),
  'backward, no grad': ({ v3 }) => v3.sum().backward(),
  'backward, gradient': ({ leaf }) => leaf.exp().backward(torch.ones(2)),
  'backward, twice': ({ leaf }) => {
    const loss = leaf.exp().sum();
    loss.backward();
    loss.backward();
  },
  'backward, changed': ({ leaf }) => {
    const y = leaf.exp();
    y.add_(1);
    y.sum().backward();
  },
  'leaf in place': ({ leaf }) => leaf.add_(1),
  'view of a leaf in place': ({ leaf }) => leaf.index(torch.slice(2)).add_(1),
  'hook, no grad': ({ v3 }) => v3.register_hook((g) => g),
  'retain_grad, no grad': ({ v3 }) => v3.retain_grad(),
  'requires_grad, not leaf': ({ leaf }) => leaf.exp().requires_grad_(false),
  'grad, unused': ({ leaf }) => torch.autograd.grad(leaf.sum(), [torch.ones(1, { requires_grad: true })]),
  'grad, no grad': ({ leaf, v3 }) => torch.autograd.grad(leaf.sum(), [v3]),
  'grad, assigned size': ({ leaf }) => {
    leaf.grad = torch.ones(4);
  },
  'grad, too few gradients': ({ leaf }) =>
    torch.autograd.grad([leaf.sum(), leaf.sum()], leaf, [torch.tensor(1)]),
  'grad, no inputs': ({ leaf }) => torch.autograd.grad(leaf.sum(), []),
  'grad, batch of shape': ({ leaf }) =>
    torch.autograd.grad(leaf.exp(), leaf, torch.ones(2, 2), { is_grads_batched: true }),
  'grad, batch of none': ({ leaf }) =>
    torch.autograd.grad(leaf.exp(), leaf, torch.ones(0, 3), { is_grads_batched: true }),
  'grad, batches': ({ leaf }) =>
    torch.autograd.grad([leaf.exp(), leaf.exp()], leaf, [torch.ones(2, 3), torch.ones(3, 3)], {
      is_grads_batched: true,
    }),
  'backward, empty inputs': ({ leaf }) => leaf.sum().backward({ inputs: [] }),
  'gradcheck, no input': ({ v3 }) => torch.autograd.gradcheck(torch.exp, [v3]),
  'binomial, gradient': ({ leaf }) => torch.binomial(torch.ones(3), leaf.div(2)).sum().backward(),
};

export const MODULE_CALLS: Readonly<Record<string, Call>> = {
  'Module, no forward': ({ v3 }) => (new nn.Module() as torch.nn.Module & ((x: torch.Tensor) => unknown))(v3),
  'register_parameter, dot': () => new nn.Module().register_parameter('a.b', null),
  'register_buffer, no tensor': () => new nn.Module().register_buffer('a', wrong(1)),
  'add_module, no module': () => new nn.Module().add_module('a', wrong(1)),
  'Sequential, index': () => new nn.Sequential(new nn.ReLU()).at(1),
  'load_state_dict, missing': ({ lin }) => lin.load_state_dict({}),
  'load_state_dict, unexpected': ({ lin, v3 }) => lin.load_state_dict({ ...lin.state_dict(), more: v3 }),
  'load_state_dict, size': ({ lin }) =>
    lin.load_state_dict({ weight: torch.ones(2, 4), bias: torch.ones(2) }),
  get_submodule: ({ net }) => net.get_submodule('2'),
  'kaiming_normal_, 1-D': () => nn.init.kaiming_normal_(torch.ones(3)),
  'kaiming_normal_, mode': () => nn.init.kaiming_normal_(torch.ones(3, 3), { mode: wrong('fan') }),
  calculate_gain: () => nn.init.calculate_gain(wrong('softsign')),
  'BasicBlock, groups': () => new models.BasicBlock(8, 8, { groups: 2 }),
  'SGD, no lr': ({ leaf }) => new torch.optim.SGD([leaf]),
  'SGD, lr': ({ leaf }) => sgd(leaf, { lr: -1 }),
  'SGD, momentum': ({ leaf }) => sgd(leaf, { momentum: -0.5 }),
  'SGD, weight_decay': ({ leaf }) => sgd(leaf, { weight_decay: -1 }),
  'SGD, nesterov': ({ leaf }) => sgd(leaf, { nesterov: true }),
  'SGD, nothing': () => new torch.optim.SGD([], { lr: 0.1 }),
  'SGD, a tensor': ({ leaf }) => new torch.optim.SGD(wrong(leaf), { lr: 0.1 }),
  'SGD, numbers': () => new torch.optim.SGD([wrong(1.5)], { lr: 0.1 }),
  'SGD, not leaf': ({ leaf }) => new torch.optim.SGD([leaf.exp()], { lr: 0.1 }),
  'SGD, twice': ({ leaf }) => new torch.optim.SGD([{ params: [leaf] }, { params: [leaf] }], { lr: 0.1 }),
  'Adam, betas': ({ leaf }) => adam(leaf, { betas: [1, 0.9] }),
  'Adam, eps': ({ leaf }) => adam(leaf, { eps: -1 }),
  'Adam, lr': ({ leaf }) => adam(leaf, { lr: -1 }),
  'optimizer.load_state_dict, groups': ({ leaf }) =>
    sgd(leaf).load_state_dict({ state: {}, param_groups: [] }),
  'StepLR, no optimizer': ({ net }) => new lr_scheduler.StepLR(wrong(net), 1),
  'LinearLR, start': ({ leaf }) => new lr_scheduler.LinearLR(sgd(leaf), { start_factor: 2 }),
  'OneCycleLR, steps': ({ leaf }) => new lr_scheduler.OneCycleLR(sgd(leaf, { momentum: 0.9 }), 0.1),
  'OneCycleLR, pct_start': ({ leaf }) =>
    new lr_scheduler.OneCycleLR(sgd(leaf, { momentum: 0.9 }), 0.1, { total_steps: 10, pct_start: 2 }),
  'SequentialLR, milestones': ({ leaf }) => {
    const optimizer = sgd(leaf);
    return new lr_scheduler.SequentialLR(optimizer, [new lr_scheduler.StepLR(optimizer, 1)], [1]);
  },
  'clip_grad_norm_, NaN': ({ leaf }) => {
    leaf.grad = torch.full([3], NaN);
    nn.utils.clip_grad_norm_([leaf], 1, { error_if_nonfinite: true });
  },
  'TensorDataset, sizes': ({ a23, a34 }) => new data.TensorDataset(a23, a34),
  'DataLoader, batch_size': ({ data5 }) => new data.DataLoader(data5, { batch_size: 0 }),
  'DataLoader, shuffle and sampler': ({ data5 }) =>
    new data.DataLoader(data5, { shuffle: true, sampler: new data.SequentialSampler(data5) }),
  'DataLoader, batch_sampler': ({ data5 }) =>
    new data.DataLoader(data5, {
      batch_size: 2,
      batch_sampler: new data.BatchSampler(new data.SequentialSampler(data5), 2, false),
    }),
  'DataLoader, drop_last': ({ data5 }) => new data.DataLoader(data5, { batch_size: null, drop_last: true }),
  'DataLoader, sizes': () => [...new data.DataLoader([torch.ones(2), torch.ones(3)], { batch_size: 2 })],
  'RandomSampler, num_samples': ({ data5 }) => new data.RandomSampler(data5, { num_samples: 0 }),
  'random_split, sum': ({ data5 }) => data.random_split(data5, [1, 2]),
};
