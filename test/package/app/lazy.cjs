// What is loaded when, and that nothing is lost by it: every name of the ES modules is there, and is of the same kind.
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const torch = require('wasmgrad');
const folder = path.dirname(require.resolve('wasmgrad'));
const loaded = () =>
  readdirSync(folder).filter(
    (file) => path.join(folder, file) in require.cache && !/relaxed|simd/.test(file),
  );

const stages = { start: loaded() };
torch
  .tensor([[1.5, 2.5]])
  .matmul(torch.ones(2, 1))
  .add(1)
  .sum()
  .tolist();
stages.arithmetic = loaded();
const softmax = torch.tensor([0.5, 0.5]).softmax(0).tolist();
stages.operator = loaded();
const inplace = torch.tensor([-1.5, 2]).relu_().tolist();
const linear = torch.nn.Linear.name;
stages.nn = loaded();

const kinds = (value, seen = new Set()) => {
  if (value === null || typeof value !== 'object' || seen.has(value)) return typeof value;
  seen.add(value);
  const names =
    Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype
      ? Object.keys(value)
      : [];
  return Object.fromEntries(names.sort().map((name) => [name, kinds(value[name], seen)]));
};
const methods = (type) => Object.getOwnPropertyNames(type.prototype).sort();

async function main() {
  const modules = await import(pathToFileURL(path.join(folder, '../index.js')));
  const differences = [];
  const compare = (a, b, name) => {
    if (typeof a !== 'object' || typeof b !== 'object') {
      if (a !== b) differences.push(`${name}: ${typeof a} ${typeof b}`);
      return;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(a[key], b[key], `${name}.${key}`);
    }
  };
  compare(kinds({ ...torch }), kinds({ ...modules }), 'torch');
  const many = Object.keys(torch).length > 300;
  const sameMethods = String(methods(torch.Tensor)) === String(methods(modules.Tensor));
  console.log(JSON.stringify({ stages, softmax, inplace, linear, differences, sameMethods, many }));
}
void main();
