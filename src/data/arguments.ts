/** A trailing object of keyword arguments: plain, and nothing one could iterate. */
function isKeywords(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Binds a constructor's arguments, positional ones in the order of `names` and a trailing object of keywords, to their names.
 * What was not given is absent.
 */
export function bindArguments<O extends object>(
  what: string,
  names: readonly (keyof O & string)[],
  args: readonly unknown[],
): Partial<O> {
  const last = args[args.length - 1];
  const keywords = isKeywords(last) ? last : {};
  const positional = isKeywords(last) ? args.slice(0, -1) : args;
  if (positional.length > names.length) {
    throw new TypeError(
      `${what}() takes ${names.length} arguments (${names.join(', ')}), got ${positional.length}`,
    );
  }
  const bound: Record<string, unknown> = {};
  positional.forEach((value, i) => {
    if (value !== undefined) bound[names[i]] = value;
  });
  for (const [name, value] of Object.entries(keywords)) {
    if (!(names as readonly string[]).includes(name)) {
      throw new TypeError(
        `${what}() got an unexpected keyword argument '${name}'; it takes: ${names.join(', ')}`,
      );
    }
    if (value === undefined) continue;
    if (name in bound) throw new TypeError(`${what}() got multiple values for argument '${name}'`);
    bound[name] = value;
  }
  return bound as Partial<O>;
}

/** How far down the chain of prototypes a property is defined: 0 on the object itself, Infinity nowhere. */
export function prototypeDepth(object: object, name: string): number {
  let depth = 0;
  for (let o: object | null = object; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    if (Object.prototype.hasOwnProperty.call(o, name)) return depth;
    depth++;
  }
  return Infinity;
}
