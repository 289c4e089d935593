import { execa } from 'execa';
import { expect, test } from 'vitest';
import { compareDebianVersions } from '../../harness/kernels/debian-version.ts';
import { REAL_BUILDS } from './real-builds.ts';

test('dpkg orders real versions as we do', async () => {
  const versions = REAL_BUILDS.map(([, , version]) => version);
  const pairs = versions.map((left, index) => {
    const right = versions[(index * 7 + 3) % versions.length] ?? left;
    return { left, right, ours: Math.sign(compareDebianVersions(left, right)) };
  });
  const script = pairs
    .map(({ left, right, ours }) => {
      const operator = { '-1': 'lt', '0': 'eq', '1': 'gt' }[String(ours)];
      return `dpkg --compare-versions '${left}' ${operator} '${right}' || echo '${left} ${right}'`;
    })
    .join('\n');
  const { stdout } = await execa('sh', ['-c', script]);
  expect(pairs.length).toBeGreaterThan(80);
  expect(stdout).toBe('');
});
