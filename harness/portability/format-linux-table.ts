import type { LinuxTableDocument } from './linux-table-schema.ts';

/** The table as text: a line for each fact, so that a change of one is a change of one line. */
export function formatLinuxTable(document: LinuxTableDocument): string {
  const parts = Object.entries(document).map(([key, part]) => {
    if (typeof part === 'string') return `${JSON.stringify(key)}: ${JSON.stringify(part)}`;
    return `${JSON.stringify(key)}: ${lines(part)}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

function lines(part: object): string {
  if (Array.isArray(part)) return `[\n${part.map(each => JSON.stringify(each)).join(',\n')}\n]`;
  const entries = Object.entries(part).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n}`;
}
