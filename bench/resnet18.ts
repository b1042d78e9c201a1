/** A convolution of ResNet-18 at 224×224, square in every respect. */
export interface Convolution {
  readonly C: number;
  readonly H: number;
  readonly O: number;
  readonly K: number;
  readonly stride: number;
  readonly padding: number;
  /** How often it occurs. */
  readonly times: number;
}

const convolution = (
  C: number,
  H: number,
  O: number,
  K: number,
  stride: number,
  padding: number,
  times: number,
): Convolution => ({ C, H, O, K, stride, padding, times });

export const CONVOLUTIONS: readonly Convolution[] = [
  convolution(3, 224, 64, 7, 2, 3, 1),
  convolution(64, 56, 64, 3, 1, 1, 4),
  convolution(64, 56, 128, 3, 2, 1, 1),
  convolution(64, 56, 128, 1, 2, 0, 1),
  convolution(128, 28, 128, 3, 1, 1, 3),
  convolution(128, 28, 256, 3, 2, 1, 1),
  convolution(128, 28, 256, 1, 2, 0, 1),
  convolution(256, 14, 256, 3, 1, 1, 3),
  convolution(256, 14, 512, 3, 2, 1, 1),
  convolution(256, 14, 512, 1, 2, 0, 1),
  convolution(512, 7, 512, 3, 1, 1, 3),
];

export function outputSize({ H, K, stride, padding }: Convolution): number {
  return Math.floor((H + 2 * padding - K) / stride) + 1;
}

export function label({ C, H, O, K, stride }: Convolution): string {
  return `${C}×${H}×${H} → ${O}, ${K}×${K}/${stride}`;
}
