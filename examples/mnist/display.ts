import { Presets, SingleBar } from 'cli-progress';

/** What is shown while a model trains. */
export interface Status {
  epoch: number;
  step: number;
  loss: number;
  accuracy: number;
  speed: number;
  left: number;
}

export interface Display {
  update(status: Status): void;
  /** Ends the display of an epoch. */
  stop(): void;
}

export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return s < 60 ? `${s}s` : `${Math.floor(s / 60)}m${String(s % 60).padStart(2, '0')}s`;
}

function describe({ loss, accuracy, speed, left }: Status): string {
  return `loss ${loss.toFixed(4)} | accuracy ${accuracy.toFixed(2)} % | ${Math.round(speed)} images/s | ${duration(left)} left`;
}

/** A bar on a terminal. */
function bar(epoch: string, steps: number, from: number): Display {
  const single = new SingleBar(
    {
      format: `${epoch} {bar} {percentage}% | {text}`,
      barsize: 24,
      hideCursor: true,
      gracefulExit: false,
      stream: process.stdout,
      fps: 5,
    },
    Presets.shades_classic,
  );
  single.start(steps, from, { text: '' });
  return {
    update: (status) => single.update(status.step, { text: describe(status) }),
    stop: () => single.stop(),
  };
}

/** Lines where there is no terminal: one each five seconds, and the last. */
function log(epoch: string, steps: number): Display {
  let last = Date.now();
  let pending: string | null = null;
  return {
    update(status) {
      pending = `${epoch} step ${status.step}/${steps} | ${describe(status)}`;
      if (Date.now() - last < 5000) return;
      last = Date.now();
      console.log(pending);
      pending = null;
    },
    stop() {
      if (pending !== null) console.log(pending);
    },
  };
}

export function display(epoch: number, epochs: number, steps: number, from: number): Display {
  const label = `epoch ${epoch}/${epochs}`;
  return process.stdout.isTTY ? bar(label, steps, from) : log(label, steps);
}
