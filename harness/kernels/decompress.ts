import { promisify } from 'node:util';
import { CrossbpfError } from '../crossbpf-error.ts';
import { runTool } from './run-tool.ts';

type Decompress = (data: Buffer, signal?: AbortSignal) => Promise<Buffer>;

interface Format {
  readonly name: string;
  readonly magic: readonly number[];
  readonly decompress: Decompress;
}

const MEGABYTE = 1024 * 1024;
const MAX_OUTPUT = 1024 * MEGABYTE;

/** What a kernel or a module can be compressed with, by its first bytes (lib/decompress.c of Linux). */
const FORMATS: readonly Format[] = [
  {
    name: 'gzip',
    magic: [0x1f, 0x8b],
    decompress: decompressGzip,
  },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], decompress: decompressZstd },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58], decompress: byTool('xz', '-dc') },
  // The tool, not a decoder of our own: Node 26.10 compiles a hot loop that shares its position with a
  // closure wrongly (right with --no-maglev or --no-function-context-cells), and kernels came out damaged.
  { name: 'lz4', magic: [0x02, 0x21, 0x4c, 0x18], decompress: byTool('lz4', '-dc') },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], decompress: byTool('bzip2', '-dc') },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00], decompress: byTool('xz', '--format=lzma', '-dc') },
  { name: 'lzo', magic: [0x89, 0x4c, 0x5a], decompress: byTool('lzop', '-dc') },
];

/** The way to decompress data, by how it starts; undefined if it is in none of the known formats. */
export function decompressorFor(data: Buffer): Decompress | undefined {
  return FORMATS.find(({ magic }) => magic.every((byte, at) => data[at] === byte))?.decompress;
}

// Node's own code for it is loaded where it is used: a run that has its kernels in the cache needs none of it.

async function decompressGzip(data: Buffer): Promise<Buffer> {
  const { gunzip } = await import('node:zlib');
  return promisify(gunzip)(data, { maxOutputLength: MAX_OUTPUT });
}

/** Kernels are packed with windows of up to 128 MB (`zstd --ultra -22`). */
async function decompressZstd(data: Buffer): Promise<Buffer> {
  const { constants, zstdDecompress } = await import('node:zlib');
  const params = { [constants.ZSTD_d_windowLogMax]: 27 };
  return promisify(zstdDecompress)(data, { params, maxOutputLength: MAX_OUTPUT });
}

function byTool(command: string, ...args: string[]): Decompress {
  return async (input, signal) => {
    const { exitCode, stdout, stderr } = await runTool(command, args, { input, signal });
    if (exitCode !== 0) {
      throw new CrossbpfError({
        code: 'INFRA_CANNOT_UNPACK',
        message: `${command} failed: ${stderr}`,
        output: stderr,
      });
    }
    return stdout;
  };
}
