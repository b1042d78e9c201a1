import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { FileError, readFile, writeFileAtomic } from '../../src/io/file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'file-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function failure(action: () => void): FileError {
  try {
    action();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error('expected a FileError');
}

describe('writeFileAtomic and readFile', () => {
  test('round trip, alone in the folder', () => {
    const inner = path.join(folder, 'round-trip');
    mkdirSync(inner);
    const target = path.join(inner, 'weights');
    writeFileAtomic(target, bytesOf('first, longer'));
    expect(readFileSync(target, 'utf8')).toBe('first, longer');
    writeFileAtomic(target, [bytesOf('sec'), new Uint8Array(), bytesOf('ond')]);
    expect(readFile(target)).toEqual(bytesOf('second'));
    expect(readdirSync(inner)).toEqual(['weights']);
  });

  test('a view writes its own bytes alone', () => {
    const target = path.join(folder, 'view');
    writeFileAtomic(target, bytesOf('abcdef').subarray(2, 4));
    expect(readFileSync(target, 'utf8')).toBe('cd');
  });

  test('empty and large files', () => {
    const target = path.join(folder, 'sizes');
    for (const length of [0, 1, 65536, 3_000_001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
      writeFileAtomic(target, bytes);
      expect(Buffer.compare(readFile(target), bytes)).toBe(0);
    }
  });

  test('keeps the permissions of the file that it replaces', () => {
    const target = path.join(folder, 'mode');
    writeFileSync(target, '');
    chmodSync(target, 0o640);
    writeFileAtomic(target, bytesOf('x'));
    expect(statSync(target).mode & 0o777).toBe(0o640);
  });

  test('a symbolic link stays one', () => {
    const target = path.join(folder, 'linked');
    const link = path.join(folder, 'link');
    writeFileSync(target, 'old');
    symlinkSync('linked', link);
    writeFileAtomic(link, bytesOf('new'));
    expect(readlinkSync(link)).toBe('linked');
    expect(readFileSync(target, 'utf8')).toBe('new');
  });

  test('a name as long as the file system allows', () => {
    const target = path.join(folder, 'n'.repeat(255));
    writeFileAtomic(target, bytesOf('x'));
    expect(readFileSync(target, 'utf8')).toBe('x');
  });

  test('readFile reads what has no size of its own', { skip: !existsSync('/proc/self/status') }, () => {
    expect(new TextDecoder().decode(readFile('/proc/self/status'))).toMatch(/^Name:/);
  });
});

describe('failures name the path and the cause', () => {
  test('reading a missing file', () => {
    const missing = path.join(folder, 'missing');
    const error = failure(() => readFile(missing));
    expect(error.message).toBe(
      `cannot read '${missing}': ENOENT: no such file or directory, open '${missing}'`,
    );
    expect([error.code, error.path]).toEqual(['ENOENT', missing]);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('writing into a missing folder', () => {
    const target = path.join(folder, 'missing', 'weights');
    const error = failure(() => writeFileAtomic(target, bytesOf('x')));
    expect(error.message).toContain(`cannot write '${target}': ENOENT`);
  });

  test('reading and writing a folder', () => {
    expect(failure(() => readFile(folder)).code).toBe('EISDIR');
    expect(failure(() => writeFileAtomic(folder, bytesOf('x'))).code).toBe('EISDIR');
  });

  test('a full device', { skip: !existsSync('/dev/full') }, () => {
    const error = failure(() => writeFileAtomic('/dev/full', bytesOf('x')));
    expect(error.code).toBe('ENOSPC');
    expect(error.message).toContain("cannot write '/dev/full': ENOSPC: no space left on device");
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });
});

/** A file system of 64 KiB, or undefined where mounting is not allowed. */
function mountTiny(): string | undefined {
  const point = path.join(folder, 'tiny-disk');
  mkdirSync(point);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', point], { stdio: 'ignore' });
    return point;
  } catch {
    return undefined;
  }
}

test('a full disk: the old file stays, what was written goes, and less can be written', ({ skip }) => {
  const tiny = mountTiny();
  skip(tiny === undefined, 'mounting a file system needs root');
  try {
    const target = path.join(tiny!, 'weights');
    writeFileAtomic(target, bytesOf('old'));
    const error = failure(() => writeFileAtomic(target, new Uint8Array(100_000)));
    expect(error.code).toBe('ENOSPC');
    expect(error.message).toContain(`cannot write '${target}': ENOSPC`);
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(readdirSync(tiny!)).toEqual(['weights']);
    writeFileAtomic(target, new Uint8Array(40_000));
    expect(statSync(target).size).toBe(40_000);
  } finally {
    execFileSync('umount', [tiny!]);
  }
});

describe('without Node’s modules', () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each([
    ['a browser', undefined],
    ['Node before 20.16', { pid: 1 }],
  ])('%s: says what to do instead', (_name, process) => {
    vi.stubGlobal('process', process);
    const error = failure(() => readFile('weights.safetensors'));
    vi.unstubAllGlobals();
    expect(error.message).toMatch(
      /^cannot read 'weights.safetensors': no file system here\. .*Node 20\.16.*pass the bytes/,
    );
  });
});
