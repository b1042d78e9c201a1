import * as torch from '../src/index.js';
import { models } from '../src/vision/index.js';
import { CONVOLUTIONS, label, outputSize } from './resnet18.js';

const { nn, optim } = torch;
const F = nn.functional;

export interface BenchCase {
  readonly group: string;
  readonly name: string;
  /** Floating point operations of one run, where they are what limits it. */
  readonly flops?: number;
  /** Bytes read and written at least, where they are what limits it. */
  readonly bytes?: number;
  /** Makes the operands; what it returns is timed. */
  setup(): () => void;
}

const grad = (...shape: number[]): torch.Tensor => torch.randn(shape, { requires_grad: true });

function convolutionCases(): BenchCase[] {
  return CONVOLUTIONS.flatMap((convolution): BenchCase[] => {
    const { C, H, O, K, stride, padding } = convolution;
    const Oh = outputSize(convolution);
    const flops = (N: number): number => 2 * N * O * Oh * Oh * C * K * K;
    return [
      ...[1, 8].map((N): BenchCase => ({
        group: 'conv2d',
        name: `conv2d forward N=${N} ${label(convolution)}`,
        flops: flops(N),
        setup: () => {
          const x = torch.randn(N, C, H, H);
          const w = torch.randn(O, C, K, K);
          return () => void F.conv2d(x, w, { stride, padding });
        },
      })),
      ...(['input', 'weight'] as const).map((side): BenchCase => ({
        group: 'conv2d',
        name: `conv2d backward ${side} N=8 ${label(convolution)}`,
        flops: flops(8),
        setup: () => {
          const x = torch.randn([8, C, H, H], { requires_grad: side === 'input' });
          const w = torch.randn([O, C, K, K], { requires_grad: side === 'weight' });
          const out = F.conv2d(x, w, { stride, padding });
          const g = torch.randn(...out.shape);
          return () =>
            void torch.autograd.grad(out, side === 'input' ? x : w, { grad_outputs: g, retain_graph: true });
        },
      })),
    ];
  });
}

function gemmCases(): BenchCase[] {
  const sizes: readonly (readonly [number, number, number])[] = [
    [128, 128, 128],
    [512, 512, 512],
    [1024, 1024, 1024],
    [64, 3136, 576],
    [512, 49, 4608],
    [8, 1000, 512],
    [1, 1000, 512],
  ];
  return sizes.map(([M, N, K]) => ({
    group: 'GEMM',
    name: `matmul ${M}×${K} · ${K}×${N}`,
    flops: 2 * M * N * K,
    setup: () => {
      const a = torch.randn(M, K);
      const b = torch.randn(K, N);
      return () => void a.matmul(b);
    },
  }));
}

/** Runs the backward of what `make` computes, without its forward. */
function backwardOf(make: () => { out: torch.Tensor; inputs: torch.Tensor[] }): () => void {
  const { out, inputs } = make();
  const g = torch.randn(...out.shape);
  return () => void torch.autograd.grad(out, inputs, { grad_outputs: g, retain_graph: true });
}

function normCases(): BenchCase[] {
  const planes: readonly (readonly [number, number])[] = [
    [64, 112],
    [64, 56],
    [256, 14],
    [512, 7],
  ];
  return planes.flatMap(([C, H]): BenchCase[] => {
    const bytes = 4 * 8 * C * H * H;
    const setup = (training: boolean) => () => {
      const x = torch.randn(8, C, H, H);
      const bn = new nn.BatchNorm2d(C).train(training);
      return () => void torch.no_grad(() => bn(x));
    };
    return [
      {
        group: 'batch norm',
        name: `batch_norm eval 8×${C}×${H}×${H}`,
        bytes: 2 * bytes,
        setup: setup(false),
      },
      {
        group: 'batch norm',
        name: `batch_norm train 8×${C}×${H}×${H}`,
        bytes: 3 * bytes,
        setup: setup(true),
      },
      {
        group: 'batch norm',
        name: `batch_norm backward 8×${C}×${H}×${H}`,
        bytes: 5 * bytes,
        setup: () =>
          backwardOf(() => {
            const x = grad(8, C, H, H);
            const bn = new nn.BatchNorm2d(C);
            return { out: bn(x), inputs: [x, bn.weight!, bn.bias!] };
          }),
      },
    ];
  });
}

