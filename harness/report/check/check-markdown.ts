import type { CheckResult } from '../../portability/check-objects.ts';
import { markdownText } from '../sinks/markdown.ts';

/** The floors as a table for a README. */
export function formatCheckMarkdown({ objects, linux, windows }: CheckResult): string {
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
  return lines.map(cells => `| ${cells.join(' | ')} |\n`).join('');
}
