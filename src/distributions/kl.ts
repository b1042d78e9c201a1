import { NotImplementedError } from '../errors.js';
import { full_like } from '../ops/creation.js';
import { softplus } from '../ops/activation.js';
import type { Tensor } from '../tensor.js';
import { Bernoulli } from './bernoulli.js';
import { Categorical } from './categorical.js';
import type { Distribution } from './distribution.js';
import { Normal } from './normal.js';
import { Uniform } from './uniform.js';

/**
 * The Kullback–Leibler divergence of q from p, Σ p·log(p / q), for each distribution of the batch: of two distributions of one kind,
 * and of a Normal and a Uniform.
 *
 * @example
 * const { Normal, kl_divergence } = torch.distributions;
 * console.log(kl_divergence(new Normal(0, 1), new Normal(1, 1)).item()); // 0.5
 */
export function kl_divergence(p: Distribution, q: Distribution): Tensor {
  if (p instanceof Normal && q instanceof Normal) return ofNormals(p, q);
  if (p instanceof Bernoulli && q instanceof Bernoulli) return ofBernoullis(p, q);
  if (p instanceof Categorical && q instanceof Categorical) return ofCategoricals(p, q);
  if (p instanceof Uniform && q instanceof Uniform) return ofUniforms(p, q);
  if (p instanceof Normal && q instanceof Uniform) return full_like(p.loc, Infinity);
  if (p instanceof Uniform && q instanceof Normal) return ofUniformAndNormal(p, q);
  throw new NotImplementedError(
    `No KL(p || q) is implemented for p type ${p.constructor.name} and q type ${q.constructor.name}`,
  );
}

function ofNormals(p: Normal, q: Normal): Tensor {
  const ratio = p.scale.div(q.scale).pow(2);
  const distance = p.loc.sub(q.loc).div(q.scale).pow(2);
  return ratio.add(distance).sub(1).sub(ratio.log()).mul(0.5);
}

function ofBernoullis(p: Bernoulli, q: Bernoulli): Tensor {
  const one = p.probs
    .mul(softplus(q.logits.neg()).sub(softplus(p.logits.neg())))
    .masked_fill(q.probs.eq(0), Infinity)
    .masked_fill(p.probs.eq(0), 0);
  const zero = p.probs
    .neg()
    .add(1)
    .mul(softplus(q.logits).sub(softplus(p.logits)))
    .masked_fill(q.probs.eq(1), Infinity)
    .masked_fill(p.probs.eq(1), 0);
  return one.add(zero);
}

function ofCategoricals(p: Categorical, q: Categorical): Tensor {
  return p.probs
    .mul(p.logits.sub(q.logits))
    .masked_fill(q.probs.eq(0), Infinity)
    .masked_fill(p.probs.eq(0), 0)
    .sum(-1);
}

function ofUniforms(p: Uniform, q: Uniform): Tensor {
  const beyond = q.low.gt(p.low).logical_or(q.high.lt(p.high));
  return q.high.sub(q.low).div(p.high.sub(p.low)).log().masked_fill(beyond, Infinity);
}

function ofUniformAndNormal(p: Uniform, q: Normal): Tensor {
  const width = p.high.sub(p.low);
  const density = q.scale
    .mul(Math.sqrt(2 * Math.PI))
    .div(width)
    .log();
  const distance = p.high.add(p.low).sub(q.loc.mul(2)).div(2).pow(2);
  return density.add(width.pow(2).div(12).add(distance).mul(0.5).div(q.scale.pow(2)));
}
