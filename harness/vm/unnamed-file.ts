import { randomUUID } from 'node:crypto';
import { openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Opens a new file for reading and writing that has no name any more: it is gone with whoever has it open. */
export function openUnnamedFile(): number {
  const path = join(tmpdir(), `crossbpf-${randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return descriptor;
}
