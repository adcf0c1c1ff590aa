/** Starts a real Active Directory domain controller (Samba) on loopback, for what only Active Directory does. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DOMAIN_DN, DOMAIN_NAME, domainLdif, STAFF_DN, TEAMS_DN } from './samba-people.ts';
import {
  addChildDomain,
  ADMIN_DN,
  ADMIN_PASSWORD,
  inDomain,
  loadPast,
  provision,
  READER_DN,
  READER_PASSWORD,
  smbConf,
} from './samba-provision.ts';
import { makeAuthority, makeCertificate } from './slapd-certificates.ts';
import { runTool } from './tool.ts';

const PROGRAMS = [
  '/usr/sbin/samba',
  '/usr/bin/samba-tool',
  '/usr/bin/ldbmodify',
  '/usr/share/samba/setup/provision.ldif',
  '/usr/bin/ldapmodify',
  '/usr/bin/openssl',
];
const PACKAGES = 'samba samba-ad-dc samba-ad-provision winbind ldb-tools ldap-utils openssl';
const START_TIMEOUT_MS = 30_000;

export interface SambaOptions {
  /** How many of the employees and their groups the domain holds. */
  readonly users: number;
  /** Further entries, written past the server before it starts. */
  readonly ldif?: string;
  /** As Active Directory with "LDAP server signing requirements": no password over a connection without encryption. */
  readonly strongAuth?: boolean;
  /** A domain of its own: another forest than that of the other servers, with another invocation id. */
  readonly fresh?: boolean;
  /** The name of the domain; its people are those of the test domain all the same. */
  readonly domain?: string;
  /**
   * Another domain controller of the same domain, as if by replication: the same entries and GUIDs, an invocation id of
   * its own. What changes later has to be written to both. Call {@link Samba.backUp} of that one before.
   */
  readonly replicaOf?: Samba;
  /** The DN of a child domain that other servers hold: a search from the top of this one is referred to it. */
  readonly childDomain?: string;
  /** Further names that its certificate is good for, as `DNS:lab.test`. */
  readonly names?: readonly string[];
}

export interface Samba {
  readonly address: string;
  readonly url: string;
  readonly tlsUrl: string;
  readonly baseDn: string;
  /** Where the employees are. */
  readonly staffDn: string;
  readonly teamsDn: string;
  readonly readerDn: string;
  readonly readerPassword: string;
  readonly adminDn: string;
  readonly adminPassword: string;
  /** Certificate of the authority that signed the server's. */
  readonly caFile: string;
  readonly pid: number;
  /** Where {@link backUp} puts the copy. */
  readonly backupFolder: string;
  /** Applies LDIF changes over LDAP as the administrator; records without changetype are added. */
  modify(ldif: string): Promise<void>;
  /** Writes LDIF past the server, where that would take too long or needs what only the system may. */
  load(ldif: string): Promise<void>;
  /** Copies the domain's files as they are now. */
  backUp(): Promise<void>;
  /**
   * Brings the server back from {@link backUp}'s copy. `invocationId` (16 bytes) is the new one that a proper restore
   * gives it; without, the restore is one that the server does not know of, as that of a disk image.
   */
  restore(invocationId?: Buffer): Promise<void>;
  /** Ends the server without a good-bye; {@link restart} brings it back at the same address. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the server and removes its folder; may be called twice. */
  stop(): Promise<void>;
}

/** What is missing to run Samba here; `null` when nothing is. */
export function sambaMissing(): string | null {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    return `Samba is not installed here (${missing.join(', ')}): apt-get install --no-install-recommends ${PACKAGES}`;
  }
  if (process.platform === 'linux' && process.getuid?.() === 0) return null;
  return 'Samba listens on ports 389 and 636 of a loopback address, for which one must be root on Linux';
}

/** For the `skip` option of tests: the reason, or false; where servers are required, the tests run and fail instead. */
export function sambaSkip(): string | false {
  return process.env['C42UDS_REQUIRE_SERVERS'] === '1' ? false : (sambaMissing() ?? false);
}

