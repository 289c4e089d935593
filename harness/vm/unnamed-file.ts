import { randomUUID } from 'node:crypto';
import { fchmodSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a new file for reading and writing that has no name any more: it is gone with whoever has it open. Who has it may
 * open it once more, as another user too.
 */
export function openUnnamedFile(): number {
  const path = join(tmpdir(), `crossbpf-${randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  fchmodSync(descriptor, 0o666);
  return descriptor;
}
