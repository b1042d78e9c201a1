// Decompositions by random projections and products with reflections; the numbers and messages are what torch 1.13.1 printed.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

// prettier-ignore
const VALUES = [-2.310411800234176, -0.3732508612577643, -1.0608166785462863, 0.9995093547811761, -0.8840250045832653, -1.2755469302148053, -0.623224579866079, -0.8664416019125772, 0.23871805816817063, 0.7335283685272841, -1.3218818291421377, 1.3148113651971234, -1.4874956356507338, -0.7135753396468577, 0.519998663178938, -0.9528856397032842, 0.6748575435940039, 1.0468653769814655, 0.15429517864658948, -0.7498915228391941, -0.7233897004977882, 0.08636989238234997, -1.746404903728242, 1.041012457033509];
const matrix = (): torch.Tensor => torch.tensor(VALUES, { dtype: torch.float64 }).reshape(6, 4);

type Case = [(A: torch.Tensor) => [torch.Tensor, torch.Tensor, torch.Tensor], number[], number[]];

// prettier-ignore
const CASES: Case[] = [
  [(A) => torch.svd_lowrank(A, 2), [3.712730214264115, 3.1051217830033484], [-2.0221864285578324, -0.7403712804981379, -1.3651594248030796, 0.8809611689811535, -1.2936252706453237, -0.8707074610892023, 0.012602314091244602, -0.48112553377074935, 0.22401144245348167, 0.6753769060518303, -1.172606905360273, 1.4635022295118594, -1.2798316497535949, -1.035008024976158, 0.3997491165181168, -0.9326850181271105, 0.9195742023923054, 0.40118094301283663, 0.47688563369886466, -0.23090849469532665, -0.8243520263012716, 0.07315411351873789, -1.3930985183703801, 1.3456459903926485]],
  [(A) => torch.svd_lowrank(A.t(), { q: 2, niter: 1 }), [3.709608346364163, 3.1062397289344164], [-2.0650650043810814, -1.2216817024707731, 0.21660712207270202, -1.26528004474475, 0.9907231906046569, -0.8066556964518367, -0.7034128517097338, -0.8882125127863476, 0.7365790696089863, -1.0609772757005356, 0.4299100866276706, 0.13297742143259725, -1.402859110737834, 0.11777047974015288, -1.1834176309370725, 0.4051652830464728, 0.4874440534915443, -1.3665318250329876, 0.915461009955478, -0.5310177345026541, 1.409908379720657, -0.8704845285126395, -0.22915320942713457, 1.2840279435220971]],
  [(A) => torch.svd_lowrank(A, 2, 0, A.mean(0, true).expand(6, 4)), [3.1160070126217603, 2.865499977308363], [-1.100254949955088, -0.7081054318936799, -0.7803878604745247, 0.732916199794206, -0.5506262633144169, -0.8369766179143917, 0.5087013703810503, -0.795333207029052, 0.727727003343214, 1.103576211733756, -0.6674701835420503, 1.0448758561792924, -0.4255178988347329, -0.9016187265026661, 0.8679187937811376, -1.228221411357532, 1.4903729152490783, 1.0424688279724572, 0.9018933576434415, -0.7922214156538778, -0.14170080648805503, 0.3006557366045235, -0.8306554777890541, 1.0379839780669629]],
  [(A) => torch.svd_lowrank(A, 4, 1, A.mean(0, true).expand(6, 4)), [3.126758625350683, 2.886879774753046, 1.1895518637342253, 0.3443349612726486], [-1.5617873770335438, -0.2906492790530434, -0.3811443203034156, 0.8684902860217171, -0.1354005813826336, -1.1929453480100833, 0.05644777837679048, -0.9974606706720363, 0.9873424813688021, 0.816129950732005, -0.6422094708992679, 1.1837922964376641, -0.7388712124501028, -0.6309737574421359, 1.1996710214218067, -1.0839047084627422, 1.4234819667946343, 1.129466959186187, 0.8339675368894587, -0.8809105915986527, 0.0252347227028435, 0.16897147458707087, -1.0667325454853716, 0.9099933882740499]],
  [(A) => torch.pca_lowrank(A, 2), [3.1267552319292085, 2.8868622148424996], [-1.271704571584721, -0.6699645920651458, -0.662755631489416, 0.7758606618768129, -0.5580421027233748, -0.6483718017564961, 0.5586614332976435, -0.7909612632180872, 0.8847464001353527, 0.9677553565637624, -0.7414133239955225, 1.0618165740927072, -0.5885585216014038, -0.8141562399564979, 0.9016216369437351, -1.250308749059687, 1.6063035530073548, 0.8820835112517028, 0.751211794533552, -0.8655598173001929, -0.07274475723320771, 0.2826537659626746, -0.807325909289992, 1.0691525936084467]],
];

