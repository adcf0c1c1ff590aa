/**
 * What an incremental live run with 100 changes costs in each way of finding them: time, bytes from the directory,
 * entries read. 100,000 users, or the first argument; `--quick` takes 2,000.
 *
 * Every tenth user has an account at the service. OpenLDAP has no update sequence numbers; USN_CHANGED is measured on Samba where that is installed, with fewer users,
 * since loading it takes minutes.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { PROGRAM } from '../test/e2e/command-line.ts';
import { Installation, SCRIPTS } from '../test/e2e/installation.ts';
import { employee } from '../test/servers/samba-people.ts';
import { sambaMissing, startSamba } from '../test/servers/samba.ts';
import { startServiceProcess, type ServiceProcess } from '../test/servers/service-process.ts';
import { person } from '../test/servers/slapd-people.ts';
import { startSlapd } from '../test/servers/slapd.ts';

const quick = process.argv.includes('--quick');
const users = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? (quick ? '2000' : '100000'));
const SAMBA_USERS = Math.min(users, 1000);
const CHANGES = 100;
/** So few have an account, for creating them is not what is measured. */
const ACTIVE = 'function (entry) { return Number(entry.uid.slice(1)) % 10 === 0; }';

/** A way to the directory that counts what comes from it. */
async function countingWay(
  host: string,
  port: number,
): Promise<{ url: string; bytes: number; close(): void }> {
  const sockets = new Set<Socket>();
  const way = { url: '', bytes: 0, close: (): void => undefined };
  const server = createServer((near) => {
    const far = connect({ host, port });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
    far.on('data', (chunk: Buffer) => (way.bytes += chunk.length));
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  way.url = `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
  way.close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return way;
}

interface Directory {
  readonly name: string;
  readonly users: number;
  readonly host: string;
  readonly port: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly password: string;
  readonly trackings: readonly string[];
  readonly change: (number: number, title: string) => string;
  modify(ldif: string): Promise<void>;
}

async function run(installation: Installation): Promise<{ seconds: number; entries: string }> {
  const started = performance.now();
  const child = spawn(process.execPath, [PROGRAM, '--sync-now', '--debug'], { cwd: installation.folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - started) / 1000;
  if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}: ${output.slice(-2000)}`);
  const read = [...output.matchAll(/(\d+) entries read: complete/g)].map(([, count]) => count);
  return { seconds, entries: read.join(' + ') };
}

async function measure(directory: Directory, service: ServiceProcess): Promise<void> {
  const way = await countingWay(directory.host, directory.port);
  const installation = new Installation(
    {
      ...directory.properties,
      'ldap.baseurl': way.url,
      'ldap.paging.size': '1000',
      'ldap.referral': 'IGNORE',
      // The changes of one measurement are younger than the usual minute at the next.
      'ldap.change.overlap.period': '0',
      'scim.client.threads': '16',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
    },
    { ...SCRIPTS, active: ACTIVE },
  );
  try {
    await installation.storePasswords(directory.password, service.password);
    const first = await run(installation);
    console.log(
      `${directory.name}, ${directory.users} users: first run, every tenth created, ${first.seconds.toFixed(1)} s`,
    );
    // A directory that was loaded a moment ago shows its units as changed, and then everybody is read.
    for (const title of ['Warm', 'Warmer']) {
      await directory.modify(directory.change(10, title));
      await run(installation);
    }
    let round = 0;
    for (const tracking of directory.trackings) {
      for (const check of ['false', 'true']) {
        installation.set({
          'ldap.change.tracking': tracking,
          'missed.user.check': check,
        });
        // The watermark of this tracking; COMPARE keeps none.
        await run(installation);
        round++;
        const numbers = Array.from(
          { length: CHANGES },
          (_, index) => 10 * (1 + ((index * 7 + round) % (directory.users / 10))),
        );
        await directory.modify(numbers.map((number) => directory.change(number, `Title ${round}`)).join(''));
        await service.reset();
        way.bytes = 0;
        const { seconds, entries } = await run(installation);
        const { writes } = await service.summary();
        console.log(
          `| ${directory.name} | ${directory.users} | ${tracking} | ${check} | ${seconds.toFixed(2)} s | ${(way.bytes / 1000).toFixed(0)} kB | ${entries} | ${writes} |`,
        );
        if (writes !== new Set(numbers).size) throw new Error(`${writes} writes for ${CHANGES} changes`);
      }
    }
  } finally {
    installation.remove();
    way.close();
  }
}

console.log(
  `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
console.log(
  '| directory | users | ldap.change.tracking | missed.user.check | time | bytes | entries read | writes |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');

const slapd = await startSlapd({ users });
const first = await startServiceProcess();
try {
  const { port, hostname } = new URL(slapd.url);
  await measure(
    {
      name: 'OpenLDAP',
      users,
      host: hostname,
      port: Number(port),
      properties: { 'ldap.baseDn': slapd.baseDn, 'ldap.bind.user': slapd.readerDn },
      password: slapd.readerPassword,
      trackings: ['MODIFY_TIMESTAMP', 'WHEN_CHANGED', 'COMPARE'],
      // whenChanged is an attribute like others here: what Active Directory does by itself has to be written.
      change: (number, title) =>
        `dn: ${person(number).dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n-\nreplace: whenChanged\nwhenChanged: ${now()}\n\n`,
      modify: (ldif) => slapd.modify(ldif),
    },
    first,
  );
} finally {
  await first.stop();
  await slapd.stop();
}

if (sambaMissing() === null) {
  const samba = await startSamba({ users: SAMBA_USERS });
  const service = await startServiceProcess();
  try {
    await measure(
      {
        name: 'Samba',
        users: SAMBA_USERS,
        host: samba.address,
        port: 389,
        properties: { 'ldap.baseDn': samba.staffDn, 'ldap.bind.user': samba.readerDn },
        password: samba.readerPassword,
        trackings: ['USN_CHANGED', 'WHEN_CHANGED', 'COMPARE'],
        change: (number, title) =>
          `dn: ${employee(number).dn}\nchangetype: modify\nreplace: title\ntitle: ${title}\n\n`,
        modify: (ldif) => samba.modify(ldif),
      },
      service,
    );
  } finally {
    await service.stop();
    await samba.stop();
  }
}

function now(): string {
  return `${new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14)}.0Z`;
}
