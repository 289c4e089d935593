import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openSandbox, PACKAGE_ROOT } from '../support/command-line.ts';

/** Verdicts, costs, steps, maps and variables, some of which differ: as declared, in all ways to declare. */
const FIXTURES = [
  ...['atomics', 'checksum-difference', 'for-each-element', 'hash-map', 'loop-helper', 'may-goto'],
  ...['monotonic-time', 'null-check', 'string-comparison', 'tail-call-in-function', 'xdp-context'],
].map(name => path.join(PACKAGE_ROOT, 'fixtures', `${name}.bpf.c`));

const TIMES = ['startedAt', 'durationMs', 'startMs', 'loadMs', 'runNs', 'start'];

/** A report without what is another thing in every run: times, and values that scenarios leave open. */
function lasting(report: Report): unknown {
  const loose = new Set(report.fixtures.flatMap(({ id, loose }) => loose.map(it => `${id} ${it}`)));
  const isLasting = ({ fixture, subject }: { fixture: string; subject: string }) =>
    !loose.has(`${fixture} ${subject}`);
  const kept = {
    ...report,
    fixtures: report.fixtures.map(fixture => ({
      ...fixture,
      results: Object.fromEntries(
        Object.entries(fixture.results).map(([target, result]) => [
          target,
          'maps' in result && fixture.loose.length > 0
            ? { ...result, maps: {}, steps: [] }
            : result,
        ]),
      ),
    })),
    divergences: report.divergences.filter(isLasting),
    failedExpectations: report.failedExpectations.filter(isLasting),
  };
  return JSON.parse(JSON.stringify(kept), (key, value) => {
    // Where the kernel has put a map is up to what it did before.
    if (key === 'log') {
      return value
        .replaceAll(/^verification time .*$/gm, '')
        .replaceAll(/\b0xf{4}[0-9a-f]{12}\b/g, 'ADDRESS');
    }
    return TIMES.includes(key) ? 0 : value;
  });
}

test('the blobs of two machines merged equal one run of both', async () => {
  await using sandbox = await openSandbox(cacheRoot(process.env));
  const run = async (target: string[], reporter: string) => {
    const targets = target.flatMap(name => ['-t', name]);
    return sandbox.run(['run', ...FIXTURES, ...targets, '--reporter', reporter]);
  };
  const read = async (name: string) => readFile(path.join(sandbox.folder, name), 'utf8');
  for (const series of ['5.10', '6.12']) {
    const { exitCode, stdout, stderr } = await run(
      [`linux@${series}`],
      `blob=blobs/${series}.json`,
    );
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' });
  }
  const both = await run(['linux@6.12', 'linux@5.10'], 'json=both.json');
  const merged = await sandbox.run(['merge', 'blobs', '--reporter', 'json=merged.json']);
  expect([both.exitCode, merged.exitCode, merged.stdout, merged.stderr]).toEqual([0, 0, '', '']);
  const [one, other] = await Promise.all(
    ['both.json', 'merged.json'].map(async name =>
      reportSchema.parse(JSON.parse(await read(name))),
    ),
  );
  expect(other?.divergences.length).toBeGreaterThan(5);
  expect(lasting(other as Report)).toEqual(lasting(one as Report));

  const shown = await sandbox.run(['merge', 'blobs/6.12.json', 'blobs/5.10.json']);
  expect(shown.stdout).toMatch(/^ +5\.10\.\d+ +6\.12\.\d+$/m);
  expect(shown.stdout).toMatch(/^~ may-goto +✗ +✓ \d+$/m);

  const twice = await sandbox.run(['merge', 'blobs', 'blobs/../blobs/5.10.json']);
  expect({ exitCode: twice.exitCode, stdout: twice.stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(twice.stderr).toMatch(
    /^error: linux@5\.10 is in blobs\/5\.10\.json and in blobs\/\.\.\/blobs/,
  );
  const elsewhere = (await read('blobs/5.10.json'))
    .replaceAll('linux@5.10', 'linux@5.11')
    .replace(/"digest":"\w/g, '"digest":"');
  const digests = elsewhere.replaceAll('"digest":"', '"digest":"0');
  await sandbox.write('elsewhere.json', digests);
  const apart = await sandbox.run(['merge', 'blobs/6.12.json', 'elsewhere.json']);
  expect(apart.exitCode).toBe(2);
  expect(apart.stderr).toMatch(
    /is not the same in blobs\/6\.12\.json and in elsewhere\.json: its sou/,
  );
});

test('merge without anything to merge is told how', async () => {
  await using sandbox = await openSandbox();
  const { exitCode, stderr } = await sandbox.run(['merge']);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(/^error: missing required argument 'blob'/),
  });
});
