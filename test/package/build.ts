import { root, run } from './install.js';

/** Builds dist/ once, before the package is packed. */
export async function setup(): Promise<void> {
  await run('npm', ['run', 'build'], root);
}
