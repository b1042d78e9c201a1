// Sparse tensors against PyTorch's, what holds for any of them, and that they leave nothing behind.
import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { fixture } from '../nn/recorded.js';
import { E, dense, hybrid, matrix, shows, table } from './calls.js';
import { drawn } from './drawn.js';
import type { Drawn } from './drawn.js';
import { gradients } from './gradients.js';
import { refusals } from './refusals.js';
import { printed, values } from './values.js';

interface Case {
  result?: unknown;
  error?: string;
  message?: string;
}

const recorded = fixture('sparse') as {
  cases: Record<string, Case>;
  printed: Record<string, string>;
  drawn: Drawn[];
};
const { nn } = torch;
const cases: Readonly<Record<string, () => unknown>> = { ...values, ...gradients, ...refusals };
const { functional: F } = nn;

/** The numbers of a nested result, and all else that is in it. */
function parts(value: unknown, into: { numbers: number[]; rest: unknown[] }): typeof into {
  if (typeof value === 'number') into.numbers.push(value);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) {
      into.rest.push(key);
      parts(item, into);
    }
  else into.rest.push(value);
  return into;
}

describe("PyTorch's results", () => {
  test('are there for every case', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(recorded.cases));
    expect(Object.keys(printed)).toEqual(Object.keys(recorded.printed));
  });

  test.each(Object.entries(recorded.cases))('%s', (name, { result, error, message }) => {
    torch.tidy(() => {
      if (error !== undefined) {
        let thrown: unknown = null;
        try {
          cases[name]();
        } catch (found) {
          thrown = found;
        }
        expect(thrown).toBeInstanceOf(Error);
        const { name: kind, message: text } = thrown as Error;
        expect([kind, text.slice(0, message!.length)]).toEqual([error, message]);
        return;
      }
      const found = parts(shows(cases[name]()), { numbers: [], rest: [] });
      const expected = parts(result, { numbers: [], rest: [] });
      expect(found.rest).toEqual(expected.rest);
      expect(found.numbers.length).toBe(expected.numbers.length);
      found.numbers.forEach((value, i) => {
        expect(Object.is(value, -0)).toBe(Object.is(expected.numbers[i], -0));
        expect(Math.abs(value - expected.numbers[i])).toBeLessThanOrEqual(
          1e-5 * Math.abs(expected.numbers[i]),
        );
      });
    });
  });

  test.each(Object.entries(recorded.printed))('printed: %s', (name, text) => {
    torch.tidy(() => {
      expect(String(printed[name]())).toBe(text);
    });
  });

  test.each(recorded.drawn.map((given, seed) => [seed, given] as const))('drawn: %i', (_seed, given) => {
    torch.tidy(() => {
      const { results, grad } = drawn(given);
      // Of whole numbers: exact.
      expect(parts(results, { numbers: [], rest: [] })).toEqual(
        parts(given.results, { numbers: [], rest: [] }),
      );
      expect(grad).toEqual(given.grad);
    });
  });

  test('a NaN is not 0', () => {
    expect(torch.tensor([0, NaN]).to_sparse()._values().tolist()).toEqual([NaN]);
  });
});

