/** How a user names a kernel; see `config/target-name.ts` for the grammar. */
export type KernelReference =
  /** `linux@6.12`: the newest build of that series. */
  | { readonly kind: 'series'; readonly series: string }
  /** `linux@7`: the newest build of the newest released series of that major version. */
  | { readonly kind: 'major'; readonly major: number }
  /** `linux@latest`: the newest released build of all. */
  | { readonly kind: 'latest' }
  /** `linux@6.12.43`, or a full release name such as `6.12.90+deb13.1-cloud-amd64`. */
  | { readonly kind: 'build'; readonly version: string }
  /** `linux:./bzImage`: a bzImage or an uncompressed vmlinux. */
  | { readonly kind: 'file'; readonly path: string };

/** Architectures as Debian names them. */
export type Architecture = 'amd64' | 'arm64' | 's390x';

/** A kernel on disk, ready to be booted. Paths are absolute; the files are never changed. */
export interface Kernel {
  /** What `uname -r` says: `6.12.107+deb13-cloud-amd64`; for a file, taken from its own banner. */
  readonly release: string;
  /** The upstream version: `6.12.107`, `7.3-rc7`. */
  readonly upstream: string;
  /** The package's version, `6.12.107-1`; absent for a file. */
  readonly packageVersion?: string;
  readonly arch: Architecture;
  /** The uncompressed ELF where there is one (amd64), else the bootable image. */
  readonly image: string;
  /** The kernel's own configuration, where the package has it. */
  readonly config?: string;
  /** Modules that a guest needs for its devices and tests (`virtio_console`, `veth`, …), uncompressed, in load order. */
  readonly modules: readonly string[];
  /**
   * Wanted modules that could not be had: neither listed as built in nor in the archive. Debian's archive
   * keeps `linux-binary-…` of an older build longer than its `linux-modules-…` and its `linux-base-…`
   * (6.19 to 7.1 in November 2026); then nothing says what is built in, and such modules are here too.
   */
  readonly missingModules: readonly string[];
  /** SHA-256 of the image in hex: the identity of this kernel in cache keys and lock files. */
  readonly digest: string;
}
