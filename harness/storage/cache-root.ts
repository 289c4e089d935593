import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The variables of the environment that a function may look at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that everything is cached in: `$CROSSBPF_CACHE`, else `crossbpf` in `$XDG_CACHE_HOME`,
 * else `~/.cache/crossbpf`. A relative `$XDG_CACHE_HOME` is ignored, as the XDG Base Directory
 * Specification asks for.
 */
export function cacheRoot(environment: Environment): string {
  const { CROSSBPF_CACHE: own, XDG_CACHE_HOME: xdg, HOME: home } = environment;
  if (own !== undefined && own !== '') {
    return isAbsolute(own) ? own : join(process.cwd(), own);
  }
  if (xdg !== undefined && isAbsolute(xdg)) {
    return join(xdg, 'crossbpf');
  }
  return join(home === undefined || home === '' ? homedir() : home, '.cache', 'crossbpf');
}
