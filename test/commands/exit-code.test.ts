import { describe, expect, test } from 'vitest';
import { EXIT, exitCodeFor, exitCodeOf } from '../../harness/commands/exit-code.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { systemFailure } from '../../harness/system-failure.ts';
import { program, report } from '../support/report-builder.ts';

const base = report({
  targets: { 'linux@6.1': '6.1.192' },
  fixtures: { a: { 'linux@6.1': { pass: program() } } },
});

function withSummary(summary: Partial<typeof base.summary>) {
  return { ...base, summary: { ...base.summary, ...summary } };
}

describe('of a report', () => {
  test('0 when all is as expected, differences that are declared too', () => {
    expect(exitCodeFor(base)).toBe(EXIT.asExpected);
    expect(exitCodeFor(withSummary({ divergent: 3, unexpected: 0 }))).toBe(EXIT.asExpected);
  });

  test('1 for something unexpected', () => {
    expect(exitCodeFor(withSummary({ unexpected: 1 }))).toBe(EXIT.different);
  });

  test('2 for a fixture that could not be run, whatever differs; a missing answer outweighs it', () => {
    expect(exitCodeFor(withSummary({ broken: 1, unexpected: 1 }))).toBe(EXIT.usage);
    expect(exitCodeFor(withSummary({ broken: 1, infrastructure: 1 }))).toBe(EXIT.infrastructure);
  });

  test('3 for a missing answer, whatever else differs', () => {
    expect(exitCodeFor(withSummary({ infrastructure: 1, unexpected: 1 }))).toBe(
      EXIT.infrastructure,
    );
    const error = { code: 'INFRA_NO_QEMU', message: 'no QEMU' };
    const targets = base.targets.map(target => ({ ...target, error }));
    expect(exitCodeFor({ ...base, targets })).toBe(EXIT.infrastructure);
  });
});

test('of an error: its kind', () => {
  const code = (name: string) => exitCodeOf(new CrossbpfError({ code: name, message: '' }));
  expect([code('USAGE_X'), code('INFRA_X')]).toEqual([EXIT.usage, EXIT.infrastructure]);
});

describe('an error of the system', () => {
  test.each([
    ['ENOSPC', 'no space left on the disk (write: ENOSPC)'],
    ['EACCES', 'this user may not do that (write: EACCES)'],
    ['EROFS', 'the file system is read-only (write: EROFS)'],
    ['ENOTDIR', 'a file is where a folder should be (write: ENOTDIR)'],
    ['EEXIST', 'a file is where a folder should be (write: EEXIST)'],
    ['EMFILE', 'too many files are open (write: EMFILE)'],
  ])('%s is told in words, with its file', (code, message) => {
    const thrown = Object.assign(new Error('x'), { code, syscall: 'write', path: '/cache/x' });
    const failure = systemFailure(new Error('around it', { cause: thrown }));
    expect(failure).toMatchObject({ message, kind: 'infrastructure', facts: { file: '/cache/x' } });
  });

  test('anything else is a bug of ours', () => {
    expect(systemFailure(new TypeError('x is undefined'))).toBeUndefined();
    expect(systemFailure('thrown text')).toBeUndefined();
  });
});

test('the line of an error ends a question or sentence once', () => {
  const line = (message: string) =>
    new CrossbpfError({ code: 'USAGE_X', message, hint: 'Do it.', file: 'a' }).summary;
  expect([line('bad'), line('bad.'), line('bad?')]).toEqual([
    ...['a: bad. Do it.', 'a: bad. Do it.', 'a: bad? Do it.'],
  ]);
});
