import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { BIN, openSandbox } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

const SYSTEM_NODE = '/usr/bin/node';
const asked = await execa(SYSTEM_NODE, ['--version'], { reject: false });
const version = asked.stdout ?? '';
const isOld = Number(/^v(\d+)/.exec(version)?.[1] ?? 99) < 24;

/** A package whose command line is another script: what matters is how it is started. */
async function packageWith(name: string, main: string): Promise<string> {
  const root = path.join(sandbox.folder, name);
  await mkdir(path.join(root, 'dist/harness'), { recursive: true });
  await writeFile(path.join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(path.join(root, 'dist/harness/main.js'), main);
  await cp(path.dirname(BIN), path.join(root, 'bin'), { recursive: true });
  return root;
}

async function withOwnNode(root: string): Promise<void> {
  const folder = path.join(root, 'node_modules/node/bin');
  await mkdir(folder, { recursive: true });
  await symlink(process.execPath, path.join(folder, 'node'));
}

test.skipIf(!isOld)('an old Node without a newer one beside it: one clear sentence', async () => {
  const root = await packageWith('alone', 'throw new Error("never started");');
  const { stdout, stderr, exitCode } = await sandbox.execute([
    SYSTEM_NODE,
    `${root}/bin/crossbpf.js`,
  ]);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(stderr).toBe(
    `error: crossbpf needs Node 24.12 or newer; this is ${version}. Install a newer one (npm install --global node), or run npm ci in a checkout.\n`,
  );
});

test.skipIf(!isOld)(
  'an old Node starts the one in node_modules, and passes its exit code on',
  async () => {
    const own = await sandbox.execute([SYSTEM_NODE, BIN, 'run', 'nowhere.o']);
    expect(own).toMatchObject({ stdout: '', exitCode: 2 });
    expect(own.stderr).toMatch(/^error: no such file or folder: nowhere\.o\./);
    const root = await packageWith('code', 'export const main = async argv => Number(argv[0]);');
    await withOwnNode(root);
    for (const code of [0, 1, 3, 130]) {
      const ended = await sandbox.execute([SYSTEM_NODE, `${root}/bin/crossbpf.js`, String(code)]);
      expect(ended.exitCode).toBe(code);
    }
  },
);

const WAIT = `export async function main() {
  const { promise, resolve } = Promise.withResolvers();
  const awake = setInterval(() => {}, 1000);
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.on(name, () => { process.stdout.write(name + '\\n'); clearInterval(awake); resolve(130); });
  }
  process.stdout.write('ready\\n');
  return promise;
}`;

test.skipIf(!isOld).for(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s to the old Node reaches the new one',
  async signal => {
    const root = await packageWith(`signal-${signal}`, WAIT);
    await withOwnNode(root);
    const outer = execa(SYSTEM_NODE, [`${root}/bin/crossbpf.js`], { reject: false, buffer: true });
    await new Promise(resolve => outer.stdout.once('data', resolve));
    outer.kill(signal);
    const { stdout, exitCode } = await outer;
    // A parent that is killed says nothing: the closed channel ends the child like SIGTERM.
    const heard = signal === 'SIGKILL' ? 'SIGTERM' : signal;
    expect(stdout.split('\n')).toContain(heard);
    expect(exitCode).toBe(signal === 'SIGKILL' ? undefined : 130);
  },
);
