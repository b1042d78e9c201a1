/**
 * The environment for programs that tests start. They load the library as users do, so they run the build under test only if
 * the package carries it: the debug build is handed over by test/setup.ts, which they do not run.
 */
export function childEnv(): NodeJS.ProcessEnv {
  const build = process.env['WASMGRAD_BUILD'];
  return { ...process.env, WASMGRAD_BUILD: build === 'debug' ? '' : build };
}
