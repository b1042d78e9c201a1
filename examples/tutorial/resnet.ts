import * as torch from 'wasmgrad';
import { nn } from 'wasmgrad';

export class BasicBlock extends nn.Module {
  conv1;
  bn1;
  relu;
  conv2;
  bn2;
  downsample;

  constructor(inplanes: number, planes: number, stride = 1, downsample: nn.Sequential | null = null) {
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
    if (this.downsample !== null) {
      identity = this.downsample(x);
    }
    out.add_(identity);
    return this.relu(out);
  }
}

export interface ResNetOptions {
  channels?: number;
  num_classes?: number;
  zero_init_residual?: boolean;
}

export class ResNet extends nn.Module {
  inplanes;
  conv1;
  bn1;
  relu;
  maxpool;
  layer1;
  layer2;
  layer3;
  layer4;
  avgpool;
  fc;

  constructor(
    layers: readonly number[],
    { channels = 1, num_classes = 10, zero_init_residual = false }: ResNetOptions = {},
  ) {
    super();
    this.inplanes = 64;
    this.conv1 = new nn.Conv2d(channels, 64, { kernel_size: 7, stride: 2, padding: 3, bias: false });
    this.bn1 = new nn.BatchNorm2d(64);
    this.relu = new nn.ReLU({ inplace: true });
    this.maxpool = new nn.MaxPool2d({ kernel_size: 3, stride: 2, padding: 1 });
    this.layer1 = this._make_layer(64, layers[0]);
    this.layer2 = this._make_layer(128, layers[1], 2);
    this.layer3 = this._make_layer(256, layers[2], 2);
    this.layer4 = this._make_layer(512, layers[3], 2);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(512, num_classes);

    for (const m of this.modules()) {
      if (m instanceof nn.Conv2d) {
        nn.init.kaiming_normal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      } else if (m instanceof nn.BatchNorm2d) {
        nn.init.constant_(m.weight!, 1);
        nn.init.constant_(m.bias!, 0);
      }
    }

    if (zero_init_residual) {
      for (const m of this.modules()) {
        if (m instanceof BasicBlock) {
          nn.init.constant_(m.bn2.weight!, 0);
        }
      }
    }
  }

  _make_layer(planes: number, blocks: number, stride = 1) {
    let downsample = null;
    if (stride !== 1 || this.inplanes !== planes) {
      downsample = new nn.Sequential(
        new nn.Conv2d(this.inplanes, planes, { kernel_size: 1, stride, bias: false }),
        new nn.BatchNorm2d(planes),
      );
    }
    const layers = [new BasicBlock(this.inplanes, planes, stride, downsample)];
    this.inplanes = planes;
    for (let i = 1; i < blocks; i++) {
      layers.push(new BasicBlock(this.inplanes, planes));
    }
    return new nn.Sequential(...layers);
  }

  forward(x: torch.Tensor) {
    x = this.conv1(x);
    x = this.bn1(x);
    x = this.relu(x);
    x = this.maxpool(x);

    x = this.layer1(x);
    x = this.layer2(x);
    x = this.layer3(x);
    x = this.layer4(x);

    x = this.avgpool(x);
    x = torch.flatten(x, 1);
    return this.fc(x);
  }
}

export function resnet18(options: ResNetOptions = {}) {
  return new ResNet([2, 2, 2, 2], options);
}

export function resnet34(options: ResNetOptions = {}) {
  return new ResNet([3, 4, 6, 3], options);
}
