/** PyTorch in a process of its own, which answers one call after another. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Case, Result } from './case.js';

export class Oracle {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  constructor(python: string) {
    const script = fileURLToPath(new URL('oracle.py', import.meta.url));
    this.child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** PyTorch's answer; null where it is complex. */
  async ask(one: Case): Promise<Result | null> {
    if (!this.child.stdin.write(`${JSON.stringify(one)}\n`)) await once(this.child.stdin, 'drain');
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`PyTorch ended at ${JSON.stringify(one)}`);
    const answer = JSON.parse(value) as Result | { skip: string };
    return 'skip' in answer ? null : answer;
  }

  close(): void {
    this.child.kill();
  }
}
