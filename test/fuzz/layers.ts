/** Calls of norms, losses and the like. */
import type { Arg } from './case.js';
import { SMALL, indexTensor, shapeAndDim } from './call.js';
import type { Call, Make } from './call.js';
import type { Draw, TensorOptions } from './draw.js';

function classes(draw: Draw): { input: Arg; target: Arg; weight: Arg; C: number } {
  const [N, C] = [draw.int(1, 4), draw.int(1, 4)];
  const rest = draw.once(3) ? [draw.int(1, 3), draw.int(1, 2)].slice(0, draw.int(1, 2)) : [];
  const unbatched = rest.length === 0 && draw.once(4);
  const dtype = draw.floatDtype();
  return {
    C,
    input: draw.tensor(unbatched ? [C] : [N, C, ...rest], { dtype, ...SMALL }),
    target: indexTensor(draw, unbatched ? [] : [N, ...rest], C),
    weight: draw.bool() ? null : draw.tensor([C], { dtype, low: 0.25, high: 2 }),
  };
}

const reduction = (draw: Draw): Record<string, Arg> =>
  draw.once(3) ? {} : { reduction: draw.pick(['mean', 'sum', 'none']) };

/** Two tensors of about the same shape and values, and how the loss is reduced. */
function paired(draw: Draw, second: TensorOptions = SMALL, more: Record<string, Arg> = {}): Call {
  const size = draw.shape(0, 3);
  const dtype = draw.floatDtype();
  return {
    args: [
      draw.tensor(size, { dtype, ...SMALL }),
      draw.tensor(draw.once(10) ? draw.broadcastable(size) : size, { dtype, ...second }),
    ],
    kwargs: { ...reduction(draw), ...more },
  };
}

const norm = (draw: Draw, C: number, dtype: string): Arg =>
  draw.bool() ? null : draw.tensor([C], { dtype, ...SMALL });

export const layers: Readonly<Record<string, Make>> = {
  layer_norm: (draw) => {
    const shape = draw.shape(1, 2);
    const dtype = draw.floatDtype();
    const affine = draw.bool();
    return {
      args: [
        draw.tensor([...draw.shape(0, 2), ...shape], { dtype, ...SMALL }),
        shape,
        ...(affine ? [draw.tensor(shape, { dtype, ...SMALL }), draw.tensor(shape, { dtype, ...SMALL })] : []),
      ],
    };
  },
  group_norm: (draw) => {
    const [groups, each] = [draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const C = groups * each;
    return {
      args: [
        draw.tensor([draw.int(1, 3), C, draw.int(2, 3), ...draw.shape(0, 1)], { dtype, ...SMALL }),
        groups,
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
    };
  },
  batch_norm: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor([draw.int(2, 4), C, ...draw.shape(0, 2)], { dtype, ...SMALL }),
        draw.tensor([C], { dtype, ...SMALL, plain: true }),
        draw.tensor([C], { dtype, low: 0.5, high: 2, plain: true }),
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
      kwargs: { training: draw.bool() },
    };
  },

  nll_loss: (draw) => {
    const { input, target, weight } = classes(draw);
    return { args: [input, target, weight], kwargs: reduction(draw) };
  },
  cross_entropy: (draw) => {
    const { input, target, weight } = classes(draw);
    return {
      args: [input, target, weight],
      kwargs: {
        ...reduction(draw),
        ...(draw.bool() ? {} : { label_smoothing: draw.pick([0, 0.1, 1]) }),
        ...(draw.bool() ? {} : { ignore_index: draw.int(-1, 2) }),
      },
    };
  },
  multi_margin_loss: (draw) => {
    const [N, C] = [draw.int(1, 3), draw.int(1, 4)];
    const dtype = draw.floatDtype();
    return {
      args: [draw.tensor([N, C], { dtype, ...SMALL }), indexTensor(draw, [N], C), draw.int(1, 2)],
      kwargs: reduction(draw),
    };
  },
  binary_cross_entropy: (draw) => {
    const size = draw.shape(0, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor(size, { dtype, low: 0.02, high: 0.98 }),
        draw.tensor(size, { dtype, low: 0, high: 1 }),
      ],
      kwargs: reduction(draw),
    };
  },
  binary_cross_entropy_with_logits: (draw) => paired(draw, { low: 0, high: 1 }),
  kl_div: (draw) => paired(draw, { low: 0.05, high: 1 }, draw.bool() ? {} : { log_target: draw.bool() }),
  mse_loss: (draw) => paired(draw),
  l1_loss: (draw) => paired(draw),
  smooth_l1_loss: (draw) => paired(draw, SMALL, draw.bool() ? {} : { beta: draw.pick([0, 0.5, 1]) }),
  huber_loss: (draw) => paired(draw, SMALL, draw.bool() ? {} : { delta: draw.pick([0.5, 1]) }),
  soft_margin_loss: (draw) => paired(draw),
  hinge_embedding_loss: (draw) => paired(draw),
  poisson_nll_loss: (draw) => paired(draw, { low: 0.5, high: 3 }, { full: draw.bool() }),

  embedding: (draw) => {
    const [V, D] = [draw.int(1, 4), draw.int(1, 3)];
    return {
      args: [
        indexTensor(draw, draw.shape(0, 2), V),
        draw.tensor([V, D], { dtype: draw.floatDtype(), ...SMALL }),
      ],
      kwargs: draw.bool() ? {} : { padding_idx: draw.int(-V, V - 1) },
    };
  },
  prelu: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor([draw.int(1, 3), C, ...draw.shape(0, 1)], { dtype }),
        draw.tensor([draw.bool() ? 1 : C], { dtype }),
      ],
    };
  },
  glu: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    size[at] = draw.once(12) ? 3 : 4;
    return { args: [draw.tensor(size, { dtype: draw.floatDtype() }), dim] };
  },
};
