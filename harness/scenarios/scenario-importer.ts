import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { asError } from '../crossbpf-error.ts';
import type { ImportedScenario, ReadModule } from './scenario-modules.ts';

export interface WorkerStart {
  readonly generation: number;
  /** The folder of Node's compile cache; undefined without one. */
  readonly compileCache: string | undefined;
}

export interface ScenarioRequest {
  /** By absolute path. */
  readonly file: string;
}

/** Milliseconds that a scenario may take to be imported: it may wait for something that never comes, or never end. */
const IMPORT_MS = 10_000;

const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './scenario-worker.ts' : './scenario-worker.js',
  import.meta.url,
);

/**
 * Imports scenarios in a thread of their own, one after the other, so that one that never ends can be ended. The
 * thread is started by the first, and anew after one that had to be ended.
 */
export class ScenarioImporter implements AsyncDisposable {
  readonly #generation: number;
  readonly #modules = new Map<string, readonly string[]>();
  readonly #signal: AbortSignal | undefined;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Another `generation` gives modules anew that this process has imported before. */
  constructor(generation: number, signal?: AbortSignal) {
    this.#generation = generation;
    this.#signal = signal;
  }

  /** Starts the thread, which takes a moment, before anything is to be imported. */
  start(): void {
    this.#worker ??= this.#spawn();
  }

  /** `file`: an absolute path. Rejects with the signal's reason when that is aborted. */
  async import(file: string): Promise<ImportedScenario> {
    const turn = this.#last.then(() => this.#read(file));
    this.#last = turn.catch(() => {});
    const { imported, modules } = await turn;
    this.#modules.set(file, modules);
    return imported;
  }

  /** A module and those that it imports, as far as they are known, by absolute path. */
  modulesOf(file: string): readonly string[] {
    return this.#modules.get(file) ?? [file];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }

  async #read(file: string): Promise<ReadModule> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    this.#worker ??= this.#spawn();
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<ReadModule>();
    const fail = (message: string, hint?: string) => {
      const place = { file, line: undefined, ...(hint === undefined ? {} : { hint }) };
      resolve({ imported: { kind: 'failed', message, ...place }, modules: [file] });
    };
    const onError = (thrown: unknown) => fail(asError(thrown).message);
    const onExit = () => fail('it ends the process that imports it');
    // The timer also keeps Node from ending where a module waits and nothing else is left to do.
    const timer = setTimeout(() => {
      const what = `its import did not end in ${IMPORT_MS / 1000} s`;
      fail(what, 'Does it wait for something, or never end?');
      void worker.terminate();
      this.#worker = undefined;
    }, IMPORT_MS);
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    worker.once('message', resolve).once('error', onError).once('exit', onExit);
    worker.postMessage({ file } satisfies ScenarioRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', resolve).off('error', onError).off('exit', onExit);
    }
  }

  #spawn(): Worker {
    const folder = getCompileCacheDir();
    const compileCache = folder === undefined ? undefined : path.dirname(folder);
    const workerData: WorkerStart = { generation: this.#generation, compileCache };
    const worker = new Worker(WORKER, { workerData, stdout: true });
    // Standard output is for reports.
    worker.stdout.pipe(process.stderr, { end: false });
    // What a module leaves behind may throw at any time.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}
