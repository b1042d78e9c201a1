import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import * as vision from '../../src/vision/index.js';
import { check } from './snippet.js';
import type { Snippet } from './snippet.js';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const { nn, optim } = torch;
const scope = { torch, nn, optim, F: nn.functional, vision };

/** The `@example` blocks of the comments in a file. */
function examplesOf(file: string): Snippet[] {
  const lines = readFileSync(source + file, 'utf8').split('\n');
  const examples: Snippet[] = [];
  lines.forEach((text, start) => {
    if (!/^\s*\* @example$/.test(text)) return;
    const code: string[] = [];
    for (let i = start + 1; !/^\s*\*(\/| @)/.test(lines[i]); i++) code.push(lines[i].replace(/^\s*\* ?/, ''));
    examples.push({ file: `src/${file}`, line: start + 2, code: code.join('\n') });
  });
  return examples;
}

const files = (readdirSync(source, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
  .sort();
const examples = files.flatMap(examplesOf);

describe('examples in comments', () => {
  test('are found', () => {
    expect(examples.length).toBeGreaterThan(70);
  });

  test.each(examples)('$file:$line', async (example) => {
    await check(example, scope);
  });

  test('print something, each of them', () => {
    const silent = examples.filter(({ code }) => !code.includes('console.log('));
    expect(silent.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
  });
});
