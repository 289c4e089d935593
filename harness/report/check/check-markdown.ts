import type { CheckResult } from '../../portability/check-objects.ts';
import { markdownText } from '../sinks/markdown.ts';

/** The floors as a table for a README. */
export function formatCheckMarkdown({ objects, targets, linux, windows }: CheckResult): string {
  const isForWindows = targets.some(({ platform }) => platform === 'windows');
  const rows = objects.flatMap(({ file, error, programs }) =>
    error === null
      ? programs.map(program => [file, program.name, program.linux.text, program.windows.text])
      : [[file, '', error, '']],
  );
  const all = ['**all**', '', linux?.text ?? '', windows?.text ?? ''];
  const lines = [
    ['object', 'program', 'Linux', 'Windows'],
    ['---', '---', '---', '---'],
    ...rows.map(cells => cells.map(markdownText)),
    all,
  ];
  const columns = isForWindows ? 4 : 3;
  return lines.map(cells => `| ${cells.slice(0, columns).join(' | ')} |\n`).join('');
}
