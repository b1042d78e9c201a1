/** PyTorch in a process of its own, which answers one call after another. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Case, Result } from './case.js';

type Answer = Result | { readonly skip: string };

interface Question {
  readonly text: string;
  readonly answered: (answer: Answer) => void;
}

/** Milliseconds for a call; some never come back from LAPACK. */
const PATIENCE = 20_000;

export class Oracle {
  private timer: NodeJS.Timeout | undefined;
  private child: ChildProcessByStdio<Writable, Readable, null>;
  /** What was asked and is not answered; the first is with PyTorch. */
  private readonly questions: Question[] = [];
  private closed = false;

  constructor(private readonly python: string) {
    this.child = this.start();
  }

  /** PyTorch's answer; null where it is complex. Some calls crash torch 1.13: that is an error too, and the next get a new process. */
  async ask(one: Case): Promise<Result | null> {
    const answer = await new Promise<Answer>((answered) => {
      this.questions.push({ text: `${JSON.stringify(one)}\n`, answered });
      if (this.questions.length === 1) this.send();
    });
    return 'skip' in answer ? null : answer;
  }

  close(): void {
    this.closed = true;
    this.child.kill();
  }

  private start(): ChildProcessByStdio<Writable, Readable, null> {
    const script = fileURLToPath(new URL('oracle.py', import.meta.url));
    const child = spawn(this.python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    let answers = false;
    // The exit says what happened.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      answers = true;
      this.answer(JSON.parse(line) as Answer);
    });
    child.on('close', (code, signal) => {
      if (this.closed) return;
      if (!answers && signal === null) throw new Error(`${this.python} ${script} ended (${code})`);
      this.child = this.start();
      this.answer({ error: `PyTorch crashed: ${signal ?? code}` });
    });
    return child;
  }

  private send(): void {
    if (this.questions.length === 0) return;
    this.child.stdin.write(this.questions[0].text);
    this.timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
  }

  private answer(answer: Answer): void {
    clearTimeout(this.timer);
    this.questions.shift()?.answered(answer);
    this.send();
  }
}
