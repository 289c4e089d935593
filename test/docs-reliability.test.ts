import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const PAGE = path.resolve(import.meta.dirname, '../docs/reliability.md');
const ROW = /\| \[[\w-]+\]\((?<file>\S+)\): (?<name>.*) \|$/;

test('each fault of docs/reliability.md has the test that its row names', () => {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| ') && !/^\| (?:---|fault)/.test(line));
  expect(rows.length).toBeGreaterThan(25);
  const missing = rows.filter(row => {
    const { file = '', name = '' } = ROW.exec(row)?.groups ?? {};
    const text = readFileSync(path.resolve(path.dirname(PAGE), file), 'utf8');
    return name === '' || !text.includes(name);
  });
  expect(missing).toEqual([]);
});
