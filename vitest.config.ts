import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^wasmgrad$/, replacement: source('index.ts') },
      { find: /^wasmgrad\/vision$/, replacement: source('vision/index.ts') },
    ],
  },
  test: {
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/wasm/generated/**'],
      thresholds: { lines: 90 },
      reporter: ['text-summary', 'html'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**'],
          globalSetup: ['scripts/build-wasm.mjs'],
          setupFiles: ['test/setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/build.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
