import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as torch from '../src/index.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Has the tensors that nobody refers to collected: those of earlier tests would otherwise go while a test awaits. */
export async function clean(): Promise<void> {
  const allocations = (): number => torch.memory_stats().allocations;
  for (let left = -1; left !== allocations(); await turn()) {
    left = allocations();
    collect();
    await turn();
  }
}
