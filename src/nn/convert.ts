import { no_grad } from '../autograd/mode.js';
import { DType } from '../dtype.js';
import { to } from '../ops/copy.js';
import { checkDevice } from '../ops/make.js';
import { withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { AnyModule } from './module.js';
import { replaceData } from './parameter.js';
import { signature } from '../signature.js';

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
  withScope('Module.to', () =>
    no_grad(() => {
      const convert = (t: Tensor | null | undefined): void => {
        if (t && t.is_floating_point() && t.dtype !== dtype) replaceData(t, to(t, dtype));
      };
      for (const part of module.modules()) {
        for (const parameter of part._parameters.values()) {
          convert(parameter);
          convert(parameter?._gradQuiet);
        }
        for (const buffer of part._buffers.values()) convert(buffer);
      }
    }),
  );
}
