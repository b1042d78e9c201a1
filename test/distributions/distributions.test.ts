// Distributions as PyTorch 1.13.1 has them: the same numbers after the same seed.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture } from '../nn/recorded.js';

const { distributions: D } = torch;
type Distribution = torch.distributions.Distribution;
type Nested = number | string | Nested[];
type Name = 'Normal' | 'Uniform' | 'Bernoulli' | 'Categorical';
type Kwargs = Record<string, Nested>;
type Numbers = 'mean' | 'mode' | 'variance' | 'stddev';
interface Found extends Record<Numbers, Nested> {
  text: string;
  text_later: string;
  samples: Nested[];
  rsamples?: Nested[];
  cdf?: Nested;
  icdf?: Nested;
  support?: Nested;
  support_short?: Nested;
  probs?: Nested;
  logits?: Nested;
  log_prob: Nested;
  entropy: Nested;
  perplexity: Nested;
  expanded: Nested;
  dtype: string;
}
interface Case {
  name: Name;
  kwargs: Kwargs;
  values: Nested;
  float32: Found;
  float64: Found;
  batch_shape: number[];
  event_shape: number[];
}
const recorded = fixture('distributions') as {
  shapes: number[][];
  cases: Case[];
  kl: { p: [Name, Kwargs]; q: [Name, Kwargs]; value: Nested }[];
  bad: { name: Name; kwargs: Kwargs; value: Nested | null; message: string }[];
};

const SPECIAL: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
const numbers = (value: Nested): number[] =>
  Array.isArray(value) ? value.flatMap(numbers) : [typeof value === 'string' ? SPECIAL[value] : value];
const shapeOf = (value: Nested): number[] =>
  Array.isArray(value) ? [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])] : [];

function tensorOf(value: Nested, dtype: torch.dtype): torch.Tensor {
  return torch.tensor(numbers(value), { dtype }).reshape(shapeOf(value));
}

function build(name: Name, kwargs: Kwargs, dtype: torch.dtype, allTensors = false): Distribution {
  const given = Object.entries(kwargs).map(([key, value]) => [
    key,
    Array.isArray(value) || allTensors ? tensorOf(value, dtype) : numbers(value)[0],
  ]);
  const make = D[name] as unknown as new (kwargs: unknown) => Distribution;
  return new make(Object.fromEntries(given));
}

/** Equal numbers, NaN and infinities included, in a tensor of the recorded shape. */
function expectTensor(actual: torch.Tensor, expected: Nested, rtol: number): void {
  expect(actual.shape).toEqual(shapeOf(expected));
  const [a, b] = [numbers(actual.tolist() as Nested), numbers(expected)];
  const finite = b.map((value) => Number.isFinite(value));
  expect(a.map((value, i) => (finite[i] ? 0 : value))).toEqual(b.map((value, i) => (finite[i] ? 0 : value)));
  expectClose(
    a.filter((_, i) => finite[i]),
    b.filter((_, i) => finite[i]),
    rtol,
  );
}

describe.each(['float32', 'float64'] as const)('in %s', (type) => {
  test.each(recorded.cases.map((c): [string, Case] => [`${c.name} ${JSON.stringify(c.kwargs)}`, c]))(
    '%s',
    (_title, { name, kwargs, values, batch_shape, event_shape, ...found }) => {
      const expected = found[type];
      const dtype = type === 'float32' ? torch.float32 : torch.float64;
      const rtol = type === 'float32' ? 2e-6 : 1e-12;
      const d = build(name, kwargs, dtype, type === 'float64');
      const at = tensorOf(values, name === 'Categorical' ? torch.int64 : dtype);
      expect(d.batch_shape).toEqual(batch_shape);
      expect(d.event_shape).toEqual(event_shape);
      expect(String(d)).toBe(expected.text);

      torch.manual_seed(5);
      recorded.shapes.forEach((shape, i) => expectTensor(d.sample(shape), expected.samples[i], rtol));
      if (d.has_rsample) {
        torch.manual_seed(6);
        recorded.shapes.forEach((shape, i) => expectTensor(d.rsample(shape), expected.rsamples![i], rtol));
        expectTensor(d.cdf(at), expected.cdf!, rtol);
        expectTensor(d.icdf(torch.tensor(0.3, { dtype })), expected.icdf!, rtol);
      } else {
        expect(() => d.rsample()).toThrow(torch.NotImplementedError);
        expect(() => d.cdf(at)).toThrow(torch.NotImplementedError);
        const discrete = d as torch.distributions.Bernoulli;
        expectTensor(d.enumerate_support(), expected.support!, 0);
        expectTensor(d.enumerate_support(false), expected.support_short!, 0);
        expectTensor(discrete.probs, expected.probs!, rtol);
        expectTensor(discrete.logits, expected.logits!, rtol);
      }
      expectTensor(d.log_prob(at), expected.log_prob, rtol);
      for (const key of ['mean', 'mode', 'variance', 'stddev'] as const)
        expectTensor(d[key], expected[key], rtol);
      expectTensor(d.entropy(), expected.entropy, rtol);
      expectTensor(d.perplexity(), expected.perplexity, rtol);
      torch.manual_seed(7);
      const wide = d.expand([3, ...batch_shape]);
      expect(wide).toBeInstanceOf(D[name]);
      expectTensor(wide.sample([2]), expected.expanded, rtol);
      expect(String(d.sample().dtype)).toBe(expected.dtype);
      expect(String(d)).toBe(expected.text_later);
    },
  );
});