describe('any sparse tensor', () => {
  /** Rows or elements at random places, some of them twice, with the numbers for them. */
  function drawn(seed: number): { x: torch.Tensor; whole: torch.Tensor } {
    torch.manual_seed(seed);
    const options = { dtype: torch.float64 };
    const [shape, dims] = [
      [[5, 3], 1],
      [[4, 3], 2],
      [[3, 2, 4], 2],
      [[7], 1],
    ][seed % 4] as [number[], number];
    const count = seed % 7;
    const places = torch.stack(shape.slice(0, dims).map((size) => torch.randint(0, size, [count])));
    const values = torch.randn([count, ...shape.slice(dims)], options);
    const whole = torch.zeros(shape, options);
    for (let i = 0; i < count; i++) {
      const place = torch.select(places, 1, i).tolist() as number[];
      whole.index(...place).add_(values.select(0, i));
    }
    return { x: torch.sparse_coo_tensor(places, values, shape), whole };
  }

  test.each(Array.from({ length: 28 }, (_, i) => i))('has the sums of its values: %i', (seed) => {
    torch.tidy(() => {
      const { x, whole } = drawn(seed);
      const { x: y, whole: other } = drawn(seed + 28);
      const close = (a: torch.Tensor, b: torch.Tensor): void => {
        expect(a.is_sparse ? a.to_dense().allclose(b) : a.allclose(b)).toBe(true);
      };
      close(x, whole);
      close(x.coalesce(), whole);
      close(x.add(y, { alpha: 2 }), whole.add(other, { alpha: 2 }));
      close(x.coalesce().sub(y.coalesce()), whole.sub(other));
      close(other.add(x), other.add(whole));
      close(x.mul(other), whole.mul(other));
      close(x.coalesce().mul(y.coalesce()), whole.mul(other));
      close(x.neg().div(4), whole.neg().div(4));
      close(x.mul_(3).add_(y), whole.mul(3).add(other));
      const c = x.coalesce();
      expect(c.is_coalesced()).toBe(true);
      expect(c.indices().tolist()).toEqual(c.to_dense().to_sparse(c.sparse_dim()).indices().tolist());
    });
  });

  test('of one sparse dimension of a billion costs what it lists', () => {
    torch.tidy(() => {
      const x = torch.sparse_coo_tensor([[1e9 - 1, 5, 1e9 - 1]], [1, 2, 3], [1e9]);
      expect(x.add(x).coalesce().values().tolist()).toEqual([4, 8]);
      expect(x.coalesce().indices().tolist()).toEqual([[5, 1e9 - 1]]);
      const y = torch.sparse_coo_tensor(
        [
          [99999, 3],
          [99999, 4],
        ],
        [1, 2],
        [100000, 100000],
      );
      expect(y.coalesce().indices().tolist()).toEqual([
        [3, 99999],
        [4, 99999],
      ]);
    });
  });
});

