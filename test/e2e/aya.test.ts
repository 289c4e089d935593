import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { configSchema } from '../../harness/config/config-schema.ts';
import { findFixtures } from '../../harness/fixtures/find-fixtures.ts';
import { readFixtures } from '../../harness/fixtures/read-fixtures.ts';
import { type Report, runFixtures } from '../../harness/index.ts';
import { type CheckResult, checkObjects } from '../../harness/portability/check-objects.ts';
import { parseCheckTarget } from '../../harness/portability/check-target.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

/**
 * What aya's objects have, which those of C compilers do not: types with names that are none in C, for which a kernel
 * refuses the types of a map, and hidden functions of Rust's runtime that return nothing. Seen in the object within
 * mitmproxy-linux 0.12.15, a package of PyPI.
 */
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
union MaybeUninit_u8_ { unsigned char uninit; unsigned char value; };
const volatile union MaybeUninit_u8_ AYA_LOG_LEVEL = { .value = 3 };
__hidden __attribute__((noinline)) void fill(char *at, int with, unsigned long count)
{
	for (unsigned long i = 0; i < 16 && i < count; i++)
		((volatile char *)at)[i] = with;
}
SEC("cgroup/sock_create") int create(struct bpf_sock *ctx)
{
	char name[16];
	fill(name, ctx->family, AYA_LOG_LEVEL.value);
	return 1;
}
char _license[] SEC("license") = "GPL";
`;

const TARGETS = ['linux@5.10', 'linux@6.12', 'linux@7'];
const cache = cacheRoot(process.env);
const { packageRoot } = findPackage(import.meta.dirname);
let report: Report;
let checked: CheckResult;

beforeAll(async () => {
  await using folder = await openTempFolder('e2e-aya');
  const file = await compileLikeRust(folder.path);
  report = await runFixtures({ fixtures: [file], targets: TARGETS });
  const tables = await loadTables();
  checked = await checkObjects({
    files: [{ id: 'rust', file, path: file }],
    targets: TARGETS.map(target => parseCheckTarget(target, tables)),
    ...{ tables, cacheRoot: cache, packageRoot },
  });
});

async function compileLikeRust(root: string): Promise<string> {
  await writeFile(path.join(root, 'rust.bpf.c'), SOURCE);
  const [outcome] = await readFixtures(await findFixtures(['rust.bpf.c'], root), {
    ...{ compiler: configSchema.parse({}).compiler, root, cacheRoot: cache },
    ...{ environment: process.env, inspect: createInspector({ packageRoot, cacheRoot: cache }) },
    packageRoot,
  });
  if (outcome?.kind !== 'ready') throw outcome?.error ?? new Error('no object');
  const text = outcome.fixture.object.toString('latin1');
  expect(text).toContain('MaybeUninit_u8_');
  const file = path.join(root, 'rust.o');
  await writeFile(file, text.replaceAll('MaybeUninit_u8_', 'MaybeUninit<u8>'), 'latin1');
  expect(await readFile(file)).toHaveLength(outcome.fixture.object.length);
  return file;
}

test.each(TARGETS)('an object as aya makes them loads on %s, and check says so', target => {
  const [fixture] = report.fixtures;
  expect(fixture?.results[target]?.programs['create']).toMatchObject({ verdict: 'accept' });
  const [program] = checked.objects[0]?.programs ?? [];
  expect(program?.predictions.get(target)).toMatchObject({ outcome: 'loads', stops: [] });
});
