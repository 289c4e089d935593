import { chmod, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReporters } from '../../harness/report/reporters.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { program, report } from '../support/report-builder.ts';

const folder = await openTempFolder('reporters');
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string) => path.join(folder.path, name);

const document = report({
  targets: { 'linux@6.1': '6.1.192' },
  fixtures: { a: { 'linux@6.1': { pass: program() } } },
});

function terminal() {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  return { written, write, columns: 80, color: false, isTerminal: false };
}

async function open(...specifications: string[]) {
  const stdout = terminal();
  return {
    stdout,
    reporters: await openReporters(specifications, { stdout, folder: folder.path }),
  };
}

beforeAll(() => writeFile(at('file'), ''));

test('a file is written when the report is there, whole, and standard output has the other', async () => {
  const { stdout, reporters } = await open('matrix', 'json=deep/er/report.json');
  expect(await readdir(folder.path)).not.toContain('deep');
  await reporters.finish(document);
  expect(JSON.parse(await readFile(at('deep/er/report.json'), 'utf8'))).toEqual(document);
  expect(await readdir(at('deep/er'))).toEqual(['report.json']);
  expect(stdout.written.join('')).toContain('1 program on 1 target');
});

test('JSON on standard output is the document and nothing else', async () => {
  const { stdout, reporters } = await open('json');
  reporters.onEvent({ type: 'run:starting', targets: [], fixtures: [] });
  await reporters.finish(document);
  expect(JSON.parse(stdout.written.join(''))).toEqual(document);
});

test('dots come with the answers, also before the report', async () => {
  const { stdout, reporters } = await open('dot');
  const answer = {
    status: 'ran',
    durationMs: 1,
    programs: {},
    steps: [],
    maps: {},
    kernelLog: [],
  } as const;
  for (const fixture of ['a', 'b']) {
    reporters.onEvent({ type: 'fixture:observed', target: 't', fixture, observation: answer });
  }
  expect(stdout.written.join('')).toBe('··');
});

test('a link stays a link, and a device is written to', async () => {
  await symlink(at('file'), at('link'));
  const { reporters } = await open('json=link', 'dot=/dev/null');
  await reporters.finish(document);
  expect(JSON.parse(await readFile(at('file'), 'utf8'))).toEqual(document);
  expect(await readdir('/dev')).toContain('null');
});

test.each([
  ['jsn', 'USAGE_UNKNOWN_REPORTER', /called "jsn".*Did you mean json\?/],
  ['constructor', 'USAGE_UNKNOWN_REPORTER', /called "constructor"/],
  ['json=', 'USAGE_CANNOT_WRITE', /names no file/],
  ['json=.', 'USAGE_CANNOT_WRITE', /it is a folder/],
  ['json=file/report.json', 'USAGE_CANNOT_WRITE', /file is no folder/],
])('%s is %s', async (specification, code, message) => {
  await expect(open(specification)).rejects.toMatchObject({
    code,
    summary: expect.stringMatching(message),
  });
});

test('a folder that may not be written to is told at once', async context => {
  if (process.getuid?.() === 0) return context.skip('root may write everywhere');
  await chmod(folder.path, 0o555);
  await expect(open('json=new.json')).rejects.toMatchObject({ code: 'USAGE_CANNOT_WRITE' });
  await chmod(folder.path, 0o755);
});

test('what cannot be written in the end is an error of the machine', async () => {
  const { reporters } = await open('json=/proc/nowhere/report.json');
  await expect(reporters.finish(document)).rejects.toMatchObject({ code: 'INFRA_CANNOT_WRITE' });
});
