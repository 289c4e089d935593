import { chmod, chown, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { requireTrustedFile } from '../../harness/config/trusted-file.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { openSandbox, smallFixture } from '../support/command-line.ts';

const UID = process.getuid?.() ?? 0;
const NOBODY = 65534;

test('a file of another user, or one that everybody may write to, is refused', async () => {
  await using folder = await openTempFolder('trust');
  const file = path.join(folder.path, 'crossbpf.config.ts');
  await writeFile(file, '');
  const ask = (uid: number | undefined, environment = {}) =>
    requireTrustedFile(file, 'it', { uid, environment }).then(
      () => 'trusted',
      error => error.summary,
    );
  expect(await ask(UID)).toBe('trusted');
  if (UID !== 0) {
    expect(await ask(UID + 1)).toMatch(
      /^it: it belongs to another user \(\d+\).*CROSSBPF_TRUST_FILES=1/,
    );
  }
  await chmod(file, 0o666);
  expect(await ask(UID)).toMatch(/^it: everybody may write to it/);
  expect(await ask(UID, { CROSSBPF_TRUST_FILES: '1' })).toBe('trusted');
  // Where users have no numbers.
  expect(await ask(undefined)).toBe('trusted');
});

test.runIf(UID === 0)(
  'root refuses what is another user’s, but for the one who called sudo',
  async () => {
    await using folder = await openTempFolder('trust');
    const file = path.join(folder.path, 'x.scenario.ts');
    await writeFile(file, '');
    await chown(file, NOBODY, NOBODY);
    const ask = (environment: NodeJS.ProcessEnv) =>
      requireTrustedFile(file, 'it', { uid: UID, environment });
    await expect(ask({})).rejects.toMatchObject({
      code: 'USAGE_UNTRUSTED_FILE',
      message: 'it belongs to another user (65534), and would run as this one',
    });
    await ask({ SUDO_UID: '65534' });
  },
);

test('neither a configuration nor a scenario that everybody may write to is run', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('pass.bpf.c', smallFixture());
  const said = 'console.log("it was run"); export default {};';
  await chmod(await sandbox.write('pass.scenario.mjs', said), 0o666);
  const scenario = await sandbox.run(['run', 'pass.bpf.c']);
  expect(scenario.stderr).toMatch(/^error: pass\.scenario\.mjs: everybody may write to it/);
  expect(scenario).toMatchObject({ exitCode: 2, stdout: '' });
  await chmod(await sandbox.write('crossbpf.config.mjs', said), 0o666);
  const config = await sandbox.run(['run', 'pass.bpf.c']);
  expect(config.stderr).toMatch(/^error: crossbpf\.config\.mjs: everybody may write to it/);
  expect(config).toMatchObject({ exitCode: 2, stdout: '' });
});
