import { settleAll } from '../storage.js';

/** Whether operators record what backward needs. Process-wide, as in torch (there thread-local). */
let gradEnabled = true;
let inferenceMode = false;
/** Whether it was the program that switched recording off, not an operator or a backward. */
let switchedOff = false;

/** Whether operators record for backward now. */
export function is_grad_enabled(): boolean {
  return gradEnabled;
}

/** Whether `inference_mode` is active. */
export function is_inference_mode_enabled(): boolean {
  return inferenceMode;
}

/** Whether results may wait until they are read, so that what follows on them can be computed in the same pass. */
export function mayWait(): boolean {
  return switchedOff;
}

function switchMode(enabled: boolean): void {
  gradEnabled = enabled;
  switchedOff = !enabled;
}

/** Sets gradient recording and returns what it was; for code that must restore it itself. */
export function exchangeGradMode(enabled: boolean): boolean {
  const before = gradEnabled;
  gradEnabled = enabled;
  return before;
}

function withGradMode<R>(enabled: boolean, body: () => R): R {
  const before = { gradEnabled, switchedOff };
  switchMode(enabled);
  let result: R;
  try {
    result = body();
  } finally {
    ({ gradEnabled, switchedOff } = before);
  }
  if (!switchedOff) settleAll();
  refusePromise(result);
  return result;
}

function refusePromise(result: unknown): void {
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
    throw new TypeError(
      'the function given to no_grad / enable_grad / inference_mode returned a Promise: the mode ends when the function ' +
        'returns, so it must be synchronous',
    );
  }
}

/**
 * Runs `body` without recording for backward; results have `requires_grad` false. Returns what `body` returns.
 *
 * @example
 * const x = torch.ones(2, { requires_grad: true });
 * console.log(torch.no_grad(() => x.mul(2)).requires_grad); // false
 */
export function no_grad<R>(body: () => R): R {
  return withGradMode(false, body);
}

/**
 * Runs `body` with recording on, inside a `no_grad`.
 *
 * @example
 * const x = torch.ones(2, { requires_grad: true });
 * console.log(torch.no_grad(() => torch.enable_grad(() => x.mul(2))).requires_grad); // true
 */
export function enable_grad<R>(body: () => R): R {
  return withGradMode(true, body);
}

/**
 * Switches recording on or off: for the rest of the program with one argument, for the call of `body` with two.
 *
 * @example
 * const x = torch.ones(2, { requires_grad: true });
 * console.log(torch.set_grad_enabled(false, () => x.mul(2)).requires_grad); // false
 */
export function set_grad_enabled(mode: boolean): void;
export function set_grad_enabled<R>(mode: boolean, body: () => R): R;
export function set_grad_enabled<R>(mode: boolean, body?: () => R): R | void {
  if (typeof mode !== 'boolean')
    throw new TypeError(`set_grad_enabled: mode must be a boolean, got ${String(mode)}`);
  if (body !== undefined) return withGradMode(mode, body);
  switchMode(mode);
  if (mode) settleAll();
}

/**
 * `no_grad`, and `is_inference_mode_enabled()` is true inside.
 * Differs from torch: the tensors made inside are ordinary ones, which may be used in recorded operations later.
 *
 * @example
 * console.log(torch.inference_mode(() => torch.is_inference_mode_enabled())); // true
 */
export function inference_mode<R>(body: () => R): R {
  const before = inferenceMode;
  inferenceMode = true;
  try {
    return withGradMode(false, body);
  } finally {
    inferenceMode = before;
  }
}
