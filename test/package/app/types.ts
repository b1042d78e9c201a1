// Compiled, not run: the published declarations alone, with neither DOM nor Node types in sight.
import * as torch from 'wasmgrad';
import { models } from 'wasmgrad/vision';

class Net extends torch.nn.Module {
  readonly fc = new torch.nn.Linear(2, 3, { bias: false });
  forward(x: torch.Tensor): torch.Tensor {
    return this.fc(x).relu();
  }
}

const out: torch.Tensor = new Net()(torch.zeros(1, 2));
export const shape: readonly number[] = out.shape;
export const classifier: torch.nn.Module = models.resnet18({ num_classes: 10 });
// @ts-expect-error a convolution cannot be built without its channels
export const incomplete = new torch.nn.Conv2d();