/** Loads and starts a domain controller: two seconds, and four more where the domain has to be provisioned first. */
export async function startSamba(options: SambaOptions): Promise<Samba> {
  const missing = sambaMissing();
  if (missing !== null) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'c42uds-samba-'));
  try {
    const domain = join(folder, 'domain');
    await mkdir(domain);
    const name = options.domain ?? DOMAIN_NAME;
    const { replicaOf } = options;
    if (replicaOf === undefined) await provision(domain, options.fresh ?? false, name);
    else await cp(replicaOf.backupFolder, domain, { recursive: true });
    const address = await freeAddress();
    const caFile = await makeAuthority(folder);
    const { certFile, keyFile } = await makeCertificate(folder, 'good', [
      `IP:${address}`,
      ...(options.names ?? []),
    ]);
    await chmod(keyFile, 0o600);
    const more = [
      `tls enabled = yes\ntls cafile = ${caFile}\ntls certfile = ${certFile}\ntls keyfile = ${keyFile}`,
      `ldap server require strong auth = ${options.strongAuth === true ? 'yes' : 'no'}`,
    ].join('\n');
    await writeFile(join(domain, 'smb.conf'), smbConf(domain, address, more, name));
    const people = replicaOf === undefined ? domainLdif(options.users) : invocationLdif(randomBytes(16));
    await loadPast(domain, inDomain(people, name) + (options.ldif ?? ''));
    if (options.childDomain !== undefined) await addChildDomain(domain, options.childDomain);
    const server = new SambaProcess(folder, address, name);
    await server.start();
    return server.handle(caFile);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Gives the domain controller another invocation id. */
function invocationLdif(id: Buffer): string {
  const settings = `CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,${DOMAIN_DN}`;
  return `dn: ${settings}\nchangetype: modify\nreplace: invocationId\ninvocationId:: ${id.toString('base64')}\n\n`;
}

class SambaProcess {
  readonly #folder: string;
  readonly #address: string;
  readonly #name: string;
  #child: ChildProcess | null = null;
  readonly #onExit = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(folder: string, address: string, name: string) {
    this.#folder = folder;
    this.#address = address;
    this.#name = name;
  }

  get #domain(): string {
    return join(this.#folder, 'domain');
  }

  async start(): Promise<void> {
    await mkdir(join(this.#domain, 'run'), { recursive: true });
    const config = join(this.#domain, 'smb.conf');
    // In the foreground it ends by itself when its standard input does, and so never outlives us.
    const child = spawn('/usr/sbin/samba', ['-i', '--no-process-group', '--model=single', '-s', config], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#onExit);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000)));
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await listens(this.#address, 636)) || !(await listens(this.#address, 389))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`samba did not start: ${output}`);
      await delay(20);
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    process.off('exit', this.#onExit);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async backUp(): Promise<void> {
    await this.end('SIGTERM');
    await cp(this.#domain, join(this.#folder, 'backup'), { recursive: true, filter: isNoSocket });
    await this.start();
  }

  async restore(invocationId: Buffer | undefined): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.#domain, { recursive: true, force: true });
    await cp(join(this.#folder, 'backup'), this.#domain, { recursive: true });
    if (invocationId !== undefined) await loadPast(this.#domain, invocationLdif(invocationId));
    await this.start();
  }

  handle(caFile: string): Samba {
    const url = `ldap://${this.#address}`;
    const tlsUrl = `ldaps://${this.#address}`;
    const pid = (): number => this.#child?.pid ?? 0;
    const here = (dn: string): string => inDomain(dn, this.#name);
    const asAdmin = ['-a', '-x', '-H', tlsUrl, '-D', here(ADMIN_DN), '-w', ADMIN_PASSWORD];
    return {
      address: this.#address,
      url,
      tlsUrl,
      baseDn: here(DOMAIN_DN),
      staffDn: here(STAFF_DN),
      teamsDn: here(TEAMS_DN),
      readerDn: here(READER_DN),
      readerPassword: READER_PASSWORD,
      adminDn: here(ADMIN_DN),
      adminPassword: ADMIN_PASSWORD,
      caFile,
      backupFolder: join(this.#folder, 'backup'),
      get pid() {
        return pid();
      },
      modify: (ldif) => runTool('/usr/bin/ldapmodify', asAdmin, ldif, { LDAPTLS_CACERT: caFile }),
      load: (ldif) => loadPast(this.#domain, ldif),
      backUp: () => this.backUp(),
      restore: (invocationId) => this.restore(invocationId),
      kill: () => this.end('SIGKILL'),
      restart: async () => {
        await this.end('SIGKILL');
        await this.start();
      },
      stop: async () => {
        await this.end('SIGTERM');
        await rm(this.#folder, { recursive: true, force: true });
      },
    };
  }
}

/** Sockets of the running server cannot be copied, and the next one makes its own. */
function isNoSocket(path: string): boolean {
  return !/\/(msg\.sock|ldapi|run)(\/|$)/.test(path);
}

/** An address of 127.0.0.0/8 of which nobody uses the ports: several tests may have a server each. */
async function freeAddress(): Promise<string> {
  for (;;) {
    const address = `127.${randomInt(64, 128)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    if (!(await listens(address, 389)) && !(await listens(address, 636))) return address;
  }
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
