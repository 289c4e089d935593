import { readdir } from 'node:fs/promises';
import type { Environment } from '../storage/cache-root.ts';
import { openArchive } from './archive.ts';
import { compareBuilds } from './choose-build.ts';
import { imagesFolder } from './images-folder.ts';
import type { Architecture } from './kernel.ts';
import { downloadSize } from './kernel-build.ts';
import { seriesOf } from './kernel-version.ts';
import { findMirror } from './mirror.ts';
import type { KernelProgressListener } from './progress.ts';

/** A build in Debian's archive, for a list. */
export interface ListedBuild {
  readonly series: string;
  readonly upstream: string;
  readonly release: string;
  readonly packageVersion: string;
  /** What has to be downloaded for it, in bytes. */
  readonly downloadBytes: number;
  readonly suites: readonly string[];
  /** It is in the cache, with whatever modules. */
  readonly cached: boolean;
}

export interface ListBuildsOptions {
  readonly arch: Architecture;
  readonly cacheRoot: string;
  readonly environment: Environment;
  readonly refresh?: boolean | undefined;
  readonly onProgress?: KernelProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All builds in all suites of the archive, oldest first. Fails as `resolveKernels` does. */
export async function listKernelBuilds(options: ListBuildsOptions): Promise<ListedBuild[]> {
  const { arch, cacheRoot, environment, signal } = options;
  const { refresh = false, onProgress = () => {} } = options;
  const mirror = await findMirror({ environment, now: new Date() });
  const now = Date.now;
  const archive = openArchive({ arch, mirror, cacheRoot, now, refresh, onProgress, signal });
  const all = await archive.allBuilds();
  if (all.builds.length === 0 && all.problems[0] !== undefined) {
    throw all.problems[0];
  }
  const builds = [...all.builds].sort(compareBuilds);
  const entries = await readdir(imagesFolder(cacheRoot)).catch(() => []);
  const releases = new Set(entries.map(entry => entry.slice(0, entry.lastIndexOf('-'))));
  return builds.map(build => ({
    series: seriesOf(build.upstream),
    upstream: build.upstream,
    release: build.release,
    packageVersion: build.packageVersion,
    downloadBytes: downloadSize(build),
    suites: build.suites,
    cached: releases.has(build.release),
  }));
}
