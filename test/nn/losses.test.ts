import { describe, expect, it, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from './recorded.js';

const { nn } = torch;

interface Recorded {
  repr: string;
  shape: number[];
  output: number[];
  grad: number[];
}

// The inputs of test/fixtures/losses.py.
function wave(shape: number[], phase = 0): torch.Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  return torch.arange(n, { dtype: torch.float64 }).mul(1.7).add(phase).sin().reshape(shape);
}

function signs(...shape: number[]): torch.Tensor {
  return torch.where(wave(shape, 0.5).gt(0), 1, -1);
}

const [x, y, z] = [wave([4, 3]), wave([4, 3], 1), wave([4, 3], 2)];
const classes = torch.tensor([2, 0, 1, 1]);
const labels = torch.tensor([
  [2, 0, -1],
  [1, -1, 0],
  [-1, 0, 1],
  [0, 1, 2],
]);
const probability = y.add(1).div(2);
const weight = torch.tensor([0.5, 1, 2], { dtype: torch.float64 });
const scores = wave([5, 2, 4]).log_softmax(2);
const pairs = torch.tensor([
  [1, 2],
  [3, 3],
]);
const image = torch.tensor([
  [
    [0, 1],
    [2, 0],
  ],
  [
    [0, 1],
    [2, 0],
  ],
]);
const manhattan = (a: torch.Tensor, b: torch.Tensor): torch.Tensor => a.sub(b).abs().sum(-1);
const lengths = (...values: number[]): torch.Tensor => torch.tensor(values);

vi.spyOn(console, 'warn').mockImplementation(() => {});

type Call = (...inputs: torch.Tensor[]) => torch.Tensor;

const cases: Record<string, [torch.nn.AnyModule & Call, ...torch.Tensor[]]> = {
  L1Loss: [new nn.L1Loss(), x, y],
  'L1Loss legacy': [new nn.L1Loss(false), x, y],
  MSELoss: [new nn.MSELoss({ reduction: 'none' }), x, y],
  'MSELoss legacy': [new nn.MSELoss(null, false), x, y],
  SmoothL1Loss: [new nn.SmoothL1Loss({ beta: 0.5 }), x, y],
  HuberLoss: [new nn.HuberLoss('sum', 0.5), x, y],
  PoissonNLLLoss: [new nn.PoissonNLLLoss({ full: true }), x, classes.reshape(4, 1).mul(2)],
  'PoissonNLLLoss rate': [new nn.PoissonNLLLoss(false, { reduction: 'none' }), x.add(2), y.abs()],
  GaussianNLLLoss: [new nn.GaussianNLLLoss({ full: true, eps: 0.1 }), x, y, z.abs()],
  'GaussianNLLLoss row': [new nn.GaussianNLLLoss({ reduction: 'none' }), x, y, z.select(1, 0).abs()],
  NLLLoss: [new nn.NLLLoss(weight, { ignore_index: 1 }), x, classes],
  NLLLoss2d: [new nn.NLLLoss2d({ reduction: 'sum' }), wave([2, 3, 2, 2]), image],
  CrossEntropyLoss: [new nn.CrossEntropyLoss(weight, { label_smoothing: 0.2 }), x, classes],
  'CrossEntropyLoss legacy': [new nn.CrossEntropyLoss(weight, false, 0), x, classes],
  BCELoss: [new nn.BCELoss(weight), x.add(1).div(2), probability],
  BCEWithLogitsLoss: [new nn.BCEWithLogitsLoss({ pos_weight: weight }), x, probability],
  KLDivLoss: [new nn.KLDivLoss({ reduction: 'batchmean' }), x, probability],
  'KLDivLoss log': [new nn.KLDivLoss({ log_target: true }), x, y],
  CTCLoss: [new nn.CTCLoss(), scores, pairs, lengths(5, 4), lengths(2, 2)],
  'CTCLoss joined': [
    new nn.CTCLoss(0, 'none', { zero_infinity: true }),
    scores,
    lengths(1, 2, 3),
    lengths(5, 1),
    lengths(1, 2),
  ],
  HingeEmbeddingLoss: [new nn.HingeEmbeddingLoss(0.5), x, signs(4, 3)],
  CosineEmbeddingLoss: [new nn.CosineEmbeddingLoss(0.25), x, y, signs(4)],
  MarginRankingLoss: [new nn.MarginRankingLoss(0.5, { reduction: 'none' }), x, y, signs(4, 3)],
  SoftMarginLoss: [new nn.SoftMarginLoss(), x, signs(4, 3)],
  MultiMarginLoss: [new nn.MultiMarginLoss(2, 0.5, weight), x, classes],
  'MultiMarginLoss each': [new nn.MultiMarginLoss({ reduction: 'none' }), x, classes],
  MultiLabelMarginLoss: [new nn.MultiLabelMarginLoss(), x, labels],
  MultiLabelSoftMarginLoss: [new nn.MultiLabelSoftMarginLoss(weight), x, signs(4, 3).add(1).div(2)],
  TripletMarginLoss: [new nn.TripletMarginLoss(0.5, 1, { swap: true }), x, y, z],
  'TripletMarginLoss legacy': [new nn.TripletMarginLoss(1, 2, 0.1, false, false), x, y, z],
  TripletMarginWithDistanceLoss: [new nn.TripletMarginWithDistanceLoss(), x, y, z],
  'TripletMarginWithDistanceLoss function': [
    new nn.TripletMarginWithDistanceLoss({
      distance_function: manhattan,
      margin: 0.5,
      swap: true,
      reduction: 'sum',
    }),
    x,
    y,
    z,
  ],
  'TripletMarginWithDistanceLoss module': [
    new nn.TripletMarginWithDistanceLoss({ distance_function: new nn.CosineSimilarity(-1) }),
    x,
    y,
    z,
  ],
  PairwiseDistance: [new nn.PairwiseDistance(1, { keepdim: true }), x, y],
  CosineSimilarity: [new nn.CosineSimilarity(0, 0.5), x, y],
};

