import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { renderStepSummary } from '../../../harness/report/github/step-summary.ts';
import { createGitHubReporter } from '../../../harness/report/github-reporter.ts';
import { openTempFolder } from '../../../harness/storage/temp-folder.ts';
import { program, report } from '../../support/report-builder.ts';

const example = report({
  targets: { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.117' },
  fixtures: {
    'a_b|c': {
      'linux@5.10': { first: program(), second: program({ verdict: 'reject', reason: '<R1> *' }) },
      'linux@6.12': { first: program({ insns: 7 }), second: program() },
    },
  },
  divergences: [
    {
      ...{ fixture: 'a_b|c', subject: 'second', path: '', field: 'verdict', expected: false },
      values: { 'linux@5.10': 'reject', 'linux@6.12': 'accept' },
    },
  ],
});

test('what is unexpected, then the matrix, in Markdown that shows each character as it is', () => {
  expect(renderStepSummary(example)).toBe(`\
### crossbpf: 2 programs on 2 targets: 3 accepted, 1 rejected · 1 unexpected · 1.2 s

- ≠ a\\_b\\|c › second: 5.10: rejected (&lt;R1&gt; \\*) · 6.12: accepted

| | 5.10 | 6.12 |
|---|---|---|
| **a\\_b\\|c** | | |
| &emsp;first | ✓ 12 | ✓ 7 |
| &emsp;**≠ second** | ✗ | ✓ 12 |
`);
});

test('what is longer than GitHub takes is cut between lines, and that is said', () => {
  const many = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [
      `fixture-${index}`,
      { 'linux@6.12': { run: program() } },
    ]),
  );
  const long = report({ targets: { 'linux@6.12': '6.12.117' }, fixtures: many });
  const whole = renderStepSummary(long);
  const cut = renderStepSummary(long, 20_000);
  expect(whole.split('\n').filter(line => line.startsWith('| fixture-'))).toHaveLength(3000);
  expect(Buffer.byteLength(cut)).toBeLessThan(20_000);
  const shown = cut.split('\n').filter(line => line.startsWith('| fixture-'));
  expect(shown.every(line => line.endsWith(' |'))).toBe(true);
  const left = 3000 - shown.length;
  expect(cut).toContain(`… ${left} more lines are left out: GitHub takes 1 MiB.`);
});

test('the summary follows what is in the file already; without a file there is none', async () => {
  await using folder = await openTempFolder('summary');
  const file = path.join(folder.path, 'summary.md');
  await writeFile(file, 'before\n');
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const output = { write, columns: 80, color: false, isTerminal: false };
  createGitHubReporter(output, { environment: { GITHUB_STEP_SUMMARY: file } }).onReport(example);
  expect(await readFile(file, 'utf8')).toBe(`before\n${renderStepSummary(example)}`);
  createGitHubReporter(output).onReport(example);
  expect(written).toHaveLength(2);
  expect(written[0]).toMatch(
    /^::error file=fixtures\/a_b\|c\.bpf\.c,title=crossbpf::a_b\|c › second/,
  );
});
