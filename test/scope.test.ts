import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';
import { LoopScope } from '../src/scope.js';
import { clean } from './clean.js';

const allocations = (): number => torch.memory_stats().allocations;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

afterEach(() => vi.restoreAllMocks());

describe('tidy', () => {
  it('releases what was made and keeps what is returned, also in structures', () => {
    torch.ones(1).add(1).dispose(); // the kernels' scratch memory is allocated with the first call
    const before = allocations();
    const result = torch.tidy(() => {
      const a = torch.ones(3);
      const b = a.add(1);
      torch.zeros(100);
      return { list: [b, { deep: a.mul(3) }], map: new Map([['k', torch.ones(1)]]) };
    });
    expect(allocations()).toBe(before + 3);
    expect((result.list[0] as torch.Tensor).tolist()).toEqual([2, 2, 2]);
    expect(result.map.get('k')!.item()).toBe(1);
  });

  it('says when a released tensor is touched, what released it and what to do', () => {
    let leaked!: torch.Tensor;
    torch.tidy(() => {
      leaked = torch.ones(2, 3);
    });
    expect(() => leaked.add(1)).toThrow(torch.UseAfterReleaseError);
    expect(() => leaked.tolist()).toThrow(/this tensor \[2, 3\] was released by torch\.tidy.*keep\(\)/s);
    expect(() => torch.ones(2, 3).add(leaked)).toThrow(torch.UseAfterReleaseError);
    expect(String(leaked)).toContain('released');
  });

  it('keeps what keep() was called on, until dispose()', () => {
    let kept!: torch.Tensor;
    torch.tidy(() => {
      kept = torch.keep(torch.ones(2));
    });
    expect(kept.sum().item()).toBe(2);
    const before = allocations();
    kept.dispose();
    kept.dispose();
    expect(allocations()).toBe(before - 1);
  });

  it('hands nested results outwards one scope at a time', () => {
    const before = allocations();
    torch.tidy(() => {
      const inner = torch.tidy(() => torch.ones(4));
      expect(inner.sum().item()).toBe(4);
    });
    expect(allocations()).toBe(before);
  });

  it('frees everything when the body throws', () => {
    const before = allocations();
    expect(() =>
      torch.tidy(() => {
        torch.ones(3);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(allocations()).toBe(before);
  });

  it('refuses an asynchronous body', () => {
    expect(() => torch.tidy(() => Promise.resolve(1))).toThrow(/synchronous/);
  });

  it('keeps the bytes of a view whose base is gone', () => {
    const before = allocations();
    const view = torch.tidy(() => torch.ones(4, 2).select(0, 1));
    expect(view.tolist()).toEqual([1, 1]);
    view.dispose();
    expect(allocations()).toBe(before);
  });
});

describe('operators', () => {
  it('free their temporaries at once', () => {
    torch.tidy(() => {
      const x = torch.ones(3, 4).t();
      const before = allocations();
      x.add(x.to(torch.float64)).dispose();
      expect(allocations()).toBe(before + 1);
    });
  });

  it('free what they made when they throw', () => {
    torch.tidy(() => {
      const a = torch.ones(3);
      const before = allocations();
      expect(() => a.add(torch.keep(torch.ones(2)))).toThrow(/size of tensor a/);
      expect(allocations()).toBe(before + 1);
    });
  });
});

describe('history', () => {
  it('is let go with the last handle, without a backward', () => {
    const x = torch.ones(8, { requires_grad: true });
    const before = allocations();
    torch.tidy(() => {
      const y = x.exp().sin().exp();
      expect(y.requires_grad).toBe(true);
    });
    expect(allocations()).toBe(before);
    x.dispose();
  });

  it('holds what backward needs, although the handles are gone', () => {
    const x = torch.tensor([0.5], { requires_grad: true });
    const y = torch.tidy(() => x.exp().mul(x.sin()));
    y.backward();
    expect(x.grad!.item()).toBeCloseTo(Math.exp(0.5) * (Math.sin(0.5) + Math.cos(0.5)), 5);
  });

  it('lets backward free what was saved', () => {
    torch.tidy(() => {
      const x = torch.ones(1000, { requires_grad: true });
      const before = torch.memory_stats().allocated_bytes;
      const y = torch.tidy(() => x.exp().exp().sum());
      expect(torch.memory_stats().allocated_bytes - before).toBeGreaterThan(2 * 4000);
      y.backward();
      expect(torch.memory_stats().allocated_bytes - before).toBeLessThan(4400);
    });
  });
});

describe('gradients', () => {
  it('belong to their tensor, not to the scope they were made in', () => {
    const w = torch.keep(torch.ones(2, { requires_grad: true }));
    torch.tidy(() => w.mul(3).sum().backward());
    expect(w.grad!.tolist()).toEqual([3, 3]);
  });

  it('that the user holds survive being replaced', () => {
    torch.tidy(() => {
      const w = torch.ones(2, { requires_grad: true });
      w.mul(3).sum().backward();
      const held = w.grad!;
      w.grad = null;
      expect(held.tolist()).toEqual([3, 3]);
    });
  });
});

describe('LoopScope', () => {
  it('frees each iteration of a synchronous loop when the next begins', () => {
    const loop = new LoopScope('an iteration');
    const before = allocations();
    for (let i = 0; i < 5; i++) {
      const x = loop.next(() => torch.full([2], i));
      x.add(1);
      expect(allocations()).toBe(before + 2);
    }
    loop.end();
    expect(allocations()).toBe(before);
  });

  it('keeps temporaries of its items out', () => {
    const loop = new LoopScope('an iteration');
    const before = allocations();
    loop.next(() => torch.ones(3).add(1).mul(2));
    expect(allocations()).toBe(before + 1);
    loop.end();
  });

  it('nests', () => {
    const outer = new LoopScope('outer');
    const before = allocations();
    const x = outer.next(() => torch.ones(2));
    const inner = new LoopScope('inner');
    for (let i = 0; i < 3; i++) inner.next(() => torch.ones(2)).add(x);
    inner.end();
    expect(x.sum().item()).toBe(2);
    outer.end();
    expect(allocations()).toBe(before);
  });

  it('frees iterations of a loop that awaits', async () => {
    await clean();
    const before = allocations();
    const loop = new LoopScope('an iteration');
    for (let i = 0; i < 4; i++) {
      const x = loop.next(() => torch.full([2], i));
      const y = x.add(1);
      await turn();
      const z = y.mul(2);
      expect(z.tolist()).toEqual([2 * (i + 1), 2 * (i + 1)]);
      await turn();
      expect(allocations()).toBeLessThanOrEqual(before + 3);
    }
    loop.end();
    expect(allocations()).toBe(before);
  });

  it('keeps interleaved loops from freeing each other’s tensors', async () => {
    const run = async (tag: number, steps: number, waits: number): Promise<number[]> => {
      const outside = torch.full([1], tag);
      const loop = new LoopScope(`loop ${tag}`);
      const seen: number[] = [];
      for (let i = 0; i < steps; i++) {
        const x = loop.next(() => torch.full([1], i));
        const sum = x.add(outside);
        for (let w = 0; w < waits; w++) await turn();
        const more = sum.mul(10);
        for (let w = 0; w < waits; w++) await Promise.resolve();
        seen.push(more.add(x).item());
      }
      loop.end();
      expect(outside.item()).toBe(tag);
      return seen;
    };
    const results = await Promise.all([run(1, 6, 1), run(2, 4, 3), run(3, 9, 2)]);
    results.forEach((seen, k) => expect(seen).toEqual(seen.map((_, i) => 10 * (i + k + 1) + i)));
  });
});

describe('what no scope owns', () => {
  it('is warned of once, naming tidy', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const made: torch.Tensor[] = [];
    for (let i = 0; i < 40; i++) {
      const x = torch.empty(1 << 22);
      made.push(x);
      if (i > 2) made[i - 2].dispose();
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0][0])).toMatch(/torch\.tidy/);
    for (const x of made) x.dispose();
  });
});