describe('gradients', () => {
  test.each(Array.from({ length: 12 }, (_, i) => i))('are those of the dense path: %i', (seed) => {
    torch.tidy(() => {
      torch.manual_seed(seed);
      const weight = torch.randn(6, 3, { dtype: torch.float64, requires_grad: true });
      const indices = torch.randint(0, 6, seed % 3 === 0 ? [4] : [2, 3]);
      const padding_idx = seed % 2 === 0 ? null : seed % 6;
      const offsets = torch.tensor([0, 1, 1]);
      const uses: ((sparse: boolean) => torch.Tensor)[] = [
        (sparse) => F.embedding(indices, weight, { padding_idx, sparse }),
        (sparse) => F.embedding_bag(indices.reshape(-1), weight, { offsets, padding_idx, sparse }),
        (sparse) =>
          F.embedding_bag(indices.reshape(-1), weight, { offsets, padding_idx, sparse, mode: 'sum' }),
        (sparse) =>
          torch.gather(weight, 1, indices.reshape(-1, 1).remainder(3).narrow(0, 0, 4), {
            sparse_grad: sparse,
          }),
      ];
      for (const use of uses) {
        const of = (sparse: boolean): torch.Tensor => {
          const out = use(sparse);
          return torch.autograd.grad(out.sin().mul(out).sum(), weight)[0]!;
        };
        const grad = of(true);
        expect(grad.is_sparse).toBe(true);
        expect(grad.to_dense().allclose(of(false))).toBe(true);
      }
    });
  });

  test('of sparse operations agree with central differences', () => {
    torch.tidy(() => {
      torch.manual_seed(3);
      const values = torch.randn(4, 2, { dtype: torch.float64, requires_grad: true });
      const factor = torch.randn(3, 2, { dtype: torch.float64, requires_grad: true });
      const constant = factor.detach().exp();
      const places = torch.tensor([[2, 0, 2, 1]]);
      const mask = torch.sparse_coo_tensor([[0, 2]], torch.ones(2, 2), [3, 2]).coalesce();
      const make = (v: torch.Tensor): torch.Tensor => torch.sparse_coo_tensor(places, v, [3, 2]);
      const functions: ((v: torch.Tensor, f: torch.Tensor) => torch.Tensor)[] = [
        (v) => make(v).to_dense(),
        (v) => make(v).coalesce().values().square(),
        (v) => make(v).mul(constant).to_dense(),
        (v, f) => f.sparse_mask(mask).mul(3).to_dense().add(make(v).neg().to_dense()),
        (v, f) => f.to_sparse(1).add(make(v), { alpha: 2 }).to_dense().square(),
      ];
      for (const f of functions) {
        expect(torch.autograd.gradcheck(f, [values, factor])).toBe(true);
        expect(torch.autograd.gradgradcheck(f, [values, factor])).toBe(true);
      }
    });
  });

  test('are refused where they are NaN, under anomaly detection', () => {
    torch.tidy(() => {
      const w = table();
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      torch.autograd.detect_anomaly(() => {
        const out = E([1])(w).mul(0).sqrt();
        expect(() => out.sum().backward()).toThrow('returned nan values');
      });
      vi.restoreAllMocks();
    });
  });

  test('may be given, and added to those that are there', () => {
    torch.tidy(() => {
      const x = dense().requires_grad_();
      x.mul(2).backward(hybrid());
      expect(x.grad!.is_sparse).toBe(true);
      x.backward(dense(), { inputs: x });
      expect(x.grad!.tolist()).toEqual(hybrid().to_dense().mul(2).add(dense()).tolist());
      x.grad = hybrid();
      expect(x.grad.is_sparse).toBe(true);
      // PyTorch cannot sum sparse gradients over what was broadcast either.
      const row = torch.ones(2, { requires_grad: true });
      expect(() => dense().add(row).backward(hybrid())).toThrow(
        "with arguments from the 'SparseCPU' backend.",
      );
      const y = hybrid({ requires_grad: true });
      expect(() => (y.grad = dense())).toThrow('assigned grad has data of a different type');
    });
  });

  test('survive what they were computed from', () => {
    torch.tidy(() => {
      const w = table();
      const indices = torch.tensor([3, 1]);
      torch.tidy(() => F.embedding(indices, w, { sparse: true }).square().sum().backward());
      indices.zero_();
      indices.dispose();
      expect(w.grad!._indices().tolist()).toEqual([[3, 1]]);
      expect(w.grad!._values().tolist()).toEqual([
        [12, 14],
        [4, 6],
      ]);
    });
  });
});

