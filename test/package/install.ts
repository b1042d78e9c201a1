import { execFile } from 'node:child_process';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const execute = promisify(execFile);

/** Runs a program and returns its output; what it printed is in the error when it fails. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    // npm is a .cmd on Windows, which only a shell starts.
    const shell = process.platform === 'win32' && command !== process.execPath;
    const { stdout } = await execute(command, args, { cwd, shell, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

export interface Installed {
  /** A folder with the programs of app/ and the package in its node_modules. */
  readonly folder: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];
}

/** Packs the built package and installs the tarball in a bare folder, as a user would. */
export async function install(): Promise<Installed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'wasmgrad-package-'));
  const packArgs = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [tarball] = JSON.parse(await run('npm', packArgs, root)) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (!tarball) throw new Error('npm pack packed nothing');
  await cp(path.join(root, 'test/package/app'), folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const installArgs = ['install', '--offline', '--no-audit', '--no-fund', `./${tarball.filename}`];
  await run('npm', installArgs, folder);
  return { folder, files: tarball.files.map((file) => file.path) };
}
