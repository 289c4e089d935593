import { stat } from 'node:fs/promises';
import { CrossbpfError } from '../crossbpf-error.ts';

/** Whom a file may belong to, and how to trust others. */
export interface Trust {
  /** Of the user; undefined where users have no numbers. */
  readonly uid: number | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

const OTHERS_MAY_WRITE = 0o002;

/**
 * Fails for a module that would run on this machine and is another user's, or one that everybody may write to. What it
 * imports is not looked at.
 *
 * @param named How the user knows the file.
 * @throws CrossbpfError `USAGE_UNTRUSTED_FILE`.
 */
export async function requireTrustedFile(
  file: string,
  named: string,
  { uid, environment }: Trust = { uid: process.getuid?.(), environment: process.env },
): Promise<void> {
  if (uid === undefined || environment['CROSSBPF_TRUST_FILES'] === '1') return;
  const entry = await stat(file).catch(() => undefined);
  // Whoever reads it says that it is not there.
  if (entry === undefined) return;
  // As git does: with sudo the files are those of the user who called it.
  const ours = [0, uid, ...(uid === 0 ? [Number(environment['SUDO_UID'] ?? 0)] : [])];
  if (!ours.includes(entry.uid)) {
    throw untrusted(named, `it belongs to another user (${entry.uid}), and would run as this one`);
  }
  if ((entry.mode & OTHERS_MAY_WRITE) !== 0) {
    throw untrusted(named, 'everybody may write to it, and it would run as this user');
  }
}

function untrusted(file: string, message: string): CrossbpfError {
  return new CrossbpfError({
    ...{ code: 'USAGE_UNTRUSTED_FILE', message, file },
    hint: 'Change its owner or its mode (chown, chmod o-w); CROSSBPF_TRUST_FILES=1 turns this check off, for files that you trust all the same.',
  });
}
