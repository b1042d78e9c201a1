// Use after release, its remedies, and what is thrown from within scopes.
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { configureRuntime, runtime } from '../../src/wasm/module.js';
import { Net } from '../nn/block.js';

const { nn } = torch;

const allocations = (): number => torch.memory_stats().allocations;

afterEach(() => vi.restoreAllMocks());

function loaderOf(count: number): torch.utils.data.DataLoader<torch.Tensor[]> {
  const data = new torch.utils.data.TensorDataset(torch.arange(count).to(torch.float32));
  return new torch.utils.data.DataLoader(data, { batch_size: 2 });
}

function expectReleased(tensor: torch.Tensor, by: RegExp): void {
  for (const touch of [
    () => tensor.add(1),
    () => tensor.item(),
    () => tensor.tolist(),
    () => tensor.numpy(),
    () => tensor.add_(1),
    () => tensor.detach(),
    () => tensor.view(-1),
    () => torch.tidy(() => torch.cat([torch.ones(1), tensor])),
    () => torch.keep(tensor),
    () => tensor.requires_grad_(),
    () => new nn.Parameter(tensor),
  ]) {
    expect(touch).toThrow(torch.UseAfterReleaseError);
    expect(touch).toThrow(by);
    expect(touch).toThrow(/return it from there, call keep\(\) on it, or read it sooner with item\(\)/);
  }
}

describe('what a module makes inside', () => {
  class Remembers extends nn.Module {
    fc;
    hidden: torch.Tensor | null = null;
    constructor(readonly remedy: (t: torch.Tensor) => torch.Tensor = (t) => t) {
      super();
      this.fc = new nn.Linear(3, 2);
    }
    forward(x: torch.Tensor) {
      const hidden = this.fc(x);
      this.hidden = this.remedy(hidden);
      return hidden.relu();
    }
  }

  it('is released when it returns, and says by which module', () => {
    torch.tidy(() => {
      const model = new Remembers();
      model(torch.ones(1, 3));
      expectReleased(model.hidden!, /\[1, 2\] was released by .*Remembers/);
    });
  });

  it.each([
    ['keep()', (t: torch.Tensor) => t.keep()],
    ['torch.keep()', (t: torch.Tensor) => torch.keep(t)],
    ['keep() of a copy', (t: torch.Tensor) => t.detach().clone().keep()],
  ] as const)('outlives it by %s, until dispose()', (_name, remedy) => {
    const model = new Remembers(remedy);
    const x = torch.ones(1, 3);
    torch.no_grad(() => model(x).dispose());
    const before = allocations();
    const second = torch.no_grad(() => model(x));
    expect(allocations()).toBe(before + 2);
    expect(torch.allclose(model.hidden!.relu(), second)).toBe(true);
    model.hidden!.dispose();
    expect(() => model.hidden!.add(1)).toThrow(/released by dispose\(\)/);
  });

  it('lives on where it is returned, in a structure too', () => {
    class Pair extends nn.Module {
      forward(x: torch.Tensor) {
        const twice = x.mul(2);
        return { twice, list: [twice.add(1)] };
      }
    }
    torch.tidy(() => {
      const { twice, list } = new Pair()(torch.ones(2));
      expect([twice.tolist(), list[0].tolist()]).toEqual([
        [2, 2],
        [3, 3],
      ]);
    });
  });

  it('survives as a parameter or buffer made in a scope', () => {
    class Lazy extends nn.Module {
      declare scale: torch.nn.Parameter;
      declare count: torch.Tensor;
      ready = false;
      forward(x: torch.Tensor) {
        if (!this.ready) {
          this.scale = new nn.Parameter(torch.full([2], 3.5));
          this.register_buffer('count', torch.zeros(1));
          this.ready = true;
        }
        this.count.add_(1);
        return x.mul(this.scale);
      }
    }
    torch.tidy(() => {
      const lazy = torch.tidy(() => {
        const made = new Lazy();
        torch.tidy(() => made(torch.ones(2)));
        return made;
      });
      const y = lazy(torch.ones(2));
      y.sum().backward();
      expect(y.tolist()).toEqual([3.5, 3.5]);
      expect(lazy.scale.grad!.tolist()).toEqual([1, 1]);
      expect(lazy.count.item()).toBe(2);
    });
  });
});

