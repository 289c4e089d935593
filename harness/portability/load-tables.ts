import type { Tables } from './check-target.ts';
import { LinuxTable } from './linux-table.ts';
import { WindowsTable } from './windows-table.ts';

/** Reads the tables that are part of this package. They are imported, so that a bundle has them too. */
export async function loadTables(): Promise<Tables> {
  const [linux, windows] = await Promise.all([
    import('./linux-features.json', { with: { type: 'json' } }),
    import('./windows-features.json', { with: { type: 'json' } }),
  ]);
  return { linux: new LinuxTable(linux.default), windows: new WindowsTable(windows.default) };
}
