// What of the library Node loads when it is first used. Reading and compiling all of it takes 60 ms, most of it for operators
// that a program does not call; a quarter of them, by size, is what tensors, autograd and the basic arithmetic are made of.
//
// - A namespace below torch (nn, optim, linalg, …) is an object whose names load it.
// - An operator that no module of the core imports is a function of torch, and a method of Tensor, that loads all such
//   operators with the first call. The methods are then defined anew, without that step.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

/** The modules that list operators. */
const lists = ['ops/index.js', 'ops/tensor_only.js'];
/** What belongs to the core besides what the entry itself imports: the operators of a first look at tensors. */
const basics = ['ops/matmul.js', 'ops/pointwise_binary.js', 'ops/creation.js'];

/** In the bundle: a namespace whose names load it. */
function lazyNamespace(names, load) {
  const namespace = Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } });
  for (const name of names) {
    const get = () => {
      const loaded = load();
      for (const key of names) Object.defineProperty(namespace, key, { value: loaded[key] });
      return loaded[name];
    };
    Object.defineProperty(namespace, name, { get, enumerable: true, configurable: true });
  }
  return namespace;
}

/** In the bundle: an operator that loads the one it stands for, and knows which methods of Tensor call it. */
function lazyOperator(name, variants) {
  const call = (...args) => operators()[name](...args);
  const inplace = (...args) => operators()[name].inplace(...args);
  call.definition = null;
  call.variants = variants;
  call.inplace = inplace;
  return call;
}

/** In the bundle: a function that loads the one it stands for. */
function lazyFunction(name) {
  return (...args) => operators()[name](...args);
}

/** The plugins of the bundler, and the entries to give it, for the ES modules in the folder `dist`. */
export async function lazyLoading(dist) {
  const file = (name) => path.join(dist, name);
  const listFiles = new Set(lists.map(file));
  // `export * as nn from './nn/index.js'` in torch's index: nn, and the file.
  const namespaces = new Map(
    sources(file('index.js'))
      .filter((node) => node.exported?.name)
      .map((node) => [node.exported.name, node.module]),
  );
  const core = reachable([file('index.js'), ...basics.map(file)], (id) => !listFiles.has(id));
  const lazy = await listed([...listFiles], (id) => !core.has(id));

  const operators = {
    name: 'lazy-operators',
    resolveId(id, importer) {
      if (id === 'operators' || id === 'lazy') return id;
      if (!listFiles.has(importer)) return null;
      const module = path.resolve(path.dirname(importer), id);
      return lazy.has(module) ? `stubs:${module}` : null;
    },
    load(id) {
      if (id === 'operators')
        return [...lazy].map(([module, names]) => `export { ${names} } from '${module}';`).join('\n');
      if (id === 'lazy') return lazyModule(file('install.js'));
      return id.startsWith('stubs:') ? stubs(id.slice(6), lazy) : null;
    },
  };
  const spaces = {
    name: 'lazy-namespaces',
    resolveId: (id) => (id.startsWith('load:') ? { id: `./${id.slice(5)}.js`, external: true } : null),
    transform: (code, id) => (id === file('index.js') ? entryWithNamespaces(code, namespaces) : null),
  };
  const input = { operators: 'operators', ...Object.fromEntries(namespaces) };
  const isCore = (id) => core.has(id) || listFiles.has(id) || id === 'lazy' || id.startsWith('stubs:');
  return { plugins: [operators, spaces], input, isCore };
}

/** The statements of a module that name another, with its file. */
function sources(id) {
  return parseAst(readFileSync(id, 'utf8'))
    .body.filter((node) => node.source)
    .map((node) => ({ ...node, module: path.resolve(path.dirname(id), node.source.value) }));
}

/** Files that these import, and those in turn; not what they export as a namespace, nor what `enter` refuses. */
function reachable(roots, enter) {
  const found = new Set();
  const queue = [...roots];
  while (queue.length > 0) {
    const id = queue.pop();
    if (found.has(id) || !enter(id)) continue;
    found.add(id);
    for (const node of sources(id)) if (!node.exported?.name) queue.push(node.module);
  }
  return found;
}

/** For each module that the lists export from and `wanted` takes: the names. */
async function listed(listFiles, wanted) {
  const found = new Map();
  for (const { module, specifiers } of listFiles.flatMap(sources)) {
    if (!wanted(module)) continue;
    const names =
      specifiers?.map((one) => one.exported.name) ?? Object.keys(await import(pathToFileURL(module)));
    found.set(module, [...(found.get(module) ?? []), ...names]);
  }
  return found;
}

/** A module that has the names of another and loads it when one is called. */
async function stubs(module, lazy) {
  const values = await import(pathToFileURL(module));
  const lines = lazy.get(module).map((name) => {
    const { variants } = values[name];
    const make =
      variants === undefined
        ? `lazyFunction('${name}')`
        : `lazyOperator('${name}', ${JSON.stringify(variants)})`;
    return `const $${name} = ${make}; export { $${name} as ${name} };`;
  });
  return `import { lazyFunction, lazyOperator } from 'lazy';\n${lines.join('\n')}`;
}

/** What the stubs are made with. */
function lazyModule(install) {
  return `import { defineMethods } from '${install}';
    let loaded = null;
    function operators() {
      if (loaded === null) defineMethods((loaded = require('load:operators')));
      return loaded;
    }
    export ${lazyFunction.toString()}
    export ${lazyOperator.toString()}`;
}

/** torch's index with lazy namespaces. */
async function entryWithNamespaces(code, namespaces) {
  let text = code;
  for (const { start, end, exported } of parseAst(code).body.toReversed()) {
    const name = exported?.name;
    if (name === undefined) continue;
    const names = JSON.stringify(Object.keys(await import(pathToFileURL(namespaces.get(name)))));
    const lazy = `export const ${name} = lazyNamespace(${names}, () => require('load:${name}'));`;
    text = text.slice(0, start) + lazy + text.slice(end);
  }
  return text + lazyNamespace.toString();
}
