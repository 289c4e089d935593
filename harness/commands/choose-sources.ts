import { existsSync } from 'node:fs';
import path from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { findFixtures } from '../fixtures/find-fixtures.ts';
import type { FixtureSource } from '../fixtures/fixture.ts';
import { configuredLinks, withLinkDirectives } from '../fixtures/linked-sources.ts';
import { terminalText } from '../report/sinks/terminal.ts';
import type { CommandContext } from './context.ts';

/** Fixtures before they are compiled, and the folder that their files are relative to. */
export interface ChosenSources {
  readonly sources: readonly FixtureSource[];
  readonly base: string;
}

/**
 * What a command line names, or the configuration where it names nothing, and the folder it is relative to. Without
 * either that is the working folder, if it has none that is called as the configuration's default.
 */
export function namedFixtures(
  patterns: readonly string[],
  { config, root, file }: LoadedConfig,
  { folder }: CommandContext,
): { readonly patterns: readonly string[]; readonly base: string } {
  if (patterns.length > 0) return { patterns, base: folder };
  const hasDefault = config.fixtures.some(name => existsSync(path.join(root, name)));
  if (file === undefined && !hasDefault) return { patterns: ['.'], base: root };
  const isLinkedOnly = !hasDefault && config.fixtures.join() === 'fixtures';
  if (isLinkedOnly && Object.keys(config.link).length > 0) return { patterns: [], base: root };
  return { patterns: config.fixtures, base: root };
}

/**
 * The fixtures of a command line, or of the configuration: files, and objects that are linked of several. What is a part of
 * a linked one is none by itself, unless the command line names it.
 *
 * @throws CrossbpfError as `findFixtures` and `configuredLinks` do.
 */
export async function chooseSources(
  patterns: readonly string[],
  loaded: LoadedConfig,
  context: CommandContext,
): Promise<ChosenSources> {
  const { config, root } = loaded;
  const { patterns: named, base } = namedFixtures(patterns, loaded, context);
  const isLink = (name: string) =>
    Object.hasOwn(config.link, name) && !existsSync(path.resolve(base, name));
  const chosen = patterns.length > 0 ? named.filter(isLink) : Object.keys(config.link);
  const link = Object.fromEntries(chosen.map(name => [name, config.link[name] ?? []]));
  const linked = await configuredLinks({ base, link, root });
  const files = patterns.length > 0 ? named.filter(name => !isLink(name)) : named;
  const note = (text: string) => context.stderr.write(`${terminalText(text)}\n`);
  const found = files.length === 0 ? [] : await findFixtures(files, base, note);
  const parts = new Set(linked.flatMap(({ file, links = [] }) => [file, ...links]));
  const alone = found.filter(({ file }) => patterns.length > 0 || !parts.has(file));
  return { sources: await withLinkDirectives([...alone, ...linked], base), base };
}
