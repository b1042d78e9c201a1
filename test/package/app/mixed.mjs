// Both forms in one process: one set of classes, one memory, one generator, one grad mode.
import { createRequire } from 'node:module';
import * as imported from 'wasmgrad';
import * as importedVision from 'wasmgrad/vision';

const require = createRequire(import.meta.url);
const required = require('wasmgrad');
const requiredVision = require('wasmgrad/vision');

imported.manual_seed(0);
const first = required.randn(1).item();
const second = imported.randn(1).item();
const x = imported.tensor([1.5, 2.5], { requires_grad: true });
x.mul(required.tensor([3, 4]))
  .sum()
  .backward();

console.log(
  JSON.stringify({
    names: [Object.keys(required).sort(), Object.keys(imported).sort()],
    visionNames: [Object.keys(requiredVision).sort(), Object.keys(importedVision).sort()],
    sameClass: required.tensor([1]) instanceof imported.Tensor,
    noise: [first, second],
    grad: x.grad.tolist(),
    gradMode: imported.no_grad(() => required.is_grad_enabled()),
  }),
);