describe('a batch of a DataLoader', () => {
  it('is released when the loop moves on or ends, as is what the body made', () => {
    const seen: torch.Tensor[] = [];
    const made: torch.Tensor[] = [];
    const loader = loaderOf(6);
    const before = allocations();
    for (const [x] of loader) {
      if (seen.length > 0) expectReleased(seen[seen.length - 1], /the next iteration of a DataLoader/);
      seen.push(x);
      made.push(x.add(1));
    }
    expect(seen.length).toBe(3);
    for (const t of [...seen, ...made])
      expectReleased(t, /the next iteration of a DataLoader \(or its end\)/);
    expect(allocations()).toBe(before);
  });

  it('is freed when the body throws, breaks or returns, and the next operators work', () => {
    const loader = loaderOf(6);
    const before = allocations();
    const stop = new Error('stop');
    const leave: Readonly<Record<string, () => void>> = {
      throws: () => {
        for (const [x] of loader) {
          x.add(1);
          throw stop;
        }
      },
      breaks: () => {
        for (const [x] of loader) {
          x.add(1);
          break;
        }
      },
      'throws in a nested scope': () => {
        for (const [x] of loader) {
          torch.tidy(() => {
            for (const [y] of loader) {
              x.add(y);
              throw stop;
            }
          });
        }
      },
    };
    for (const run of Object.values(leave)) {
      try {
        run();
      } catch (error) {
        expect(error).toBe(stop);
      }
      expect(allocations()).toBe(before);
      expect(torch.tidy(() => torch.ones(2).add(1).tolist())).toEqual([2, 2]);
    }
  });
});

describe('gradients', () => {
  it('in a hook are released with the backward', () => {
    torch.tidy(() => {
      const x = torch.ones(2, { requires_grad: true });
      let stolen!: torch.Tensor;
      let kept!: torch.Tensor;
      const y = x.mul(2);
      y.register_hook((g) => void (stolen = g));
      x.register_hook((g) => void (kept = torch.keep(g.mul(1))));
      y.sum().backward();
      expectReleased(stolen, /released by backward/);
      expect(kept.tolist()).toEqual([2, 2]);
      kept.dispose();
    });
  });

  it('that are held stay what they were across zero_grad and step', () => {
    torch.tidy(() => {
      const w = new nn.Parameter(torch.ones(2));
      const optimizer = new torch.optim.SGD([w], { lr: 0.5 });
      w.mul(3).sum().backward();
      const held = w.grad!;
      optimizer.zero_grad({ set_to_none: true });
      expect(w.grad).toBe(null);
      w.mul(5).sum().backward();
      optimizer.step();
      expect(held.tolist()).toEqual([3, 3]);
      expect(w.tolist()).toEqual([-1.5, -1.5]);
      const current = w.grad!;
      optimizer.zero_grad();
      expect(current.tolist()).toEqual([0, 0]);
      expect(current).toBe(w.grad);
    });
  });

  it('of a loss that is backpropagated twice fail as in torch and leave all usable', () => {
    torch.tidy(() => {
      const w = torch.ones(2, { requires_grad: true });
      const loss = w.exp().sum();
      loss.backward();
      const before = allocations();
      expect(() => loss.backward()).toThrow(/Trying to backward through the graph a second time/);
      expect(() => torch.autograd.grad(loss, [w])).toThrow(/a second time/);
      expect(allocations()).toBe(before);
      w.mul(2).sum().backward();
      expect(w.grad!.tolist()).toEqual([Math.fround(Math.E) + 2, Math.fround(Math.E) + 2].map(Math.fround));
    });
  });
});

describe('views', () => {
  it('keep their bytes when the base is released, and the base says so', () => {
    let base!: torch.Tensor;
    const before = allocations();
    const view = torch.tidy(() => {
      base = torch.arange(6).reshape(2, 3);
      return base.select(0, 1).narrow(0, 1, 2);
    });
    expectReleased(base, /released by torch\.tidy/);
    expect(view.tolist()).toEqual([4, 5]);
    expect(view.add_(1).tolist()).toEqual([5, 6]);
    expect(allocations()).toBe(before + 1);
    view.dispose();
    expectReleased(view, /released by dispose\(\)/);
    expect(allocations()).toBe(before);
  });

  it('differentiate after their base is gone', () => {
    torch.tidy(() => {
      const x = torch.arange(4).double().requires_grad_();
      const view = torch.tidy(() => x.mul(x).reshape(2, 2).t());
      view.select(0, 1).sum().backward();
      expect(x.grad!.tolist()).toEqual([0, 2, 0, 6]);
    });
  });
});

