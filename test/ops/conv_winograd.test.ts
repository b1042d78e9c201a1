import { afterEach, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { nn, optim } = torch;
const { functional: F } = nn;
const wasm = torch.backends.wasm;

afterEach(() => {
  wasm.winograd = true;
});

function withoutWinograd<R>(body: () => R): R {
  wasm.winograd = false;
  try {
    return body();
  } finally {
    wasm.winograd = true;
  }
}

/** Bytes of guards around each allocation in the debug build. */
const GUARDS = process.env['WASMGRAD_BUILD'] === 'debug' ? 128 : 0;
const allocated = (): number => {
  const { allocated_bytes, allocations } = torch.memory_stats();
  return allocated_bytes - GUARDS * allocations;
};
const same = (a: torch.Tensor, b: torch.Tensor): boolean => torch.equal(a, b);

describe('convolution by Winograd', () => {
  it.each([
    [1, 64, 28, 64],
    [4, 48, 11, 40],
    [3, 256, 14, 130],
    [8, 300, 7, 24],
    [2, 64, 40, 64],
  ])('of %i×%i×%i² by %i kernels is within 1e-4 of the largest value, its gradients too', (N, C, H, O) => {
    torch.tidy(() => {
      torch.manual_seed(0);
      const inputs = [torch.randn(N, C, H, H), torch.randn(O, C, 3, 3), torch.randn(O)];
      const seed = torch.randn(N, O, H, H);
      const passes = (dtype: torch.DType): torch.Tensor[] => {
        const leaves = inputs.map((t) => t.to(dtype).detach().requires_grad_());
        const out = F.conv2d(leaves[0], leaves[1], leaves[2], 1, 1);
        out.backward(seed.to(dtype));
        return [out, leaves[0].grad!, leaves[1].grad!];
      };
      const exact = passes(torch.float64);
      const direct = withoutWinograd(() => passes(torch.float32));
      passes(torch.float32).forEach((value, i) => {
        expect(same(value, direct[i]), `pass ${i}`).toBe(false);
        const error = value.double().sub(exact[i]).abs().max().item() / exact[i].abs().max().item();
        expect(error, `pass ${i}`).toBeLessThan(1e-4);
      });
    });
  });

  it.each([
    [1, 3, 64, 64, 7, 3],
    [2, 64, 48, 96, 5, 2],
    [2, 12, 40, 32, 8, 0],
  ])('of stride 2: %i×%i×%i² by %i kernels of %i² with padding %i', (N, C, H, O, K, padding) => {
    torch.tidy(() => {
      torch.manual_seed(0);
      const [x, w, b] = [torch.randn(N, C, H, H), torch.randn(O, C, K, K), torch.randn(O)];
      const convolve = (...t: torch.Tensor[]): torch.Tensor =>
        F.conv2d(t[0], t[1], t[2], { stride: 2, padding });
      const exact = convolve(x.double(), w.double(), b.double());
      const value = convolve(x, w, b);
      expect(
        same(
          value,
          withoutWinograd(() => convolve(x, w, b)),
        ),
      ).toBe(false);
      const error = value.double().sub(exact).abs().max().item() / exact.abs().max().item();
      expect(error).toBeLessThan(1e-5);
      const bn = new nn.BatchNorm2d(O).eval();
      const apart = bn(convolve(x, w, b)).relu();
      const fused = torch.no_grad(() =>
        bn(convolve(x, w, b))
          .relu()
          .clone(),
      );
      expect(torch.allclose(fused, apart, { rtol: 1e-5, atol: 1e-5 })).toBe(true);
    });
  });

  it('does not take one weight for another that begins in the same place', () => {
    torch.tidy(() => {
      const x = torch.randn(2, 64, 48, 48);
      const values = torch.randn(96 * 64 * 49);
      for (const K of [7, 5, 7, 5]) {
        const w = values.narrow(0, 0, 96 * 64 * K * K).view(96, 64, K, K);
        const out = F.conv2d(x, w, null, { stride: 2, padding: K >> 1 });
        const exact = withoutWinograd(() => F.conv2d(x, w, null, { stride: 2, padding: K >> 1 }));
        expect(out.sub(exact).abs().max().item()).toBeLessThan(1e-4 * exact.abs().max().item());
      }
    });
  });

  it('is left to those who allow it', () => {
    expect(withoutWinograd(() => wasm.winograd)).toBe(false);
    expect(wasm.winograd).toBe(true);
    expect(() => {
      wasm.winograd = 1 as unknown as boolean;
    }).toThrow(TypeError);
  });

  it('gives the same bits whether it is recorded or not', () => {
    torch.tidy(() => {
      const x = torch.randn(1, 32, 32, 32);
      const w = torch.randn(32, 32, 3, 3);
      expect(same(F.conv2d(x, w.clone().requires_grad_()), F.conv2d(x, w))).toBe(true);
    });
  });

  it('does not depend on strides of its operands', () => {
    torch.tidy(() => {
      const x = torch.randn(1, 32, 32, 32);
      const w = torch.randn(32, 32, 3, 3);
      const strided = F.conv2d(
        x.transpose(2, 3).contiguous().transpose(2, 3),
        w.transpose(0, 1).contiguous().transpose(0, 1),
      );
      expect(same(strided, F.conv2d(x, w))).toBe(true);
    });
  });
});

describe('the transformed weights of a convolution', () => {
  const x = torch.keep(torch.randn(1, 32, 36, 36));
  const bytes = 36 * (32 * 32 * 4 + 64);
  /** The output of a fresh weight of the same values. */
  const fresh = (w: torch.Tensor): torch.Tensor => torch.no_grad(() => F.conv2d(x, w.detach().clone()));
  const output = (w: torch.Tensor): torch.Tensor => torch.no_grad(() => F.conv2d(x, w));

  it('are kept from the second call on, and go with the weight', () => {
    torch.tidy(() => {
      const before = allocated();
      const w = torch.randn(32, 32, 3, 3);
      const own = allocated() - before;
      for (const kept of [0, bytes, bytes]) {
        output(w).dispose();
        expect(allocated() - before).toBe(own + kept);
      }
      w.dispose();
      expect(allocated()).toBe(before);
    });
  });

  it.each<[string, (w: torch.Tensor) => void]>([
    ['an in-place operator', (w) => void torch.no_grad(() => w.mul_(2))],
    ['a write to a view', (w) => void torch.no_grad(() => w.select(0, 3).zero_())],
    ['a write to its data', (w) => void w.data.add_(1)],
    ['copy_', (w) => void torch.no_grad(() => w.copy_(torch.ones_like(w)))],
    [
      "an optimizer's step",
      (w) => {
        w.grad = torch.ones_like(w);
        new optim.SGD([w], { lr: 0.5 }).step();
      },
    ],
  ])('follow %s', (_, write) => {
    torch.tidy(() => {
      const w = torch.randn(32, 32, 3, 3).requires_grad_();
      output(w);
      const before = output(w);
      write(w);
      const after = output(w);
      expect(same(after, before)).toBe(false);
      expect(same(after, fresh(w))).toBe(true);
      w.grad?.dispose();
    });
  });

  it('follow load_state_dict and to()', () => {
    torch.tidy(() => {
      const conv = new nn.Conv2d(32, 32, 3, { bias: false });
      const other = new nn.Conv2d(32, 32, 3, { bias: false });
      for (let i = 0; i < 2; i++) output(conv.weight);
      conv.load_state_dict(other.state_dict());
      expect(same(output(conv.weight), fresh(other.weight))).toBe(true);
      output(conv.weight);
      const kept = allocated();
      conv.to(torch.float64);
      expect(allocated()).toBe(kept - bytes + 32 * 32 * 9 * 4);
      conv.weight.dispose();
      other.weight.dispose();
    });
  });

  it('of several weights in one storage are told apart', () => {
    torch.tidy(() => {
      const both = torch.randn(2, 32, 32, 3, 3);
      for (const i of [0, 1, 0, 1, 0])
        expect(same(output(both.select(0, i)), fresh(both.select(0, i)))).toBe(true);
    });
  });

  it('are not kept beyond 256 MiB, and the answer is the same', () => {
    torch.tidy(() => {
      const image = torch.randn(1, 640, 36, 36);
      const before = allocated();
      const weights = Array.from({ length: 6 }, () => torch.ones(640, 640, 3, 3));
      const own = allocated() - before;
      const convolve = (w: torch.Tensor): torch.Tensor => torch.no_grad(() => F.conv2d(image, w));
      for (const w of weights) convolve(w).dispose();
      const outputs = weights.map(convolve);
      const results = outputs.reduce((sum, out) => sum + out.numel() * 4, 0);
      expect(allocated() - before - own - results).toBeLessThan(256 * 2 ** 20);
      expect(allocated() - before - own - results).toBeGreaterThan(128 * 2 ** 20);
      for (const out of outputs) expect(same(out, outputs[0])).toBe(true);
    });
  });

  it('are not kept where each meets few tiles', () => {
    torch.tidy(() => {
      const few = torch.randn(1, 128, 18, 18);
      const w = torch.randn(128, 128, 3, 3);
      const before = allocated();
      for (let i = 0; i < 3; i++) {
        torch.no_grad(() => F.conv2d(few, w)).dispose();
        expect(allocated()).toBe(before);
      }
    });
  });
});
