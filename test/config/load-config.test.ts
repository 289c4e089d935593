import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { configSchema } from '../../harness/config/config-schema.ts';
import { loadConfig } from '../../harness/config/load-config.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const folder = await openTempFolder('load-config');
afterAll(() => folder[Symbol.asyncDispose]());

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder.path, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function failureOf(name: string, text: string): Promise<CrossbpfError> {
  await write(name, text);
  const thrown = await loadConfig(folder.path, name).catch(error => error);
  expect(thrown).toBeInstanceOf(CrossbpfError);
  return thrown;
}

test('without a file all is default', async () => {
  const empty = path.join(folder.path, 'empty');
  await mkdir(empty);
  expect(await loadConfig(empty)).toEqual({ config: configSchema.parse({}), root: empty });
});

test('the nearest file above is taken, and paths are relative to its folder', async () => {
  const file = await write('near/crossbpf.config.mjs', "export default { fixtures: ['progs'] };");
  await mkdir(path.join(folder.path, 'near/deep/er'), { recursive: true });
  const loaded = await loadConfig(path.join(folder.path, 'near/deep/er'));
  expect(loaded).toMatchObject({ file, root: path.dirname(file), config: { fixtures: ['progs'] } });
});

test('unknown keys are named, with the nearest known ones', async () => {
  const text = 'export default { target: ["linux@6.1"], compiler: { flag: [] } };';
  const { code, message, hint } = await failureOf('keys.mjs', text);
  expect(code).toBe('USAGE_BAD_CONFIG');
  expect(message).toContain('unknown key target (did you mean targets?)');
  expect(message).toContain('unknown key compiler.flag (did you mean flags?)');
  expect(hint).toContain('targets, fixtures, link, compiler');
});

test.each([
  ['values.mjs', 'export default { targets: "linux@6.1" };', /^targets: .*expected array/],
  ['time.mjs', 'export default { timeout: 1e9 };', /^timeout: Too big/],
  ['number.mjs', 'export default 5;', /expected object/],
  ['nothing.cjs', 'const config = {};', /^it has no default export$/],
])('%s: what is wrong is said', async (name, text, message) => {
  expect((await failureOf(name, text)).message).toMatch(message);
});

test('an error that the file throws has its line', async () => {
  const text = 'const x = 1;\nthrow new Error("it is\\nraining");\n';
  const { facts, message } = await failureOf('throws.mjs', text);
  expect(message).toBe('it is raining');
  expect(facts.file).toMatch(/throws\.mjs:2$/);
});

test('a named file that is not there', async () => {
  await expect(loadConfig(folder.path, 'nowhere.ts')).rejects.toMatchObject({
    code: 'USAGE_NO_SUCH_CONFIG',
    facts: { file: 'nowhere.ts' },
  });
});
