/** Python's start:stop:step for `x.index(…)`; made by `torch.slice`. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number | null,
  ) {}

  toString(): string {
    return `slice(${this.start}, ${this.stop}, ${this.step})`;
  }
}

/**
 * A range of a dimension for `x.index(…)`, as Python's `start:stop:step`; null leaves one out. With one argument that is the
 * stop, as Python's `slice`.
 *
 * @example
 * const x = torch.arange(10);
 * console.log(x.index(torch.slice(2, 8, 3)).tolist()); // [2, 5]
 */
export function slice(
  ...bounds: [stop: number | null] | [start: number | null, stop: number | null, step?: number | null]
): Slice {
  if ((bounds.length as number) === 0 || bounds.length > 3) {
    throw new TypeError(`slice expected 1 to 3 arguments, got ${bounds.length}`);
  }
  for (const bound of bounds) {
    if (bound !== null && bound !== undefined && !Number.isInteger(bound)) {
      throw new TypeError(`slice indices must be integers or null, got ${String(bound)}`);
    }
  }
  return bounds.length === 1
    ? new Slice(null, bounds[0], null)
    : new Slice(bounds[0], bounds[1], bounds[2] ?? null);
}
