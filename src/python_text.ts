/** Values as Python prints them, for what torch prints of modules and says in its messages. */

/** A float: `1` is `1.0`, `0.00001` is `1e-05`. */
export function pyFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 16) {
    const text = value.toString();
    return text.includes('e')
      ? value.toFixed(20).replace(/0+$/, '')
      : Number.isInteger(value)
        ? `${text}.0`
        : text;
  }
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

export function pyBool(value: boolean): string {
  return value ? 'True' : 'False';
}

/** Integers, tuples of them, null, booleans and strings. */
export function pyText(value: number | boolean | string | null | readonly (number | null)[]): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return pyBool(value);
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pyFloat(value);
  return `(${value.map(pyText).join(', ')}${value.length === 1 ? ',' : ''})`;
}

/** `torch.Size([2, 3])`. */
export function pySize(shape: readonly number[]): string {
  return `torch.Size([${shape.join(', ')}])`;
}

/** The type of a value in torch's messages. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'object') return value.constructor?.name ?? 'object';
  if (typeof value === 'function')
    return (value as { constructor?: { name?: string } }).constructor?.name ?? 'function';
  return typeof value;
}
