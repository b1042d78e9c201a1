import { expect } from 'vitest';

/** Equal in structure, and every number within torch's float32 tolerance: 1e-5 + 1.3e-6 · |expected|. */
export function closeTo(actual: unknown, expected: unknown, where = 'result'): void {
  if (typeof expected === 'number') {
    expect(typeof actual, where).toBe('number');
    const difference = Math.abs((actual as number) - expected);
    expect(difference, `${where}: ${String(actual)}, expected ${expected}`).toBeLessThanOrEqual(
      1e-5 + 1.3e-6 * Math.abs(expected),
    );
  } else if (typeof expected === 'object' && expected !== null) {
    const got = actual as Record<string, unknown>;
    expect(Object.keys(got), where).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) closeTo(got[key], value, `${where}.${key}`);
  } else {
    expect(actual, where).toBe(expected);
  }
}
