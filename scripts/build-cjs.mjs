// Bundles the CommonJS form into dist/cjs, whose declarations tsc wrote, and adds the two small ES modules that Node gets for
// `import`. Bundled, because Node takes half a millisecond to find, read and compile each of 190 files; each WebAssembly
// build stays a file of its own, read when it is the one to run, and so does what lazy.mjs makes wait for its first use.
//
// In one Node process the core exists once, however it was loaded: a tensor of the `import` form and one of the
// `require` form live in the same WebAssembly memory, share the random generator and the grad mode, and are
// `instanceof` the same class. Two copies would disagree on all of that, and only in programs that mix the forms
// without knowing it (an ES module whose dependency requires wasmgrad). So on Node the CommonJS form is the
// implementation and `import` gets its exports by name; require() of an ES module, the other way to have one copy,
// needs Node 20.19 or 22.12. Bundlers and browsers never see either: they get the ES modules of dist/ for both forms.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { arrowsToFunctions } from './arrows.mjs';
import { lazyLoading } from './lazy.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const dist = (...parts) => path.join(root, 'dist', ...parts);

/** Makes the modules of src/wasm/generated that hold a build load it from a CommonJS file beside the bundle. */
const binaryFiles = {
  name: 'binary-files',
  resolveId: (id) => (id.startsWith('binary:') ? { id: `./${id.slice(7)}.js`, external: true } : null),
  async load(id) {
    const build = /\/wasm\/generated\/(simd|relaxed)\.js$/.exec(id)?.[1];
    if (build === undefined) return null;
    const text = (await import(id))[build]();
    writeFileSync(dist(`cjs/${build}.js`), `module.exports = '${text}';\n`);
    return `export const ${build} = () => require('binary:${build}');\n`;
  },
};

/**
 * Makes getters plain properties: the exports of chunks, none of which changes once its chunk has run, and the lists of
 * operators, which come after what they list. And arrows functions.
 */
const quickToLoad = {
  name: 'quick-to-load',
  renderChunk(code) {
    const exported =
      /Object\.defineProperty\(exports, ("[^"]+"), \{\s*enumerable: true,\s*get: function ?\(\) ?\{\s*return ([\w$.]+);\s*\}\s*,?\s*\}\);/g;
    const namespace = /(ops_exports|tensor_only_exports) = [^{(]*\(\{([^}]*)\}\)/g;
    const plain = code
      .replace(exported, 'exports[$1] = $2;')
      .replace(namespace, (_, name, getters) => `${name} = {${getters.replaceAll('() => ', '')}}`);
    if (/get: function ?\(\)/.test(plain)) throw new Error('the bundler writes getters in another form now');
    return arrowsToFunctions(plain);
  },
};

writeFileSync(dist('cjs/package.json'), '{ "type": "commonjs" }\n');
const lazy = await lazyLoading(dist());
const bundle = await rolldown({
  input: { index: dist('index.js'), 'vision/index': dist('vision/index.js'), ...lazy.input },
  platform: 'node',
  // All of it is evaluated: the package's sideEffects are for the bundlers of its users.
  treeshake: false,
  plugins: [binaryFiles, ...lazy.plugins, quickToLoad],
});
await bundle.write({
  dir: dist('cjs'),
  format: 'cjs',
  exports: 'named',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: {
    groups: [
      { name: 'core', test: lazy.isCore, priority: 1 },
      { name: 'shared', minShareCount: 2 },
    ],
  },
  comments: false,
  // Names stay, for stack traces. One-byte text is read faster.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, asciiOnly: true } },
});
await bundle.close();

mkdirSync(dist('node'), { recursive: true });
for (const [name, entry] of [
  ['index', 'index.js'],
  ['vision', 'vision/index.js'],
]) {
  // A holder without __esModule: bundlers that build for Node disagree on the default import of a module that has it.
  writeFileSync(dist('cjs', `${name}.holder.js`), `module.exports = { exports: require('./${entry}') };\n`);
  // Through aliases, since names such as `var` are exports of torch and no identifiers of JavaScript.
  const names = Object.keys(require(dist('cjs', entry)));
  const constants = names.map((key, i) => `const $${i} = exports[${JSON.stringify(key)}];`);
  const exported = names.map((key, i) => `  $${i} as ${key},`);
  writeFileSync(
    dist('node', `${name}.js`),
    [
      `import holder from '../cjs/${name}.holder.js';`,
      'const { exports } = holder;',
      ...constants,
      'export {',
      ...exported,
      '};',
      '',
    ].join('\n'),
  );
}
