/** Calls of norms, losses and the like. */
import type { Arg, TensorArg } from './case.js';
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

/** Equal or at least 1/8 apart: gradients of norms go with 1 / the variance, and so does what rounding leaves of them. */
const APART: TensorOptions = { ...SMALL, coarse: true };

export const layers: Readonly<Record<string, Make>> = {
  layer_norm: (draw) => {
    const shape = draw.shape(1, 2);
    const dtype = draw.floatDtype();
    const affine = draw.bool();
    return {
      args: [
        draw.tensor([...draw.shape(0, 2), ...shape], { dtype, ...APART }),
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
        draw.tensor([draw.int(1, 3), C, draw.int(2, 3), ...draw.shape(0, 1)], { dtype, ...APART }),
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
        draw.tensor([draw.int(2, 4), C, ...draw.shape(0, 2)], { dtype, ...APART }),
        draw.tensor([C], { dtype, ...SMALL, plain: true }),
        draw.tensor([C], { dtype, low: 0.5, high: 2, plain: true }),
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
      kwargs: { training: draw.bool() },
    };
  },

  instance_norm: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    const running = draw.bool();
    return {
      args: [
        draw.tensor([draw.int(1, 3), C, draw.int(2, 4), ...draw.shape(0, 1)], { dtype, ...APART }),
        running ? draw.tensor([C], { dtype, ...SMALL, plain: true }) : null,
        running ? draw.tensor([C], { dtype, low: 0.5, high: 2, plain: true }) : null,
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
      kwargs: running ? { use_input_stats: draw.bool() } : {},
    };
  },
  native_batch_norm: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor([draw.int(2, 4), C, ...draw.shape(0, 2)], { dtype, ...APART }),
        norm(draw, C, dtype),
        norm(draw, C, dtype),
        draw.tensor([C], { dtype, ...SMALL, plain: true }),
        draw.tensor([C], { dtype, low: 0.5, high: 2, plain: true }),
        draw.bool(),
        0.1,
        1e-5,
      ],
    };
  },
  native_layer_norm: (draw) => {
    const shape = draw.shape(1, 2);
    const dtype = draw.floatDtype();
    const input = draw.tensor([...draw.shape(0, 2), ...shape], { dtype, ...APART });
    const affine = (): Arg => (draw.bool() ? null : draw.tensor(shape, { dtype, ...SMALL }));
    return { args: [input, shape, affine(), affine(), 1e-5] };
  },

  ctc_loss: (draw) => {
    const [T, N, C, S] = [draw.int(1, 5), draw.int(1, 3), draw.int(2, 4), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const lengths = (low: number, high: number): number[] =>
      Array.from({ length: N }, () => draw.int(low, high));
    return {
      args: [
        draw.tensor([T, N, C], { dtype, low: -3, high: -0.25 }),
        draw.tensor([N, S], { dtype: 'int64', low: 1, high: C - 1 }),
        lengths(1, T),
        lengths(0, S),
      ],
      kwargs: { ...reduction(draw), ...(draw.bool() ? {} : { zero_infinity: draw.bool() }) },
    };
  },
  cosine_embedding_loss: (draw) => {
    const [N, D] = [draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const lead = draw.bool() ? [N] : [];
    const target = draw.tensor(lead, { dtype: draw.pick([dtype, 'int64']), low: 0, high: 1 });
    return {
      args: [
        draw.tensor([...lead, D], { dtype, ...SMALL, coarse: true }),
        draw.tensor([...lead, D], { dtype, ...SMALL, coarse: true }),
        { ...target, data: target.data.map((value) => (Number(value) < 0.5 ? -1 : 1)) },
      ],
      kwargs: { ...reduction(draw), ...(draw.bool() ? {} : { margin: draw.pick([0, 0.5, -0.5]) }) },
    };
  },
  multilabel_margin_loss: (draw) => {
    const [N, C] = [draw.int(1, 3), draw.int(1, 4)];
    const size = draw.bool() ? [N, C] : [C];
    return {
      args: [
        draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL }),
        draw.tensor(size, { dtype: 'int64', low: -1, high: C - 1 }),
      ],
      kwargs: reduction(draw),
    };
  },
  triplet_margin_with_distance_loss: (draw) => {
    const size = draw.shape(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [0, 1, 2].map(() => draw.tensor(size, { dtype, ...SMALL })),
      kwargs: { ...reduction(draw), ...(draw.bool() ? {} : { margin: 0.5, swap: draw.bool() }) },
    };
  },
  embedding_bag: (draw) => {
    const [V, D, B] = [draw.int(1, 4), draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const mode = draw.pick(['sum', 'mean', 'max']);
    const flat = draw.bool();
    const count = draw.int(1, 4);
    const size = flat ? [count] : [B, count];
    const kwargs: Record<string, Arg> = { mode };
    if (flat) {
      const starts = Array.from({ length: B }, () => draw.int(0, count)).toSorted((a, b) => a - b);
      const ends = draw.once(4);
      const data = ends ? [0, ...starts.slice(1), count] : [0, ...starts.slice(1)];
      kwargs['offsets'] = { tensor: 'int64', size: [data.length], stride: [1], offset: 0, data };
      if (ends) kwargs['include_last_offset'] = true;
    }
    if (mode === 'sum' && draw.bool())
      kwargs['per_sample_weights'] = draw.tensor(size, { dtype, ...SMALL, plain: true });
    if (draw.once(3)) kwargs['padding_idx'] = draw.int(-V, V - 1);
    return { args: [indexTensor(draw, size, V), draw.tensor([V, D], { dtype, ...SMALL })], kwargs };
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
  gaussian_nll_loss: (draw) => {
    const { args, kwargs } = paired(draw);
    const { size, tensor } = args[0] as TensorArg;
    const more: Record<string, Arg> = draw.bool() ? {} : { full: draw.bool(), eps: draw.pick([1e-6, 0.5]) };
    const variance = size.length > 0 && draw.once(3) ? size.with(size.length - 1, 1) : size;
    return {
      args: [...args, draw.tensor(variance, { dtype: tensor, low: 0, high: 3 })],
      kwargs: { ...kwargs, ...more },
    };
  },
  threshold: (draw) => ({
    args: [
      draw.tensor(draw.shape(), { dtype: draw.dtype() }),
      ...[0, 1].map(() => (draw.once(8) ? draw.pick([300, -3, -200, 100]) : draw.number())),
    ],
    kwargs: draw.once(4) ? { inplace: true } : {},
  }),
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
