// What must compile and what must not: `npm run typecheck` compiles this file under --strict. Each `@ts-expect-error` is itself an
// error where the line below it compiles.
import * as torch from 'wasmgrad';
import { models } from 'wasmgrad/vision';
const { nn } = torch;

// prettier-ignore
class BasicBlock extends nn.Module {
  conv1; bn1; relu; conv2; bn2; downsample;
  constructor(inplanes: number, planes: number, stride = 1, downsample: torch.nn.Module | null = null) {
    super();
    this.conv1 = new nn.Conv2d(inplanes, planes, { kernel_size: 3, stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(planes);
    this.relu = new nn.ReLU({ inplace: true });
    this.conv2 = new nn.Conv2d(planes, planes, { kernel_size: 3, padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(planes);
    this.downsample = downsample;
  }
  forward(x: torch.Tensor) {
    let identity = x;
    let out = this.conv1(x);
    out = this.bn1(out);
    out = this.relu(out);
    out = this.conv2(out);
    out = this.bn2(out);
    if (this.downsample !== null) identity = this.downsample(x);
    out.add_(identity);                     // out += identity
    return this.relu(out);
  }
}

/** True when T and U are the same type. */
type Same<T, U> = [T] extends [U] ? ([U] extends [T] ? true : never) : never;
function same<T, U>(_proof: Same<T, U>): void {}

export function layers(x: torch.Tensor): void {
  const block = new BasicBlock(3, 8);
  const out = block(x);
  same<typeof out, torch.Tensor>(true);
  same<typeof block.conv1, torch.nn.Conv2d>(true);
  same<typeof block.downsample, torch.nn.Module | null>(true);
  // @ts-expect-error: a module takes what its forward takes
  block('x');
  // @ts-expect-error: and as many
  block();
  // @ts-expect-error: and no more
  block(x, x);
  // @ts-expect-error: a field that it has not
  void block.conv3;
  // @ts-expect-error: planes is missing
  new BasicBlock(3);

  new nn.Conv2d(1, 2, 3);
  new nn.Conv2d(1, 2, [3, 5], { padding: 'same', padding_mode: 'reflect', dtype: torch.float64 });
  // @ts-expect-error: no channels
  new nn.Conv2d();
  // @ts-expect-error: no output channels
  new nn.Conv2d(1);
  // @ts-expect-error: no kernel size
  new nn.Conv2d(1, 2);
  // @ts-expect-error: no kernel size among the options
  new nn.Conv2d(1, 2, { padding: 1 });
  // @ts-expect-error: an option that it has not
  new nn.Conv2d(1, 2, { kernel_size: 3, pading: 1 });
  // @ts-expect-error: bias is a boolean
  new nn.Conv2d(1, 2, { kernel_size: 3, bias: 'no' });
  // @ts-expect-error: the paddings are known
  new nn.Conv2d(1, 2, { kernel_size: 3, padding: 'full' });
  // @ts-expect-error: the modes are known
  new nn.Conv2d(1, 2, { kernel_size: 3, padding_mode: 'mirror' });
  // @ts-expect-error: two sizes
  new nn.Conv2d(1, 2, [3, 3, 3]);
  // @ts-expect-error: a dtype is no string
  new nn.Linear(4, 2, { dtype: 'float32' });
  // @ts-expect-error: no output features
  new nn.Linear(4);
  // @ts-expect-error: channels are a number
  new nn.BatchNorm2d('64');
  // @ts-expect-error: an option that it has not
  new nn.BatchNorm2d(64, { eps: 1e-3, decay: 0.1 });
  // @ts-expect-error: inplace is a boolean
  new nn.ReLU({ inplace: 1 });
  // @ts-expect-error: an option that it has not
  new nn.Dropout(0.5, { inplce: true });
  // @ts-expect-error: the reductions are known
  new nn.CrossEntropyLoss({ reduction: 'average' });
  // @ts-expect-error: a loss takes tensors
  new nn.MSELoss()(x, 1);
  // @ts-expect-error: modules only
  new nn.Sequential(new nn.ReLU(), (t: torch.Tensor) => t);
  // @ts-expect-error: an option that it has not
  models.resnet18({ classes: 10 });
  // @ts-expect-error: num_classes is a number
  models.resnet18({ num_classes: '10' });
}

export function tensors(x: torch.Tensor): void {
  same<typeof x.shape, readonly number[]>(true);
  same<typeof x.grad, torch.Tensor | null>(true);
  same<ReturnType<typeof x.add>, torch.Tensor>(true);
  // @ts-expect-error: a method that it has not
  x.foo();
  // @ts-expect-error: a field that it has not
  void x.foo;
  // @ts-expect-error: torch's name is in snake case
  void x.requiresGrad;
  // @ts-expect-error: a shape is not written to
  x.shape[0] = 3;
  // @ts-expect-error: nor assigned
  x.shape = [1];
  // @ts-expect-error: tensors are made by functions
  new torch.Tensor([1, 2]);
  // @ts-expect-error: an option that it has not
  torch.zeros(2, 3, { requires_gradient: true });
  // @ts-expect-error: a dtype is no string
  torch.zeros(2, { dtype: 'float64' });
  // @ts-expect-error: sizes are numbers
  torch.zeros('2');
  // @ts-expect-error: dim is a number
  torch.sum(x, '1');
  // @ts-expect-error: keepdim is a boolean
  torch.sum(x, 1, { keepdim: 'yes' });
  // @ts-expect-error: an option that it has not
  x.sum({ dims: 1 });
  // @ts-expect-error: the second factor is missing
  x.matmul();
  // @ts-expect-error: a tensor is no array
  torch.matmul(x, [[1, 2]]);
  // @ts-expect-error: a list of tensors
  torch.cat(x);
  // @ts-expect-error: dims are numbers
  x.permute('0', '1');
  // @ts-expect-error: an option that backward has not
  x.backward({ keep_graph: true });
  // @ts-expect-error: values of tensors are numbers or booleans
  torch.tensor(['a']);
  // @ts-expect-error: weight is missing
  torch.nn.functional.conv2d(x);
  // @ts-expect-error: an option that it has not
  torch.nn.functional.conv2d(x, x, { strides: 2 });
}

export function training(model: BasicBlock, x: torch.Tensor): void {
  const data = new torch.utils.data.TensorDataset(x, x);
  for (const [a, b] of new torch.utils.data.DataLoader(data, { batch_size: 2, shuffle: true })) {
    same<typeof a, torch.Tensor>(true);
    same<typeof b, torch.Tensor>(true);
  }
  for (const [name, parameter] of model.named_parameters()) {
    same<typeof name, string>(true);
    same<typeof parameter, torch.nn.Parameter>(true);
  }
  const loss = torch.no_grad(() => model(x).sum());
  same<typeof loss, torch.Tensor>(true);
  const count = torch.tidy(() => x.numel());
  same<typeof count, number>(true);
  const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.1 });
  new torch.optim.Adam([{ params: model.conv1.parameters(), lr: 1 }], { betas: [0.9, 0.99] });
  // @ts-expect-error: an option that it has not
  new torch.optim.SGD(model.parameters(), { lr: 0.1, momentm: 0.9 });
  // @ts-expect-error: parameters, not a model
  new torch.optim.SGD(model, { lr: 0.1 });
  // @ts-expect-error: two betas
  new torch.optim.Adam(model.parameters(), { betas: 0.9 });
  const lbfgs = new torch.optim.LBFGS(model.parameters(), { line_search_fn: 'strong_wolfe' });
  const first = lbfgs.step(() => model(x).sum());
  same<typeof first, torch.Tensor>(true);
  // @ts-expect-error: no closure
  lbfgs.step();
  // @ts-expect-error: the searches are known
  new torch.optim.LBFGS(model.parameters(), { line_search_fn: 'wolfe' });
  // @ts-expect-error: an option that it has not
  new torch.optim.RMSprop(model.parameters(), { alhpa: 0.9 });
  // @ts-expect-error: the modes are known
  new torch.optim.lr_scheduler.CyclicLR(lbfgs, 0.1, 0.2, { mode: 'square' });
  const averaged = new torch.optim.swa_utils.AveragedModel(model);
  same<typeof averaged.module, BasicBlock>(true);
  // @ts-expect-error: no step size
  new torch.optim.lr_scheduler.StepLR(optimizer);
  // @ts-expect-error: milestones are numbers
  new torch.optim.lr_scheduler.MultiStepLR(optimizer, ['1']);
  // @ts-expect-error: data is loaded in this thread
  new torch.utils.data.DataLoader(data, { num_workers: 2 });
  // @ts-expect-error: an option that it has not
  new torch.utils.data.DataLoader(data, { batchsize: 2 });
  // @ts-expect-error: a function is called with the grad mode
  torch.no_grad(model);
  // @ts-expect-error: tensors only
  torch.safetensors.save({ a: [1, 2] });
}

export function gradients(model: BasicBlock, x: torch.Tensor): void {
  const { functional } = torch.autograd;
  const jacobian = functional.jacobian((a: torch.Tensor) => a.exp(), x);
  same<typeof jacobian, torch.Tensor>(true);
  const hessian = functional.hessian((a, b) => a.mul(b).sum(), [x, x]);
  same<typeof hessian, torch.Tensor[][]>(true);
  // @ts-expect-error: an option that it has not
  functional.vjp((a: torch.Tensor) => a, x, { vectorize: true });
  const out = torch.utils.checkpoint.checkpoint(model, x);
  same<typeof out, torch.Tensor>(true);
  // @ts-expect-error: the model takes a tensor
  torch.utils.checkpoint.checkpoint(model, 3);
  new torch.distributions.Normal(0, x, { validate_args: false });
  // @ts-expect-error: an option that it has not
  new torch.distributions.Categorical({ prob: x });
}
