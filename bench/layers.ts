// The roofline of ResNet-18: for each of its layers, forward and backward, the time, GFLOP/s, bytes, share of the peak of one core and
// the algorithm that ran, beside the fastest of all algorithms. A table in Markdown.
//
//   npm run bench -- --layers [--batch N] [--threads N] [--only REGEX]
import * as torch from '../src/index.js';
import { asTiles, asTilesForWeight } from '../src/ops/conv_algorithm.js';
import { conv2d_backward_input, conv2d_backward_weight, convolution } from '../src/ops/conv.js';
import { geometry } from '../src/ops/conv_geometry.js';
import type { Geometry } from '../src/ops/conv_geometry.js';
import { measurePeak } from './peak.js';
import { CONVOLUTIONS, label, outputSize } from './resnet18.js';
import type { Convolution } from './resnet18.js';

const { functional: F } = torch.nn;
const { wasm } = torch.backends;
const MINIMUM_MS = 4;
const ROUNDS = 60;
const ALGORITHMS = [true, false, 2, 4] as const;
type Algorithm = (typeof ALGORITHMS)[number];

interface Layer {
  readonly name: string;
  readonly times: number;
  readonly flops?: number;
  readonly bytes: number;
  /** Which algorithm a setting of `torch.backends.wasm.winograd` gives; null for layers that have but one. */
  readonly algorithm?: (() => string) | undefined;
  readonly run: () => void;
}

function nameOf(pass: 'forward' | 'input' | 'weight', g: Geometry): string {
  const tiled = pass === 'weight' ? asTilesForWeight(g, torch.float32) : asTiles(pass, g, torch.float32);
  if (tiled !== null) return `F(${tiled.m}×${tiled.m})`;
  return g.Kh === 1 ? '1×1' : 'direct';
}

function convolutionLayers(N: number, conv: Convolution): Layer[] {
  const { C, H, O, K, stride, padding, times } = conv;
  const Oh = outputSize(conv);
  const x = torch.randn(N, C, H, H);
  const w = torch.randn(O, C, K, K);
  const grad = torch.randn(N, O, Oh, Oh);
  const window = {
    stride: [stride, stride],
    padding: [padding, padding],
    dilation: [1, 1],
    groups: 1,
  } as const;
  const { dilation, groups } = window;
  const rest = [window.stride, window.padding, dilation, groups] as const;
  const g = geometry(x.shape, w.shape, grad.shape, window);
  const common = {
    times,
    flops: 2 * N * O * Oh * Oh * C * K * K,
    bytes: 4 * (x.numel() + w.numel() + grad.numel()),
  };
  const layer = (pass: 'forward' | 'input' | 'weight', run: () => void): Layer => ({
    ...common,
    name: `conv ${label(conv)} ${pass}`,
    algorithm: () => nameOf(pass, g),
    run,
  });
  return [
    layer('forward', () => void convolution(x, w, null, ...rest)),
    layer('input', () => void conv2d_backward_input(grad, w, x.shape, ...rest)),
    layer('weight', () => void conv2d_backward_weight(x, grad, w.shape, ...rest)),
  ];
}

/** What else ResNet-18 is made of, at its largest. */
function otherLayers(N: number): Layer[] {
  const stem = torch.randn(N, 64, 112, 112);
  const plane = torch.randn(N, 64, 56, 56);
  const last = torch.randn(N, 512, 7, 7);
  const bn = new torch.nn.BatchNorm2d(64);
  const fc = new torch.nn.Linear(512, 1000);
  const features = torch.randn(N, 512);
  const backward = (make: () => torch.Tensor, inputs: torch.Tensor[]): (() => void) => {
    const out = make();
    const grad = torch.randn(...out.shape);
    return () => void torch.autograd.grad(out, inputs, { grad_outputs: grad, retain_graph: true });
  };
  const leaf = (t: torch.Tensor): torch.Tensor => t.clone().requires_grad_();
  const [stemLeaf, planeLeaf] = [leaf(stem), leaf(plane)];
  const norm = (times: number): number => times * 4 * stem.numel();
  const layer = (name: string, times: number, bytes: number, run: () => void): Layer => ({
    name,
    times,
    bytes,
    run,
  });
  return [
    layer('batch_norm eval 64×112×112', 1, norm(2), () => {
      torch.no_grad(() => {
        F.batch_norm(stem, bn.running_mean, bn.running_var, bn.weight, bn.bias);
      });
    }),
    layer('batch_norm train 64×112×112', 1, norm(3), () => {
      torch.no_grad(() => {
        bn(stem);
      });
    }),
    layer(
      'batch_norm backward 64×112×112',
      1,
      norm(5),
      backward(() => bn(stemLeaf), [stemLeaf, bn.weight!, bn.bias!]),
    ),
    layer('relu 64×112×112', 1, norm(2), () => void stem.relu()),
    layer(
      'relu backward 64×112×112',
      1,
      norm(3),
      backward(() => stemLeaf.relu(), [stemLeaf]),
    ),
    layer('add 64×56×56', 2, 12 * plane.numel(), () => void plane.add(plane)),
    layer('max_pool2d 64×112×112', 1, norm(1.25), () => void F.max_pool2d(stem, 3, 2, 1)),
    layer(
      'max_pool2d backward 64×112×112',
      1,
      norm(1.75),
      backward(() => F.max_pool2d(stemLeaf, 3, 2, 1), [stemLeaf]),
    ),
    layer('adaptive_avg_pool2d 512×7×7', 1, 4 * last.numel(), () => void F.adaptive_avg_pool2d(last, 1)),
    {
      ...layer('linear 512 → 1000', 1, 4 * 513 * 1000, () => void torch.no_grad(() => fc(features))),
      flops: 2 * N * 512 * 1000,
    },
    layer(
      'add 64×56×56 backward',
      2,
      8 * plane.numel(),
      backward(() => planeLeaf.add(1), [planeLeaf]),
    ),
  ];
}

