// Loops written as in torch, without dispose or tidy and without a turn of the event loop, must not grow.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { childEnv } from '../child_env.js';

interface Result {
  readonly name: string;
  readonly steps: number;
  readonly last: number;
  /** MiB since the first twenty steps, each time after a full garbage collection. */
  readonly growth: Readonly<Record<'allocated' | 'reserved' | 'heap' | 'rss', number>>;
}

function run(): Result[] {
  const loops = fileURLToPath(new URL('loops.ts', import.meta.url));
  // Newer engines let the young generation grow by 36 MiB, once, in any program: it is held at what Node 20 gives it.
  const flags = ['--expose-gc', '--max-semi-space-size=16', '--import', 'tsx'];
  const child = spawnSync(process.execPath, [...flags, loops], {
    encoding: 'utf8',
    env: childEnv(),
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return child.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
}

// Guard bytes, and their check after each kernel, are not what is measured here.
describe.skipIf(process.env['WASMGRAD_BUILD'] === 'debug')(
  '1,200 training steps and 3,000 inferences',
  () => {
    it('grow by less than 12 MB in each form of the loop', { timeout: 300_000 }, () => {
      const results = run();
      expect(results.length).toBe(7);
      for (const { name, steps, last, growth } of results) {
        expect(steps).toBeGreaterThanOrEqual(name.startsWith('training') ? 1200 : 3000);
        if (name.startsWith('training')) expect(last).toBeLessThan(0.1);
        for (const [what, mebibytes] of Object.entries(growth)) {
          expect({ name, what, grew: mebibytes >= 12 && mebibytes }).toEqual({ name, what, grew: false });
        }
        expect(growth.allocated).toBeLessThan(name.includes('DataLoader') ? 0.1 : 2);
      }
    });
  },
);
