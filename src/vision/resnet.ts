import { NotImplementedError, ValueError, flatten, nn } from '../index.js';
import type { Tensor } from '../index.js';

/** A class of normalisation layers, or a function that makes one: both get the number of channels. */
export type NormLayer = (new (planes: number) => nn.Module) | ((planes: number) => nn.Module);

function makerOf(norm_layer: NormLayer | null): (planes: number) => nn.Module {
  if (norm_layer === null) return (planes) => new nn.BatchNorm2d(planes);
  if (norm_layer.prototype instanceof nn.Module) {
    return (planes) => new (norm_layer as new (planes: number) => nn.Module)(planes);
  }
  return norm_layer as (planes: number) => nn.Module;
}

/** 3x3 convolution with padding */
function conv3x3(in_planes: number, out_planes: number, stride = 1, groups = 1, dilation = 1): nn.Conv2d {
  return new nn.Conv2d(in_planes, out_planes, {
    kernel_size: 3,
    stride,
    padding: dilation,
    groups,
    bias: false,
    dilation,
  });
}

/** 1x1 convolution */
function conv1x1(in_planes: number, out_planes: number, stride = 1): nn.Conv2d {
  return new nn.Conv2d(in_planes, out_planes, { kernel_size: 1, stride, bias: false });
}

/** Keyword arguments of both blocks. */
export interface BlockOptions {
  stride?: number;
  downsample?: nn.Module | null;
  groups?: number;
  base_width?: number;
  dilation?: number;
  norm_layer?: NormLayer | null;
}

/**
 * Two 3x3 convolutions and a shortcut: [N, inplanes, H, W] to [N, planes, H / stride, W / stride].
 *
 * @example
 * console.log(new vision.models.BasicBlock(8, 8)(torch.ones(1, 8, 6, 6)).shape); // [ 1, 8, 6, 6 ]
 */
export class BasicBlock extends nn.Module {
  static readonly expansion: number = 1;
  conv1: nn.Conv2d;
  bn1: nn.Module;
  relu: nn.ReLU;
  conv2: nn.Conv2d;
  bn2: nn.Module;
  downsample: nn.Module | null;
  stride: number;

  constructor(inplanes: number, planes: number, options: BlockOptions = {}) {
    const {
      stride = 1,
      downsample = null,
      groups = 1,
      base_width = 64,
      dilation = 1,
      norm_layer = null,
    } = options;
    super();
    const norm = makerOf(norm_layer);
    if (groups !== 1 || base_width !== 64) {
      throw new ValueError('BasicBlock only supports groups=1 and base_width=64');
    }
    if (dilation > 1) throw new NotImplementedError('Dilation > 1 not supported in BasicBlock');
    // Both this.conv1 and this.downsample layers downsample the input when stride != 1
    this.conv1 = conv3x3(inplanes, planes, stride);
    this.bn1 = norm(planes);
    this.relu = new nn.ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = norm(planes);
    this.downsample = downsample;
    this.stride = stride;
  }

  forward(x: Tensor): Tensor {
    let identity = x;

    let out = this.conv1(x);
    out = this.bn1(out);
    out = this.relu(out);

    out = this.conv2(out);
    out = this.bn2(out);

    if (this.downsample !== null) identity = this.downsample(x);

    out.add_(identity);
    out = this.relu(out);

    return out;
  }
}

/**
 * The stride is at the 3x3 convolution (conv2), while the original puts it at the first 1x1 convolution (conv1), according to
 * "Deep residual learning for image recognition", https://arxiv.org/abs/1512.03385: the variant known as ResNet V1.5.
 */
export class Bottleneck extends nn.Module {
  static readonly expansion: number = 4;
  conv1: nn.Conv2d;
  bn1: nn.Module;
  conv2: nn.Conv2d;
  bn2: nn.Module;
  conv3: nn.Conv2d;
  bn3: nn.Module;
  relu: nn.ReLU;
  downsample: nn.Module | null;
  stride: number;

