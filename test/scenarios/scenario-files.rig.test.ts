import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ScenarioFiles } from '../../harness/scenarios/scenario-files.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

test('a scenario sends files of its own folder, wherever a link leads, and those that the configuration lists', async () => {
  await using folder = await openTempFolder('scenario-files');
  const at = (name: string) => path.join(folder.path, name);
  for (const name of ['own', 'own/sub', 'built', 'owner']) await mkdir(at(name));
  for (const name of ['own/sub/tool', 'built/tool', 'secret', 'owner/tool']) {
    await writeFile(at(name), name);
  }
  await symlink('../secret', at('own/link'));
  await symlink('sub/tool', at('own/inner'));
  await symlink('..', at('own/up'));
  await execa('mkfifo', [at('own/fifo')]);

  const take = (file: string, allowed: string[] = []) => {
    const files = new ScenarioFiles(at('own'), allowed.map(at));
    try {
      files.take(file, 'steps[0].trigger.run');
      return files.files[0]?.bytes.toString();
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  expect(take('./sub/tool')).toBe('own/sub/tool');
  expect(take('inner')).toBe('own/sub/tool');
  const outside = (file: string) =>
    `steps[0].trigger.run: ${file} is outside of the fixture's folder`;
  for (const file of [
    '../secret',
    'link',
    'up/secret',
    at('secret'),
    '../owner/tool',
    '/etc/passwd',
  ]) {
    expect(take(file)).toBe(outside(file));
  }
  expect(take('../built/tool', ['built'])).toBe('built/tool');
  expect(take('link', ['secret'])).toBe('secret');
  expect(take('../owner/tool', ['built', 'nowhere'])).toBe(outside('../owner/tool'));
  expect(take('fifo')).toBe('steps[0].trigger.run: fifo is not a regular file');
});