function poolCases(): BenchCase[] {
  return [
    {
      group: 'pool',
      name: 'max_pool2d 3/2 forward 8×64×112×112',
      bytes: 4 * 8 * 64 * (112 * 112 + 56 * 56),
      setup: () => {
        const x = torch.randn(8, 64, 112, 112);
        return () => void F.max_pool2d(x, 3, 2, 1);
      },
    },
    {
      group: 'pool',
      name: 'max_pool2d 3/2 backward 8×64×112×112',
      bytes: 8 * 64 * (4 * 112 * 112 + 12 * 56 * 56),
      setup: () =>
        backwardOf(() => {
          const x = grad(8, 64, 112, 112);
          return { out: F.max_pool2d(x, 3, 2, 1), inputs: [x] };
        }),
    },
    {
      group: 'pool',
      name: 'adaptive_avg_pool2d 8×512×7×7 → 1',
      bytes: 4 * 8 * 512 * 49,
      setup: () => {
        const x = torch.randn(8, 512, 7, 7);
        return () => void F.adaptive_avg_pool2d(x, 1);
      },
    },
  ];
}

function pointwiseCases(): BenchCase[] {
  const big = 1 << 24;
  const small = 8;
  const make = (
    name: string,
    n: number,
    bytes: number,
    body: (a: torch.Tensor, b: torch.Tensor) => unknown,
  ): BenchCase => ({
    group: 'pointwise',
    name: `${name} ${n === big ? '16 M' : n}`,
    bytes: n === big ? bytes * n : undefined,
    setup: () => {
      const a = torch.randn(n);
      const b = torch.randn(n);
      return () => void body(a, b);
    },
  });
  return [
    make('add', big, 12, (a, b) => a.add(b)),
    make('add_', big, 12, (a, b) => a.add_(b)),
    make('relu', big, 8, (a) => a.relu()),
    make('exp', big, 8, (a) => a.exp()),
    make('sum', big, 4, (a) => a.sum()),
    make('add', small, 0, (a, b) => a.add(b)),
    {
      group: 'pointwise',
      name: 'add 8 with grad',
      setup: () => {
        const a = grad(small);
        const b = grad(small);
        return () => void a.add(b);
      },
    },
    {
      group: 'pointwise',
      name: 'cross_entropy forward + backward 64×1000',
      setup: () => {
        const x = grad(64, 1000);
        const y = torch.randint(1000, [64]);
        return () => {
          F.cross_entropy(x, y).backward();
          x.grad = null;
        };
      },
    },
  ];
}

const RESNET18_FLOPS = 2 * 1.814e9;

function modelCases(): BenchCase[] {
  const forward = (N: number): BenchCase => ({
    group: 'ResNet-18',
    name: `resnet18 forward ${N}×3×224×224`,
    flops: N * RESNET18_FLOPS,
    setup: () => {
      const model = models.resnet18().eval();
      const x = torch.randn(N, 3, 224, 224);
      return () => void torch.no_grad(() => model(x));
    },
  });
  return [
    forward(1),
    forward(8),
    {
      group: 'ResNet-18',
      name: 'resnet18 training step 8×3×224×224',
      flops: 3 * 8 * RESNET18_FLOPS,
      setup: () => {
        const model = models.resnet18();
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
        const x = torch.randn(8, 3, 224, 224);
        const y = torch.arange(8);
        return () => {
          optimizer.zero_grad();
          F.cross_entropy(model(x), y).backward();
          optimizer.step();
        };
      },
    },
    {
      group: 'MLP',
      name: 'two-layer MLP, batch 1, forward + backward',
      setup: () => {
        const model = new nn.Sequential(new nn.Linear(10, 10), new nn.ReLU(), new nn.Linear(10, 10));
        const x = torch.randn(1, 10);
        return () => {
          model(x).sum().backward();
          model.zero_grad();
        };
      },
    },
  ];
}

export const cases: readonly BenchCase[] = [
  ...gemmCases(),
  ...convolutionCases(),
  ...normCases(),
  ...poolCases(),
  ...pointwiseCases(),
  ...modelCases(),
];
