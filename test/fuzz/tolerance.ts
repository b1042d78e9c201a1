/** How many times the usual tolerance an operator's result may be off, where there is a reason for it. */
const FACTORS: Readonly<Record<string, number>> = {};

export function toleranceFactor(op: string): number {
  return FACTORS[op.replace(/_$/, '')] ?? 1;
}
