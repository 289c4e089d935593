import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openTempFolder } from '../harness/storage/temp-folder.ts';

const WORKFLOWS = path.resolve(import.meta.dirname, '../.github/workflows');
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';

/** What is wrong with the workflows of a folder. Scripts in them are checked only where shellcheck is installed. */
async function lint(folder: string) {
  const files = (await readdir(folder)).map(name => path.join(folder, name));
  const { exitCode, stdout, stderr } = await execa(
    'go',
    ['run', ACTIONLINT, '-no-color', '-oneline', ...files],
    { reject: false },
  );
  expect(stderr.replaceAll(/^(go: downloading .*|exit status \d+)$/gm, '').trim()).toBe('');
  return { exitCode, stdout };
}

test('workflows are what GitHub takes', { timeout: 120_000 }, async () => {
  expect(await lint(WORKFLOWS)).toEqual({ exitCode: 0, stdout: '' });
  await using copy = await openTempFolder('workflows');
  const folder = path.join(copy.path, '.github/workflows');
  await mkdir(path.dirname(folder));
  await cp(WORKFLOWS, folder, { recursive: true });
  const file = path.join(folder, 'ci.yml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('needs: [linux, windows]', 'needs: [linux, widnows]'));
  const wrong = await lint(folder);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stdout).toMatch(/job "\w+" needs job "widnows" which does not exist/);
});
