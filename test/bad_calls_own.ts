// Bad calls that torch does not have, or to which it says something else.
import * as torch from '../src/index.js';
import { datasets, models } from '../src/vision/index.js';
import { adam, sgd, wrong } from './bad_calls.js';
import type { Call } from './bad_calls.js';

const { nn } = torch;
const F = nn.functional;
const { data } = torch.utils;
const { lr_scheduler } = torch.optim;

/** Calls with what the message must say, where torch has no such call or says something else. */
export const OWN_CALLS: readonly (readonly [name: string, call: Call, says: RegExp])[] = [
  // keywords
  [
    'sum, keyword',
    ({ a23 }) => a23.sum(wrong({ dims: 1 })),
    /sum\(\) got an unexpected keyword argument 'dims'; it takes: .*dim/,
  ],
  [
    'zeros, keyword',
    () => torch.zeros(2, wrong({ requires_gradient: true })),
    /unexpected keyword argument 'requires_gradient'.*requires_grad/,
  ],
  [
    'tensor, keyword',
    () => torch.tensor([1], wrong({ type: torch.int32 })),
    /unexpected keyword argument 'type'.*dtype/,
  ],
  [
    'Conv2d, keyword',
    () => new nn.Conv2d(1, 2, 3, wrong({ pading: 1 })),
    /Conv2d\(\) got an unexpected keyword argument 'pading'.*padding/,
  ],
  [
    'conv2d, keyword',
    ({ img, w }) => F.conv2d(img, w, wrong({ strides: 2 })),
    /conv2d\(\) got an unexpected keyword argument 'strides'.*stride/,
  ],
  [
    'ReLU, keyword',
    () => new nn.ReLU(wrong({ inplce: true })),
    /unexpected keyword argument 'inplce'.*inplace/,
  ],
  [
    'BatchNorm2d, keyword',
    () => new nn.BatchNorm2d(3, wrong({ epsilon: 1 })),
    /unexpected keyword argument 'epsilon'.*eps/,
  ],
  [
    'MaxPool2d, keyword',
    () => new nn.MaxPool2d(2, wrong({ stride_: 1 })),
    /unexpected keyword argument 'stride_'/,
  ],
  [
    'CrossEntropyLoss, keyword',
    () => new nn.CrossEntropyLoss(wrong({ smoothing: 0.1 })),
    /unexpected keyword argument 'smoothing'.*label_smoothing/,
  ],
  [
    'SGD, keyword',
    ({ leaf }) => sgd(leaf, { momentm: 0.9 }),
    /unexpected keyword argument 'momentm'.*momentum/,
  ],
  [
    'SGD, keyword of a group',
    ({ leaf }) => new torch.optim.SGD([{ params: [leaf], wd: 1 }], { lr: 0.1 }),
    /unknown option 'wd' in a parameter group; known are lr, momentum/,
  ],
  ['Adam, keyword', ({ leaf }) => adam(leaf, { beta: 0.9 }), /unexpected keyword argument 'beta'.*betas/],
  [
    'StepLR, keyword',
    ({ leaf }) => new lr_scheduler.StepLR(sgd(leaf), 1, wrong({ gama: 0.1 })),
    /unexpected keyword argument 'gama'.*gamma/,
  ],
  [
    'DataLoader, keyword',
    ({ data5 }) => new data.DataLoader(data5, wrong({ batchsize: 2 })),
    /DataLoader\(\) got an unexpected keyword argument 'batchsize'.*batch_size/,
  ],
  [
    'backward, keyword',
    ({ leaf }) => leaf.sum().backward(wrong({ keep_graph: true })),
    /unexpected keyword argument 'keep_graph'.*retain_graph/,
  ],
  ['resnet18, keyword', () => models.resnet18(wrong({ classes: 10 })), /classes.*num_classes/s],
  [
    'gradcheck, keyword',
    ({ leaf }) => torch.autograd.gradcheck(() => leaf, [leaf], wrong({ tol: 1 })),
    /unexpected keyword argument 'tol'.*atol/,
  ],
  [
    'twice by position and keyword',
    ({ a23 }) => a23.sum(1, wrong({ dim: 1 })),
    /multiple values for argument 'dim'/,
  ],
  [
    'too many arguments',
    ({ a23 }) => torch.relu(...([a23, 1, 2] as unknown as [torch.Tensor])),
    /relu\(\) takes 1 positional arguments but 3 were given/,
  ],
  [
    'missing argument',
    ({ a23 }) => torch.matmul(...([a23] as unknown as [torch.Tensor, torch.Tensor])),
    /matmul\(\): missing required argument 'other' \(position 2\)/,
  ],
  // types and values
  [
    'a string for a tensor',
    ({ a23 }) => torch.add(a23, wrong('1')),
    /add\(\): argument 'other' \(position 2\) must be Tensor or Number, not str '1'/,
  ],
  [
    'an array for a tensor',
    ({ a23 }) => torch.matmul(a23, wrong([[1]])),
    /argument 'other' .* must be Tensor, not array/,
  ],
  ['null for a tensor', () => torch.relu(wrong(null)), /must be Tensor, not null/],
  ['undefined for a tensor', () => torch.relu(wrong(undefined)), /missing required argument|must be Tensor/],
  ['a fraction for a dimension', ({ a23 }) => a23.sum(0.5), /must be .*int.* not float 0\.5/],
  ['NaN for a size', () => torch.zeros(NaN), /must be .*int.* not .*NaN/],
  ['NaN in a shape', ({ a23 }) => a23.reshape(NaN, 2), /must be .*int.*NaN/],
  ['Infinity for a size', () => torch.ones(Infinity), /must be .*int.*Infinity/],
  [
    'a number for a boolean',
    ({ a23 }) => a23.sum(1, { keepdim: wrong(1) }),
    /argument 'keepdim' .* must be bool, not int 1/,
  ],
  [
    'a string for a dtype',
    () => torch.zeros(2, { dtype: wrong('float32') }),
    /argument 'dtype' .* must be torch\.dtype.* not str 'float32'/,
  ],
  ['another device', () => torch.zeros(2, { device: wrong('cuda') }), /cuda/],
  ['a ragged array', () => torch.tensor([[1, 2], [3]]), /expected sequence of length 2 at dim 1 \(got 1\)/],
  ['a word in an array', () => torch.tensor(wrong(['a'])), /number|str/],
  [
    'an unsafe integer',
    () => torch.tensor(wrong([2n ** 60n + 1n])).tolist(),
    /the int64 value 1152921504606846977 is not a safe JavaScript integer/,
  ],
  ['a size beyond memory', () => torch.zeros(2 ** 20, 2 ** 20), /out of memory|2\^?\d+|larger than|exceed/i],
  [
    'a released tensor',
    () =>
      torch.tidy(() => {
        const x = torch.ones(1);
        x.dispose();
        return x.add(1);
      }),
    /was released by dispose\(\)/,
  ],
  [
    'an unknown tensor method',
    ({ a23 }) => (a23 as unknown as { foo(): void }).foo(),
    /foo is not a function/,
  ],
  ['kernel size NaN', () => new nn.Conv2d(1, 2, NaN), /kernel_size.*must be .*int.*NaN/],
  ['kernel size zero', () => new nn.Conv2d(1, 2, 0), /kernel_size must be positive/],
  ['channels negative', () => new nn.Conv2d(-1, 2, 3), /must not be negative/],
  [
    'features a string',
    () => new nn.Linear(wrong('3'), 2),
    /argument 'in_features' .* must be int, not str '3'/,
  ],
  [
    'kernel of three sizes',
    () => new nn.Conv2d(1, 2, wrong([3, 3, 3])),
    /kernel_size.*must be tuple of 2 ints/,
  ],
  [
    'int image',
    ({ w }) => F.conv2d(torch.ones(1, 3, 8, 8, { dtype: torch.int64 }), w),
    /Long|int64|dtype|scalar type/,
  ],
  [
    'image of no pixels',
    ({ w }) => F.conv2d(torch.ones(1, 3, 0, 0), w),
    /Kernel size can't be greater than actual input size|non-?zero|empty/,
  ],
  // modules, autograd, scopes
  [
    'asynchronous forward',
    () => {
      class Late extends nn.Module {
        forward(x: torch.Tensor) {
          return Promise.resolve(x);
        }
      }
      return new Late()(torch.ones(1));
    },
    /forward of Late returned a Promise/,
  ],
  ['asynchronous no_grad', () => torch.no_grad(() => Promise.resolve(1)), /returned a Promise/],
  ['asynchronous tidy', () => torch.tidy(() => Promise.resolve(1)), /synchronous/],
  [
    'a field that a parameter cannot be',
    ({ lin }) => void (lin.weight = wrong(3)),
    /cannot assign .* as parameter 'weight' \(torch\.nn\.Parameter or None expected\)/,
  ],
  ['a hook that is none', ({ lin }) => lin.register_forward_hook(wrong(3)), /the hook must be a function/],
  [
    'a hook with another shape',
    ({ leaf }) => {
      const y = leaf.exp();
      y.register_hook(() => torch.ones(2));
      y.sum().backward();
    },
    /hook has changed the size of value/,
  ],
  ['set_grad_enabled of a word', () => torch.set_grad_enabled(wrong('no')), /must be a boolean/],
  ['a dataset that is none', () => new data.DataLoader(wrong(5)), /expected a dataset/],
  [
    'worker processes',
    ({ data5 }) => new data.DataLoader(data5, { num_workers: wrong(2) }),
    /num_workers=2 is not supported: data is loaded in this thread/,
  ],
  [
    'items that do not collate',
    () => [...new data.DataLoader(wrong([() => 1]), { batch_size: 1 })],
    /default_collate: batch must contain/,
  ],
  [
    'fractions',
    ({ data5 }) => data.random_split(data5, [0.5, 0.7]),
    /Sum of input lengths|integers or fractions/,
  ],
  // files
  [
    'safetensors, missing',
    () => torch.safetensors.load_file('/nowhere/a.safetensors'),
    /cannot read '\/nowhere\/a\.safetensors': ENOENT/,
  ],
  ['safetensors, folder', () => torch.safetensors.load_file('/'), /cannot read '\/': EISDIR/],
  ['safetensors, empty', () => torch.safetensors.load(new Uint8Array(0)), /safetensors: .*8/],
  [
    'safetensors, truncated header',
    () => torch.safetensors.load(new Uint8Array([100, 0, 0, 0, 0, 0, 0, 0, 123])),
    /safetensors: .*(header|100)/,
  ],
  [
    'safetensors, truncated data',
    ({ a23 }) => torch.safetensors.load(torch.safetensors.save({ a: a23 }).slice(0, -4)),
    /safetensors: /,
  ],
  [
    'safetensors, extra bytes',
    ({ a23 }) => torch.safetensors.load(new Uint8Array([...torch.safetensors.save({ a: a23 }), 0])),
    /safetensors: /,
  ],
  [
    'safetensors, no tensor',
    () => torch.safetensors.save({ a: wrong([1]) }),
    /expected tensors, "a" is object/,
  ],
  [
    'safetensors, unknown name',
    ({ a23 }) => torch.safetensors.safe_open(torch.safetensors.save({ a: a23 })).get_tensor('b'),
    /no tensor "b"; the file has a/,
  ],
  [
    'checkpoint to a full disk',
    ({ lin }) => torch.safetensors.save_file(lin.state_dict(), '/dev/full'),
    /cannot write '\/dev\/full': ENOSPC/,
  ],
  [
    'checkpoint to a missing folder',
    ({ lin }) => torch.safetensors.save_file(lin.state_dict(), '/nowhere/a.safetensors'),
    /cannot write '\/nowhere\/a\.safetensors': ENOENT/,
  ],
  [
    'MNIST, missing folder',
    () => new datasets.MNIST('/nowhere'),
    /Dataset not found: no train-images-idx3-ubyte.*Tried each file of: \/nowhere\/MNIST\/raw/,
  ],
  ['MNIST, empty object', () => new datasets.MNIST({}), /Dataset not found/],
  [
    'MNIST, truncated',
    () =>
      new datasets.MNIST({
        'train-images-idx3-ubyte': new Uint8Array([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, 1]),
      }),
    /train-images-idx3-ubyte: .*(1585|1584|1568|truncated|bytes)/,
  ],
  [
    'MNIST, not IDX',
    () =>
      new datasets.MNIST({ 'train-images-idx3-ubyte': new TextEncoder().encode('<html>not found</html>') }),
    /train-images-idx3-ubyte: /,
  ],
  ['MNIST, download', () => new datasets.MNIST('/nowhere', { download: true }), /download is not supported/],
];
