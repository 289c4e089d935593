import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Imported, importDefault } from '../config/import-default.ts';

/** This package's library, of the very code that runs: the source, or the bundle that `npm run build` makes. */
const OWN_LIBRARY = new URL(
  import.meta.url.endsWith('.ts') ? '../index.ts' : './index.js',
  import.meta.url,
);
const OWN_FOLDER = new URL('.', OWN_LIBRARY).href;

/**
 * Imports modules of the user, and what these import, as they are now, even where this process has imported them
 * before: in another `generation` they are other modules. The same generation gives the same modules, so that Node
 * finds them in its compile cache. `import 'crossbpf'` is this very package, wherever it is installed.
 */
export class FreshModules {
  readonly #query: string;
  readonly #imports = new Map<string, Set<string>>();

  constructor(generation: number) {
    this.#query = `?crossbpf=${generation}`;
    registerHooks({
      resolve: (specifier, context, next) => {
        const { parentURL } = context;
        if (!parentURL?.endsWith(this.#query)) return next(specifier, context);
        if (specifier === 'crossbpf') return { url: OWN_LIBRARY.href, shortCircuit: true };
        const resolved = next(specifier, context);
        if (!isUsers(resolved.url)) return resolved;
        const url = resolved.url.endsWith(this.#query)
          ? resolved.url
          : `${resolved.url}${this.#query}`;
        this.#note(parentURL, url);
        return { ...resolved, url };
      },
    });
  }

  async import(file: string): Promise<Imported> {
    return importDefault(file, this.#url(file));
  }

  /** A module that was imported and those that it imports, by absolute path, but for packages and this one's own. */
  modulesOf(file: string): string[] {
    const found = new Set([this.#url(file)]);
    // A set gives what is added while it is read too.
    for (const url of found) for (const inner of this.#imports.get(url) ?? []) found.add(inner);
    return [...found].map(url => fileURLToPath(url));
  }

  #url(file: string): string {
    return `${pathToFileURL(file).href}${this.#query}`;
  }

  #note(from: string, to: string): void {
    const known = this.#imports.get(from);
    if (known === undefined) this.#imports.set(from, new Set([to]));
    else known.add(to);
  }
}

function isUsers(url: string): boolean {
  if (!url.startsWith('file:') || url.startsWith(OWN_FOLDER)) return false;
  return !fileURLToPath(url).split(path.sep).includes('node_modules');
}
