// From torch 1.13.1 (CPU): app/program.mjs, line by line.
const convGrad = [45, 66, 54, 84, 120, 96, 81, 114, 90];

export const expected = {
  product: [
    [19, 22],
    [43, 50],
  ],
  gradA: [
    [11, 15],
    [11, 15],
  ],
  gradB: [
    [4, 4],
    [6, 6],
  ],
  randn: [1.5409960746765137, -0.293428897857666, -2.1787893772125244],
  losses: [1.6937421560287476, 0.03282902389764786, 1.2040330171585083],
  conv: -5.372045516967773,
  convGrad: [...convGrad, ...convGrad],
  sharedClasses: true,
};
