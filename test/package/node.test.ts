import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeTo } from './close.js';
import { expected } from './expected.js';
import { install, type Installed, root, run } from './install.js';

let installed: Installed;

beforeAll(async () => {
  installed = await install();
});
afterAll(() => rm(installed.folder, { recursive: true, force: true }));

// Other versions come from npm's `node` package, so only where one asks for them: WASMGRAD_NODES=22,24
const others = (process.env['WASMGRAD_NODES'] ?? '').split(',').filter((version) => version !== '');
const nodes = ['this', ...others];

async function node(version: string, script: string): Promise<unknown> {
  const output =
    version === 'this'
      ? await run(process.execPath, [script], installed.folder)
      : await run('npx', ['--yes', '-p', `node@${version}`, 'node', script], installed.folder);
  return JSON.parse(output);
}

describe.each(nodes)('in Node (%s)', (version) => {
  test.each(['import.mjs', 'require.cjs'])('%s computes what torch computes', async (script) => {
    closeTo(await node(version, script), expected);
  });

  test('import and require share one core', async () => {
    const both = (await node(version, 'mixed.mjs')) as Record<string, unknown[]>;
    expect(both).toMatchObject({ sameClass: true, grad: [3, 4], gradMode: false });
    closeTo(both['noise'], expected.randn.slice(0, 2));
    expect(both['names']?.[0]).toEqual(both['names']?.[1]);
    expect(both['visionNames']?.[0]).toEqual(both['visionNames']?.[1]);
  });

  test('operators and namespaces are loaded with their first use, and all are there', async () => {
    const { stages, ...result } = (await node(version, 'lazy.cjs')) as { stages: Record<string, string[]> };
    const core = ['core.js', 'index.js', 'rolldown-runtime.js'];
    expect(stages['start']).toEqual(core);
    expect(stages['arithmetic']).toEqual(core);
    expect(stages['operator']).toContain('operators.js');
    expect(stages['operator']).not.toContain('nn.js');
    expect(stages['nn']).toContain('nn.js');
    expect(stages['nn']).not.toContain('optim.js');
    expect(result).toEqual({
      softmax: [0.5, 0.5],
      inplace: [0, 2],
      linear: 'Linear',
      differences: [],
      sameMethods: true,
      many: true,
    });
  });
});

test('the tarball holds the library and nothing of the workshop', () => {
  expect(installed.files).toEqual(
    expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']),
  );
  const foreign = /^(?!dist\/|README\.md|LICENSE|CHANGELOG\.md|package\.json)|debug\.|\.tsbuildinfo|\.map$/;
  expect(installed.files.filter((file) => foreign.test(file))).toEqual([]);
});

test('publint finds nothing to say', async () => {
  const publint = path.join(root, 'node_modules/publint/src/cli.js');
  const output = await run(
    process.execPath,
    [publint, '--strict'],
    path.join(installed.folder, 'node_modules/wasmgrad'),
  );
  expect(output).toContain('All good!');
});

test('the declarations compile alone, for import and require', async () => {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022',
    '--types',
    '',
  ];
  expect(await run(process.execPath, [tsc, ...options, 'types.ts', 'types.cts'], installed.folder)).toBe('');
});
