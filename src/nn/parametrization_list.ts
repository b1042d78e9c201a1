import { no_grad } from '../autograd/mode.js';
import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { ModuleList } from './container.js';
import type { AnyModule } from './any_module.js';
import type { Module } from './module.js';
import { Parameter } from './parameter.js';
import { replaceData } from '../tensor_handle.js';
import { pySize, typeName } from '../python_text.js';

/** What a parametrization may have besides `forward`: where a value comes from. */
interface Invertible {
  right_inverse?(value: unknown): unknown;
}

/** The value that `right_inverse` of a parametrization gives; the value itself where it has none. */
export function inverted(parametrization: AnyModule, value: unknown): unknown {
  const module = parametrization as Invertible;
  if (typeof module.right_inverse !== 'function') return value;
  try {
    return module.right_inverse(value);
  } catch (error) {
    if (error instanceof NotImplementedError) return value;
    throw error;
  }
}

/** torch's `tensor.set_(value)`: the same object on the bytes of `value`, which what saved it for backward notices. */
export function replaceTensor(tensor: Tensor, value: Tensor): void {
  replaceData(tensor, value);
  tensor._wrote();
}

type Kind = Pick<Tensor, 'dtype' | 'shape'>;

/** How another tensor differs in dtype or shape; null when it does not. */
export function changeOf(
  before: Kind,
  after: Kind,
): { what: 'dtype' | 'shape'; from: string; to: string } | null {
  if (after.dtype !== before.dtype) {
    return { what: 'dtype', from: String(before.dtype), to: String(after.dtype) };
  }
  if (sameShape(after.shape, before.shape)) return null;
  return { what: 'shape', from: pySize(before.shape), to: pySize(after.shape) };
}

function hasInverse(parametrization: AnyModule): boolean {
  return typeof (parametrization as Invertible).right_inverse === 'function';
}

/** Registers what was, or becomes, the tensor of a name. */
export function registerTensor(module: Module, name: string, tensor: Tensor): void {
  if (tensor instanceof Parameter) module.register_parameter(name, tensor);
  else module.register_buffer(name, tensor);
}

const LIST = signature('ParametrizationList(any modules, Tensor original, bool unsafe=False)');

/**
 * The parametrizations of one tensor, `module.parametrizations.weight`, with what they compute it from: `original`, or `original0`,
 * `original1`, … where `right_inverse` of the first gives several. Made by `register_parametrization`.
 *
 * @param original the tensor that is parametrized
 * @param unsafe whether dtype and shape may change, which is then not checked. Default false.
 * @throws ValueError when there is no module, or dtype or shape change
 */
export class ParametrizationList extends ModuleList {
  /** What the first parametrization takes, where that is one tensor. */
  declare original: Tensor;
  unsafe: boolean;
  /** Whether the first parametrization takes one tensor. */
  readonly is_tensor: boolean;
  /** How many tensors it takes. */
  readonly ntensors: number;

  constructor(
    modules: readonly AnyModule[],
    original: Tensor,
    unsafe: boolean | { unsafe?: boolean } = false,
  ) {
    const [list, tensor, free] = LIST([modules, original, unsafe]) as [Module[], Tensor, boolean];
    if (list.length === 0) throw new ValueError('ParametrizationList requires one or more modules.');
    super(list);
    this.unsafe = free;
    const { shape, dtype } = tensor;
    const source = no_grad(() =>
      [...this].reverse().reduce<unknown>((value, module) => inverted(module, value), tensor),
    );
    if (!(source instanceof Tensor) && !Array.isArray(source)) {
      throw new ValueError(
        `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got ${typeName(source)}`,
      );
    }
    this.is_tensor = source instanceof Tensor;
    this.ntensors = source instanceof Tensor ? 1 : source.length;
    if (source instanceof Tensor) {
      if (tensor.dtype !== source.dtype) {
        throw new ValueError(
          'When `right_inverse` outputs one tensor, it may not change the dtype.\n' +
            `original.dtype: ${tensor.dtype}\nright_inverse(original).dtype: ${source.dtype}`,
        );
      }
      // The same object, so that an optimizer that has it need not be told.
      replaceTensor(tensor, source);
      registerTensor(this, 'original', tensor);
    } else {
      source.forEach((item, i) => this.registerPart(i, item, tensor));
    }
    if (!this.unsafe) this.check({ shape, dtype });
  }

