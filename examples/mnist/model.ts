import * as torch from 'wasmgrad';
import { nn } from 'wasmgrad';
import { BasicBlock, ResNet } from '../tutorial/resnet.js';

/**
 * The tutorial's blocks for images of 28×28: one each of 16, 32 and 64 channels, at 14×14, 7×7 and 4×4; 77,754 parameters.
 */
export class SmallResNet extends nn.Module {
  conv1;
  bn1;
  relu;
  layer1;
  layer2;
  layer3;
  avgpool;
  fc;

  constructor() {
    super();
    this.conv1 = new nn.Conv2d(1, 16, { kernel_size: 3, stride: 2, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(16);
    this.relu = new nn.ReLU({ inplace: true });
    this.layer1 = stage(16, 16, 1);
    this.layer2 = stage(16, 32, 2);
    this.layer3 = stage(32, 64, 2);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(64, 10);

    for (const m of this.modules()) {
      if (m instanceof nn.Conv2d)
        nn.init.kaiming_normal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      else if (m instanceof BasicBlock) nn.init.constant_(m.bn2.weight!, 0);
    }
  }

  forward(x: torch.Tensor) {
    x = this.relu(this.bn1(this.conv1(x)));
    x = this.layer1(x);
    x = this.layer2(x);
    x = this.layer3(x);
    x = this.avgpool(x);
    return this.fc(torch.flatten(x, 1));
  }
}

function stage(inplanes: number, planes: number, stride: number) {
  let downsample = null;
  if (stride !== 1 || inplanes !== planes) {
    downsample = new nn.Sequential(
      new nn.Conv2d(inplanes, planes, { kernel_size: 1, stride, bias: false }),
      new nn.BatchNorm2d(planes),
    );
  }
  return new nn.Sequential(new BasicBlock(inplanes, planes, stride, downsample));
}

/** The last norm of each block starts at 0, so that the blocks start as the identity. */
export const MODELS = {
  small: () => new SmallResNet(),
  resnet18: () => new ResNet([2, 2, 2, 2], { zero_init_residual: true }),
  resnet34: () => new ResNet([3, 4, 6, 3], { zero_init_residual: true }),
};

export type ModelName = keyof typeof MODELS;
