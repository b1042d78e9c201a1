import { format } from 'node:util';
import { expect } from 'vitest';
import { transformWithOxc } from 'vite';
import * as torch from '../../src/index.js';
import * as vision from '../../src/vision/index.js';

/** A piece of code from the documentation; `line` is that of its first line in the file. */
export interface Snippet {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** A call of console.log, and what the comment behind or below it says that it prints. */
interface Expectation {
  readonly line: number;
  readonly text: string;
  /** The comment is a block of lines below the call, not one behind it. */
  readonly block: boolean;
}

const CALL = /\bconsole\.log\(/;

/**
 * The expectation of each console.log, which must be written on one line: `console.log(x); // text`, or lines of comment right
 * below. Where one call prints several times the texts are separated by two spaces. A call without an expectation is an error:
 * a reader could not tell what to compare with.
 */
function expectationsOf(code: string): Expectation[] {
  const lines = code.split('\n');
  const found: Expectation[] = [];
  lines.forEach((text, line) => {
    if (!CALL.test(text)) return;
    const behind = /\);?(?: \})* \/\/ (.*)$/.exec(text);
    if (behind !== null) {
      found.push({ line, text: behind[1], block: false });
      return;
    }
    const below: string[] = [];
    for (let i = line + 1; i < lines.length; i++) {
      const comment = /^\s*\/\/ ?(.*)$/.exec(lines[i]);
      if (comment === null) break;
      below.push(comment[1]);
    }
    if (below.length === 0) throw new Error(`no expectation for: ${text.trim()}`);
    found.push({ line, text: below.join('\n'), block: true });
  });
  return found;
}

/** Node breaks long arrays over lines, which a comment on one line cannot show. */
function onOneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<=[[{(]) | (?=[\]})])/g, '')
    .trim();
}

const LIBRARIES: Readonly<Record<string, unknown>> = { wasmgrad: torch, 'wasmgrad/vision': vision };

async function library(name: string): Promise<unknown> {
  return LIBRARIES[name] ?? (await import(name));
}

/** Import statements become calls, since the code runs as the body of a function. */
function withoutImports(code: string): string {
  return code.replaceAll(/^import (.+?) from ["'](.+?)["'];?$/gm, (_all, what: string, from: string) => {
    const names = what.replace(/^\* as /, '').replaceAll(' as ', ': ');
    return `const ${names} = await library('${from}');`;
  });
}

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs TypeScript with `scope` in scope and checks what each console.log printed. */
export async function check(snippet: Snippet, scope: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const expectations = expectationsOf(snippet.code);
  const marked = snippet.code
    .split('\n')
    .map((line, i) => line.replace(CALL, `record(${i}, `))
    .join('\n');
  // With an import of its own the code is a module to the transformer, in which `await` is allowed.
  const { code } = await transformWithOxc(`export {};\n${marked}`, 'snippet.ts', { target: 'es2022' });
  const body = withoutImports(code.replaceAll(/^export ?\{\};?$/gm, '').replaceAll(/^export /gm, ''));
  const printed = new Map<number, string[]>();
  const record = (line: number, ...values: unknown[]): void => {
    printed.set(line, [...(printed.get(line) ?? []), format(...values)]);
  };
  const require = (name: string): unknown => LIBRARIES[name];
  await new AsyncFunction('library', 'require', 'record', ...Object.keys(scope), body)(
    library,
    require,
    record,
    ...Object.values(scope),
  );
  for (const { line, text, block } of expectations) {
    const actual = printed.get(line) ?? [];
    const at = `${snippet.file}:${snippet.line + line}`;
    if (block) expect(actual.join('\n'), at).toBe(text);
    else expect(onOneLine(actual.join('  ')), at).toBe(onOneLine(text));
  }
}
