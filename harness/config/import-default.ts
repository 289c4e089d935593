import { fileURLToPath, pathToFileURL } from 'node:url';
import { asError } from '../crossbpf-error.ts';

/** The default export of a module, or why it cannot be imported. */
export type Imported =
  | { readonly kind: 'imported'; readonly value: unknown }
  | {
      readonly kind: 'failed';
      /** On one line. */
      readonly message: string;
      /** Where the fault is: the module or one that it imports. */
      readonly file: string;
      /** Undefined where Node does not tell. */
      readonly line: string | undefined;
      readonly cause: Error;
    };

/** Imports a module of a user, and gives its default export; undefined when it has none. */
export async function importDefault(
  file: string,
  url = pathToFileURL(file).href,
): Promise<Imported> {
  try {
    return { kind: 'imported', value: defaultExport(await import(url)) };
  } catch (thrown) {
    const cause = asError(thrown);
    // Where it was thrown is known of errors alone.
    if (cause !== thrown) {
      return {
        kind: 'failed',
        message: `it throws ${cause.message}`,
        cause,
        file,
        line: undefined,
      };
    }
    const message = cause.message.replace(/\s*\n\s*/g, ' ').trim();
    return { kind: 'failed', message, cause, ...(await findPlace(file, cause)) };
  }
}

/** A file without any `export` is CommonJS to Node: its default is what it assigned to `module.exports`. */
function defaultExport(module: { default?: unknown; 'module.exports'?: unknown }): unknown {
  const { default: value, 'module.exports': common } = module;
  const assignedNothing = common !== undefined && isEmptyObject(common);
  return assignedNothing ? undefined : value;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

async function findPlace(file: string, error: Error) {
  const stack = error.stack ?? '';
  const line = lineOf(file, stack);
  if (line !== undefined) return { file, line };
  if (!(error instanceof SyntaxError)) return firstPlace(FRAME, stack) ?? { file, line };
  return firstPlace(BEFORE_STACK, stack) ?? { file, line: await checkedLine(file) };
}

/** Of a syntax error in JavaScript Node tells the line only on its own standard error. */
async function checkedLine(file: string): Promise<string | undefined> {
  // Only for this: the thread that imports scenarios does without it.
  const { execa } = await import('execa');
  const { stderr } = await execa(process.execPath, ['--check', file], { reject: false });
  return lineOf(file, stderr);
}

/** Node puts `FILE:LINE` before a syntax error's stack, and `FILE:LINE:COLUMN` into every frame; a URL may have a query. */
function lineOf(file: string, stack: string): string | undefined {
  const names = [pathToFileURL(file).href, file].map(name => RegExp.escape(name)).join('|');
  return new RegExp(`(?:${names})(?:\\?[\\w=-]+)?:(\\d+)`).exec(stack)?.[1];
}

/** What a syntax error's stack begins with: the module that it is in, which the one in question imports. */
const BEFORE_STACK = /^(?<place>.+?)(?:\?[\w=-]+)?:(?<line>\d+)\n/g;
/** A frame of a module, perhaps with a query; of Node's own modules no frame has a URL of a file. */
const FRAME = /(?<place>file:[^?\s]+?)(?:\?[\w=-]+)?:(?<line>\d+):\d+\)?$/gm;
const OWN_FOLDER = new URL('..', import.meta.url).href;

function firstPlace(pattern: RegExp, stack: string): { file: string; line: string } | undefined {
  for (const { groups } of stack.matchAll(pattern)) {
    const { place = '', line = '' } = groups ?? {};
    if (place.startsWith(OWN_FOLDER)) continue;
    return { file: place.startsWith('file:') ? fileURLToPath(place) : place, line };
  }
  return undefined;
}
