/** Starts a real 389 Directory Server on loopback, for what it does otherwise than OpenLDAP. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BASE_DN, directoryLdif } from './slapd-people.ts';
import { runTool } from './tool.ts';

const TEMPLATE = '/usr/share/dirsrv/data/template-dse.ldif';
const PROGRAMS = ['/usr/sbin/ns-slapd', TEMPLATE, '/etc/dirsrv/schema', '/usr/bin/ldapmodify'];
const READER_DN = `cn=reader,${BASE_DN}`;
const READER_PASSWORD = 'reader-password';
const ADMIN_DN = 'cn=Directory Manager';
const ADMIN_PASSWORD = 'admin-password';
const START_TIMEOUT_MS = 60_000;

export interface Ds389 {
  readonly url: string;
  readonly baseDn: string;
  readonly readerDn: string;
  readonly readerPassword: string;
  /** Applies LDIF changes as the administrator; records without changetype are added. */
  modify(ldif: string): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** What is missing to run the server here; `null` when nothing is. */
export function ds389Missing(): string | null {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  return missing.length === 0
    ? null
    : `389 Directory Server is not installed here (${missing.join(', ')}): apt-get install --no-install-recommends 389-ds-base ldap-utils`;
}

/** For the `skip` option of tests: the reason, or false; where servers are required, the tests run and fail instead. */
export function ds389Skip(): string | false {
  return process.env['C42UDS_REQUIRE_SERVERS'] === '1' ? false : (ds389Missing() ?? false);
}

/** Starts a server with the people 1 to `users`: three seconds. Its own set-up program wants a machine of its own. */
export async function startDs389(options: { readonly users: number }): Promise<Ds389> {
  const missing = ds389Missing();
  if (missing !== null) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'c42uds-ds389-'));
  try {
    const port = await freePort();
    await layOut(folder, port);
    const child = await start(folder, port);
    const asAdmin = ['-a', '-x', '-H', `ldap://127.0.0.1:${port}`, '-D', ADMIN_DN, '-w', ADMIN_PASSWORD];
    const modify = (ldif: string): Promise<void> => runTool('/usr/bin/ldapmodify', asAdmin, ldif);
    try {
      await modify(ldifFor(options.users));
    } catch (error) {
      await end(child);
      throw error;
    }
    return {
      url: `ldap://127.0.0.1:${port}`,
      baseDn: BASE_DN,
      readerDn: READER_DN,
      readerPassword: READER_PASSWORD,
      modify,
      stop: async () => {
        await end(child);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The people of the OpenLDAP tests; memberOf is kept by the server itself. */
function ldifFor(users: number): string {
  const rights = '(targetattr="*")(version 3.0; acl "reader"; allow (read, search, compare)';
  return [...directoryLdif(users, READER_PASSWORD, null)]
    .join('')
    .replace(/^memberOf:.*\n/gm, '')
    .replace('o: Example\n', `o: Example\naci: ${rights} userdn="ldap:///${READER_DN}";)\n`);
}

/** Fills the vendor's template of the configuration, with everything below `folder`. */
async function layOut(folder: string, port: number): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const names = ['lock', 'tmp', 'cert', 'ldif', 'bak', 'run', 'inst', 'log', 'db', 'config'];
  for (const name of names) await mkdir(at(name));
  await cp('/etc/dirsrv/schema', at('config/schema'), { recursive: true });
  for (const name of ['slapd-collations.conf', 'certmap.conf']) {
    await copyFile(join('/etc/dirsrv/config', name), at(`config/${name}`));
    await chmod(at(`config/${name}`), 0o600);
  }
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(names.map((name) => [`${name}_dir`, at(name)])),
    ...{ schema_dir: at('config/schema'), db_home_dir: at('db'), db_lib: 'bdb', fqdn: 'localhost' },
    ...{ ds_port: String(port), ds_user: userInfo().username, ds_suffix: BASE_DN },
    ...{ rootdn: ADMIN_DN, ds_passwd: hashed(ADMIN_PASSWORD) },
    ...{ ldapi_enabled: 'off', ldapi: at('run/ldapi'), ldapi_autobind: 'off' },
  };
  const template = await readFile(TEMPLATE, 'utf8');
  const filled = template
    .replace(/%([a-z_]+)%/g, (_, name: string) => values[name] ?? '')
    .replace(/^nsslapd-port:/m, 'nsslapd-listenhost: 127.0.0.1\nnsslapd-schemacheck: off\n$&')
    .replace(/(dn: cn=MemberOf Plugin,[^]*?nsslapd-pluginEnabled:) off/i, '$1 on');
  const backend = [
    'dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config\nobjectClass: top\nobjectClass: nsBackendInstance',
    `cn: userroot\nnsslapd-suffix: ${BASE_DN}\n`,
    `dn: cn="${BASE_DN}",cn=mapping tree,cn=config\nobjectClass: top\nobjectClass: nsMappingTree`,
    `cn: "${BASE_DN}"\nnsslapd-state: backend\nnsslapd-backend: userroot\n`,
  ];
  await writeFile(at('config/dse.ldif'), `${filled.trimEnd()}\n\n${backend.join('\n')}\n`);
}

/** In clear the server does not take it. */
function hashed(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha512').update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const args = ['-D', join(folder, 'config'), '-i', join(folder, 'run/slapd.pid'), '-d', '0'];
  // With -d it stays in the foreground.
  const child = spawn('/usr/sbin/ns-slapd', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-5000)));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`ns-slapd did not start: ${output}`);
    }
    await delay(20);
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
