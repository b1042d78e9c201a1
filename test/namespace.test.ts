// PyTorch's names and no others: what is exported here exists there, but for a few words that are this library's own.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import * as vision from '../src/vision/index.js';

const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/namespace.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

const namespaces: Record<string, object> = {
  '': torch,
  autograd: torch.autograd,
  'autograd.function': torch.autograd.function,
  'autograd.functional': torch.autograd.functional,
  'autograd.graph': torch.autograd.graph,
  linalg: torch.linalg,
  distributions: torch.distributions,
  'distributions.constraints': torch.distributions.constraints,
  special: torch.special,
  nn: torch.nn,
  'nn.functional': torch.nn.functional,
  'nn.init': torch.nn.init,
  'nn.utils': torch.nn.utils,
  'nn.utils.parametrizations': torch.nn.utils.parametrizations,
  'nn.utils.parametrize': torch.nn.utils.parametrize,
  optim: torch.optim,
  'optim.lr_scheduler': torch.optim.lr_scheduler,
  'optim.swa_utils': torch.optim.swa_utils,
  'nn.modules.module': torch.nn.modules.module,
  'utils.checkpoint': torch.utils.checkpoint,
  'utils.data': torch.utils.data,
  'vision.datasets': vision.datasets,
  'vision.models': vision.models,
  'vision.transforms': vision.transforms,
};

const classes: Record<string, { readonly prototype: object }> = {
  Generator: torch.Generator,
  Tensor: torch.Tensor,
  'nn.Module': torch.nn.Module,
};

/** What PyTorch does not have, or has elsewhere. */
const own: Record<string, string[]> = {
  '': [
    // Ownership of memory
    'keep',
    'tidy',
    'memory_stats',
    'reset_peak_memory_stats',
    // Python's slices and errors; the class of dtypes as a type
    'Slice',
    'slice',
    'DType',
    'IndexError',
    'NotImplementedError',
    'OutOfMemoryError',
    'RuntimeError',
    'UseAfterReleaseError',
    'ValueError',
    // The package safetensors
    'safetensors',
  ],
  // In torch.autograd.gradcheck
  autograd: ['GradcheckError'],
  // torch 2's name of _LRScheduler
  'optim.lr_scheduler': ['LRScheduler'],
  Tensor: ['dispose', 'keep', 'index'],
  'nn.Module': ['dispose'],
  // In torchvision.models.resnet
  'vision.models': ['BasicBlock', 'Bottleneck'],
  'vision.transforms': ['Transform'],
};

/** The public methods and getters of a class, its ancestors' included. */
function membersOf({ prototype }: { readonly prototype: object }): string[] {
  const names: string[] = [];
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    if (level === Function.prototype) break;
    names.push(...Object.getOwnPropertyNames(level));
  }
  return names.filter((name) => !/^_|^(constructor|toString)$/.test(name));
}

describe.each([
  ...Object.entries(namespaces).map(([path, found]) => [path, Object.keys(found)] as const),
  ...Object.entries(classes).map(([path, found]) => [path, membersOf(found)] as const),
])('torch.%s', (path, names) => {
  it('has names of PyTorch only', () => {
    const known = new Set([...recorded[path], ...(own[path] ?? [])]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has no name on its own list that PyTorch has, or that is not there', () => {
    const listed = own[path] ?? [];
    expect(listed.filter((name) => recorded[path].includes(name) || !names.includes(name))).toEqual([]);
  });
});
