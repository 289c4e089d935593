import { z } from 'zod';

/** What a package contributes to a kernel. */
export const packageRole = z.enum(['kernel', 'base', 'modules']);
export type PackageRole = z.infer<typeof packageRole>;

/** One package of Debian's archive. */
export const kernelPackage = z.strictObject({
  name: z.string(),
  role: packageRole,
  url: z.string(),
  /** Size of the package file in bytes. */
  size: z.number().int().nonnegative(),
  /** Size of what is in it, in bytes. */
  installedSize: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type KernelPackage = Readonly<z.infer<typeof kernelPackage>>;

/** One kernel as Debian built it, and the packages that it is spread over. */
export const kernelBuild = z.strictObject({
  /** What `uname -r` says. */
  release: z.string(),
  upstream: z.string(),
  packageVersion: z.string(),
  suites: z.array(z.string()),
  /** The one of role `kernel` first; the others where the archive still has them. */
  packages: z.array(kernelPackage).min(1),
});
export type KernelBuild = Readonly<z.infer<typeof kernelBuild>>;

/** Size in bytes of all that has to be downloaded for a build. */
export function downloadSize(build: KernelBuild): number {
  return build.packages.reduce((sum, { size }) => sum + size, 0);
}

/** An uncompressed kernel is 40 to 65 MB, and its modules a few. */
const IMAGE_BYTES = 80_000_000;

/** Bytes that the disk must have while a build is fetched and extracted, about. */
export function spaceNeeded(build: KernelBuild): number {
  const unpacked = build.packages.reduce((sum, item) => sum + item.installedSize, 0);
  return downloadSize(build) + unpacked + IMAGE_BYTES;
}
