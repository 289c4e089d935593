/** Beside the configuration: which build each name of a kernel means. */
export const LOCK_FILE = 'crossbpf.lock.json';
