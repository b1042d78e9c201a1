// What every form of the package has to do, with nothing but the public interface. The values are PyTorch 1.13.1's.

export function program(torch, vision) {
  const { nn, optim } = torch;
  const leaf = (values) => torch.tensor(values, { dtype: torch.float32, requires_grad: true });
  const a = leaf([
    [1, 2],
    [3, 4],
  ]);
  const b = leaf([
    [5, 6],
    [7, 8],
  ]);
  const product = a.matmul(b);
  product.sum().backward();

  torch.manual_seed(0);
  const noise = torch.randn(3);

  const model = new nn.Linear(3, 2);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const x = torch.tensor([
    [1, 2, 3],
    [-1, 0.5, 2],
  ]);
  const losses = [];
  for (let step = 0; step < 3; step++) {
    optimizer.zero_grad();
    const loss = model(x).pow(2).mean();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }

  const conv = new nn.Conv2d(1, 2, { kernel_size: 3, padding: 1 });
  const total = conv(torch.arange(16).reshape(1, 1, 4, 4).to(torch.float32)).sum();
  total.backward();

  return {
    product: product.tolist(),
    gradA: a.grad.tolist(),
    gradB: b.grad.tolist(),
    randn: noise.tolist(),
    losses,
    conv: total.item(),
    convGrad: conv.weight.grad.flatten().tolist(),
    sharedClasses: vision.models.resnet18({ num_classes: 2 }) instanceof nn.Module,
  };
}