  constructor(inplanes: number, planes: number, options: BlockOptions = {}) {
    const {
      stride = 1,
      downsample = null,
      groups = 1,
      base_width = 64,
      dilation = 1,
      norm_layer = null,
    } = options;
    super();
    const norm = makerOf(norm_layer);
    const width = Math.trunc(planes * (base_width / 64)) * groups;
    // Both this.conv2 and this.downsample layers downsample the input when stride != 1
    this.conv1 = conv1x1(inplanes, width);
    this.bn1 = norm(width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = norm(width);
    this.conv3 = conv1x1(width, planes * Bottleneck.expansion);
    this.bn3 = norm(planes * Bottleneck.expansion);
    this.relu = new nn.ReLU({ inplace: true });
    this.downsample = downsample;
    this.stride = stride;
  }

  forward(x: Tensor): Tensor {
    let identity = x;

    let out = this.conv1(x);
    out = this.bn1(out);
    out = this.relu(out);

    out = this.conv2(out);
    out = this.bn2(out);
    out = this.relu(out);

    out = this.conv3(out);
    out = this.bn3(out);

    if (this.downsample !== null) identity = this.downsample(x);

    out.add_(identity);
    out = this.relu(out);

    return out;
  }
}

/** `BasicBlock`, `Bottleneck`, or a class like them. */
export interface Block {
  readonly expansion: number;
  new (inplanes: number, planes: number, options?: BlockOptions): nn.Module;
}

/** torchvision's options of a ResNet. */
export interface ResNetOptions {
  num_classes?: number;
  /** Whether the last normalisation of each block starts at 0, so that a block starts as the identity. */
  zero_init_residual?: boolean;
  groups?: number;
  width_per_group?: number;
  /** For layers 2, 3 and 4, whether a dilated convolution takes the place of the stride. */
  replace_stride_with_dilation?: readonly boolean[] | null;
  norm_layer?: NormLayer | null;
}

const OPTION_NAMES: readonly (keyof ResNetOptions)[] = [
  'num_classes',
  'zero_init_residual',
  'groups',
  'width_per_group',
  'replace_stride_with_dilation',
  'norm_layer',
];

/**
 * torchvision's ResNet, line for line: the same keys, and with the same seed the same weights.
 *
 * @example
 * const { BasicBlock, ResNet } = vision.models;
 * const tiny = new ResNet(BasicBlock, [1, 1, 1, 1], { num_classes: 2 });
 * console.log(Object.keys(tiny.state_dict())[0]); // conv1.weight
 */
export class ResNet extends nn.Module {
  inplanes: number;
  dilation: number;
  groups: number;
  base_width: number;
  conv1: nn.Conv2d;
  bn1: nn.Module;
  relu: nn.ReLU;
  maxpool: nn.MaxPool2d;
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  layer4: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  fc: nn.Linear;
  private readonly _norm_layer: (planes: number) => nn.Module;

  constructor(block: Block, layers: readonly number[], options: ResNetOptions = {}) {
    for (const name of Object.keys(options)) {
      if ((OPTION_NAMES as readonly string[]).includes(name)) continue;
      throw new TypeError(
        `ResNet() got an unexpected keyword argument '${name}'; it takes: ${OPTION_NAMES.join(', ')}`,
      );
    }
    const {
      num_classes = 1000,
      zero_init_residual = false,
      groups = 1,
      width_per_group = 64,
      norm_layer = null,
    } = options;
    super();
    const norm = makerOf(norm_layer);
    this._norm_layer = norm;

    this.inplanes = 64;
    this.dilation = 1;
    // each element says whether the 2x2 stride is replaced by a dilated convolution
    const replace_stride_with_dilation = options.replace_stride_with_dilation ?? [false, false, false];
    if (replace_stride_with_dilation.length !== 3) {
      throw new ValueError(
        `replace_stride_with_dilation should be None or a 3-element tuple, got [${replace_stride_with_dilation.join(', ')}]`,
      );
    }
    this.groups = groups;
    this.base_width = width_per_group;
    this.conv1 = new nn.Conv2d(3, this.inplanes, { kernel_size: 7, stride: 2, padding: 3, bias: false });
    this.bn1 = norm(this.inplanes);
    this.relu = new nn.ReLU({ inplace: true });
    this.maxpool = new nn.MaxPool2d({ kernel_size: 3, stride: 2, padding: 1 });
    this.layer1 = this._make_layer(block, 64, layers[0]);
    this.layer2 = this._make_layer(block, 128, layers[1], {
      stride: 2,
      dilate: replace_stride_with_dilation[0],
    });
    this.layer3 = this._make_layer(block, 256, layers[2], {
      stride: 2,
      dilate: replace_stride_with_dilation[1],
    });
    this.layer4 = this._make_layer(block, 512, layers[3], {
      stride: 2,
      dilate: replace_stride_with_dilation[2],
    });
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(512 * block.expansion, num_classes);

    for (const m of this.modules()) {
      if (m instanceof nn.Conv2d) {
        nn.init.kaiming_normal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      } else if (m instanceof nn.BatchNorm2d) {
        nn.init.constant_(m.weight!, 1);
        nn.init.constant_(m.bias!, 0);
      }
    }

    // Zero-initialize the last BN in each residual branch, so that the residual branch starts with zeros, and each block
    // behaves like an identity. This improves the model by 0.2~0.3% according to https://arxiv.org/abs/1706.02677
    if (zero_init_residual) {
      for (const m of this.modules()) {
        if (m instanceof Bottleneck) zeroWeight(m.bn3);
        else if (m instanceof BasicBlock) zeroWeight(m.bn2);
      }
    }
  }

