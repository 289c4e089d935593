import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type DamageListener, keepCachedJson, readCachedJson } from '../storage/cached-json.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import { locateAgentBinary } from './agent-binary.ts';
import { runBounded } from './bounded-agent.ts';
import { hostPlatform } from './host-platform.ts';
import { type InspectedObject, inspectedObject } from './inspected-object.ts';

/** Looks into an object; the file's name is for messages. */
export type ObjectInspector = (object: Buffer, file: string) => Promise<InspectedObject>;

export interface InspectorOptions {
  readonly packageRoot: string;
  readonly cacheRoot: string;
  readonly signal?: AbortSignal | undefined;
  readonly onDamaged?: DamageListener | undefined;
}

/**
 * An inspector that asks the agent on this machine, which only parses (nothing is loaded), and
 * remembers what it said of an object.
 *
 * The inspector throws CrossbpfError `USAGE_BAD_OBJECT` for what is no BPF object.
 */
export function createInspector(options: InspectorOptions): ObjectInspector {
  const agent = once(() => identifyAgent(options));
  return async (object, file) => {
    const { binary, identity } = await agent();
    const digest = createHash('sha256').update(identity).update(object).digest('hex');
    const remembered = path.join(options.cacheRoot, 'inspected', `${digest}.json`);
    const known = await readCachedJson(remembered, inspectedObject, options.onDamaged);
    if (known !== undefined) return known;
    const answer = await askAgent({ binary, object, file, signal: options.signal });
    await keepCachedJson(remembered, answer);
    return answer;
  };
}

/** For one object; the largest real ones take a second. */
const DEADLINE_MS = 15_000;

interface Question {
  readonly binary: string;
  readonly object: Buffer;
  readonly file: string;
  readonly signal: AbortSignal | undefined;
}

async function askAgent({ binary, object, file, signal }: Question): Promise<InspectedObject> {
  await using folder = await openTempFolder('inspect');
  const copy = path.join(folder.path, 'object.o');
  await writeFile(copy, object);
  const asked = await runBounded(binary, ['inspect', copy], { timeoutMs: DEADLINE_MS, signal });
  if (asked.kind !== 'answered') throw badObject(file, asked.message.replaceAll(`${copy}: `, ''));
  return inspectedObject.parse(parseJson(asked.stdout));
}

function badObject(file: string, said: string): CrossbpfError {
  const message = said.replace(/: (?:unexpected )?EOF$/, '');
  return new CrossbpfError({
    code: 'USAGE_BAD_OBJECT',
    message: message || 'it cannot be read as a BPF object',
    file,
    hint: 'Give an ELF object that was compiled with -target bpf.',
  });
}

async function identifyAgent(options: InspectorOptions) {
  const { packageRoot, signal } = options;
  const binary = await locateAgentBinary({
    ...{ platform: hostPlatform(), packageRoot },
    ...(signal === undefined ? {} : { signal }),
  });
  return { binary, identity: await readStart(binary) };
}

/** The first bytes of a binary, in which Go writes a build ID that follows its contents; an installed file's times do not. */
async function readStart(file: string): Promise<Buffer> {
  await using opened = await open(file);
  const { buffer, bytesRead } = await opened.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
