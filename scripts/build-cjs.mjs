// Finishes the CommonJS form that tsc wrote to dist/cjs, and adds the two small ES modules that Node gets for `import`.
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

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const dist = (...parts) => path.join(root, 'dist', ...parts);

writeFileSync(dist('cjs/package.json'), '{ "type": "commonjs" }\n');

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