  private registerPart(i: number, item: unknown, original: Tensor): void {
    if (!(item instanceof Tensor)) {
      throw new ValueError(
        "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). " +
          `Got element ${i} of the sequence with type ${typeName(item)}.`,
      );
    }
    const part = original instanceof Parameter ? new Parameter(item) : item;
    registerTensor(this, `original${i}`, part.requires_grad_(original.requires_grad));
  }

  private check(before: Kind): void {
    const value: unknown = (this as unknown as () => unknown)();
    if (!(value instanceof Tensor)) {
      throw new ValueError(`A parametrization must return a tensor. Got ${typeName(value)}.`);
    }
    const changed = changeOf(before, value);
    if (changed !== null) {
      const { what, from, to } = changed;
      throw new ValueError(
        `Registering a parametrization may not change the ${what} of the tensor, unless \`unsafe\` flag is enabled.\n` +
          `unparametrized ${what}: ${from}\nparametrized ${what}: ${to}`,
      );
    }
  }

  /** The tensors that the first parametrization takes. */
  private sources(): Tensor[] {
    const fields = this as unknown as Record<string, Tensor>;
    if (this.is_tensor) return [this.original];
    return Array.from({ length: this.ntensors }, (_, i) => fields[`original${i}`]);
  }

  /** Sets the originals so that the parametrized tensor becomes `value`, by the `right_inverse` of each parametrization, the last first. */
  right_inverse(value: Tensor): void {
    no_grad(() => {
      let source: unknown = value;
      for (const module of [...this].reverse()) {
        if (!hasInverse(module)) {
          throw new RuntimeError(`parametrization ${typeName(module)} does not implement right_inverse.`);
        }
        source = (module as Invertible).right_inverse!(source);
      }
      if (this.is_tensor) this.setOriginal(source);
      else this.setParts(source);
    });
  }

  private setOriginal(source: unknown): void {
    if (!(source instanceof Tensor)) {
      throw new ValueError(`\`right_inverse\` should return a tensor. Got ${typeName(source)}`);
    }
    if (source.dtype !== this.original.dtype) {
      throw new ValueError(
        `The tensor returned by \`right_inverse\` has dtype ${source.dtype} while \`original\` has dtype ${this.original.dtype}`,
      );
    }
    replaceTensor(this.original, source);
  }

  private setParts(source: unknown): void {
    if (!Array.isArray(source)) {
      throw new ValueError(`'right_inverse' must return a sequence of tensors. Got ${typeName(source)}.`);
    }
    if (source.length !== this.ntensors) {
      throw new ValueError(
        "'right_inverse' must return a sequence of tensors of length " +
          `${this.ntensors}. Got a sequence of lenght ${source.length}.`,
      );
    }
    this.sources().forEach((original, i) => {
      const item: unknown = source[i];
      if (!(item instanceof Tensor)) {
        throw new ValueError(
          `\`right_inverse\` must return a sequence of tensors. Got element ${i} of type ${typeName(item)}`,
        );
      }
      if (original.dtype !== item.dtype) {
        throw new ValueError(
          `Tensor ${i} returned by \`right_inverse\` has dtype ${item.dtype} while \`original${i}\` has dtype ${original.dtype}`,
        );
      }
      replaceTensor(original, item);
    });
  }

  forward(): Tensor {
    const [first, ...rest] = this;
    return rest.reduce((value, module) => module(value), first(...this.sources()));
  }
}
