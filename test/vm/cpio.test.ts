import { expect, test } from 'vitest';
import { type CpioEntry, cpioArchive } from '../../harness/vm/cpio.ts';

const HEADER_BYTES = 110;

/** Reads an archive as Documentation/driver-api/early-userspace/buffer-format.rst describes it. */
function entriesOf(archive: Buffer) {
  const entries = [];
  const aligned = (offset: number) => Math.ceil(offset / 4) * 4;
  for (let offset = 0; offset < archive.length; ) {
    const text = archive.toString('latin1', offset, offset + HEADER_BYTES);
    const field = (index: number) => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
    const [size, nameSize] = [field(6), field(11)];
    const nameStart = offset + HEADER_BYTES;
    const name = archive.toString('utf8', nameStart, nameStart + nameSize - 1);
    const start = aligned(nameStart + nameSize);
    entries.push({
      ...{ magic: text.slice(0, 6), name, inode: field(0), mode: field(1), time: field(5) },
      ...{ major: field(9), minor: field(10) },
      content: archive.toString('utf8', start, start + size),
    });
    offset = aligned(start + size);
  }
  return entries;
}

const ENTRIES: readonly CpioEntry[] = [
  { kind: 'folder', path: 'dev' },
  { kind: 'character-device', path: 'dev/console', major: 5, minor: 1 },
  { kind: 'file', path: 'init', content: Buffer.from('12345'), executable: true },
  { kind: 'file', path: 'modules/000-a.ko', content: Buffer.from('') },
];

test('holds every entry with its type, permissions, device and content, then the trailer', () => {
  const read = entriesOf(cpioArchive(ENTRIES));
  expect(read.map(({ name, mode, content }) => [name, mode.toString(8), content])).toEqual([
    ['dev', '40755', ''],
    ['dev/console', '20600', ''],
    ['init', '100755', '12345'],
    ['modules/000-a.ko', '100644', ''],
    ['TRAILER!!!', '0', ''],
  ]);
  expect(read.every(({ magic }) => magic === '070701')).toBe(true);
  expect(read[1]).toMatchObject({ major: 5, minor: 1 });
});

test('gives no two entries the same inode, which would make them one file', () => {
  const inodes = entriesOf(cpioArchive(ENTRIES)).map(({ inode }) => inode);
  expect(new Set(inodes).size).toBe(inodes.length);
});

test('gives the same bytes for the same entries, and no time', () => {
  expect(cpioArchive(ENTRIES).equals(cpioArchive(structuredClone(ENTRIES)))).toBe(true);
  expect(entriesOf(cpioArchive(ENTRIES)).every(({ time }) => time === 0)).toBe(true);
});

test.each([0, 1, 2, 3, 4, 5])('aligns what follows a file of %i bytes', length => {
  const content = Buffer.alloc(length, 'x');
  const archive = cpioArchive([
    { kind: 'file', path: 'a', content },
    { kind: 'folder', path: 'b' },
  ]);
  expect(archive.length % 4).toBe(0);
  expect(entriesOf(archive).map(({ name }) => name)).toEqual(['a', 'b', 'TRAILER!!!']);
});
