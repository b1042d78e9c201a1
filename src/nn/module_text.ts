import type { AnyModule } from './any_module.js';

/** A module as torch prints it: its type, what it says of itself, and its children indented. */
export function moduleText(module: AnyModule): string {
  const extra = module.extra_repr();
  const lines = extra === '' ? [] : extra.split('\n');
  const single = lines.length === 1;
  for (const [name, child] of module._modules) {
    lines.push(`(${name}): ${String(child ?? 'None').replaceAll('\n', '\n  ')}`);
  }
  if (lines.length === 0) return `${module._get_name()}()`;
  if (single && lines.length === 1) return `${module._get_name()}(${lines[0]})`;
  return `${module._get_name()}(\n  ${lines.join('\n  ')}\n)`;
}