describe('memory', () => {
  test.each(Object.keys(cases))('%s leaves nothing', (name) => {
    const call = (): void => {
      try {
        cases[name]();
      } catch {
        // The table above has what is thrown.
      }
    };
    // A gradient that was seen goes to the scope around that of its tensor.
    const run = (): void => torch.tidy(() => torch.tidy(call));
    run();
    const before = torch.memory_stats();
    run();
    expect(torch.memory_stats().allocations).toBe(before.allocations);
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
  });

  test('a part that is kept outlives the tensor', () => {
    const values = torch.tidy(() => hybrid()._values());
    expect(values.tolist()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    values.dispose();
  });

  test('a gradient goes with its tensor', () => {
    const before = torch.memory_stats().allocations;
    const words = new nn.Embedding(10, 4, { sparse: true });
    torch.tidy(() =>
      words(torch.tensor([1, 2, 1]))
        .sum()
        .backward(),
    );
    expect(words.weight.grad!._nnz()).toBe(3);
    words.dispose();
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('touching a released sparse tensor is an error', () => {
    const x = hybrid();
    x.dispose();
    for (const use of [
      () => x.coalesce(),
      () => x._values(),
      () => x._nnz(),
      () => x.to_dense(),
      () => x.item(),
    ]) {
      expect(use).toThrow(torch.UseAfterReleaseError);
    }
    expect(String(x)).toContain('released by dispose()');
  });
});

describe('refusals', () => {
  test('come before anything is allocated or written', () => {
    torch.tidy(() => {
      const [x, y] = [hybrid(), dense()];
      const before = torch.memory_stats().allocations;
      for (const call of [
        () => x.exp(),
        () => torch.cat([y, x]),
        () => y.matmul(x),
        () => x.normal_(),
        () => x.index(0),
      ]) {
        expect(call).toThrow("with arguments from the 'SparseCPU' backend.");
      }
      expect(torch.memory_stats().allocations).toBe(before);
      expect(x._version).toBe(0);
    });
  });

  test('of what would read memory', () => {
    torch.tidy(() => {
      expect(() => x._storage.ptr).toThrow('Cannot access storage of SparseTensorImpl');
      expect(x._storage.nbytes).toBe(0);
      expect(() => x.apply_((value) => value)).toThrow('Sparse');
      expect(() => torch.safetensors.save({ x })).toThrow();
      expect(() => x.new(2)).toThrow("'aten::new'");
      expect(() => torch.equal(x, x)).toThrow("'aten::equal'");
    });
  });
  const x = matrix();

  test('of unknown keywords and devices', () => {
    expect(() => torch.sparse_coo_tensor([[0]], [1], [2], { device: 'cuda' as 'cpu' })).toThrow('cuda');
    expect(() => torch.sparse_coo_tensor([[0]], [1], { sise: [2] } as object)).toThrow("'sise'");
    expect(() => torch.sparse_coo_tensor([2, -1])).toThrow('negative dimension');
    expect(() => hybrid().mul(torch.ones(3, 4, 2))).toThrow('cannot be broadcast');
  });
});

test('a detached tensor, a parameter and `data` share values, not the list of places', () => {
  torch.tidy(() => {
    const x = hybrid();
    const others = [x.detach(), x.data, new nn.Parameter(x).detach()];
    x._values().fill_(1);
    for (const other of others) expect(other._values().sum().item()).toBe(6);
    x.zero_();
    for (const other of others) expect(other._nnz()).toBe(3);
  });
});

test('modules say that their gradients are sparse', () => {
  torch.tidy(() => {
    const words = new nn.Embedding(4, 2, { sparse: true, padding_idx: 0, scale_grad_by_freq: true });
    expect(String(words)).toBe('Embedding(4, 2, padding_idx=0, scale_grad_by_freq=True, sparse=True)');
    expect(String(new nn.EmbeddingBag(4, 2, { sparse: true }))).toBe('EmbeddingBag(4, 2, mode=mean)');
    for (const Kind of [nn.Embedding, nn.EmbeddingBag]) {
      const made = Kind.from_pretrained(torch.ones(4, 2), { sparse: true, freeze: false });
      expect(made.sparse).toBe(true);
      made(torch.tensor([[1, 3]]))
        .sum()
        .backward();
      expect(made.weight.grad!._indices().tolist()).toEqual([[1, 3]]);
      made.zero_grad();
      expect(made.weight.grad!._nnz()).toBe(0);
      made.zero_grad(true);
      expect(made.weight.grad).toBe(null);
    }
  });
});

test('a network with sparse parts is copied, and converted', () => {
  torch.tidy(() => {
    const words = new nn.Embedding(5, 2, { sparse: true });
    words(torch.tensor([1, 1]))
      .sum()
      .backward();
    words.double();
    expect([words.weight.grad!.dtype, words.weight.grad!.is_sparse]).toEqual([torch.float64, true]);
  });
});
