/** Makes the files of a new Active Directory domain, once for a checkout: provisioning takes seconds, unpacking none. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './tool.ts';
import { accountLdif, DOMAIN_DN, DOMAIN_NAME } from './samba-people.ts';

export const ADMIN_DN = `CN=Administrator,CN=Users,${DOMAIN_DN}`;
export const ADMIN_PASSWORD = 'Admin-Passw0rd';
/** An account without any special right, as ours should be. */
export const READER_DN = `CN=reader,CN=Users,${DOMAIN_DN}`;
export const READER_PASSWORD = 'Reader-Passw0rd';

/** Raised when what is below changes, so that an old archive is not used. */
const EDITION = 1;
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/c42uds-samba', import.meta.url));

/**
 * Fills `folder` with a domain that has an administrator and a reader.
 * @param fresh a domain of its own (its own SIDs, GUIDs and invocation id) and not a copy of the checkout's
 */
export async function provision(folder: string, fresh: boolean, name = DOMAIN_NAME): Promise<void> {
  if (fresh || name !== DOMAIN_NAME) return make(folder, name);
  const archive = join(CACHE, `domain-${EDITION}.tar.gz`);
  if (!existsSync(archive)) {
    await mkdir(CACHE, { recursive: true, mode: 0o700 });
    const making = join(CACHE, `making-${process.pid}`);
    try {
      await make(making, DOMAIN_NAME);
      await runTool('tar', ['-czf', `${making}.tar.gz`, '-C', making, '.']);
      // Of two test files that come here at the same time, either archive will do.
      await rename(`${making}.tar.gz`, archive);
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }
  await runTool('tar', ['-xzf', archive, '-C', folder]);
}

async function make(folder: string, name: string): Promise<void> {
  await runTool('samba-tool', [
    ...['domain', 'provision', '--configfile=/dev/null', `--targetdir=${folder}`, '--dns-backend=NONE'],
    ...['--server-role=dc', `--realm=${name.toUpperCase()}`, `--domain=${shortName(name)}`, '--use-rfc2307'],
    ...[`--adminpass=${ADMIN_PASSWORD}`, '--host-name=dc1', '--host-ip=127.0.0.1'],
    ...[`--option=posix:eadb=${join(folder, 'eadb.tdb')}`, '--option=bind interfaces only=yes'],
    '--option=interfaces=127.0.0.1/8',
  ]);
  await writeFile(join(folder, 'smb.conf'), smbConf(folder, '127.0.0.1', '', name));
  await loadPast(
    folder,
    inDomain(accountLdif({ dn: READER_DN, sAMAccountName: 'reader', password: READER_PASSWORD }), name) +
      // The archive may be older than the 42 days after which passwords expire.
      inDomain(
        `dn: ${ADMIN_DN}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66048\n\n`,
        name,
      ),
  );
}

function shortName(name: string): string {
  return name.replace(/\..*/, '').toUpperCase();
}

/** LDIF that is written for the test domain, for a domain of another name; who is called what at it stays. */
export function inDomain(ldif: string, name: string): string {
  return ldif.replaceAll(DOMAIN_DN, domainDn(name));
}

export function domainDn(name: string): string {
  return name
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');
}

/** Writes LDIF (additions and changes) into the domain's files, past the server: many entries and passwords are quickest this way. */
export async function loadPast(
  folder: string,
  ldif: string,
  controls: readonly string[] = [],
): Promise<void> {
  const database = ['-H', join(folder, 'private/sam.ldb'), `--configfile=${join(folder, 'smb.conf')}`];
  await runTool('ldbmodify', [...database, ...controls], ldif);
}

/** systemFlags of a crossRef that stands for a domain ([MS-ADTS] 6.1.1.2.1.1). */
const DOMAIN_NAMING_CONTEXT = 3;
/** instanceType ([MS-ADTS] 3.1.1.1.7): the top of a naming context below another one, which can be written. */
const TOP_OF_CHILD = 13;

/**
 * Makes a domain controller refer to a child domain. Samba refers to naming contexts below the search base that it knows
 * itself, and names as their host the DNS name of its own domain; so it is given the empty top of one.
 */
export async function addChildDomain(folder: string, dn: string): Promise<void> {
  const name = /^DC=([^,]+)/i.exec(dn)?.[1] ?? dn;
  const top = `dn: ${dn}\nobjectClass: domainDNS\ninstanceType: ${TOP_OF_CHILD}\n\n`;
  const dnsRoot = dn.replace(/^DC=/i, '').replace(/,DC=/gi, '.');
  const reference = `dn: CN=${name},CN=Partitions,CN=Configuration,${DOMAIN_DN}\nobjectClass: crossRef\nnCName: ${dn}\ndnsRoot: ${dnsRoot}\nnETBIOSName: ${name.toUpperCase()}\nsystemFlags: ${DOMAIN_NAMING_CONTEXT}\n\n`;
  await loadPast(folder, top + reference, ['--controls=relax:0']);
}

/** A domain controller that serves LDAP alone: no Kerberos, DNS, SMB. Ports are not for choosing, addresses are. */
export function smbConf(folder: string, address: string, more: string, name = DOMAIN_NAME): string {
  const at = (name: string): string => join(folder, name);
  return [
    '[global]',
    `netbios name = DC1\nrealm = ${name.toUpperCase()}\nworkgroup = ${shortName(name)}\nserver role = active directory domain controller`,
    `server services = ldap\ninterfaces = ${address}/8\nbind interfaces only = yes`,
    `lock directory = ${folder}\nprivate dir = ${at('private')}\nstate directory = ${at('state')}`,
    `cache directory = ${at('cache')}\nbinddns dir = ${at('bind-dns')}\npid directory = ${at('run')}`,
    `ncalrpc dir = ${at('run/ncalrpc')}\nntp signd socket directory = ${at('run/ntp')}`,
    `winbindd socket directory = ${at('run/winbindd')}\nlog file = ${at('samba.log')}`,
    `idmap_ldb:use rfc2307 = yes\nposix:eadb = ${at('eadb.tdb')}`,
    more,
    '',
  ].join('\n');
}
