import { describe, expect, test } from 'vitest';
import { formatError } from '../../../harness/commands/failure.ts';
import { describePredictions } from '../../../harness/commands/static-predictions.ts';
import { CrossbpfError } from '../../../harness/crossbpf-error.ts';
import { createBlobReporter } from '../../../harness/report/blob-reporter.ts';
import { formatCheckMarkdown } from '../../../harness/report/check/check-markdown.ts';
import { formatCheck } from '../../../harness/report/check/format-check.ts';
import { createDotReporter } from '../../../harness/report/dot.ts';
import { annotationsOf, toCommand } from '../../../harness/report/github/annotations.ts';
import { renderStepSummary } from '../../../harness/report/github/step-summary.ts';
import { createJsonReporter } from '../../../harness/report/json.ts';
import { createJUnitReporter } from '../../../harness/report/junit.ts';
import { createMatrixReporter } from '../../../harness/report/matrix-reporter.ts';
import { ProgressDisplay } from '../../../harness/report/progress.ts';
import type { CreateReporter } from '../../../harness/report/reporter.ts';
import { terminalText } from '../../../harness/report/sinks/terminal.ts';
import { HOSTILE_NAMES } from '../../support/hostile-names.ts';
import { checkResultOf, reportOf } from '../../support/hostile-report.ts';
import { readScreen } from '../../support/screen.ts';
import { readCommands } from '../../support/workflow-runner.ts';

/** What a reporter writes of a report in which everything foreign is one hostile name. */
function written(create: CreateReporter, name: string, isTerminal = false): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const output = { write, columns: 80, color: true, isTerminal };
  create(output, { environment: {} }).onReport(reportOf(name));
  return text;
}

function expectHarmless(output: string): void {
  expect(readScreen(output).actions).toEqual([]);
  expect(readCommands(output)).toEqual([]);
}

describe.each(HOSTILE_NAMES.map((name, index) => [index, name] as const))('name %i', (_, name) => {
  test.each([
    ['matrix', createMatrixReporter],
    ['dot', createDotReporter],
    ['json', createJsonReporter],
    ['junit', createJUnitReporter],
    ['blob', createBlobReporter],
  ] as const)('%s acts on nothing, on a terminal and off it', (_reporter, create) => {
    expectHarmless(written(create, name));
    expectHarmless(written(create, name, true));
  });

  test('JSON parses to the very same names', () => {
    const document = JSON.parse(written(createJsonReporter, name));
    // Halves of characters have no form in UTF-8, but one in JSON.
    expect(document).toEqual(JSON.parse(JSON.stringify(reportOf(name))));
  });

  test('JUnit is well-formed, and has no element that is not its own', () => {
    const xml = written(createJUnitReporter, name);
    const markup = [...xml.matchAll(/<[^>]*>/g)].map(([tag]) => /^<[/?]?(\w+)/.exec(tag)?.[1]);
    const own = ['xml', 'testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped'];
    expect(markup.filter(tag => tag === undefined || !own.includes(tag))).toEqual([]);
    const text = xml.replaceAll(/<[^>]*>/g, '');
    expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/);
  });

  test('the matrix has as many lines as with a name that does nothing', () => {
    const count = (text: string) => readScreen(written(createMatrixReporter, text)).lines.length;
    expect(count(name)).toBe(count('plain'));
  });

  test('annotations are those that are meant, each of one line of the log', () => {
    const meant = annotationsOf(reportOf(name));
    const read = readCommands(meant.map(each => `${toCommand(each)}\n`).join(''));
    expect(read.map(each => each.name)).toEqual(meant.map(({ kind }) => kind));
    for (const { data, properties } of read) {
      expect(readScreen(data).actions).toEqual([]);
      expect(data).not.toContain('\n');
      expectHarmless(data);
      expect(Object.keys(properties).filter(key => !/^(file|line|title)$/.test(key))).toEqual([]);
    }
  });

  test('Markdown has no HTML, no link, no mention, and its tables the same columns', () => {
    for (const page of [
      renderStepSummary(reportOf(name)),
      formatCheckMarkdown(checkResultOf(name)),
    ]) {
      expectHarmless(page);
      const own = page.replaceAll(/<!-- -->|<\/?(?:details|summary)>|&emsp;/g, '\u0001');
      expect(own).not.toMatch(/[<>]|:\/\/|www\.|(?<![\w\\])@\w|(?<!\\)[`[\]]|&(?!amp;|lt;|gt;)/);
      const cells = own
        .split('\n')
        .filter(line => line.startsWith('|'))
        .map(line => line.match(/(?<!\\)\|/g)?.length);
      const tables = [4, 5];
      expect(cells.filter(count => !tables.includes(count ?? 0))).toEqual([]);
    }
  });

  test('check, predictions, errors and progress act on nothing', () => {
    const check = formatCheck(checkResultOf(name), { color: true, columns: 80 });
    const error = new CrossbpfError({
      ...{ code: 'USAGE_X', message: `no program ${name}`, hint: name, file: name, target: name },
      ...{ output: `${name}\n${name}:1:2: error: ${name}\n`, console: [name, name] },
    });
    expectHarmless(check + describePredictions(reportOf(name)));
    expectHarmless(formatError(error, { color: true }));
    for (const isTerminal of [false, true]) expectHarmless(progressOf(name, isTerminal));
  });
});

/** All that a progress display writes, but for its own way to begin the line anew. */
function progressOf(name: string, isTerminal: boolean): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const display = new ProgressDisplay({ write, columns: 80, color: true, isTerminal });
  const error = new CrossbpfError({ code: 'INFRA_X', message: name });
  display.onEvent({ type: 'run:starting', targets: [name], fixtures: [name] });
  display.onEvent({ type: 'target:notice', target: name, message: name });
  display.onEvent({ type: 'target:failed', target: name, error });
  const observation = { status: 'unsupported', durationMs: 1, programs: {}, reason: name } as const;
  display.onEvent({ type: 'fixture:observed', target: name, fixture: name, observation });
  return text.replaceAll('\r\x1b[K', '');
}

test('an address of IPv6 is shown as it is', () => {
  for (const text of ['expected ::1, got ::ffff:10.0.0.1', '::', 'core::fmt::Display']) {
    expect(terminalText(text)).toBe(text);
  }
});

test('the parsers of this test find what they look for', () => {
  const raw = HOSTILE_NAMES.map(name => `${name}\n`);
  const harmless = raw.filter(
    name => readScreen(name).actions.length + readCommands(name).length === 0,
  );
  // Those are for XML and Markdown, for a line that is broken, and for GitHub's own decoding.
  expect(harmless.map(name => name.slice(0, 8))).toEqual([
    ...['word ::a', 'a%0A::er', ']]><scri', '<img src', '`code` *', 'very lon', 'construc'],
  ]);
  expect(readCommands('  ::error file=a%2Cb,line=3::x%0Ay')).toEqual([
    { name: 'error', properties: { file: 'a,b', line: '3' }, data: 'x\ny' },
  ]);
  expect(readCommands('a ##[warning]b')).toEqual([{ name: 'warning', properties: {}, data: 'b' }]);
});
