"""Makes the calls that come as lines of JSON on standard input (case.ts) and answers each with a line."""
import json
import math
import sys
import warnings

import torch

warnings.filterwarnings('ignore')
torch.set_num_threads(1)


def number(value):
    return float(value) if isinstance(value, str) else value


def to_json(value):
    if isinstance(value, float):
        if math.isnan(value):
            return 'nan'
        if math.isinf(value):
            return 'inf' if value > 0 else '-inf'
    return value


def decode(arg, grad, leaves):
    if isinstance(arg, list):
        return [decode(item, grad, leaves) for item in arg]
    if not isinstance(arg, dict):
        return arg
    if 'tensor' in arg:
        dtype = getattr(torch, arg['tensor'])
        base = torch.tensor([number(v) for v in arg['data']], dtype=dtype)
        view = base.as_strided(arg['size'], arg['stride'], arg['offset']).detach()
        if grad and dtype.is_floating_point:
            leaves.append(view.requires_grad_())
        return view
    if 'float' in arg:
        return number(arg['float'])
    if 'bounds' in arg:
        return slice(*arg['bounds'])
    return getattr(torch, arg['dtype'])


def flatten(value):
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return [item for part in value for item in flatten(part)]
    if isinstance(value, torch.Size):
        return list(value)
    return [value]


def encode(t):
    data = [to_json(v) if not isinstance(v, bool) else int(v) for v in t.detach().reshape(-1).tolist()]
    return {'dtype': str(t.dtype)[6:], 'size': list(t.shape), 'data': data}


def weights(t):
    return (torch.arange(t.numel(), dtype=torch.float64) + 1).cos().to(t.dtype).reshape(t.shape)


def call(case):
    leaves = []
    grad = case['grad']
    args = [decode(arg, grad, leaves) for arg in case['args']]
    kwargs = {key: decode(arg, grad, leaves) for key, arg in case['kwargs'].items()}
    inplace = (case['op'][-1] == '_' and case['op'][-2] != '_') or kwargs.get('inplace') is True
    if inplace and grad:
        args[0] = args[0].clone()
    namespaces = {'torch': torch, 'F': torch.nn.functional, 'linalg': torch.linalg, 'special': torch.special}
    on = namespaces.get(case['on'])
    if on is None:
        on = args.pop(0)
    if case['op'] == 'index':
        out = on[tuple(Ellipsis if arg == '...' else arg for arg in args)]
    else:
        out = getattr(on, case['op'])(*args, **kwargs)
    outputs = flatten(out)
    if any(isinstance(out, torch.Tensor) and out.is_complex() for out in outputs):
        return {'skip': 'complex'}
    if case.get('unsigned'):
        outputs = [out.abs() if isinstance(out, torch.Tensor) else out for out in outputs]
    roots = [out for out in outputs if isinstance(out, torch.Tensor) and out.requires_grad]
    grads = []
    if grad and roots:
        total = sum((out * weights(out)).sum().to(torch.float64) for out in roots)
        grads = [None if g is None else encode(g) for g in torch.autograd.grad(total, leaves, allow_unused=True)]
    encoded = [encode(out) if isinstance(out, torch.Tensor) else to_json(out) for out in outputs]
    return {'outputs': [str(out) if isinstance(out, torch.dtype) else out for out in encoded], 'grads': grads}


for line in sys.stdin:
    try:
        answer = call(json.loads(line))
    except Exception as error:  # whatever torch raises is the answer
        answer = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(answer), flush=True)
