import { enable_grad } from '../autograd/mode.js';
import { withSavedHooks } from '../autograd/saved_hooks.js';
import type { SavedHooks } from '../autograd/saved_hooks.js';
import { RuntimeError } from '../errors.js';
import { get_rng_state, set_rng_state } from '../rng_state.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { alias, detachedAlias } from '../tensor_handle.js';

/** Runs `body` with a state of the default generator (null: the present one), which is then what it was. */
export function withRngState<R>(state: Tensor | null, body: () => R): R {
  if (state === null) return body();
  const before = get_rng_state();
  set_rng_state(state);
  try {
    return body();
  } finally {
    set_rng_state(before);
  }
}

/**
 * A call whose saved tensors are numbered and not kept: the first that backward asks for makes it run again, and all that the
 * second run saves are kept until the graph lets go of them.
 */
class Recomputed {
  private readonly inputs: unknown[];
  private readonly state: Tensor | null;
  private readonly stored = new Map<number, Tensor>();
  private readonly released = new Set<number>();
  private count = 0;
  private filled = false;
  private called = false;

  constructor(
    private readonly run: (...args: unknown[]) => unknown,
    args: readonly unknown[],
    preserve: boolean,
  ) {
    this.inputs = args.map((arg) => (arg instanceof Tensor ? alias(arg) : arg));
    this.state = preserve ? keep(get_rng_state()) : null;
  }

  readonly hooks: SavedHooks = {
    pack: () => this.count++,
    unpack: (index) => this.get(index as number),
    release: (index) => {
      this.released.add(index as number);
      this.stored.get(index as number)?._drop();
      this.stored.delete(index as number);
      this.dropWhenDone();
    },
  };

  /** The first run, which nothing will be saved in any more, is over. */
  end(): void {
    this.called = true;
    this.dropWhenDone();
  }

  /** Lets go of the inputs when nothing will be asked for any more. */
  private dropWhenDone(): void {
    if (!this.called || this.released.size < this.count) return;
    for (const input of this.inputs) if (input instanceof Tensor) input._drop();
    this.state?.dispose();
  }

  private get(index: number): Tensor {
    if (!this.filled) this.again();
    const tensor = this.stored.get(index);
    if (tensor === undefined) {
      throw new RuntimeError(
        'checkpoint: the second run of the function saved fewer tensors for backward than the first; it must do the same',
      );
    }
    return tensor;
  }

  private again(): void {
    this.filled = true;
    let next = 0;
    const collect: SavedHooks = {
      pack: (tensor) => {
        const index = next++;
        if (index < this.count && !this.released.has(index)) this.stored.set(index, detachedAlias(tensor));
        return index;
      },
      unpack: () => {
        throw new RuntimeError(
          'You are calling backwards on a tensor that is never exposed. Please open an issue.',
        );
      },
    };
    withScope('the second run of a checkpoint', () =>
      withRngState(this.state, () =>
        enable_grad(() => withSavedHooks(collect, () => void this.run(...this.inputs))),
      ),
    );
  }
}

/** `run(...args)`, to be run again in backward. */
export function runRecomputed<R>(
  run: (...args: unknown[]) => R,
  args: readonly unknown[],
  preserve: boolean,
): R {
  const recomputed = new Recomputed(run, args, preserve);
  try {
    return withScope('checkpoint', () => withSavedHooks(recomputed.hooks, () => run(...args)));
  } finally {
    recomputed.end();
  }
}
