import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LoadedProgram } from '../../../harness/agent/agent-session.ts';
import type { Target } from '../../../harness/targets/connection.ts';

/** What the agent got from a kernel for one program, or for an object that it cannot read. */
export type AgentAnswer =
  | { readonly kind: 'program'; readonly object: string; readonly reply: LoadedProgram }
  | { readonly kind: 'unreadable'; readonly object: string; readonly message: string };

/** Loads each program of object files by itself in one guest, and says with each what was handed to the kernel. */
export async function askAgent(target: Target, objects: readonly string[]): Promise<AgentAnswer[]> {
  await using connection = await target.open(new AbortController().signal);
  const found: AgentAnswer[] = [];
  for (const file of objects) {
    const object = path.basename(file);
    const answers = connection.load({
      name: object,
      object: await readFile(file),
      logHead: 0,
      logTail: 2000,
      logInsns: 1,
      instructions: true,
    });
    let next = await answers.next();
    for (; !next.done; next = await answers.next()) {
      found.push({ kind: 'program', object, reply: next.value });
    }
    const end = next.value;
    if (end.kind === 'bad-object') found.push({ kind: 'unreadable', object, message: end.message });
  }
  return found;
}
