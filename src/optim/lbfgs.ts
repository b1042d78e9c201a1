import { enable_grad } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { zeros } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { cat } from '../ops/join.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { strongWolfe } from './lbfgs_search.js';
import type { LinePoint } from './lbfgs_search.js';
import { Optimizer } from './optimizer.js';
import type { ParamGroup, Params } from './optimizer.js';

export interface LBFGSGroup extends ParamGroup {
  max_iter: number;
  max_eval: number;
  tolerance_grad: number;
  tolerance_change: number;
  history_size: number;
  line_search_fn: 'strong_wolfe' | null;
}

export interface LBFGSOptions {
  /** Length of a step, or with a line search where it begins. Default 1. */
  lr?: number;
  /** Iterations in one `step`. Default 20. */
  max_iter?: number;
  /** Calls of the closure in one `step`. Default 1.25 · max_iter. */
  max_eval?: number | null;
  /** Stop when no gradient is larger. Default 1e-7. */
  tolerance_grad?: number;
  /** Stop when neither the parameters nor the loss change more. Default 1e-9. */
  tolerance_change?: number;
  /** Differences that are remembered. Default 100. */
  history_size?: number;
  /** Default null. */
  line_search_fn?: 'strong_wolfe' | null;
}

type Optional = [
  lr: number,
  max_iter: number,
  max_eval: number | null,
  tolerance_grad: number,
  tolerance_change: number,
  history_size: number,
  line_search_fn: 'strong_wolfe' | null,
];

const BIND = signature(
  'LBFGS(any params, float lr=1, int max_iter=20, int? max_eval=None, float tolerance_grad=1e-7, ' +
    'float tolerance_change=1e-9, int history_size=100, str? line_search_fn=None)',
);

/** What is remembered between steps, under torch's names; it is the state of the first parameter. */
type Memory = {
  func_evals: number;
  n_iter: number;
  d: Tensor | null;
  t: number | Tensor | null;
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: Tensor[];
  al: (Tensor | null)[];
  H_diag: Tensor | number;
  prev_flat_grad: Tensor | null;
  prev_loss: number | null;
};

interface Iteration {
  loss: number;
  grad: Tensor;
  evaluations: number;
  /** Whether there is nothing more to gain. */
  stop: boolean;
}

/**
 * L-BFGS (Nocedal, 1980): Newton's method with the inverse Hessian estimated from the last `history_size` changes of the gradient.
 * `step` takes a closure that computes the gradients anew and returns the loss; it is called several times. All parameters are one
 * group.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(2));
 * const optimizer = new optim.LBFGS([p], { line_search_fn: 'strong_wolfe' });
 * optimizer.step(() => {
 *   optimizer.zero_grad();
 *   const loss = p.sub(torch.tensor([3, -1])).square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * console.log(p.tolist()); // [ 3, -1 ]
 */
export class LBFGS extends Optimizer<LBFGSGroup> {
  constructor(params: Params<LBFGSGroup>, ...rest: Args<[], Optional, LBFGSOptions>) {
    const [, lr, max_iter, max_eval, tolerance_grad, tolerance_change, history_size, line_search_fn] = BIND([
      params,
      ...rest,
    ]) as [unknown, ...Optional];
    super(params, {
      lr,
      max_iter,
      max_eval: max_eval ?? Math.floor((max_iter * 5) / 4),
      tolerance_grad,
      tolerance_change,
      history_size,
      line_search_fn,
    });
    if (this.param_groups.length !== 1)
      throw new ValueError("LBFGS doesn't support per-parameter options (parameter groups)");
  }

  override step<R>(closure: () => R): R {
    if (typeof closure !== 'function')
      throw new TypeError("LBFGS.step() missing 1 required positional argument: 'closure'");
    return super.step(closure)!;
  }

  protected override run<R>(closure: () => R): R {
    const { max_iter, max_eval, tolerance_grad } = this.param_groups[0];
    const memory = this.memory();
    const first = enable_grad(closure);
    memory.func_evals++;
    let [loss, grad, evaluations] = [valueOf(first), this.flatGrad(), 1];
    if (largest(grad) <= tolerance_grad) return first;
    for (let n = 1; n <= max_iter; n++) {
      const next = withScope("an optimizer's step", () =>
        this.iterate(memory, loss, grad, n === max_iter, closure),
      );
      if (next.grad !== grad) grad.dispose();
      ({ loss, grad } = next);
      evaluations += next.evaluations;
      memory.func_evals += next.evaluations;
      if (next.stop || evaluations >= max_eval) break;
    }
    return first;
  }

  private get params(): readonly Tensor[] {
    return this.param_groups[0].params;
  }

  private memory(): Memory {
    const [param] = this.params;
    const known = this.state.get(param) as Partial<Memory> | undefined;
    const memory: Memory = {
      func_evals: 0,
      n_iter: 0,
      d: null,
      t: null,
      old_dirs: [],
      old_stps: [],
      ro: [],
      al: [],
      H_diag: 1,
      prev_flat_grad: null,
      prev_loss: null,
      ...known,
    };
    this.state.set(param, memory);
    return memory;
  }

