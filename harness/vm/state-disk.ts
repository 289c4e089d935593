/**
 * A disk image (qcow2) that holds nothing but an internal snapshot without a disk: the form in which QEMU
 * loads a guest's state into a machine that runs already. Layout: docs/interop/qcow2.txt of QEMU.
 */
const CLUSTER_BITS = 16;
const CLUSTER = 2 ** CLUSTER_BITS;
/** What each of the first clusters is; the state fills those after them. */
const [REFCOUNT_TABLE, REFCOUNTS, ACTIVE_L1, SNAPSHOTS, SAVED_L1, SAVED_L2, STATE] = [
  1, 2, 3, 4, 5, 6, 7,
];
/** The disk of a guest ends before the state begins: one entry of the L1 table each. */
const L1_ENTRIES = 2;
const L2_ENTRIES = CLUSTER / 8;

/** The name of the snapshot in the image. */
export const STATE_NAME = 's';

/**
 * The image for a state as `migrate` writes it.
 *
 * @throws RangeError for a state that one L2 table cannot map (512 MB).
 */
export function stateDisk(state: Buffer): Buffer {
  const stateClusters = Math.ceil(state.length / CLUSTER);
  if (stateClusters > L2_ENTRIES) throw new RangeError(`a state of ${state.length} bytes`);
  const clusters = STATE + stateClusters;
  const disk = Buffer.alloc(clusters * CLUSTER);
  writeHeader(disk);
  writeOffset(disk, at(REFCOUNT_TABLE), REFCOUNTS);
  for (let cluster = 0; cluster < clusters; cluster++) {
    disk.writeUInt16BE(1, at(REFCOUNTS) + 2 * cluster);
  }
  writeOffset(disk, at(SAVED_L1) + 8, SAVED_L2);
  for (let cluster = 0; cluster < stateClusters; cluster++) {
    writeOffset(disk, at(SAVED_L2) + 8 * cluster, STATE + cluster);
  }
  writeSnapshot(disk, state.length);
  state.copy(disk, at(STATE));
  return disk;
}

function at(cluster: number): number {
  return cluster * CLUSTER;
}

function writeOffset(disk: Buffer, position: number, cluster: number): void {
  disk.writeBigUInt64BE(BigInt(at(cluster)), position);
}

function writeHeader(disk: Buffer): void {
  disk.write('QFI\xfb', 0, 'latin1');
  disk.writeUInt32BE(3, 4); // version
  disk.writeUInt32BE(CLUSTER_BITS, 20);
  disk.writeBigUInt64BE(BigInt(CLUSTER), 24); // size of the disk
  disk.writeUInt32BE(L1_ENTRIES, 36);
  writeOffset(disk, 40, ACTIVE_L1);
  writeOffset(disk, 48, REFCOUNT_TABLE);
  disk.writeUInt32BE(1, 56); // clusters of the refcount table
  disk.writeUInt32BE(1, 60); // number of snapshots
  writeOffset(disk, 64, SNAPSHOTS);
  disk.writeUInt32BE(4, 96); // refcounts of 2^4 bits
  disk.writeUInt32BE(104, 100); // length of the header
}

function writeSnapshot(disk: Buffer, stateBytes: number): void {
  const entry = at(SNAPSHOTS);
  writeOffset(disk, entry, SAVED_L1);
  disk.writeUInt32BE(L1_ENTRIES, entry + 8);
  disk.writeUInt16BE(1, entry + 12); // length of the id
  disk.writeUInt16BE(STATE_NAME.length, entry + 14);
  disk.writeUInt32BE(stateBytes, entry + 32);
  disk.writeUInt32BE(16, entry + 36); // bytes of extra data
  disk.writeBigUInt64BE(BigInt(stateBytes), entry + 40);
  disk.writeBigUInt64BE(BigInt(CLUSTER), entry + 48); // size of the disk then
  disk.write(`1${STATE_NAME}`, entry + 56, 'latin1');
}

/** Types of sections in a stream, and what ends one: migration/savevm.h and migration/savevm.c of QEMU. */
const [SECTION_FULL, SECTION_FOOTER] = [0x04, 0x7e];

/**
 * The state without the section by which QEMU throws away all code that it has translated
 * (`cpu_common_post_load` of cpu.c). What is in the section, a processor that halts and its pending
 * interrupts, is as after a reset then: the processor goes on, and the idle loop halts it again.
 *
 * Undefined if there is not exactly one such section, in a form that is known.
 */
export function withoutFlush(state: Buffer): Buffer | undefined {
  const name = Buffer.from('\x0acpu_common', 'latin1');
  const named = state.indexOf(name);
  const [start, bodyAt] = [named - 5, named + name.length + 8];
  if (named < 5 || state[start] !== SECTION_FULL) return undefined;
  if (state.indexOf(name, bodyAt) !== -1) return undefined;
  const footer = Buffer.from([SECTION_FOOTER, ...state.subarray(start + 1, start + 5)]);
  const end = state.indexOf(footer, bodyAt);
  // Two numbers of 32 bits, and nothing else.
  if (end !== bodyAt + 8) return undefined;
  return Buffer.concat([state.subarray(0, start), state.subarray(end + footer.length)]);
}
