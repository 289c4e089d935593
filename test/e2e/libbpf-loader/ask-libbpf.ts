import path from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { z } from 'zod';
import { handedProgram } from '../../../harness/agent/messages.ts';
import type { Kernel } from '../../../harness/kernels/kernel.ts';
import { startGuest } from '../../../harness/vm/start-guest.ts';

const answerSchema = z.strictObject({
  object: z.string(),
  /** Empty for an object that libbpf cannot open, or crashed on. */
  program: z.string(),
  /** By name; null where the program was loaded. */
  error: z.string().nullable(),
  /** libbpf's first warning. */
  words: z.string(),
  /** `processed N insns` of the verifier; null where it was not asked. */
  insns: z.number().nullable(),
  /** Null where the kernel was not asked. */
  handed: handedProgram.nullable(),
});

/** What libbpf got from a kernel for one program. */
export type LibbpfAnswer = z.infer<typeof answerSchema>;

/** Builds the loader into a folder, linked with nothing but what is in it; gives its path. */
export async function buildLoader(folder: string): Promise<string> {
  const sources = ['loader.c', 'guest.c', 'handed.c'].map(name =>
    path.join(import.meta.dirname, name),
  );
  const binary = path.join(folder, 'libbpf-loader');
  const flags = ['-O1', '-static', '-Wall', '-Wextra', '-Werror', '-Wl,--wrap=syscall'];
  await execa('gcc', [...flags, '-o', binary, ...sources, '-lbpf', '-lelf', '-lz']);
  return binary;
}

export interface Question {
  /** Path of the loader, which is PID 1 of the guest. */
  readonly loader: string;
  readonly kernel: Kernel;
  /** Paths of object files. */
  readonly objects: readonly string[];
  /** The same as for the agent's guests, as words of it change what can be loaded. */
  readonly kernelWords: readonly string[];
  readonly memoryMiB: number;
  readonly cacheRoot: string;
}

/** Boots a kernel with the loader and gives what libbpf got for each program of the objects. */
export async function askLibbpf(question: Question): Promise<LibbpfAnswer[]> {
  const { loader: init, kernel, objects, kernelWords, memoryMiB, cacheRoot } = question;
  await using guest = await startGuest({
    kernel,
    init,
    kernelWords,
    memoryMiB,
    accelerator: 'auto',
    cacheRoot,
    environment: process.env,
    timeoutMs: 120_000,
    files: objects.map(file => ({ guestPath: `objects/${path.basename(file)}`, path: file })),
  });
  const lines = (await text(guest.port)).trim().split('\n');
  const { reason, detail } = await guest.exited;
  if (reason !== 'shutdown' || lines.pop() !== '{"end":true}') {
    throw new Error(`${reason}: ${detail}\n${guest.consoleTail(20).join('\n')}`);
  }
  return lines.map(line => answerSchema.parse(JSON.parse(line)));
}