describe('an exception', () => {
  class Fails extends nn.Module {
    fc;
    constructor() {
      super();
      this.fc = new nn.Linear(2, 2);
    }
    forward(x: torch.Tensor): torch.Tensor {
      torch.tidy(() => {
        this.fc(x).exp();
        throw new Error('in forward');
      });
      return x;
    }
  }

  class Backward extends torch.autograd.Function {
    static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
      ctx.save_for_backward(x);
      return x.exp();
    }
    static override backward(ctx: torch.autograd.FunctionContext, g: torch.Tensor): torch.Tensor {
      ctx.saved_tensors[0].mul(g).sin();
      throw new Error('in backward');
    }
  }

  it.each([
    ['forward', (x: torch.Tensor) => new nn.Sequential(new Fails(), new nn.ReLU())(x)],
    [
      'a forward hook',
      (x: torch.Tensor) => {
        const relu = new nn.ReLU();
        relu.register_forward_hook((_module, _input, output) => {
          output.add(1);
          throw new Error('in a forward hook');
        });
        return relu(x);
      },
    ],
    ['backward', (x: torch.Tensor) => Backward.apply(x.mul(2)).sum().backward()],
    [
      'a tensor hook',
      (x: torch.Tensor) => {
        const y = x.mul(2).exp();
        y.register_hook((g) => {
          g.add(1);
          throw new Error('in a tensor hook');
        });
        y.sum().backward();
      },
    ],
    [
      'no_grad',
      (x: torch.Tensor) =>
        torch.no_grad(() => {
          x.exp();
          throw new Error('in no_grad');
        }),
    ],
    [
      'a closure of a step',
      (x: torch.Tensor) =>
        new torch.optim.SGD([x], { lr: 1 }).step(() => {
          x.exp().sum().backward();
          throw new Error('in a closure of a step');
        }),
    ],
  ] as readonly [string, (x: torch.Tensor) => unknown][])(
    'in %s leaves no leak and no open scope',
    (where, run) => {
      torch.tidy(() => {
        const x = torch.ones(2, 2, { requires_grad: true });
        const attempt = (): void => {
          torch.manual_seed(0);
          torch.tidy(() => {
            const parameters = allocations();
            expect(() => run(x)).toThrow(`in ${where}`);
            expect(torch.is_grad_enabled()).toBe(true);
            expect(allocations()).toBeGreaterThanOrEqual(parameters);
          });
          x.grad = null;
        };
        attempt();
        const before = allocations();
        attempt();
        // The parameters of the module that was made belong to it, not to a scope.
        expect(allocations()).toBe(before + (where === 'forward' ? 2 : 0));
        const y = torch.tidy(() => x.mul(3).sum());
        y.backward();
        expect(x.grad!.tolist()).toEqual([
          [3, 3],
          [3, 3],
        ]);
      });
    },
  );

  it('between two steps does not change what training does', () => {
    const run = (fail: boolean): number[] =>
      torch.tidy(() => {
        torch.manual_seed(3);
        const model = new Net();
        const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.1 });
        const x = torch.randn(2, 3, 8, 8);
        const losses: number[] = [];
        for (let step = 0; step < 3; step++) {
          if (fail) expect(() => model(torch.ones(2, 5, 8, 8))).toThrow(/to have 3 channels, but got 5/);
          optimizer.zero_grad();
          const loss = model(x).square().sum();
          if (fail) expect(() => loss.backward(torch.ones(3))).toThrow(/Mismatch in shape/);
          loss.backward();
          optimizer.step();
          losses.push(loss.item());
        }
        return losses;
      });
    expect(run(true)).toEqual(run(false));
  });
});

describe('guard bytes', () => {
  it('cannot be switched on when tensors exist', () => {
    torch.ones(1).dispose();
    expect(() => configureRuntime({ guards: true })).toThrow(/before the first tensor/);
    expect(runtime().allocator.blocks).toBeGreaterThan(0);
  });
});

describe('recorded results at the root', () => {
  it('are warned of by the memory that their graphs keep', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    class Squares extends nn.Module {
      forward(x: torch.Tensor) {
        for (let i = 0; i < 12; i++) x = x.mul(x);
        return x.select(0, 0);
      }
    }
    const model = new Squares();
    const x = torch.ones(1 << 20, { requires_grad: true });
    const results: torch.Tensor[] = [];
    for (let step = 0; step < 14; step++) results.push(model(x));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0][0])).toMatch(/MiB are kept for the backward.*no_grad.*torch\.tidy/s);
    for (const result of results) result.dispose();
    x.dispose();
  });
});
