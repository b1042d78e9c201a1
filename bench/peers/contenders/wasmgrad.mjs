import { serve } from '../serve.mjs';
import { builders, torch } from '../wasmgrad_models.mjs';

await serve(({ task, net, labels, file, images, threads }) => {
  torch.set_num_threads(threads);
  const model = builders[net.name]();
  const { images: _, ...state } = torch.safetensors.load_file(file);
  model.load_state_dict(state);
  const x = torch.tensor(images.data).view(images.shape);
  const version = torch.__version__;
  if (!task.train) {
    model.eval();
    return { version, step: () => torch.tidy(() => torch.no_grad(() => model(x)).numpy()) };
  }
  const y = torch.tensor(labels, { dtype: torch.int64 });
  const optimizer = new torch.optim.SGD(model.parameters(), { lr: task.lr, momentum: task.momentum });
  const criterion = new torch.nn.CrossEntropyLoss();
  const step = () =>
    torch.tidy(() => {
      optimizer.zero_grad();
      const loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
      return [loss.item()];
    });
  return { version, step };
});
