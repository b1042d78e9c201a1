/** Anomaly detection, process-wide: which operator of the forward made a NaN in the backward. */
let enabled = false;
let checkNan = true;

/** Whether anomaly detection is on. */
export function is_anomaly_enabled(): boolean {
  return enabled;
}

/** Whether gradients are looked through for NaN when anomaly detection is on. */
export function is_anomaly_check_nan_enabled(): boolean {
  return checkNan;
}

/** The stack of the call, when anomaly detection is on. V8 shows 10 frames, of which the library's own are most. */
export function callTrace(): string | null {
  if (!enabled) return null;
  const settings = Error as { stackTraceLimit?: number };
  const limit = settings.stackTraceLimit;
  settings.stackTraceLimit = 50;
  const { stack } = new Error();
  settings.stackTraceLimit = limit;
  return stack?.replace(/^Error:? *\n/, '') ?? null;
}

function set(mode: boolean, nan: boolean): void {
  enabled = mode;
  checkNan = nan;
}

function checkNanOf(options: boolean | { check_nan?: boolean }): boolean {
  if (typeof options === 'boolean') return options;
  for (const key of Object.keys(options)) {
    if (key !== 'check_nan')
      throw new TypeError(`unexpected keyword argument '${key}'; anomaly detection takes: check_nan`);
  }
  return options.check_nan ?? true;
}

/**
 * Switches anomaly detection on or off: for the rest of the program, or with `body` for its call.
 *
 * @param check_nan whether a NaN in a gradient is an error. Default true.
 * @example
 * torch.autograd.set_detect_anomaly(true);
 * console.log(torch.is_anomaly_enabled()); // true
 * torch.autograd.set_detect_anomaly(false);
 */
export function set_detect_anomaly(mode: boolean, check_nan?: boolean | { check_nan?: boolean }): void;
export function set_detect_anomaly<R>(
  mode: boolean,
  check_nan: boolean | { check_nan?: boolean },
  body: () => R,
): R;
export function set_detect_anomaly<R>(
  mode: boolean,
  check_nan: boolean | { check_nan?: boolean } = true,
  body?: () => R,
): R | void {
  if (typeof mode !== 'boolean')
    throw new TypeError(`set_detect_anomaly: mode must be a boolean, got ${String(mode)}`);
  const [enabledBefore, nanBefore] = [enabled, checkNan];
  set(mode, checkNanOf(check_nan));
  if (body === undefined) return;
  try {
    return body();
  } finally {
    set(enabledBefore, nanBefore);
  }
}

/**
 * Runs `body` with anomaly detection: a backward in it that makes a NaN fails and names the operator whose gradient it is, and
 * prints the stack of that operator's call if that was made in `body` too. It is slow.
 *
 * @example
 * const x = torch.tensor([-1.5], { requires_grad: true });
 * try {
 *   torch.autograd.detect_anomaly(() => x.sqrt().sum().backward());
 * } catch (error) {
 *   console.log(error.message); // Function 'SqrtBackward0' returned nan values in its 0th output.
 * }
 */
export function detect_anomaly<R>(body: () => R, check_nan: boolean | { check_nan?: boolean } = true): R {
  if (typeof body !== 'function') throw new TypeError('detect_anomaly takes the function to run');
  console.warn(
    'Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.',
  );
  return set_detect_anomaly(true, check_nan, body);
}
