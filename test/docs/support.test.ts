import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { file, supportText } from '../../scripts/support.js';

it('docs/support.md is what `npm run docs:support` writes', async () => {
  expect(readFileSync(file, 'utf8')).toBe(await supportText());
});