  private _make_layer(
    block: Block,
    planes: number,
    blocks: number,
    { stride = 1, dilate = false }: { stride?: number; dilate?: boolean } = {},
  ): nn.Sequential {
    const norm = this._norm_layer;
    let downsample: nn.Module | null = null;
    const previous_dilation = this.dilation;
    if (dilate) {
      this.dilation *= stride;
      stride = 1;
    }
    if (stride !== 1 || this.inplanes !== planes * block.expansion) {
      downsample = new nn.Sequential(
        conv1x1(this.inplanes, planes * block.expansion, stride),
        norm(planes * block.expansion),
      );
    }

    const { groups, base_width } = this;
    const layers: nn.Module[] = [];
    layers.push(
      new block(this.inplanes, planes, {
        stride,
        downsample,
        groups,
        base_width,
        dilation: previous_dilation,
        norm_layer: norm,
      }),
    );
    this.inplanes = planes * block.expansion;
    for (let i = 1; i < blocks; i++) {
      layers.push(
        new block(this.inplanes, planes, { groups, base_width, dilation: this.dilation, norm_layer: norm }),
      );
    }

    return new nn.Sequential(...layers);
  }

  forward(x: Tensor): Tensor {
    x = this.conv1(x);
    x = this.bn1(x);
    x = this.relu(x);
    x = this.maxpool(x);

    x = this.layer1(x);
    x = this.layer2(x);
    x = this.layer3(x);
    x = this.layer4(x);

    x = this.avgpool(x);
    x = flatten(x, 1);
    x = this.fc(x);

    return x;
  }
}

function zeroWeight(norm: nn.Module): void {
  const { weight } = norm as nn.Module & { weight?: Tensor | null };
  if (weight !== undefined && weight !== null) nn.init.constant_(weight, 0);
}

/** Options of `resnet18` and its kin. */
export interface ModelOptions extends ResNetOptions {
  /** Only null: pretrained weights are not shipped. */
  weights?: null;
  /** As torchvision's, it speaks of the download of weights. */
  progress?: boolean;
}

type Model = (options?: ModelOptions) => ResNet;

function model(name: string, block: Block, layers: readonly number[], fixed: ResNetOptions = {}): Model {
  return (options = {}) => {
    const { weights = null, progress: _, ...rest } = options;
    if (weights !== null) {
      throw new NotImplementedError(
        `${name}: no pretrained weights are shipped, so 'weights' must be null. Export them once in Python, ` +
          `safetensors.torch.save_file(torchvision.models.${name}(weights='DEFAULT').state_dict(), '${name}.safetensors'), and load them with ` +
          `model.load_state_dict(torch.safetensors.load_file('${name}.safetensors'))`,
      );
    }
    return new ResNet(block, layers, { ...fixed, ...rest });
  };
}

/**
 * ResNet-18. Differs from torchvision: no pretrained weights are shipped, so `weights` must be null; load a `.safetensors` file.
 *
 * @example
 * const model = vision.models.resnet18({ num_classes: 10 }).eval();
 * const scores = torch.no_grad(() => model(torch.ones(1, 3, 32, 32)));
 * console.log(scores.shape); // [ 1, 10 ]
 */
export const resnet18: Model = model('resnet18', BasicBlock, [2, 2, 2, 2]);
export const resnet34: Model = model('resnet34', BasicBlock, [3, 4, 6, 3]);
export const resnet50: Model = model('resnet50', Bottleneck, [3, 4, 6, 3]);
export const resnet101: Model = model('resnet101', Bottleneck, [3, 4, 23, 3]);
export const resnet152: Model = model('resnet152', Bottleneck, [3, 8, 36, 3]);
export const resnext50_32x4d: Model = model('resnext50_32x4d', Bottleneck, [3, 4, 6, 3], {
  groups: 32,
  width_per_group: 4,
});
export const resnext101_32x8d: Model = model('resnext101_32x8d', Bottleneck, [3, 4, 23, 3], {
  groups: 32,
  width_per_group: 8,
});
export const resnext101_64x4d: Model = model('resnext101_64x4d', Bottleneck, [3, 4, 23, 3], {
  groups: 64,
  width_per_group: 4,
});
export const wide_resnet50_2: Model = model('wide_resnet50_2', Bottleneck, [3, 4, 6, 3], {
  width_per_group: 128,
});
export const wide_resnet101_2: Model = model('wide_resnet101_2', Bottleneck, [3, 4, 23, 3], {
  width_per_group: 128,
});
