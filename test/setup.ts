// Test files run side by side already: threads of their own would only get in each other's way. test/wasm/threads.test.ts asks
// for them, and WASMGRAD_NUM_THREADS=2 runs everything on two.
process.env['WASMGRAD_NUM_THREADS'] ??= '1';

// The build with assertions is no part of the package, so a test run on it hands it to the loader, and has every
// allocation's guard bytes checked after every kernel.
if (process.env['WASMGRAD_BUILD'] === 'debug') {
  const { debug } = await import('../src/wasm/generated/debug.js');
  const { configureRuntime } = await import('../src/wasm/module.js');
  configureRuntime({ binaries: { debug }, guards: true });
}
