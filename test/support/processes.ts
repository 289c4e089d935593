import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** A process whose command line holds a text. */
export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The processes of this machine whose command line holds a text. */
export async function findProcesses(text: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const all = await Promise.all(pids.map(describe));
  return all.filter(found => found?.command.includes(text)).filter(found => found !== undefined);
}

async function describe(pid: string): Promise<FoundProcess | undefined> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [command, status] = await Promise.all([read('cmdline'), read('status')]);
  const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  if (command === '') return undefined;
  return { pid: Number(pid), parent, command: command.replaceAll('\0', ' ').trim() };
}

/** Processes that this one has started and that are QEMU by now. */
export function ownGuests(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return children
    .split(' ')
    .filter(pid => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('qemu'))
    .map(Number);
}

/** Waits until something is so, however long that takes; the test's own limit ends it. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await setTimeout(25);
  }
}
