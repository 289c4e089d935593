import { CrossbpfError } from '../crossbpf-error.ts';
import { bannerRelease, HEADER_BYTES, recognizeBootImage } from './boot-image.ts';
import { decompressorFor } from './decompress.ts';
import type { Architecture } from './kernel.ts';

/** A kernel in the form in which it boots. */
export interface KernelImage {
  readonly arch: Architecture;
  /** What `uname -r` says, where the image tells. */
  readonly release: string | undefined;
  /** amd64: the ELF inside a bzImage. Others: as it was. */
  readonly data: Buffer;
  /** What to call it: `vmlinux` for an ELF, else `Image`. */
  readonly name: 'vmlinux' | 'Image';
}

/** Turns a kernel file into what boots fastest; `file` is for messages. Fails with USAGE_NOT_A_KERNEL. */
export async function openKernelImage(
  data: Buffer,
  file: string,
  signal?: AbortSignal,
): Promise<KernelImage> {
  const found = recognizeBootImage(data.subarray(0, HEADER_BYTES));
  switch (found?.kind) {
    case 'elf': {
      const release = bannerRelease(data);
      if (release === undefined) {
        throw notAKernel(file, 'an ELF file without the banner of a kernel');
      }
      return { arch: found.arch, release, data, name: 'vmlinux' };
    }
    case 'bzimage': {
      const packed = withoutSize(data, found);
      const kernel = await unpackPayload(data, packed, { file, signal });
      if (packed.size !== undefined && packed.size !== kernel.length) {
        throw notAKernel(file, 'what is in it is damaged');
      }
      const release = bannerRelease(kernel) ?? found.release;
      return { arch: found.arch, release, data: kernel, name: 'vmlinux' };
    }
    case 'zboot': {
      const kernel = await unpackPayload(data, found, { file, signal });
      return { arch: found.arch, release: bannerRelease(kernel), data, name: 'Image' };
    }
    case 'arm64-image':
    case 's390-image':
      return { arch: found.arch, release: bannerRelease(data), data, name: 'Image' };
    case 'gzip': {
      const inner = await unpackPayload(data, { offset: 0, length: data.length }, { file, signal });
      return await openUncompressed(inner, file, signal);
    }
    default:
      throw notAKernel(file, data.length === 0 ? 'it is empty' : 'it starts like none');
  }
}

/** A compressed file inside a compressed file is no kernel. */
async function openUncompressed(
  data: Buffer,
  file: string,
  signal: AbortSignal | undefined,
): Promise<KernelImage> {
  if (recognizeBootImage(data.subarray(0, HEADER_BYTES))?.kind === 'gzip') {
    throw notAKernel(file, 'it is compressed twice');
  }
  return await openKernelImage(data, file, signal);
}

interface Payload {
  readonly offset: number;
  readonly length: number;
}

/**
 * The build of a bzImage appends the size of the ELF as four bytes to all formats but gzip, which has it
 * in itself. LZ4's legacy frame has no checksum: this size is all there is to check it by.
 */
function withoutSize(data: Buffer, { offset, length }: Payload): Payload & { size?: number } {
  const end = offset + length;
  const isGzip = data[offset] === 0x1f && data[offset + 1] === 0x8b;
  if (isGzip || length < 8 || end > data.length) {
    return { offset, length };
  }
  return { offset, length: length - 4, size: data.readUInt32LE(end - 4) };
}

interface UnpackOptions {
  readonly file: string;
  readonly signal: AbortSignal | undefined;
}

async function unpackPayload(
  data: Buffer,
  { offset, length }: Payload,
  { file, signal }: UnpackOptions,
): Promise<Buffer> {
  if (length < 4 || offset + length > data.length) {
    throw notAKernel(file, 'it is cut off');
  }
  const payload = data.subarray(offset, offset + length);
  // A kernel that is built uncompressed (CONFIG_KERNEL_UNCOMPRESSED) has the ELF itself here.
  if (payload.readUInt32BE(0) === 0x7f454c46) {
    return payload;
  }
  const decompress = decompressorFor(payload);
  if (decompress === undefined) {
    throw notAKernel(file, 'it is compressed in a way that is not known');
  }
  try {
    return await decompress(payload, signal);
  } catch (error) {
    const isMissingTool = error instanceof CrossbpfError && error.code === 'INFRA_NO_TOOL';
    if (isMissingTool || signal?.aborted) {
      throw error;
    }
    throw notAKernel(file, 'what is in it is damaged', error);
  }
}

function notAKernel(file: string, why: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_NOT_A_KERNEL',
    file,
    message: `not a kernel: ${why}`,
    hint: 'Give a bzImage (arch/x86/boot/bzImage, /boot/vmlinuz-…) or an uncompressed vmlinux.',
    cause,
  });
}
