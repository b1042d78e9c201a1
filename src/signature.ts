import { Schema } from './ops/schema.js';

/** The arguments of a constructor, method or function, bound and checked by torch's signature (see Schema), in its order. */
export type Signature = (args: readonly unknown[]) => unknown[];

/** Parsed with the first call. */
export function signature(text: string): Signature {
  let schema: Schema | null = null;
  return (args) => (schema ??= new Schema(text)).bind(args);
}

/** The arguments that were given: an options object must come last. */
export function given(...args: unknown[]): unknown[] {
  while (args.length > 0 && args[args.length - 1] === undefined) args.pop();
  return args;
}