  private iterate(
    memory: Memory,
    loss: number,
    grad: Tensor,
    last: boolean,
    closure: () => unknown,
  ): Iteration {
    const { lr, tolerance_grad, tolerance_change, line_search_fn } = this.param_groups[0];
    memory.n_iter++;
    const direction = memory.n_iter === 1 ? grad.neg() : this.direction(memory, grad);
    replace(memory, 'd', direction);
    if (memory.prev_flat_grad === null) memory.prev_flat_grad = keep(grad.clone());
    else memory.prev_flat_grad.copy_(grad);
    memory.prev_loss = loss;
    let t = memory.n_iter === 1 ? Math.min(1, 1 / grad.abs().sum().item()) * lr : lr;
    memory.t = t;
    const slope = grad.dot(direction).item();
    if (slope > -tolerance_change) return { loss, grad, evaluations: 0, stop: true };
    if (line_search_fn !== null && line_search_fn !== 'strong_wolfe')
      throw new RuntimeError("only 'strong_wolfe' is supported");

    let after: Omit<Iteration, 'stop'> = { loss, grad, evaluations: 0 };
    if (line_search_fn === 'strong_wolfe') {
      const start = this.params.map((param) => param.clone());
      const evaluate = (at: number): LinePoint => this.evaluate(closure, start, at, direction);
      const { point, evaluations } = strongWolfe(
        evaluate,
        t,
        { t: 0, loss, grad, slope },
        largest(direction),
      );
      ({ t } = point);
      memory.t = t;
      this.move(t, direction);
      after = { loss: point.loss, grad: point.grad, evaluations };
    } else {
      this.move(t, direction);
      if (!last) after = { loss: lossOf(closure), grad: this.flatGrad(), evaluations: 1 };
    }
    const stop =
      largest(after.grad) <= tolerance_grad ||
      largest(direction.mul(t)) <= tolerance_change ||
      Math.abs(after.loss - loss) < tolerance_change;
    return { ...after, stop };
  }

  /** Takes in the last change and gives the gradient times the estimated inverse Hessian: two loops over the history. */
  private direction(memory: Memory, grad: Tensor): Tensor {
    const { history_size } = this.param_groups[0];
    const { old_dirs, old_stps, ro } = memory;
    const y = grad.sub(memory.prev_flat_grad!);
    const s = memory.d!.mul(Number(memory.t instanceof Tensor ? memory.t.item() : memory.t));
    const ys = y.dot(s);
    if (ys.item() > 1e-10) {
      if (old_dirs.length === history_size)
        for (const list of [old_dirs, old_stps, ro]) list.shift()?.dispose();
      old_dirs.push(keep(y));
      old_stps.push(keep(s));
      ro.push(keep(ys.reciprocal()));
      replace(memory, 'H_diag', ys.div(y.dot(y)));
    }
    const { al } = memory;
    while (al.length < history_size) al.push(null);
    const q = grad.neg();
    for (let i = old_dirs.length - 1; i >= 0; i--) {
      al[i]?.dispose();
      al[i] = keep(old_stps[i].dot(q).mul_(ro[i]));
      q.add_(old_dirs[i], { alpha: -al[i]!.item() });
    }
    const r = q.mul(memory.H_diag);
    for (let i = 0; i < old_dirs.length; i++) {
      const beta = old_dirs[i].dot(r).mul_(ro[i]);
      r.add_(old_stps[i], { alpha: al[i]!.sub(beta).item() });
    }
    return r;
  }

  /** The point at `t` along the direction; the parameters are put back. */
  private evaluate(
    closure: () => unknown,
    start: readonly Tensor[],
    t: number,
    direction: Tensor,
  ): LinePoint {
    this.move(t, direction);
    const loss = lossOf(closure);
    const grad = this.flatGrad();
    this.params.forEach((param, i) => param.copy_(start[i]));
    return { t, loss, grad, slope: grad.dot(direction).item() };
  }

  private flatGrad(): Tensor {
    return cat(
      this.params.map((param) => {
        const grad = param._gradQuiet;
        return grad === null ? zeros([param.numel()], { dtype: param.dtype }) : grad.to_dense().reshape([-1]);
      }),
    );
  }

  private move(t: number, direction: Tensor): void {
    let offset = 0;
    for (const param of this.params) {
      const count = param.numel();
      param.add_(direction.narrow(0, offset, count).reshape([...param.shape]), { alpha: t });
      offset += count;
    }
  }
}

/** Puts a tensor in the place of the one before, which goes. */
function replace(memory: Memory, name: 'd' | 'H_diag', tensor: Tensor): void {
  const before = memory[name];
  memory[name] = keep(tensor);
  if (before instanceof Tensor) before.dispose();
}

function valueOf(loss: unknown): number {
  return loss instanceof Tensor ? loss.item() : Number(loss);
}

function lossOf(closure: () => unknown): number {
  return withScope('the closure of an optimizer', () => valueOf(enable_grad(closure)));
}

function largest(x: Tensor): number {
  return x.abs().max().item();
}