/** Milliseconds of one call, repeated until the clock can tell. */
function once(run: () => void): number {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    torch.tidy(run);
    calls++;
    elapsed = performance.now() - start;
  } while (elapsed < MINIMUM_MS);
  return elapsed / calls;
}

/** Milliseconds with each setting, in turn: the fastest of all rounds, since what else runs on the machine only ever adds to them. */
function measure(run: () => void, settings: readonly Algorithm[]): Map<Algorithm, number> {
  const times = new Map(settings.map((setting): [Algorithm, number[]] => [setting, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const setting of settings) {
      wasm.winograd = setting;
      const time = once(run);
      // The first round compiles and transforms weights.
      if (round > 0) times.get(setting)!.push(time);
    }
  }
  wasm.winograd = true;
  return new Map([...times].map(([setting, list]) => [setting, Math.min(...list)]));
}

/** The settings that give different algorithms, the choice of the library first. */
function settingsOf(layer: Layer): [setting: Algorithm, name: string][] {
  if (layer.algorithm === undefined) return [[true, '']];
  const { algorithm } = layer;
  const found: [Algorithm, string][] = [];
  for (const setting of ALGORITHMS) {
    wasm.winograd = setting;
    const name = algorithm();
    if (setting === true || !found.slice(1).some(([, other]) => other === name)) found.push([setting, name]);
  }
  wasm.winograd = true;
  return found;
}

const columns = ['layer', 'times', 'ms', 'GFLOP/s', 'of peak', 'MB', 'GB/s', 'algorithm', 'others'];
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function measureLayer(layer: Layer): number {
  const settings = settingsOf(layer);
  const before = measurePeak();
  const times = measure(
    layer.run,
    settings.map(([setting]) => setting),
  );
  const peak = Math.max(before, measurePeak());
  const ms = times.get(true)!;
  const gflops = layer.flops === undefined ? null : layer.flops / ms / 1e6;
  const others = settings
    .filter(([setting, name]) => setting !== true && name !== settings[0][1])
    .map(([setting, name]) => `${name} ${times.get(setting)!.toFixed(2)}`);
  console.log(
    row([
      layer.name,
      String(layer.times),
      ms.toFixed(3),
      gflops?.toFixed(1) ?? '',
      gflops === null ? '' : `${((100 * gflops) / peak).toFixed(0)} %`,
      (layer.bytes / 1e6).toFixed(2),
      (layer.bytes / ms / 1e6).toFixed(1),
      settings[0][1],
      others.join(', '),
    ]),
  );
  return ms * layer.times;
}

/** Prints the table. GFLOP/s count the operations of the direct algorithm, whichever runs. */
export function layers(N: number, only: RegExp): void {
  console.log(`\nbatch ${N}; 128-bit peak of one core ${measurePeak().toFixed(1)} GFLOP/s (float32)\n`);
  console.log(`${row(columns)}\n${row(columns.map(() => '---'))}`);
  const sums = new Map<string, number>();
  const all = [() => CONVOLUTIONS.flatMap((conv) => convolutionLayers(N, conv)), () => otherLayers(N)];
  for (const make of all) {
    torch.tidy(() => {
      for (const layer of make()) {
        if (!only.test(layer.name)) continue;
        const ms = measureLayer(layer);
        const pass = /^conv.* (forward|input|weight)$/.exec(layer.name)?.[1];
        if (pass !== undefined) sums.set(pass, (sums.get(pass) ?? 0) + ms);
      }
    });
  }
  for (const [pass, ms] of sums) console.log(`\nall convolutions, ${pass}: ${ms.toFixed(1)} ms`);
}
