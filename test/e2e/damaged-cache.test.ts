import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportSchema } from '../../harness/report/report-schema.ts';
import { openSandbox } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';
import { seeded } from '../support/seeded.ts';

const TARGET = `linux@${SERIES}`;
/** `CROSSBPF_DAMAGES` does more of them. */
const ROUNDS = Number(process.env['CROSSBPF_DAMAGES'] ?? 14);
const SEED = Number(process.env['CROSSBPF_SEED'] ?? 1);

/** Every kind of file in the cache that is read back. */
const KINDS: readonly RegExp[] = [
  /^objects\//,
  /^inspected\//,
  /^initramfs\/[^/]+\.cpio$/,
  /^initramfs\/sources\//,
  /^snapshots\/[^/]+\/memory$/,
  /^snapshots\/[^/]+\/state$/,
  /^snapshots\/[^/]+\/(?:facts|checksums)\.json$/,
  /^snapshots\/[^/]+\/prepared\//,
  /^kernels\/archive\/.*\.json$/,
  /^kernels\/images\/[^/]+\/vmlinux$/,
  /^kernels\/images\/[^/]+\/(?:modules\/.*|config)$/,
  /^kernels\/images\/[^/]+\/[^/]+\.json$/,
  /^qemu\//,
  /^durations\.json$/,
];

const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int rejected(struct xdp_md *ctx) { return *(volatile int *)(unsigned long)ctx->data; }
SEC("xdp") int counted(struct xdp_md *ctx) { return ctx->ingress_ifindex ? XDP_PASS : XDP_DROP; }
char _license[] SEC("license") = "GPL";
`;

const sandbox = await openSandbox();
beforeAll(() => copyWarmCache(sandbox.cacheRoot));
afterAll(() => sandbox[Symbol.asyncDispose]());

/** The answers of a run, without what takes time, and what was said of the cache. */
async function run(): Promise<{ answers: string; stderr: string }> {
  const args = ['run', 'fixture.bpf.c', '-t', TARGET, '--reporter', 'json'];
  const { stdout, stderr } = await sandbox.run(args);
  const { fixtures } = reportSchema.parse(JSON.parse(stdout));
  const timeless = (key: string, value: unknown) =>
    /Ms$/.test(key) || key === 'log' ? undefined : value;
  return { answers: JSON.stringify(fixtures, timeless), stderr };
}

async function filesOf(kind: RegExp): Promise<string[]> {
  const listed = await readdir(sandbox.cacheRoot, { recursive: true, withFileTypes: true });
  return listed
    .filter(entry => entry.isFile())
    .map(entry => path.relative(sandbox.cacheRoot, path.join(entry.parentPath, entry.name)))
    .filter(name => kind.test(name) && !name.endsWith('.lock'))
    .sort();
}

/** Changes one bit of a file; gives where. */
async function damage(name: string, random: () => number): Promise<string> {
  await using file = await open(path.join(sandbox.cacheRoot, name), 'r+');
  const { size } = await file.stat();
  const position = Math.floor(random() * size);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  const bit = 1 << Math.floor(random() * 8);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ bit]), 0, 1, position);
  return `${name}, bit ${bit} of byte ${position}`;
}

test('a damaged byte anywhere in the cache changes no answer, and the next run is whole', async () => {
  const random = seeded(SEED);
  await sandbox.write('fixture.bpf.c', SOURCE);
  await run();
  const right = await run();
  expect(right.stderr).toBe('');
  for (let round = 0; round < ROUNDS; round++) {
    const kind = KINDS[round % KINDS.length] as RegExp;
    const files = await filesOf(kind);
    expect(files.length, `${kind}`).toBeGreaterThan(0);
    const where = await damage(files[Math.floor(random() * files.length)] as string, random);
    expect((await run()).answers, where).toBe(right.answers);
    expect(await run(), `after ${where}`).toEqual(right);
  }
});
