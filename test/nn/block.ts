import * as torch from '../../src/index.js';

const { nn } = torch;

/** The block of the tutorial; its fields are declared in another order than they are assigned. */
export class BasicBlock extends nn.Module {
  downsample;
  relu;
  bn2;
  conv2;
  bn1;
  conv1;

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
    out.add_(identity);
    return this.relu(out);
  }
}

export class Net extends nn.Module {
  layer1;
  avgpool;
  fc;

  constructor() {
    super();
    const downsample = new nn.Sequential(new nn.Conv2d(3, 4, 1, 2, { bias: false }), new nn.BatchNorm2d(4));
    this.layer1 = new nn.Sequential(new BasicBlock(3, 4, 2, downsample), new BasicBlock(4, 4));
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(4, 2);
  }

  forward(x: torch.Tensor) {
    return this.fc(this.avgpool(this.layer1(x)).flatten(1));
  }
}
