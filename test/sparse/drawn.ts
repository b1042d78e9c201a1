// Random sparse tensors and uses of a table, as test/fixtures/sparse.py draws them.
import * as torch from '../../src/index.js';
import { E, table, total } from './calls.js';
import type { T } from './calls.js';

const { tensor, sparse_coo_tensor: coo } = torch;
const f64 = { dtype: torch.float64 };

/** The parts of a sparse tensor, flat. */
interface Parts {
  indices: number[][];
  size: number[];
  values: number[];
  coalesced: boolean;
}

/** What the fixture has of `drawn`. */
export interface Drawn {
  shape: number[];
  a: Parts;
  b: Parts;
  alpha: number;
  numbers: number[];
  rounds: number[][][];
  dense_at: number;
  results: unknown[];
  grad: unknown;
}

function short(value: T): unknown {
  if (!value.is_sparse) return value.tolist();
  return [value._indices().tolist(), value._values().tolist(), value.is_coalesced()];
}

export function drawn({
  shape,
  a,
  b,
  alpha,
  numbers: flat,
  rounds,
  dense_at,
}: Drawn): Pick<Drawn, 'results' | 'grad'> {
  const longs = (values: number[]): T => tensor(values, { dtype: torch.int64 });
  const make = ({ indices, size, values, coalesced }: Parts): T => {
    const places = longs(indices.flat()).reshape(indices.length, size[0]);
    const made = coo(places, tensor(values, f64).reshape(size), shape);
    return coalesced ? made.coalesce() : made;
  };
  const [x, y, d] = [make(a), make(b), tensor(flat, f64).reshape(shape)];
  const results = [
    x.coalesce(),
    x.to_dense(),
    x.add(y, { alpha }),
    x.sub(y, { alpha }),
    x.add(y).mul(2).add(x),
    x.clone().add_(y).sub_(x),
    d.add(x, { alpha }),
    x.mul(y),
    x.mul(d),
    x.div(2, { rounding_mode: 'floor' }),
    d.to_sparse(),
    d.to_sparse(1),
    d.sparse_mask(x.coalesce()),
  ];
  const w = table();
  rounds.forEach((uses, i) => {
    const terms = uses.map((named, k) => total(E(longs(named))(w), k + 2));
    if (i === dense_at) terms.push(w.sum());
    terms.reduce((sum, term) => sum.add(term)).backward();
  });
  return { results: results.map(short), grad: short(w.grad!) };
}
