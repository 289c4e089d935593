import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTempFolder, type TempFolder } from '../harness/storage/temp-folder.ts';
import { smallFixture } from './support/command-line.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const DEPENDENCIES = [
  'chokidar',
  'commander',
  'execa',
  'p-map',
  'picocolors',
  'tmp',
  'zod',
  'vitest',
];

const TSCONFIGS = ['tsconfig.json', 'tsconfig.types.json'];

let project: TempFolder;

/**
 * A project of a user in which the package is installed as npm would: packed, unpacked, its dependencies beside it.
 * It is packed in a copy, as the bundle that is made for it would replace the one that other tests run.
 */
beforeAll(async () => {
  project = await openTempFolder('installed-package');
  const modules = path.join(project.path, 'node_modules');
  await mkdir(path.join(modules, 'crossbpf'), { recursive: true });
  const copy = path.join(project.path, 'checkout');
  for (const part of ['agent', 'bin', 'harness', 'scripts', 'package.json', ...TSCONFIGS]) {
    await cp(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const packed = await execa('npm', ['pack', '--json', '--pack-destination', project.path], {
    cwd: copy,
  });
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  const tarball = path.join(project.path, filename);
  await execa('tar', [
    '-xzf',
    tarball,
    '--strip-components=1',
    '-C',
    path.join(modules, 'crossbpf'),
  ]);
  for (const name of [...DEPENDENCIES, '@types', 'undici-types']) {
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  await writeFile(path.join(project.path, 'package.json'), '{ "type": "module" }');
}, 120_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

test('an installed package is imported, also by TypeScript of the user', async () => {
  const source = `
    import { defineConfig, defineScenario, packet, runFixtures } from 'crossbpf';
    const scenario = defineScenario({ steps: [{ run: 'prog', data: packet.ethernet().ipv4().udp({ dst: 53 }) }] });
    process.stdout.write([typeof defineConfig, typeof runFixtures, scenario.steps?.length].join(' '));
  `;
  const { stdout } = await execa(
    process.execPath,
    ['--input-type=module-typescript', '-e', source],
    {
      cwd: project.path,
    },
  );
  expect(stdout).toBe('function function 1');
});

test('its types are enough for a compiler that is strict', async () => {
  const file = path.join(project.path, 'checked.ts');
  await writeFile(
    file,
    `import { defineScenario, runFixtures } from 'crossbpf';
     import 'crossbpf/vitest';
     import { expect } from 'vitest';
     const report = await runFixtures({ fixtures: ['a.bpf.c'] });
     expect(report).toReject('a', 'linux@6.1');
     // @ts-expect-error: a step that does not exist
     export default defineScenario({ steps: [{ walk: 'prog' }] });
    `,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'esnext',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  const { stdout } = await execa(
    path.join(ROOT, 'node_modules/.bin/tsc'),
    [...options, '--skipLibCheck', 'false', file],
    { cwd: project.path, reject: false, preferLocal: false },
  );
  const ours = stdout.split('\n').filter(line => !line.includes('node_modules/vitest'));
  expect(ours.filter(line => line.includes('error'))).toEqual([]);
});

test('its command runs, and finds its agent', async () => {
  const bin = path.join(project.path, 'node_modules/crossbpf/bin/crossbpf.js');
  await writeFile(path.join(project.path, 'empty.bpf.c'), 'int not_a_program;\n');
  const { exitCode, stderr } = await execa(process.execPath, [bin, 'run', 'empty.bpf.c'], {
    cwd: project.path,
    reject: false,
  });
  expect(stderr).toContain('the object holds no BPF program');
  expect(exitCode).toBe(2);
});

test('it imports scenarios of the user, who import it', async () => {
  const bin = path.join(project.path, 'node_modules/crossbpf/bin/crossbpf.js');
  const folder = path.join(project.path, 'scenarios');
  await mkdir(folder);
  await writeFile(path.join(folder, 'pass.bpf.c'), smallFixture());
  const scenario = `import { defineScenario } from 'crossbpf';
const steps: object[] = [{ rn: 'pass' }];
export default defineScenario({ steps } as object);
`;
  await writeFile(path.join(folder, 'pass.scenario.ts'), scenario);
  const { exitCode, stderr } = await execa(process.execPath, [bin, 'run', 'scenarios'], {
    cwd: project.path,
    reject: false,
  });
  expect(stderr).toContain('pass.scenario.ts:3: steps[0].rn: unknown key; did you mean run?');
  expect(exitCode).toBe(2);
});
