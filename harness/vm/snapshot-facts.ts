import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readCachedJson } from '../storage/cached-json.ts';
import type { SnapshotIdentity } from './snapshot-key.ts';

/** Its name in the folder of a snapshot. */
export const FACTS_FILE = 'facts.json';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const snapshotFactsSchema = z.object({
  /** What the kernel calls itself; empty where that was not said. */
  release: z.string(),
  kernelDigest: z.string(),
  initramfsDigest: z.string(),
  /** QEMU's binary; `QemuBinary.identity`. */
  qemu: z.string(),
  /**
   * A hash of what the snapshot is for: kernel and machine, but neither agent nor QEMU. Of two with the
   * same purpose, the one that was used last has taken the other's place.
   */
  purpose: digest,
});

/** What a snapshot is of, in words: its name is a hash that cannot be read backwards. */
export type SnapshotFacts = Readonly<z.infer<typeof snapshotFactsSchema>>;

export function snapshotFacts(identity: SnapshotIdentity, release: string): SnapshotFacts {
  const { qemu, machine, kernelDigest, initramfsDigest } = identity;
  const { arch, accelerator, memoryMiB, kernelWords = [], countInstructions = false } = machine;
  const wanted = [kernelDigest, arch, accelerator, memoryMiB, kernelWords, countInstructions];
  const purpose = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
  return { release, kernelDigest, initramfsDigest, qemu: qemu.identity, purpose };
}

/** The facts beside a snapshot; undefined where there are none. */
export function readSnapshotFacts(folder: string): Promise<SnapshotFacts | undefined> {
  return readCachedJson(join(folder, FACTS_FILE), snapshotFactsSchema);
}
