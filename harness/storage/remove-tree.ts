import { rm } from 'node:fs/promises';

/**
 * Removes a file or a folder with all that is in it; nothing there is no error. Tries again for a second
 * or so if something appears in it meanwhile: a tool that is being killed can still finish one write.
 */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 8, retryDelay: 40 });
}
