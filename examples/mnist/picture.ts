import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';

/** Side of MNIST's images, and of the box that holds their digits. */
const SIDE = 28;
const BOX = 20;

/** Grey values, 0 for paper and 255 for ink, row by row. */
export interface Picture {
  width: number;
  height: number;
  ink: Float64Array;
}

export class PictureError extends Error {
  override name = 'PictureError';
}

/** Decodes a PNG: luminance on a white ground, inverted where the border is light. */
export function readPicture(path: string): Picture {
  let png: PNG;
  try {
    png = PNG.sync.read(readFileSync(path));
  } catch (cause) {
    throw new PictureError(`cannot read '${path}' as a PNG: ${(cause as Error).message}`, { cause });
  }
  const { width, height, data } = png;
  const grey = Float64Array.from({ length: width * height }, (_, i) => {
    const [r, g, b, a] = data.subarray(4 * i, 4 * i + 4);
    const alpha = a / 255;
    return (0.299 * r + 0.587 * g + 0.114 * b) * alpha + 255 * (1 - alpha);
  });
  let border = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      border += grey[y * width + x];
      count++;
    }
  }
  const light = border / count > 127;
  return { width, height, ink: light ? grey.map((value) => 255 - value) : grey };
}

interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What is clearly ink; the ground of a photograph is not. */
function boundsOf({ width, height, ink }: Picture): Rectangle {
  const darkest = ink.reduce((a, b) => Math.max(a, b), 0);
  const palest = ink.reduce((a, b) => Math.min(a, b), 255);
  if (darkest - palest < 16) throw new PictureError('the picture is blank: there is no digit on it');
  const threshold = palest + (darkest - palest) * 0.1;
  let [left, top, right, bottom] = [width, height, 0, 0];
  ink.forEach((value, i) => {
    if (value < threshold) return;
    const x = i % width;
    const y = Math.floor(i / width);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return { left, top, width: right - left, height: bottom - top };
}

/** Mean of a rectangle with fractional edges. */
function areaMean(
  { width, height, ink }: Picture,
  left: number,
  top: number,
  right: number,
  bottom: number,
): number {
  let sum = 0;
  let area = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    const high = Math.min(y + 1, bottom) - Math.max(y, top);
    for (let x = Math.floor(left); x < right; x++) {
      const part = high * (Math.min(x + 1, right) - Math.max(x, left));
      area += part;
      if (x >= 0 && y >= 0 && x < width && y < height) sum += part * ink[y * width + x];
    }
  }
  return sum / area;
}

/**
 * A picture as MNIST's were made: the digit fitted into 20×20, the centre of its mass at pixel (14, 14) of 28×28, full contrast.
 */
export function toMnist(picture: Picture): Uint8Array {
  const bounds = boundsOf(picture);
  const scale = BOX / Math.max(bounds.width, bounds.height);
  const width = Math.max(1, Math.round(bounds.width * scale));
  const height = Math.max(1, Math.round(bounds.height * scale));
  const [stepX, stepY] = [bounds.width / width, bounds.height / height];
  const digit = new Float64Array(width * height);
  let [mass, massX, massY, darkest] = [0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const left = bounds.left + x * stepX;
      const top = bounds.top + y * stepY;
      const value = areaMean(picture, left, top, left + stepX, top + stepY);
      digit[y * width + x] = value;
      darkest = Math.max(darkest, value);
    }
  }
  const ground = picture.ink.reduce((a, b) => Math.min(a, b), 255);
  const contrast = 255 / Math.max(darkest - ground, 1);
  digit.forEach((value, i) => {
    const ink = (value - ground) * contrast;
    digit[i] = ink;
    mass += ink;
    massX += ink * (i % width);
    massY += ink * Math.floor(i / width);
  });
  const clamp = (value: number, size: number) => Math.max(0, Math.min(SIDE - size, Math.round(value)));
  const left = clamp(SIDE / 2 - massX / mass, width);
  const top = clamp(SIDE / 2 - massY / mass, height);
  const out = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[(top + y) * SIDE + left + x] = Math.round(digit[y * width + x]);
  }
  return out;
}

const HALVES = [' ', '▄', '▀', '█'];

/** Images of 28×28 side by side, two rows of pixels a line of text. */
export function draw(images: readonly Uint8Array[]): string {
  const lines: string[] = [];
  for (let y = 0; y < SIDE; y += 2) {
    const parts = images.map((image) =>
      Array.from({ length: SIDE }, (_, x) => {
        const upper = image[y * SIDE + x] > 100 ? 2 : 0;
        const lower = image[(y + 1) * SIDE + x] > 100 ? 1 : 0;
        return HALVES[upper + lower];
      }).join(''),
    );
    lines.push(parts.join(' ').trimEnd());
  }
  return lines.join('\n');
}