const recorded = fixture('losses') as Record<string, Recorded>;

describe('losses print and compute what PyTorch 1.13.1 does', () => {
  it('all that are recorded', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(recorded));
  });

  it.each(Object.keys(cases))('%s', (name) => {
    const [module, first, ...rest] = cases[name];
    const { repr, shape, output, grad } = recorded[name];
    expect(String(module)).toBe(repr);
    const input = first.detach().clone().requires_grad_(true);
    const found = module(input, ...rest);
    expect(found.shape).toEqual(shape);
    expectClose(flat(found), output, 1e-12);
    found.sum().backward();
    expectClose(flat(input.grad!), grad, 1e-11);
  });
});

describe('their constructors', () => {
  it('keep weights as buffers and distances as children', () => {
    const weighted = new nn.BCEWithLogitsLoss(weight, { pos_weight: weight });
    expect(Object.keys(weighted.state_dict())).toEqual(['weight', 'pos_weight']);
    const triplet = new nn.TripletMarginWithDistanceLoss();
    expect([...triplet.named_modules()].map(([name]) => name)).toEqual(['', 'distance_function']);
  });

  it('warn of the name that is no more', () => {
    vi.mocked(console.warn).mockClear();
    new nn.NLLLoss2d();
    expect(vi.mocked(console.warn).mock.calls[0][0]).toMatch('NLLLoss2d has been deprecated.');
  });

  it.each<[string, () => unknown, string]>([
    ['reduction', () => new nn.CTCLoss(0, 'avg' as 'mean'), 'avg is not a valid value for reduction'],
    [
      'batchmean',
      () => new nn.L1Loss({ reduction: 'batchmean' as 'mean' }),
      'batchmean is not a valid value',
    ],
    ['p', () => new nn.MultiMarginLoss(3), 'only p == 1 and p == 2 supported'],
    ['weight', () => new nn.MultiMarginLoss(1, 1, wave([2, 2])), 'weight must be one-dimensional'],
    [
      'keyword',
      () => new nn.HuberLoss({ beta: 1 } as object),
      "HuberLoss() got an unexpected keyword argument 'beta'; it takes: reduction, delta",
    ],
  ])('refuse: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
