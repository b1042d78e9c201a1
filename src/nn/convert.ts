import { no_grad } from '../autograd/mode.js';
import { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { to } from '../ops/copy.js';
import { empty_like } from '../ops/creation.js';
import { checkDevice } from '../ops/make.js';
import { withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { replaceData } from '../tensor_handle.js';
import type { AnyModule } from './any_module.js';
import { typeName } from '../python_text.js';
import { given, signature } from '../signature.js';

const TO = signature('to(*, dtype? dtype=None, str? device=None)');

function targetDtype(target: unknown): DType | null {
  if (target instanceof DType) return target;
  if (target instanceof Tensor) return target.dtype;
  if (typeof target === 'string') {
    checkDevice(target);
    return null;
  }
  const [dtype, device] = TO([target]) as [DType | null, string | null];
  checkDevice(device);
  return dtype;
}

/** `Module.to`: parameters, gradients and buffers that are floating point get another dtype and stay the same objects. */
export function convertModule(module: AnyModule, target: unknown): void {
  const dtype = targetDtype(target);
  if (dtype === null) return;
  if (!dtype.is_floating_point) {
    throw new TypeError(
      `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${String(dtype)}`,
    );
  }
  replaceAll(module, 'Module.to', (t) => (t.is_floating_point() && t.dtype !== dtype ? to(t, dtype) : t));
}

/** `Module.type`: everything gets another dtype. */
export function retypeModule(module: AnyModule, dtype: DType): void {
  if (!(dtype instanceof DType)) throw new TypeError(`Module.type: expected a dtype, got ${typeName(dtype)}`);
  replaceAll(module, 'Module.type', (t) => {
    if (t.requires_grad && !dtype.is_floating_point) {
      throw new RuntimeError(
        'data set to a tensor that requires gradients must be floating point or complex dtype',
      );
    }
    return t.dtype === dtype ? t : to(t, dtype);
  });
}

const TO_EMPTY = signature('to_empty(*, str device)');

/** `Module.to_empty`: everything gets other memory. */
export function emptyModule(module: AnyModule, options: unknown): void {
  const [device] = TO_EMPTY(given(options)) as [string];
  checkDevice(device);
  replaceAll(module, 'Module.to_empty', (t) => empty_like(t));
}

/** Puts other data in place of parameters, gradients and buffers, which stay the same objects. */
function replaceAll(module: AnyModule, label: string, change: (t: Tensor) => Tensor): void {
  withScope(label, () =>
    no_grad(() => {
      const replace = (t: Tensor | null | undefined): void => {
        if (!t) return;
        const changed = change(t);
        if (changed !== t) replaceData(t, changed);
      };
      for (const part of module.modules()) {
        for (const parameter of part._parameters.values()) {
          replace(parameter);
          replace(parameter?._gradQuiet);
        }
        for (const buffer of part._buffers.values()) replace(buffer);
      }
    }),
  );
}
