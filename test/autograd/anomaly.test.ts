import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';

const { detect_anomaly, set_detect_anomaly } = torch.autograd;
const x = (): torch.Tensor => torch.tensor([-1.5, 2], { requires_grad: true });
const NAN = "Function 'SqrtBackward0' returned nan values in its 0th output.";

describe('anomaly detection', () => {
  let warn: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => warn.mockRestore());

  function rootOfNegative(): torch.Tensor {
    return x().sqrt().sum();
  }

  test('names the operator that made a NaN, and where it was called', () => {
    expect(() => detect_anomaly(() => rootOfNegative().backward())).toThrow(NAN);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('Anomaly Detection has been enabled.'));
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(
        /^Error detected in SqrtBackward0. Traceback of forward call that caused the error:\n[^]*rootOfNegative/,
      ),
    );
    expect(torch.is_anomaly_enabled()).toBe(false);
    rootOfNegative().backward();
  });

  test('says so when the forward was not watched', () => {
    const y = rootOfNegative();
    expect(() => detect_anomaly(() => y.backward())).toThrow(NAN);
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('Error detected in SqrtBackward0. No forward pass information available.'),
    );
  });

  test('lets NaN pass without check_nan, and still shows where an error came from', () => {
    detect_anomaly(() => rootOfNegative().backward(), { check_nan: false });
    class Fails extends torch.autograd.Function {
      static override forward(_ctx: torch.autograd.FunctionContext, t: torch.Tensor): torch.Tensor {
        return t.mul(2);
      }
      static override backward(): never {
        throw new Error('broken');
      }
    }
    const run = (): void => Fails.apply(x()).sum().backward();
    expect(() => detect_anomaly(run, false)).toThrow('broken');
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('Error detected in FailsBackward. Traceback'));
  });

  test('is switched on and off, also for a call', () => {
    set_detect_anomaly(true, { check_nan: false });
    expect([torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()]).toEqual([true, false]);
    set_detect_anomaly(false);
    expect([torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()]).toEqual([false, true]);
    expect(set_detect_anomaly(true, true, () => torch.is_anomaly_enabled())).toBe(true);
    expect(torch.is_anomaly_enabled()).toBe(false);
    expect(() => set_detect_anomaly(true, { nan: false } as never)).toThrow(
      "unexpected keyword argument 'nan'",
    );
  });
});
