// The nets as a user of wasmgrad writes them; the library is what `npm run build` made of this repository.
import * as torch from '../../dist/node/index.js';
import { models } from '../../dist/node/vision.js';

export { torch };
const { nn } = torch;

class SmallResNet extends nn.Module {
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
  }

  forward(x) {
    x = this.relu(this.bn1(this.conv1(x)));
    x = this.layer3(this.layer2(this.layer1(x)));
    return this.fc(torch.flatten(this.avgpool(x), 1));
  }
}

function stage(inplanes, planes, stride) {
  let downsample = null;
  if (stride !== 1 || inplanes !== planes) {
    downsample = new nn.Sequential(
      new nn.Conv2d(inplanes, planes, { kernel_size: 1, stride, bias: false }),
      new nn.BatchNorm2d(planes),
    );
  }
  return new nn.Sequential(new models.BasicBlock(inplanes, planes, { stride, downsample }));
}

export const builders = {
  resnet18: () => models.resnet18(),
  resnet50: () => models.resnet50(),
  small: () => new SmallResNet(),
};