describe('svd_lowrank and pca_lowrank', () => {
  test.each(CASES)('%s', (run, singular, whole) => {
    torch.manual_seed(1);
    const [U, S, V] = run(matrix());
    expectClose(flat(S), singular, 1e-11);
    expectClose(flat(U.matmul(torch.diag(S)).matmul(V.t())), whole, 1e-10, 1e-11);
  });

  test('draws as many numbers as torch', () => {
    torch.manual_seed(1);
    torch.svd_lowrank(matrix(), 2);
    expect(torch.rand(1).item()).toBeCloseTo(0.3398, 4);
  });

  test('sizes and errors', () => {
    const A = matrix();
    expect(torch.pca_lowrank(A).map((x) => x.shape)).toEqual([[6, 4], [4], [4, 4]]);
    torch.manual_seed(1);
    expectClose(flat(torch.pca_lowrank(A, 2, { center: false })[1]), CASES[0][1], 1e-11);
    expect(torch.svd_lowrank(A.float().reshape(2, 3, 4), 2)[1].shape).toEqual([2, 2]);
    expect(() => torch.svd_lowrank(A)).toThrow('(torch.Size([4, 4]), 6)');
    expect(() => torch.svd_lowrank(torch.ones(3), 2)).toThrow(
      new torch.ValueError('not enough values to unpack (expected 2, got 1)'),
    );
    expect(() => torch.pca_lowrank(A, 5)).toThrow(
      'q(=5) must be non-negative integer and not greater than min(m, n)=4',
    );
    expect(() => torch.pca_lowrank(A, { niter: -1 })).toThrow('niter(=-1) must be non-negative integer');
    expect(() => torch.svd_lowrank(A, 2, 0, A.mean(0, true))).toThrow('shapes cannot be multiplied');
  });
});

describe('ormqr', () => {
  const factors = (): torch.Tensor[] => [
    ...torch.geqrf(torch.tensor([1, 2, 3, 4, 5, 7]).double().reshape(3, 2)),
    torch.arange(12).double().reshape(3, 4),
  ];

  test('is Q from the left or the right, turned or not', () => {
    const [a, tau, B] = factors() as [torch.Tensor, torch.Tensor, torch.Tensor];
    // prettier-ignore
    const QB = [1.6566, 2.1690, 2.6814, 3.1938, -7.6792, -9.3043, -10.9294, -12.5545, 4.2762, 3.9655, 3.6549, 3.3443];
    // prettier-ignore
    const QtB = [-8.7896, -10.311, -11.832, -13.353, -1.2649, -0.63245, 0, 0.63246, 1.069, 0.53452, 0, -0.53452];
    expectClose(flat(torch.ormqr(a, tau, B)), QB, 1e-3, 1e-3);
    expectClose(flat(a.ormqr(tau, B, { transpose: true })), QtB, 1e-3, 1e-3);
    expectClose(flat(torch.ormqr(a, tau, B.t(), false).t()), QtB, 1e-3, 1e-3);
    expectClose(flat(torch.ormqr(a, tau, B.t(), false, true).t()), QB, 1e-3, 1e-3);
    // prettier-ignore
    const one = [-8.7896, -10.311, -11.832, -13.353, 0.18732, 0.093658, 0, -0.09366, 1.6455, 0.82276, 0, -0.82277];
    expectClose(flat(torch.ormqr(a, tau.narrow(0, 0, 1), B)), one, 1e-3, 1e-3);
  });

  test("errors are torch's", () => {
    const [a, tau, B] = factors() as [torch.Tensor, torch.Tensor, torch.Tensor];
    const refused: [torch.Tensor, torch.Tensor, torch.Tensor, boolean, string][] = [
      [a, tau, B.t(), true, 'other.shape[-2] must be equal to input.shape[-2]'],
      [a, tau, B, false, 'other.shape[-1] must be equal to input.shape[-2]'],
      [
        a,
        tau.float(),
        B,
        true,
        'Expected input and tau to have the same dtype, but input has dtypeDouble and tau',
      ],
      [a, torch.ones(3), B, true, 'tau.shape[-1] must be less than or equal to input.shape[-1]'],
      [a, tau, B.index(0), true, 'other must have at least 2 dimensions.'],
      [a.index(0), tau, B, true, 'input must have at least 2 dimensions.'],
      [
        a.unsqueeze(0),
        tau.unsqueeze(0),
        B,
        true,
        'Expected other to have the same number of dimensions as input',
      ],
    ];
    for (const [input, t, other, left, message] of refused)
      expect(() => torch.ormqr(input, t, other, left)).toThrow(`torch.ormqr: ${message}`);
  });
});

describe('conv_tbc and native_channel_shuffle', () => {
  test('compute what torch computes', () => {
    const x = torch.arange(6).float().reshape(3, 1, 2);
    const weight = torch.arange(8).float().reshape(2, 2, 2);
    const bias = torch.tensor([1, 2]).float();
    expect(flat(torch.conv_tbc(x, weight, bias, 1))).toEqual([7, 9, 29, 36, 53, 68, 11, 21]);
    expect(torch.conv_tbc(x, weight, bias).shape).toEqual([2, 1, 2]);
    const image = torch.arange(8).float().reshape(1, 4, 2);
    expect(flat(torch.native_channel_shuffle(image, 2))).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    expect(flat(torch.native_channel_shuffle(torch.arange(4).reshape(2, 2), 2))).toEqual([0, 1, 2, 3]);
    expect(() => torch.native_channel_shuffle(image, 3)).toThrow('divisible by groups');
  });

  test('refuse what torch refuses', () => {
    const one = (...size: number[]): torch.Tensor => torch.ones(size);
    expect(() => torch.conv_tbc(one(3, 2), one(2, 2, 2), one(2))).toThrow('Input must have 3 dims');
    expect(() => torch.conv_tbc(one(3, 2, 3), one(2, 2, 2), one(2))).toThrow('Input dim 2 (input channels)');
    expect(() => torch.conv_tbc(one(3, 2, 2), one(2, 2, 2), one(3))).toThrow('Bias size must equal dim 2');
    expect(() => torch.conv_tbc(one(3, 2, 2), one(2, 2), one(3))).toThrow('Weight tensor must have 3 dims');
    expect(() => torch.conv_tbc(one(3, 2, 2), one(2, 2, 3), one(3, 1))).toThrow('Bias must be 1-D');
  });
});
