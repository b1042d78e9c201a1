/**
 * Files, in Node alone. The modules come from `process.getBuiltinModule`, not from an import: an import of
 * `node:fs`, even a dynamic one, makes bundlers for browsers fail or warn.
 */

interface Stats {
  size: number;
  mode: number;
  isFile(): boolean;
}

interface FileSystem {
  openSync(path: string, flags: string, mode?: number): number;
  closeSync(fd: number): void;
  fstatSync(fd: number): Stats;
  statSync(path: string): Stats;
  readSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: null): number;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  fsyncSync(fd: number): void;
  fchmodSync(fd: number, mode: number): void;
  realpathSync(path: string): string;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
}

interface Path {
  dirname(path: string): string;
  join(...parts: string[]): string;
}

interface Process {
  pid: number;
  getBuiltinModule?(id: 'node:fs'): FileSystem;
  getBuiltinModule?(id: 'node:path'): Path;
}

export class FileError extends Error {
  override name = 'FileError';
  readonly path: string;
  /** The system's code, such as `ENOENT` or `ENOSPC`; undefined where the system gave none. */
  readonly code: string | undefined;

  constructor(action: string, path: string, cause: unknown) {
    const { message, code } = cause as { message?: string; code?: string };
    super(`cannot ${action} '${path}': ${message ?? String(cause)}`, { cause });
    this.path = path;
    this.code = code;
  }
}

/** Node reads and writes at most 2^31 - 1 bytes a call. */
const MAX_CHUNK = 2 ** 30;

interface Host {
  fs: FileSystem;
  paths: Path;
  pid: number;
}

function host(action: string, path: string): Host {
  const process = (globalThis as { process?: Process }).process;
  if (process?.getBuiltinModule === undefined) {
    const message =
      'no file system here. Files need Node 20.16 or newer; elsewhere pass the bytes ' +
      '(a Uint8Array from fetch or a File), which every loader takes in place of a path';
    throw new FileError(action, path, new Error(message));
  }
  return {
    fs: process.getBuiltinModule('node:fs'),
    paths: process.getBuiltinModule('node:path'),
    pid: process.pid,
  };
}

function readAll(fs: FileSystem, fd: number): Uint8Array {
  // One more than the size, so that the read that finds the end is not a growth. Pipes and /proc say 0.
  let bytes = new Uint8Array(fs.fstatSync(fd).size + 1);
  let length = 0;
  for (;;) {
    if (length === bytes.length) {
      const grown = new Uint8Array(Math.max(2 ** 16, bytes.length * 2));
      grown.set(bytes);
      bytes = grown;
    }
    const count = fs.readSync(fd, bytes, length, Math.min(bytes.length - length, MAX_CHUNK), null);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
}

export function readFile(path: string): Uint8Array {
  const { fs } = host('read', path);
  try {
    const fd = fs.openSync(path, 'r');
    try {
      return readAll(fs, fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (cause) {
    throw new FileError('read', path, cause);
  }
}

function writeAll(fs: FileSystem, fd: number, chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      at += fs.writeSync(fd, chunk, at, Math.min(chunk.length - at, MAX_CHUNK));
    }
  }
}

function existing(fs: FileSystem, path: string): Stats | undefined {
  try {
    return fs.statSync(path);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A rename is only durable once its folder is; where folders cannot be opened (Windows) there is nothing to do. */
function syncFolder(fs: FileSystem, folder: string): void {
  let fd: number;
  try {
    fd = fs.openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fs.fsyncSync(fd);
  } catch {
    // Some file systems refuse to sync a folder; the file itself is complete and in place.
  } finally {
    fs.closeSync(fd);
  }
}

interface Replacement {
  target: string;
  /** The replaced file's permissions, which the new one takes over. */
  mode: number | undefined;
  chunks: readonly Uint8Array[];
}

function replace({ fs, paths, pid }: Host, { target, mode, chunks }: Replacement): void {
  const folder = paths.dirname(target);
  // A name of its own length: the target's may already be as long as the file system allows.
  const temporary = paths.join(folder, `.wasmgrad-${pid}-${Math.random().toString(36).slice(2)}.tmp`);
  const fd = fs.openSync(temporary, 'wx');
  try {
    try {
      if (mode !== undefined) fs.fchmodSync(fd, mode);
      writeAll(fs, fd, chunks);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // What is thrown is why the write failed, not that its remains could not be removed.
    }
    throw error;
  }
  syncFolder(fs, folder);
}

/** A device or a pipe is written to: renaming over it would remove it. A folder fails here with EISDIR. */
function writeThrough(fs: FileSystem, path: string, chunks: readonly Uint8Array[]): void {
  const fd = fs.openSync(path, 'w');
  try {
    writeAll(fs, fd, chunks);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Writes a file whole or not at all: beside the target, synced, then renamed over it. On any failure the temporary
 * file is removed and the old file is as it was. Takes chunks, so that a large file needs no second copy in memory.
 */
export function writeFileAtomic(path: string, data: Uint8Array | readonly Uint8Array[]): void {
  const node = host('write', path);
  const { fs } = node;
  const chunks = data instanceof Uint8Array ? [data] : data;
  try {
    const old = existing(fs, path);
    if (old === undefined) replace(node, { target: path, mode: undefined, chunks });
    else if (!old.isFile()) writeThrough(fs, path, chunks);
    // Through a symbolic link the file that it names is replaced, not the link.
    else replace(node, { target: fs.realpathSync(path), mode: old.mode & 0o777, chunks });
  } catch (cause) {
    throw new FileError('write', path, cause);
  }
}
