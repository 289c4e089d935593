import { readFileSync } from 'node:fs';

/** `USER_HZ`, the unit of /proc/PID/stat: 100 on every Linux that Debian builds. */
const TICKS_PER_SECOND = 100;

/**
 * Seconds of one core that the descendants of this process took, as far as they have ended and were
 * waited for (cutime and cstime of proc_pid_stat(5)). Less than wall-clock time it depends on what
 * else the machine does.
 */
export function descendantsSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is a name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
