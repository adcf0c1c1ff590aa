/** Starts a real OpenLDAP server on loopback, loaded with known people, for the tests that must not trust a double. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { makeAuthority, makeCertificate } from './slapd-certificates.ts';
import type { CertificateKind } from './slapd-certificates.ts';
import { BASE_DN, directoryLdif } from './slapd-people.ts';
import { runTool } from './tool.ts';

const PROGRAMS = [
  '/usr/sbin/slapd',
  '/usr/sbin/slapadd',
  '/usr/sbin/slapcat',
  '/usr/bin/ldapmodify',
  '/usr/bin/openssl',
];
const READER_DN = `cn=reader,${BASE_DN}`;
const READER_PASSWORD = 'Reader-passw0rd';
const ADMIN_DN = `cn=admin,${BASE_DN}`;
const ADMIN_PASSWORD = 'admin-password';
const START_TIMEOUT_MS = 20_000;

export interface SlapdOptions {
  readonly users: number;
  /** Which certificate the TLS port shows. */
  readonly certificate?: CertificateKind;
  /** For how many days the authority is good that signs it; absent: two years. */
  readonly authorityDays?: number;
  /** URL of another server that `ou=Remote` below the people refers to. */
  readonly referral?: string;
  /** Further entries, loaded past the server: memberOf may be among their attributes. */
  readonly ldif?: Iterable<string>;
  /** Further lines for the global part of slapd.conf. */
  readonly config?: string;
  /** Lines of access control that come before those of the test directory (slapd.access(5)). */
  readonly access?: string;
  /** A folder that keeps the loaded data from one start to the next; loading a million users takes minutes. */
  readonly keptIn?: string;
  /** Another loopback address than 127.0.0.1; with a port, that of another server: two addresses of one name. */
  readonly address?: string;
  readonly port?: number;
}

export interface Slapd {
  readonly url: string;
  readonly port: number;
  readonly tlsUrl: string;
  readonly baseDn: string;
  readonly readerDn: string;
  readonly readerPassword: string;
  readonly adminDn: string;
  readonly adminPassword: string;
  /** Certificate of the authority that signed the server's. */
  readonly caFile: string;
  readonly pid: number;
  /** Applies LDIF changes as the administrator, as ldapmodify does; records without changetype are added. */
  modify(ldif: string): Promise<void>;
  /** Copies the directory as it is now, as an administrator does with slapcat. */
  backUp(): Promise<void>;
  /** Brings the server back with what {@link backUp} has copied, as an administrator does with slapadd. */
  restore(): Promise<void>;
  /** Ends the server without a good-bye; {@link restart} brings it back with the same data and ports. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the server and removes its folder; may be called twice. */
  stop(): Promise<void>;
}

/** What is missing to run slapd here; `null` when nothing is. */
export function slapdMissing(): string | null {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  return missing.length === 0
    ? null
    : `OpenLDAP is not installed here (${missing.join(', ')}): apt-get install slapd ldap-utils`;
}

/** For the `skip` option of tests: the reason, or false; where servers are required, the tests run and fail instead. */
export function slapdSkip(): string | false {
  return process.env['C42UDS_REQUIRE_SERVERS'] === '1' ? false : (slapdMissing() ?? false);
}

/** Loads and starts a server: under a second for 1,000 users, some ten for 100,000. */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const missing = slapdMissing();
  if (missing !== null) throw new Error(missing);
  const kept = options.keptIn !== undefined;
  const folder = options.keptIn ?? (await mkdtemp(join(tmpdir(), 'c42uds-slapd-')));
  try {
    // Written last: data whose loading was cut short is loaded anew.
    const mark = join(folder, 'loaded');
    const content = `${options.users} ${READER_PASSWORD}\n`;
    if (!existsSync(mark) || (await readFile(mark, 'utf8')) !== content) {
      await load(folder, options);
      await writeFile(mark, content);
    }
    const address = options.address ?? '127.0.0.1';
    const [free, tlsPort] = await freePorts(address);
    const server = new SlapdProcess(folder, kept, address, options.port ?? free, tlsPort);
    await server.start();
    return server.handle(join(folder, 'ca.pem'));
  } catch (error) {
    if (!kept) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function load(folder: string, options: SlapdOptions): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'db'), { recursive: true });
  const caFile = await makeAuthority(folder, options.authorityDays);
  const { certFile, keyFile } = await makeCertificate(folder, options.certificate ?? 'good');
  await copyFile(new URL('slapd-users.schema', import.meta.url), join(folder, 'users.schema'));
  const tls = `TLSCACertificateFile ${caFile}\nTLSCertificateFile ${certFile}\nTLSCertificateKeyFile ${keyFile}\n`;
  await writeFile(
    join(folder, 'slapd.conf'),
    slapdConf(folder, `${tls}${options.config ?? ''}`, options.access ?? ''),
  );
  const ldif = join(folder, 'directory.ldif');
  await pipeline(Readable.from(allLdif(options)), createWriteStream(ldif));
  await runTool('/usr/sbin/slapadd', ['-q', '-f', join(folder, 'slapd.conf'), '-l', ldif]);
  await rm(ldif);
}

