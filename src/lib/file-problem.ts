/** What went wrong with a file, in words: administrators should not have to know that ENOENT means "not there". */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  EBUSY: 'another program has it in use',
  ELOOP: 'it is a symbolic link, which is not followed here, or a circle of links',
  ENXIO: 'it is not an ordinary file',
  EIO: 'the disk reports an error',
};

/** The reason as the end of a sentence, without a full stop; the code follows where we have no words for it. */
export function fileProblem(error: unknown): string {
  const { code = '', message = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return WORDS[code] ?? (code || message || String(error));
}
