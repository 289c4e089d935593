/**
 * Compares two versions of Debian packages, older first: epoch, then upstream version, then revision,
 * as in Debian Policy 5.6.12 and dpkg's `lib/dpkg/version.c`.
 */
export function compareDebianVersions(left: string, right: string): number {
  const a = splitVersion(left);
  const b = splitVersion(right);
  return (
    a.epoch - b.epoch ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision)
  );
}

/** The upstream version as the package spells it: `7.3~rc7` of `7.3~rc7-1~exp1`. */
export function upstreamPart(version: string): string {
  return splitVersion(version).upstream;
}

interface SplitVersion {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

function splitVersion(version: string): SplitVersion {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)),
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    revision: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

/**
 * Compares by runs of letters and runs of digits in turn. A tilde sorts before the end, the end before
 * letters, letters before all else; digits compare as numbers, of any length.
 */
export function compareParts(left: string, right: string): number {
  const a = left.matchAll(/(\D*)(\d*)/g);
  const b = right.matchAll(/(\D*)(\d*)/g);
  for (;;) {
    const [, aText = '', aDigits = ''] = a.next().value ?? [];
    const [, bText = '', bDigits = ''] = b.next().value ?? [];
    const order = compareText(aText, bText) || compareDigits(aDigits, bDigits);
    if (order !== 0) {
      return order;
    }
    if (aText + aDigits === '' && bText + bDigits === '') {
      return 0;
    }
  }
}

function compareText(left: string, right: string): number {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const order = weight(left[at]) - weight(right[at]);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) {
    return 0;
  }
  if (character === '~') {
    return -1;
  }
  const code = character.charCodeAt(0);
  return /[a-z]/i.test(character) ? code : code + 256;
}

function compareDigits(left: string, right: string): number {
  const a = BigInt(left === '' ? 0 : left);
  const b = BigInt(right === '' ? 0 : right);
  return a < b ? -1 : Number(a > b);
}
