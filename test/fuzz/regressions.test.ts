import { expect, test } from 'vitest';
import { call } from './case.js';
import type { Case, Result } from './case.js';
import { difference } from './compare.js';
import found from './regressions.json' with { type: 'json' };

// What `npm run fuzz -- --keep` found to differ from PyTorch once, with PyTorch's answer.
test.each((found as unknown as { case: Case; torch: Result }[]).map((one) => [one.case.op, one] as const))(
  '%s',
  (_, { case: one, torch }) => {
    const ours = call(one);
    expect(ours).not.toBeNull();
    expect(difference(one, ours!, torch)).toBeNull();
  },
);
