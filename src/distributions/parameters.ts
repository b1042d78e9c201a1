/** What the distributions do with their parameters; torch.distributions.utils. */
import { float32, get_default_dtype } from '../dtype.js';
import { enable_grad } from '../autograd/mode.js';
import { broadcast_tensors } from '../ops/broadcast.js';
import { tensor as makeTensor } from '../ops/creation.js';
import { log, log1p, sigmoid } from '../ops/pointwise_unary.js';
import { softmax } from '../ops/softmax.js';
import { Tensor } from '../tensor.js';

/** Tensors of one shape; numbers become tensors of the dtype of the first tensor. */
export function broadcastAll(...values: readonly (Tensor | number)[]): Tensor[] {
  const first = values.find((value) => value instanceof Tensor);
  const dtype = first?.dtype ?? get_default_dtype();
  return broadcast_tensors(
    values.map((value) => (value instanceof Tensor ? value : makeTensor(value, { dtype }))),
  );
}

export function logitsToProbs(logits: Tensor, binary: boolean): Tensor {
  return binary ? sigmoid(logits) : softmax(logits, -1);
}

export function probsToLogits(probs: Tensor, binary: boolean): Tensor {
  const eps = probs.dtype === float32 ? 2 ** -23 : Number.EPSILON;
  const clamped = probs.clamp(eps, 1 - eps);
  return binary ? log(clamped).sub(log1p(clamped.neg())) : log(clamped);
}

/** A tensor that is computed when it is asked for, and again when the scope that it was made in has ended. */
export class Lazy {
  private value: Tensor | null = null;

  constructor(private readonly make: () => Tensor) {}

  /** Null when it has not been asked for. */
  get known(): Tensor | null {
    return this.value === null || this.value._released !== null ? null : this.value;
  }

  get(): Tensor {
    return (this.value = this.known ?? enable_grad(this.make));
  }
}
