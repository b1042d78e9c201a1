/** torch.utils.checkpoint: forward passes that are computed again in the backward instead of being remembered. */
import { runBackward, isCheckpointValid } from '../autograd/engine.js';
import { AutogradFunction } from '../autograd/function.js';
import type { FunctionContext } from '../autograd/function.js';
import { enable_grad } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { Module } from '../nn/module.js';
import { Sequential } from '../nn/container.js';
import type { AnyModule } from '../nn/any_module.js';
import { get_rng_state } from '../rng_state.js';
import { Tensor } from '../tensor.js';
import { runRecomputed, withRngState } from './recompute.js';

export interface CheckpointOptions {
  /** Draw the same random numbers in the second forward as in the first. Default true. */
  preserve_rng_state?: boolean;
  /**
   * How backward runs the function again: by a backward of its own (true, the default), or when the first of its saved tensors is
   * asked for (false). With false it works with `torch.autograd.grad`, with `inputs`, and where no argument requires grad.
   */
  use_reentrant?: boolean;
}

type Result = Tensor | Tensor[];
type Run = (...args: unknown[]) => Result;

interface Remembered extends FunctionContext {
  run: Run;
  preserve: boolean;
  /** The arguments; null where a tensor was. */
  rest: unknown[];
}

class CheckpointFunction extends AutogradFunction {
  static override forward(ctx: FunctionContext, run: Run, preserve: boolean, ...args: unknown[]): Result {
    if (!args.some((arg) => arg instanceof Tensor && arg.requires_grad))
      console.warn('None of the inputs have requires_grad=True. Gradients will be None');
    const memory = ctx as Remembered;
    memory.run = run;
    memory.preserve = preserve;
    memory.rest = args.map((arg) => (arg instanceof Tensor ? null : arg));
    const tensors = args.map((arg) => (arg instanceof Tensor ? arg : null));
    ctx.save_for_backward(preserve ? get_rng_state() : null, ...tensors);
    return run(...args);
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): (Tensor | null)[] {
    if (!isCheckpointValid()) {
      throw new RuntimeError(
        'Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward(). Please use ' +
          '.backward() and do not pass its `inputs` argument.',
      );
    }
    const { run, rest } = ctx as Remembered;
    const [state, ...tensors] = ctx.saved_tensors as (Tensor | null)[];
    const inputs = tensors.map((tensor, i) =>
      tensor === null ? rest[i] : tensor.detach().requires_grad_(tensor.requires_grad),
    );
    const found = withRngState(state, () => enable_grad(() => run(...inputs)));
    const outputs = found instanceof Tensor ? [found] : found;
    const at = outputs.flatMap((output, i) => (output.requires_grad ? [i] : []));
    if (at.length === 0)
      throw new RuntimeError('none of output has requires_grad=True, this checkpoint() is not necessary');
    runBackward(
      at.map((i) => outputs[i]),
      at.map((i) => grads[i]),
      {},
    );
    return [null, null, ...inputs.map((input) => (input instanceof Tensor ? input._gradQuiet : null))];
  }
}

function optionsOf(args: unknown[]): { preserve: boolean; reentrant: boolean; rest: unknown[] } {
  const last = args[args.length - 1];
  const isOptions = Object.getPrototypeOf(last ?? 0) === Object.prototype;
  const {
    preserve_rng_state = true,
    use_reentrant = true,
    ...unknown
  } = (isOptions ? last : {}) as CheckpointOptions;
  const names = Object.keys(unknown);
  if (names.length > 0 && use_reentrant)
    throw new ValueError(`Unexpected keyword arguments: ${names.join(',')}`);
  const rest = isOptions ? args.slice(0, -1) : args;
  // Other keywords are those of the function.
  return {
    preserve: preserve_rng_state,
    reentrant: use_reentrant,
    rest: names.length > 0 ? [...rest, unknown] : rest,
  };
}

/**
 * `run(...args)`, whose interior tensors are not kept for backward: backward runs it again. At least one tensor among the arguments
 * must require grad, unless `use_reentrant` is false. `run` is called in the backward too, so what it uses must not have changed. A trailing plain object holds the
 * options.
 *
 * @example
 * const { checkpoint } = torch.utils.checkpoint;
 * const block = new nn.Sequential(new nn.Linear(4, 4), new nn.ReLU(), new nn.Dropout(0.5));
 * const x = torch.ones(2, 4, { requires_grad: true });
 * checkpoint(block, x).sum().backward();
 * console.log(x.grad.shape, block[0].weight.grad.shape); // [ 2, 4 ] [ 4, 4 ]
 */
export function checkpoint<A extends unknown[], R extends Result>(
  run: (...args: A) => R,
  ...args: [...args: A, options?: CheckpointOptions]
): R {
  const { preserve, reentrant, rest } = optionsOf(args);
  if (!reentrant) return runRecomputed(run as unknown as Run, rest, preserve) as R;
  return CheckpointFunction.apply(run as unknown as Run, preserve, ...rest) as R;
}

/**
 * Runs modules one after the other in `segments` parts, of which all but the last are checkpointed.
 *
 * @example
 * const { checkpoint_sequential } = torch.utils.checkpoint;
 * const net = new nn.Sequential(new nn.Linear(4, 4), new nn.ReLU(), new nn.Linear(4, 4), new nn.ReLU());
 * console.log(checkpoint_sequential(net, 2, torch.ones(1, 4, { requires_grad: true })).shape); // [ 1, 4 ]
 */
export function checkpoint_sequential(
  functions: AnyModule | readonly ((input: Tensor) => Tensor)[],
  segments: number,
  input: Tensor,
  options: Pick<CheckpointOptions, 'preserve_rng_state'> = {},
): Tensor {
  if ('use_reentrant' in options) throw new ValueError('Unexpected keyword arguments: use_reentrant');
  const { preserve } = optionsOf([options]);
  if (functions instanceof Module && !(functions instanceof Sequential))
    throw new TypeError(`object of type '${functions._get_name()}' has no len()`);
  const list = [...(functions as Iterable<(input: Tensor) => Tensor>)];
  const size = Math.floor(list.length / segments);
  if (!(size >= 1)) throw new ValueError('range() arg 3 must not be zero');
  const part =
    (start: number, end: number) =>
    (x: Tensor): Tensor =>
      list.slice(start, end).reduce((value, run) => run(value), x);
  let value = input;
  let start = 0;
  for (let segment = 1; segment < segments; segment++, start += size)
    value = checkpoint(part(start, start + size), value, { preserve_rng_state: preserve });
  return part(start, list.length)(value);
}
