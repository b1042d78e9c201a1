import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as torch from '../src/index.js';

it('knows its version and says what runs', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(torch.__version__).toBe(version);
  expect(torch.__config__.show()).toMatch(/^wasmgrad \S+\n {2}- WebAssembly build: (simd|relaxed|debug)/);
  expect(torch.__config__.show()).toContain('threads: 1');
});
