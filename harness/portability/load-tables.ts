import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tables } from './check-target.ts';
import { LinuxTable } from './linux-table.ts';
import { WindowsTable } from './windows-table.ts';

/** Reads the tables that are part of this package. */
export async function loadTables(): Promise<Tables> {
  const [linux, windows] = await Promise.all(
    ['linux-features.json', 'windows-features.json'].map(async name =>
      JSON.parse(await readFile(path.join(import.meta.dirname, name), 'utf8')),
    ),
  );
  return { linux: new LinuxTable(linux), windows: new WindowsTable(windows) };
}