function* allLdif(options: SlapdOptions): Generator<string> {
  yield* directoryLdif(options.users, READER_PASSWORD, options.referral ?? null);
  yield* options.ldif ?? [];
}

function slapdConf(folder: string, global: string, access: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map(
    (name) => `include /etc/ldap/schema/${name}.schema`,
  );
  return [
    ...schemas,
    `include ${folder}/users.schema`,
    'modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload memberof',
    `pidfile ${folder}/slapd.pid`,
    // As Active Directory: 1,000 at a time and no more, but everything page by page.
    'sizelimit size.soft=1000 size.hard=1000 size.prtotal=unlimited\ntimelimit unlimited',
    global,
    `database mdb\nsuffix "${BASE_DN}"\nrootdn "${ADMIN_DN}"\nrootpw ${ADMIN_PASSWORD}`,
    `directory ${folder}/db\nmaxsize 17179869184\ndbnosync`,
    'index objectClass,entryUUID,uid,sAMAccountName,mail,uSNChanged,modifyTimestamp,member,memberOf eq',
    access,
    // The reader sees even passwords: that nothing of them goes further is for the tests to show.
    `access to attrs=userPassword by dn.exact="${READER_DN}" read by anonymous auth by * none`,
    `access to * by dn.exact="${READER_DN}" read by * none`,
    'overlay memberof\nmemberof-refint true',
    '',
  ].join('\n');
}

class SlapdProcess {
  readonly #folder: string;
  readonly #kept: boolean;
  readonly #address: string;
  readonly #port: number;
  readonly #tlsPort: number;
  #child: ChildProcess | null = null;
  readonly #onExit = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(folder: string, kept: boolean, address: string, port: number, tlsPort: number) {
    this.#folder = folder;
    this.#kept = kept;
    this.#address = address;
    this.#port = port;
    this.#tlsPort = tlsPort;
  }

  get #configuration(): string[] {
    return ['-f', join(this.#folder, 'slapd.conf')];
  }

  get #backup(): string {
    return join(this.#folder, 'backup.ldif');
  }

  async start(): Promise<void> {
    const urls = `ldap://${this.#address}:${this.#port}/ ldaps://${this.#address}:${this.#tlsPort}/`;
    const child = spawn('/usr/sbin/slapd', ['-d', '0', ...this.#configuration, '-h', urls], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#onExit);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await listens(this.#address, this.#tlsPort))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`slapd did not start: ${errors}`);
      await delay(10);
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

  handle(caFile: string): Slapd {
    const url = `ldap://${this.#address}:${this.#port}`;
    const pid = (): number => this.#child?.pid ?? 0;
    return {
      url,
      port: this.#port,
      tlsUrl: `ldaps://${this.#address}:${this.#tlsPort}`,
      baseDn: BASE_DN,
      readerDn: READER_DN,
      readerPassword: READER_PASSWORD,
      adminDn: ADMIN_DN,
      adminPassword: ADMIN_PASSWORD,
      caFile,
      get pid() {
        return pid();
      },
      modify: (ldif) =>
        runTool('/usr/bin/ldapmodify', ['-a', '-x', '-H', url, '-D', ADMIN_DN, '-w', ADMIN_PASSWORD], ldif),
      backUp: () => runTool('/usr/sbin/slapcat', [...this.#configuration, '-l', this.#backup]),
      restore: async () => {
        await this.end('SIGTERM');
        const database = join(this.#folder, 'db');
        await rm(database, { recursive: true });
        await mkdir(database);
        await runTool('/usr/sbin/slapadd', ['-q', ...this.#configuration, '-l', this.#backup]);
        await this.start();
      },
      kill: () => this.end('SIGKILL'),
      restart: async () => {
        await this.end('SIGKILL');
        await this.start();
      },
      stop: async () => {
        await this.end('SIGTERM');
        if (!this.#kept) await rm(this.#folder, { recursive: true, force: true });
      },
    };
  }
}

async function freePorts(address: string): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, address);
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
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