test.each(recorded.kl.map((c): [string, typeof c] => [`${c.p[0]} and ${c.q[0]}`, c]))(
  'divergence of %s',
  (_title, { p, q, value }) => {
    const f64 = torch.float64;
    expectTensor(D.kl_divergence(build(...p, f64), build(...q, f64)), value, 1e-12);
  },
);

describe('refuses', () => {
  test.each(recorded.bad.map((c): [string, typeof c] => [c.message, c]))('%s', (message, bad) => {
    const run = (): unknown => {
      const d = build(bad.name, bad.kwargs, torch.float32);
      return d.log_prob(tensorOf(bad.value!, torch.float32));
    };
    expect(run).toThrow(torch.ValueError);
    expect(run).toThrow(message);
    const d = (): Distribution => build(bad.name, { ...bad.kwargs, validate_args: 0 }, torch.float32);
    expect(d).toThrow("argument 'validate_args'");
  });

  test('nothing without validation', () => {
    expect(new D.Uniform(0, 1, { validate_args: false }).log_prob(torch.tensor(2)).item()).toBe(-Infinity);
    D.Distribution.set_default_validate_args(false);
    expect(new D.Normal(0, -1).scale.item()).toBe(-1);
    D.Distribution.set_default_validate_args(true);
    expect(() => new D.Normal(0, -1)).toThrow('GreaterThan(lower_bound=0.0)');
  });

  test('what has no meaning', () => {
    expect(() => new D.Normal(0, 1).log_prob(1 as never)).toThrow(
      'The value argument to log_prob must be a Tensor',
    );
    expect(() => new D.Categorical(torch.tensor(0.5))).toThrow(
      '`probs` parameter must be at least one-dimensional.',
    );
    expect(() => new D.Normal(0, 1).sample(3 as never)).toThrow("'number' object is not iterable");
    expect(() => D.kl_divergence(new D.Normal(0, 1), new D.Bernoulli(0.5))).toThrow(
      'No KL(p || q) is implemented for p type Normal and q type Bernoulli',
    );
  });
});

describe('gradients', () => {
  const f64 = { dtype: torch.float64 };
  const leaf = (...values: number[]): torch.Tensor => torch.tensor(values, f64).requires_grad_(true);

  test('flow through samples of rsample, and not of sample', () => {
    const [loc, scale] = [leaf(0.5, -1), leaf(1.5, 2)];
    const draw = (m: torch.Tensor, s: torch.Tensor): torch.Tensor => {
      torch.manual_seed(1);
      return new D.Normal(m, s).rsample([3]);
    };
    expect(torch.autograd.gradcheck(draw, [loc, scale])).toBe(true);
    const stretch = (a: torch.Tensor, b: torch.Tensor): torch.Tensor => {
      torch.manual_seed(1);
      return new D.Uniform(a, b.add(3)).rsample([3]);
    };
    expect(torch.autograd.gradcheck(stretch, [loc, scale])).toBe(true);
    expect(new D.Normal(loc, scale).sample().requires_grad).toBe(false);
  });

  test('of logarithms, entropies and divergences', () => {
    const at = torch.tensor([0.25, 0.5], f64);
    const p = (a: torch.Tensor, b: torch.Tensor): Distribution => new D.Normal(a, b);
    expect(torch.autograd.gradcheck((a, b) => p(a, b).log_prob(at), [leaf(0.5, -1), leaf(1.5, 2)])).toBe(
      true,
    );
    const c = (x: torch.Tensor): Distribution => new D.Categorical({ logits: x });
    const two = torch.tensor(1);
    expect(torch.autograd.gradcheck((x) => [c(x).log_prob(two), c(x).entropy()], [leaf(0.5, -1, 2)])).toBe(
      true,
    );
    const b = (x: torch.Tensor): Distribution => new D.Bernoulli({ logits: x });
    const both = (x: torch.Tensor, y: torch.Tensor): torch.Tensor => D.kl_divergence(b(x), b(y));
    expect(torch.autograd.gradcheck(both, [leaf(0.5, -1), leaf(1.5, 0)])).toBe(true);
  });
});

describe('memory', () => {
  test('a distribution leaves the scope it was made in with its parameters', () => {
    class Policy extends torch.nn.Module {
      readonly fc = new torch.nn.Linear(2, 3);
      forward(x: torch.Tensor): torch.distributions.Categorical {
        return new D.Categorical({ logits: this.fc(x) });
      }
    }
    const policy = new Policy();
    torch.tidy(() => {
      const d = policy(torch.ones(4, 2));
      torch.tidy(() => d.probs);
      d.log_prob(d.sample()).sum().backward();
      expect(d.probs.shape).toEqual([4, 3]);
    });
    const before = torch.memory_stats().allocations;
    torch.tidy(() => policy(torch.ones(4, 2)).entropy().sum().backward());
    expect(torch.memory_stats().allocations).toBe(before);
  });
});
