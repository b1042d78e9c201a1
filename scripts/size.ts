// What a bundler makes of programs that import the built package: minified and gzipped, the WebAssembly (base64, two builds) apart.
//
//   npm run size
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist/');

/** Programs as users write them. */
export const programs = {
  'ResNet-18': `
    import { nn, randn } from 'wasmgrad';
    import { models } from 'wasmgrad/vision';
    const model = models.resnet18();
    model.eval();
    console.log(new nn.Softmax(1)(model(randn(1, 3, 224, 224))).tolist());`,
  'import * as torch': `
    import * as torch from 'wasmgrad';
    globalThis.torch = torch;`,
  'tensors only': `
    import { matmul, tensor } from 'wasmgrad';
    console.log(matmul(tensor([[1, 2]]), tensor([[3], [4]])).tolist());`,
} as const;

export type Program = keyof typeof programs;

interface Bundle {
  readonly code: string;
  /** The files of dist/ that something is left of. */
  readonly modules: readonly string[];
}

/** Bundles a program for browsers, with the package's own exports and sideEffects; `wasm` false leaves its bytes out. */
export async function bundle(program: Program, wasm = true): Promise<Bundle> {
  const entry = path.join(root, 'program.js');
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? entry : null),
        load(id) {
          if (id === entry) return programs[program];
          const name = /\/wasm\/generated\/(simd|relaxed)\.js$/.exec(id)?.[1];
          return wasm || name === undefined ? null : `export const ${name} = () => '';`;
        },
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const chunks = output.filter((part) => part.type === 'chunk');
  const modules = chunks.flatMap((chunk) =>
    Object.entries(chunk.modules)
      .filter(([id, { renderedLength }]) => id.startsWith(dist) && renderedLength > 0)
      .map(([id]) => id.slice(dist.length)),
  );
  return { code: chunks.map((chunk) => chunk.code).join('\n'), modules };
}

const sizesOf = (code: string): [number, number] => [
  Buffer.byteLength(code),
  gzipSync(code, { level: 9 }).length,
];
const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`.padStart(8);

async function report(): Promise<void> {
  console.log(''.padEnd(20), 'JavaScript, gzip    WebAssembly, gzip   together, gzip');
  for (const program of Object.keys(programs) as Program[]) {
    const [all, script] = [await bundle(program), await bundle(program, false)].map(({ code }) =>
      sizesOf(code),
    );
    const columns = [script, all.map((size, i) => size - script[i]), all];
    console.log(program.padEnd(20), columns.map((sizes) => sizes.map(kB).join(' ')).join('   '));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await report();
