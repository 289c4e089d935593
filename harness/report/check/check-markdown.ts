import type { CheckResult } from '../../portability/check-objects.ts';

/** The floors as a table for a README. */
export function formatCheckMarkdown({ objects, linux, windows }: CheckResult): string {
  const rows = objects.flatMap(({ file, error, programs }) =>
    error === null
      ? programs.map(program => [file, program.name, program.linux.text, program.windows.text])
      : [[file, '', error, '']],
  );
  const all = [['**all**', '', linux?.text ?? '', windows?.text ?? '']];
  const lines = [
    ['object', 'program', 'Linux', 'Windows'],
    ['---', '---', '---', '---'],
  ];
  return [...lines, ...rows, ...all]
    .map(cells => `| ${cells.map(escapeBars).join(' | ')} |\n`)
    .join('');
}

function escapeBars(text: string): string {
  return text.replaceAll('|', '\\|');
}
