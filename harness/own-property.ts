/**
 * What a record has under a name that comes from outside. Fixtures, programs, maps and steps may be called `constructor`
 * or `__proto__`, which every object has without being given it.
 */
export function ownProperty<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
