import { beforeAll, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { configureRuntime } from '../../src/wasm/module.js';
import { Net } from '../nn/block.js';

const { nn } = torch;
const LIMIT = 32 * 2 ** 20;

beforeAll(() => configureRuntime({ maximumBytes: LIMIT }));

/** Allocates until it fails, and returns what was thrown. */
function exhaust(made: torch.Tensor[]): torch.OutOfMemoryError {
  for (let size = 2 ** 20; ;) {
    try {
      made.push(torch.full([size], made.length + 1, { dtype: torch.float32 }));
    } catch (error) {
      expect(error).toBeInstanceOf(torch.OutOfMemoryError);
      if (size <= 16) return error as torch.OutOfMemoryError;
      size /= 2;
    }
  }
}

describe('OutOfMemoryError', () => {
  it('says what was asked for and what there is, and is a RuntimeError', () => {
    const x = torch.ones(8);
    const before = torch.memory_stats();
    try {
      torch.zeros(2 ** 28);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(torch.OutOfMemoryError);
      expect(error).toBeInstanceOf(torch.RuntimeError);
      expect((error as torch.OutOfMemoryError).requested).toBe(2 ** 30);
      expect((error as Error).message).toMatch(
        /tried to allocate 1024\.0 MiB; \d+ bytes are in live tensors, [\d.]+ MiB of WebAssembly memory are reserved/,
      );
    }
    expect(torch.memory_stats().allocations).toBe(before.allocations);
    expect(torch.memory_stats().reserved_bytes).toBe(before.reserved_bytes);
    expect(x.sum().item()).toBe(8);
  });

  it('leaves everything that was made intact, and memory usable once some is released', () => {
    torch.tidy(() => void torch.ones(4).exp().add(1)); // the kernels' scratch memory is allocated with the first call
    const made: torch.Tensor[] = [];
    const error = exhaust(made);
    expect(error.reserved).toBeLessThanOrEqual(LIMIT);
    expect(error.reserved).toBeGreaterThan(0.9 * LIMIT);
    const { allocations } = torch.memory_stats();
    expect(() => made[0].add(1)).toThrow(torch.OutOfMemoryError);
    expect(() => made[0].exp_().add(made[1])).toThrow(torch.OutOfMemoryError);
    expect(torch.memory_stats().allocations).toBe(allocations);
    made.slice(1).forEach((tensor, i) => {
      const values = tensor.numpy();
      expect([values[0], values[values.length - 1]]).toEqual([i + 2, i + 2]);
    });
    for (const tensor of made.splice(1)) tensor.dispose();
    expect(made[0].add(1).select(0, 5).item()).toBeCloseTo(Math.E + 1, 5);
    made[0].dispose();
    expect(
      torch
        .zeros(2 ** 21)
        .sum()
        .item(),
    ).toBe(0);
  });

  it.each(['forward', 'backward', 'step'])('in %s leaves the model trainable', (where) => {
    torch.tidy(() => {
      torch.manual_seed(1);
      const model = new Net();
      const reference = new Net();
      reference.load_state_dict(model.state_dict());
      const x = torch.randn(4, 3, 16, 16);
      const y = torch.tensor([0, 1, 0, 1]);
      const criterion = new nn.CrossEntropyLoss();
      const train = (net: Net, steps: number): number[] => {
        const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
        return Array.from({ length: steps }, () => {
          optimizer.zero_grad({ set_to_none: true });
          const loss = criterion(net(x), y);
          loss.backward();
          optimizer.step();
          return loss.item();
        });
      };
      const buffers = Object.values(model.state_dict()).map((t) => t.clone());
      const loss = where === 'forward' ? null : criterion(model(x), y);
      if (where === 'step') loss!.backward();
      const optimizer = new torch.optim.Adam(model.parameters());
      const before = torch.memory_stats().allocations;
      const made: torch.Tensor[] = [];
      exhaust(made);
      expect(() => {
        if (where === 'forward') criterion(model(x), y).backward();
        else if (where === 'backward') loss!.backward();
        else optimizer.step();
      }).toThrow(torch.OutOfMemoryError);
      for (const tensor of made) tensor.dispose();
      // Gradients and moments that were finished before it failed have their owners; no temporary is left.
      const owned = [...model.parameters()].filter((p) => p.grad !== null).length + 3 * optimizer.state.size;
      expect(torch.memory_stats().allocations - before).toBeLessThanOrEqual(owned);
      Object.values(model.state_dict()).forEach((t, i) => t.copy_(buffers[i]));
      expect(torch.is_grad_enabled()).toBe(true);
      expect(train(model, 5)).toEqual(train(reference, 5));
    });
  });
});
