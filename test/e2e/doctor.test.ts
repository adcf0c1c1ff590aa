/** `c42uds doctor` against set-ups with one fault each: it has to name the right one, and nothing else. */

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { startDemoService } from '../../src/demo/scim-service.ts';
import type { Fault as ServiceFault } from '../../src/demo/fault-plan.ts';
import { acquireRunLock } from '../../src/local/run-lock.ts';
import { openStateFile } from '../../src/local/state-file.ts';
import type { CheckStatus } from '../../src/model/examination.ts';
import {
  EXPIRED_CERTIFICATE,
  GOOD_CERTIFICATE,
  TEST_AUTHORITY,
  type TestCertificate,
} from '../servers/hostile-scim-certificates.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import { makeAuthority, makeCertificate } from '../servers/slapd-certificates.ts';
import { Conversation, noTerminal } from './command-line.ts';
import { BIND, DoctorScene, PEOPLE, startCompany, startCrowd, traces, type Fault } from './doctor-scene.ts';
import { assertExit, SCRIPTS, type Installation } from './installation.ts';

/** What the doctor has to say: which check, how bad, with which words. */
interface Expected {
  readonly check: string;
  readonly status: Exclude<CheckStatus, 'OK' | 'SKIPPED'>;
  readonly exitCode: number;
  readonly says: RegExp;
}

/** Undoes what a fault needed besides the installation. */
type Undo = () => Promise<void> | void;

interface Breakage extends Fault {
  readonly fault: string;
  readonly expected: Expected;
  /** Flags of a run that has to end with the same exit code. */
  readonly run?: readonly string[];
  /** Breaks what properties cannot: files, servers. */
  readonly damage?: (installation: Installation) => Promise<Undo | void> | Undo | void;
}

/** An address of this machine that is not its loopback. */
const OUTSIDE = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

const NOTHING_LISTENS = '127.0.0.1:9';

describe('c42uds doctor', () => {
  let scene: DoctorScene;
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-doctor-'));
  const authority = join(folder, 'authority.pem');
  const rows: string[] = [];

  before(async () => {
    scene = await DoctorScene.begin();
    writeFileSync(authority, TEST_AUTHORITY);
  });

  after(async () => {
    await scene.end();
    rmSync(folder, { recursive: true });
  });

  const failure = (check: string, exitCode: number, says: RegExp): Expected => ({
    check,
    status: 'FAILURE',
    exitCode,
    says,
  });
  const warning = (check: string, says: RegExp): Expected => ({
    check,
    status: 'WARNING',
    exitCode: 0,
    says,
  });

  /** The directory behind ldaps:// with this certificate. */
  const secureDirectory =
    (certificate: TestCertificate, caFile = '') =>
    async (installation: Installation): Promise<Undo> => {
      const directory = await startCompany({ tls: certificate });
      installation.set({ 'ldap.baseurl': directory.url, 'ldap.connection.ca.file': caFile });
      return () => directory.stop();
    };

  /** A service behind https:// with this certificate. */
  const secureService =
    (certificate: TestCertificate, caFile = '') =>
    async (installation: Installation): Promise<Undo> => {
      const service = await startHostileScim(certificate);
      installation.set({ 'scim.baseurl': service.url, 'scim.connection.ca.file': caFile });
      return () => service.close();
    };

  /** The service answers so where the path begins so. */
  const serviceAnswers = (path: string, answer: Extract<ServiceFault, { kind: 'ANSWER' }>) => (): Undo => {
    scene.service.setFaults((request) => (request.path.startsWith(path) ? answer : null));
    return () => scene.service.setFaults(null);
  };

  /** A page of the first users who are really there, and a total that need not be true. */
  const listing = (totalResults: number, users: number): Extract<ServiceFault, { kind: 'ANSWER' }> => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
    const shown = scene.service.users().slice(0, users);
    const Resources = shown.map(({ id, userName, externalId }) => ({ id, userName, externalId }));
    const body = JSON.stringify({ schemas, totalResults, Resources });
    return { kind: 'ANSWER', status: 200, headers: { 'Content-Type': 'application/scim+json' }, body };
  };

  const breakages: readonly Breakage[] = [
    {
      fault: 'a mistake in the configuration',
      properties: { 'ldap.paging.size': 'many' },
      expected: failure('configuration', 2, /line \d+: ldap\.paging\.size/),
    },
    {
      fault: 'a script that every account can change',
      damage: (installation) => chmodSync(installation.path('orgscript.js'), 0o666),
      expected: warning('permissions', /Other accounts can change .*orgscript\.js/),
    },
    {
      fault: 'a configuration with a password that every account can read and change',
      damage: async (installation) => {
        await scene.run(installation, ['--ldap-bind-password'], {}, `${BIND.bindPassword}\n`);
        chmodSync(installation.path('config.properties'), 0o666);
      },
      expected: warning(
        'permissions',
        /^\S+config\.properties holds a password and every account can read it\.$/,
      ),
    },
    {
      fault: 'a private key that every account can read',
      properties: { 'ldap.connection.client.cert': 'client.pem' },
      damage: (installation) => {
        writeFileSync(installation.path('client.pem'), GOOD_CERTIFICATE.cert + GOOD_CERTIFICATE.key);
        chmodSync(installation.path('client.pem'), 0o644);
        return secureDirectory(GOOD_CERTIFICATE, authority)(installation);
      },
      expected: warning('permissions', /Every account can read .*client\.pem, the private key/),
    },
    {
      fault: 'a folder for the state that is not there',
      properties: { 'state.location': 'nowhere/state.db' },
      expected: failure('folders', 2, /nowhere \(state\.location\) cannot be written: there is no such/),
    },
    ...(
      [
        [
          'a file in the place of the log folder',
          {},
          'logs',
          /logs \(log\.location\) .*: it is a file, not a folder/,
        ],
        [
          'a log folder below a file',
          { 'log.location': 'a/logs' },
          'a',
          /a \(log\.location\) .*: it is a file/,
        ],
        [
          'a state folder that is a file',
          { 'state.location': 'a/state.db' },
          'a',
          /a \(state\.location\) .*: it is a file/,
        ],
      ] as const
    ).map(([fault, properties, name, says]) => ({
      fault,
      properties,
      run: ['--sync-now'],
      damage: (installation: Installation) => writeFileSync(installation.path(name), ''),
      expected: failure('folders', 2, says),
    })),
    ...(
      [
        ['a folder in the place of the state', 'state.db', 'state'],
        ['a folder in the place of the run lock', 'state.db.lock', 'folders'],
      ] as const
    ).map(([fault, name, check]) => ({
      fault,
      run: ['--sync-now'],
      damage: (installation: Installation) => mkdirSync(installation.path(name)),
      expected: failure(check, 2, /state\.db.* cannot be (written|opened): it is a folder, not a file/),
    })),
    {
      fault: 'a state that is a circle of links',
      damage: (installation) => symlinkSync('state.db', installation.path('state.db')),
      expected: failure('folders', 2, /state\.db \(state\.location\) cannot be written: .*a circle of links/),
    },
    {
      fault: 'a metrics file in a folder that is not there',
      properties: { 'metrics.file': 'nowhere/c42uds.prom' },
      expected: warning(
        'folders',
        /metrics\.file cannot be written to .*nowhere: there is no such file or folder/,
      ),
    },
    {
      fault: 'a folder in the place of the metrics file',
      properties: { 'metrics.file': 'c42uds.prom' },
      damage: (installation) => mkdirSync(installation.path('c42uds.prom')),
      expected: warning('folders', /c42uds\.prom: it is a folder, not a file/),
    },
    {
      fault: 'a script with a syntax error',
      damage: (installation) => installation.writeScripts({ org: 'function (entry) {\n  return entry.;\n}' }),
      expected: failure('scripts', 2, /orgscript\.js line 2, column 16/),
    },
    {
      fault: 'another run that is going on',
      damage: (installation) => {
        const lock = acquireRunLock(installation.path('state.db.lock'));
        return () => lock.release();
      },
      expected: failure('lock', 7, /Another run holds .*state\.db\.lock: process \d+ since/),
    },
    {
      fault: 'a state file of a newer version',
      damage: (installation) => {
        const database = openStateFile(installation.path('state.db'), 'LIVE');
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      expected: failure('state', 2, /newer version of c42uds \(format 99/),
    },
    {
      fault: 'a damaged state file',
      damage: (installation) => {
        openStateFile(installation.path('state.db'), 'LIVE').close();
        const bytes = readFileSync(installation.path('state.db'));
        writeFileSync(installation.path('state.db'), bytes.fill(0x55, 4096, 4096 * 4));
      },
      expected: failure('state', 2, /is damaged/),
    },
    {
      fault: 'a state file of another service',
      damage: (installation) => addForeigner(installation.path('state.db')),
      expected: failure(
        'state',
        2,
        /belongs to the service https:\/\/other\.example\.com, but scim\.baseurl is/,
      ),
    },
    {
      fault: 'runs that have failed for a month',
      damage: (installation) => addRuns(installation.path('state.db')),
      expected: warning('last-runs', /the last success was \d+ days ago; 3 runs since failed/),
    },
    {
      fault: 'a password of another machine',
      properties: { 'ldap.bind.password': `ENC(v1:0123abcd:${Buffer.alloc(40).toString('base64')})` },
      expected: failure('ldap-password', 2, /encrypted on another machine/),
    },
    {
      fault: 'a password file that is not there',
      properties: { 'scim.password': '${file:/run/nowhere/scim}' },
      expected: failure('scim-password', 2, /\/run\/nowhere\/scim cannot be read/),
    },
    {
      fault: 'a host that nobody knows',
      properties: { 'ldap.baseurl': 'ldap://directory.invalid:389' },
      expected: failure('directory-dns', 4, /host name directory\.invalid (is not known|cannot be resolved)/),
    },
    {
      fault: 'a closed port of the directory',
      properties: { 'ldap.baseurl': `ldap://${NOTHING_LISTENS}` },
      expected: failure('directory-tcp', 4, /connection refused: nothing listens on port 9 of 127\.0\.0\.1/),
    },
    {
      fault: 'the global catalog',
      damage: async (installation) => {
        const directory = await startCompany({ port: 3268 });
        installation.set({ 'ldap.baseurl': directory.url });
        return () => directory.stop();
      },
      expected: warning('directory-port', /3268: a global catalog/),
    },
    {
      fault: 'ldaps:// at a port without TLS',
      damage: (installation) =>
        installation.set({ 'ldap.baseurl': scene.directory.url.replace('ldap:', 'ldaps:') }),
      expected: failure('directory-tls', 4, /TLS.*: is this the port for ldaps \(636\)\?/),
    },
    {
      fault: 'ldap:// at a port for TLS',
      damage: async (installation) => {
        const directory = await startCompany({ tls: GOOD_CERTIFICATE });
        installation.set({ 'ldap.baseurl': directory.url.replace('ldaps:', 'ldap:') });
        return () => directory.stop();
      },
      expected: failure('directory-bind', 4, /does this port want TLS\?: set ldap\.baseurl to ldaps:/),
    },
    {
      fault: 'a directory certificate that nobody vouches for',
      damage: (installation) => secureDirectory(GOOD_CERTIFICATE)(installation),
      expected: failure('directory-tls', 4, /cannot be trusted: it is signed by an authority/),
    },
    {
      fault: 'a directory certificate that has expired',
      damage: (installation) => secureDirectory(EXPIRED_CERTIFICATE, authority)(installation),
      expected: failure('directory-tls', 4, /cannot be trusted: it has expired \(on Jan {2}2/),
    },
    {
      fault: 'certificates that need not be good',
      properties: { 'ldap.connection.allowunsafecerts': 'true' },
      damage: (installation) => secureDirectory(GOOD_CERTIFICATE)(installation),
      expected: warning('directory-tls', /any certificate is accepted/),
    },
    {
      fault: 'a wrong bind password',
      env: { LDAP_SECRET: 'not-the-bind-password' },
      expected: failure('directory-bind', 4, /the bind of CN=reader,.* was refused/),
    },
    {
      fault: 'a base DN that does not exist',
      properties: { 'ldap.baseDn': 'OU=Nobody,dc=example,dc=com' },
      expected: failure('directory-base', 4, /ldap\.baseDn "OU=Nobody,dc=example,dc=com" cannot be read/),
    },
    {
      fault: 'a filter that finds nobody',
      properties: { 'ldap.search.filter': '(mail=nobody@nowhere.example)' },
      run: [],
      expected: failure('directory-users', 6, /finds nobody: .*\(mail=nobody@nowhere\.example\)/),
    },
    {
      fault: 'a part of the base on another server',
      damage: () => {
        const reference = 'ldap://elsewhere.example.com/OU=Far,OU=People,dc=example,dc=com';
        scene.directory.setMisbehave(({ paged, base, entryCount }) =>
          !paged && base === PEOPLE && entryCount === 0 ? { reference } : null,
        );
        return () => scene.directory.setMisbehave(null);
      },
      expected: warning(
        'directory-referrals',
        /a part of the search base lies elsewhere \(ldap:\/\/elsewhere/,
      ),
    },
    {
      fault: 'clocks an hour apart',
      damage: async (installation) => {
        const directory = await startCompany({ now: () => new Date(Date.now() + 3_600_000) });
        installation.set({ 'ldap.baseurl': directory.url });
        return () => directory.stop();
      },
      expected: warning(
        'directory-clock',
        /this host is (59 min 5\d s|1 h 0 min) behind the directory server/,
      ),
    },
    {
      fault: 'an attribute for the userName that nobody has',
      properties: { 'ldap.attrib.userName': 'mailbox' },
      run: [],
      expected: failure(
        'user-names',
        6,
        /40 of 40 users are active by the Active script and have no mailbox .*: guard\.failed\.max\.percent \(20 %\) stops/,
      ),
    },
    {
      fault: 'a script that reads an attribute which nobody has',
      damage: (installation) =>
        installation.writeScripts({ org: 'function (entry) {\n  return entry.departmnt;\n}' }),
      expected: warning('script-attributes', /orgscript\.js reads departmnt \(line 2\), which none of 40/),
    },
    {
      fault: 'a script that fails for everybody',
      damage: (installation) =>
        installation.writeScripts({ role: 'function (entry) { return entry.mail.missing(); }' }),
      run: [],
      expected: failure(
        'script-sample',
        6,
        /The scripts fail for each of 40 users: guard\.failed\.max\.percent \(20 %\) stops .*rolescript\.js/,
      ),
    },
    {
      fault: 'a script that fails for more users than the guard allows',
      damage: (installation) =>
        installation.writeScripts({
          org: 'function (entry) { if (entry.mail < "m") throw "no"; return null; }',
        }),
      run: [],
      expected: failure(
        'script-sample',
        6,
        /The scripts fail for \d\d of 40 users: guard\.failed\.max\.percent/,
      ),
    },
    {
      fault: 'a script that fails for more users than a lenient guard allows',
      properties: { 'guard.failed.max.percent': '100' },
      damage: (installation) =>
        installation.writeScripts({
          org: 'function (entry) { if (entry.mail < "m") throw "no"; return null; }',
        }),
      expected: warning('script-sample', /\d\d fail, and a run ends with exit code 3: CN=/),
    },
    {
      fault: 'a script that fails for everybody where no guard looks',
      properties: { 'guard.failed.max.percent': '100' },
      damage: (installation) =>
        installation.writeScripts({ role: 'function (entry) { return entry.mail.missing(); }' }),
      run: [],
      expected: failure('script-sample', 3, /The scripts fail for each of 40 users\. CN=.*rolescript\.js/),
    },
    {
      fault: 'a proxy that is none',
      env: { http_proxy: 'ftp://proxy.example.com' },
      expected: failure('scim-proxy', 2, /environment variable http_proxy does not hold/),
    },
    {
      fault: 'a proxy that is down',
      env: { http_proxy: `http://user:hidden-word@${NOTHING_LISTENS}` },
      expected: failure('scim-tcp', 5, /127\.0\.0\.1, port 9, of the proxy for .*nothing listens there/),
    },
    {
      fault: 'a service that nobody knows',
      properties: { 'scim.baseurl': 'https://service.invalid/scim/v2' },
      expected: failure('scim-dns', 5, /host name service\.invalid of the SCIM service/),
    },
    {
      fault: 'a closed port of the service',
      properties: { 'scim.baseurl': `http://${NOTHING_LISTENS}/scim/v2` },
      expected: failure('scim-tcp', 5, /port 9, of the SCIM service .*: nothing listens there/),
    },
    {
      fault: 'https:// at a port without TLS',
      damage: (installation) =>
        installation.set({ 'scim.baseurl': scene.service.baseUrl.replace('http:', 'https:') }),
      expected: failure(
        'scim-tls',
        5,
        /does not speak TLS on this port, but scim\.baseurl begins with https/,
      ),
    },
    {
      fault: 'http:// at a port for TLS',
      damage: async (installation) => {
        const service = await startHostileScim(GOOD_CERTIFICATE);
        installation.set({ 'scim.baseurl': service.url.replace('https:', 'http:') });
        return () => service.close();
      },
      expected: failure(
        'scim-auth',
        5,
        /does this port want TLS\? Then scim\.baseurl has to begin with https/,
      ),
    },
    {
      fault: 'a service certificate that nobody vouches for',
      damage: (installation) => secureService(GOOD_CERTIFICATE)(installation),
      expected: failure('scim-tls', 5, /has a certificate that is not trusted/),
    },
    {
      fault: 'a service certificate that has expired',
      damage: (installation) => secureService(EXPIRED_CERTIFICATE, authority)(installation),
      expected: failure('scim-tls', 5, /CERT_HAS_EXPIRED/),
    },
    {
      fault: 'a service that refuses the password (401)',
      env: { SCIM_SECRET: 'not-the-scim-password' },
      expected: failure('scim-auth', 5, /refused the credentials of .*HTTP 401/),
    },
    {
      fault: 'an address that answers with a page',
      damage: () =>
        serviceAnswers('/', {
          kind: 'ANSWER',
          status: 200,
          headers: { 'Content-Type': 'text/html' },
          body: '<!doctype html><title>Welcome</title><p>Please sign in</p>',
        })(),
      expected: failure(
        'scim-auth',
        5,
        /answers, but not as a SCIM service does: HTTP 200: Welcome Please sign in/,
      ),
    },
    {
      fault: 'a service whose clock is an hour ahead',
      damage: () => {
        // The last that it is asked, and its answer: the first user.
        const { headers, ...answer } = listing(1, 1);
        const date = new Date(Date.now() + 3_600_000).toUTCString();
        return serviceAnswers('/Users?filter=externalId', {
          ...answer,
          headers: { ...headers, Date: date },
        })();
      },
      expected: warning('scim-clock', /this host is (59 min 5\d s|1 h 0 min) behind the service/),
    },
    {
      fault: 'a web hook that nobody answers',
      properties: { 'notify.url': `https://${NOTHING_LISTENS}/hook?token=hidden-word` },
      expected: warning(
        'notify-hook',
        /^The web hook https:\/\/127\.0\.0\.1:9 is not reached: nothing listens there\.$/,
      ),
    },
    {
      fault: 'a web hook that nobody vouches for',
      damage: async (installation) => {
        const hook = await startHostileScim(GOOD_CERTIFICATE);
        installation.set({ 'notify.url': hook.url });
        return () => hook.close();
      },
      expected: warning('notify-hook', /is not reached: its certificate is not trusted \(/),
    },
    {
      fault: 'a web hook whose port has no TLS',
      damage: (installation) =>
        installation.set({ 'notify.url': scene.service.baseUrl.replace('http:', 'https:') }),
      expected: warning('notify-hook', /does not speak TLS, but notify\.url begins with https:/),
    },
    {
      fault: 'a service without discovery',
      damage: () => serviceAnswers('/ServiceProviderConfig', { kind: 'ANSWER', status: 404 })(),
      expected: warning('scim-discovery', /does not say what it can do: HTTP 404/),
    },
    {
      fault: 'a service that ends its list too early',
      damage: () => serviceAnswers('/Users?startIndex=3', listing(5, 0))(),
      expected: warning('scim-paging', /its totalResults is 5, and it sends none from the third on/),
    },
    {
      fault: 'a service that lies about its total',
      damage: () => serviceAnswers('/Users?startIndex=1&count=2', listing(1, 2))(),
      expected: warning('scim-paging', /its totalResults is 1, and it sends 2/),
    },
    {
      fault: 'a service that sends the first page for ever',
      damage: () => serviceAnswers('/Users?startIndex', listing(5, 2))(),
      expected: warning('scim-paging', /sends the first page whatever startIndex says/),
    },
    {
      fault: 'a service that does not look at filters',
      damage: () => serviceAnswers('/Users?filter=externalId', listing(5, 5))(),
      expected: warning('scim-filter-externalid', /by externalId with users whom nobody asked for/),
    },
    {
      fault: 'a service without PATCH',
      damage: async (installation) => {
        const service = await startDemoService({ noPatch: true, password: scene.service.password });
        installation.set({ 'scim.baseurl': service.baseUrl });
        return () => service.stop();
      },
      expected: warning('scim-patch', /the service has no PATCH/),
    },
  ];

  for (const { fault, expected, damage, run, ...settings } of breakages) {
    it(`names ${fault}`, async () => {
      const installation = scene.installation(settings);
      const undo = await damage?.(installation);
      try {
        const { checks, exitCode } = await scene.diagnosis(installation, settings.env);
        const amiss = checks.filter(({ status }) => status === 'WARNING' || status === 'FAILURE');
        const told = amiss.map(({ id, status, message }) => `${status} ${id}: ${message}`).join('\n');
        assert.deepEqual(
          amiss.map(({ id, status }) => `${status} ${id}`),
          [`${expected.status} ${expected.check}`],
          told,
        );
        assert.match(amiss[0]?.message ?? '', expected.says);
        assert.equal(exitCode, expected.exitCode);
        if (run !== undefined) assertExit(await scene.run(installation, run, settings.env), exitCode);
        // Whatever could not be checked says which check it waits for: the one that failed, and no other.
        for (const { status, waitsFor, message } of checks) {
          if (status !== 'SKIPPED') continue;
          assert.equal(waitsFor, expected.check);
          assert.equal(message, `not checked: waits for ${expected.check}`);
        }
        rows.push(
          `${fault.padEnd(52)} ${amiss[0]?.status.padEnd(8)} ${String(exitCode).padEnd(5)} ${expected.check}`,
        );
      } finally {
        await undo?.();
        installation.remove();
      }
    });
  }

  /** The doctor's findings of a directory with so many service accounts, who have no mail, before so many people. */
  async function ofCrowd(
    serviceAccounts: number,
    people: number,
    org = 'return null;',
  ): Promise<{ readonly amiss: readonly string[]; readonly exitCode: number; readonly runs: number }> {
    const directory = await startCrowd(serviceAccounts, people);
    const installation = scene.installation({ properties: { 'ldap.baseurl': directory.url } });
    installation.writeScripts({
      active: 'function (entry) { return true; }',
      org: `function (entry) { ${org} }`,
      role: 'function (entry) { return null; }',
    });
    try {
      const { checks, exitCode } = await scene.diagnosis(installation);
      const amiss = checks.filter(({ status }) => status === 'WARNING' || status === 'FAILURE');
      const run = await scene.run(installation, ['--quiet']);
      return {
        amiss: amiss.map(({ id, status, message }) => `${status} ${id}: ${message}`),
        exitCode,
        runs: run.exitCode ?? -1,
      };
    } finally {
      installation.remove();
      await directory.stop();
    }
  }

  it('counts who fails by a script and who has no userName together, as the guard does', async () => {
    const { amiss, exitCode, runs } = await ofCrowd(6, 40, 'if (entry.mail < "c") throw "no"; return null;');
    assert.equal(amiss.length, 2, amiss.join('\n'));
    assert.match(
      amiss[0] ?? '',
      /^WARNING user-names: 6 of 46 users are active .* they fail, and a run ends with exit code 3/,
    );
    assert.match(
      amiss[1] ?? '',
      /^FAILURE script-sample: The scripts fail for [4-9] of 46 users \(and 6 have no userName\): guard\.failed\.max\.percent/,
    );
    assert.deepEqual([exitCode, runs], [6, 6]);
  });

  it('reads on where the first users speak for a guard: service accounts at the beginning stop no run', async () => {
    const few = await ofCrowd(210, 1200);
    assert.match(few.amiss.join('\n'), /^WARNING user-names: 210 of 1,?410 users are active [^\n]*$/);
    assert.deepEqual([few.exitCode, few.runs], [0, 3]);
    const many = await ofCrowd(250, 40);
    assert.match(
      many.amiss.join('\n'),
      /^FAILURE user-names: 250 of 290 users are active [^\n]* guard\.failed[^\n]*$/,
    );
    assert.deepEqual([many.exitCode, many.runs], [6, 6]);
  });

  it('does not fail for users who have failed since earlier runs: no guard stops a run for them', async () => {
    const installation = scene.installation({ properties: { 'guard.failed.max.percent': '100' } });
    installation.writeScripts({ org: 'function (entry) { if (entry.mail < "m") throw "no"; return null; }' });
    try {
      assertExit(await scene.run(installation, ['--sync-now', '--quiet']), 3);
      installation.set({ 'guard.failed.max.percent': '20' });
      assertExit(await scene.run(installation, ['--full-sync', '--quiet']), 3);
      const { checks, exitCode } = await scene.diagnosis(installation);
      assert.equal(checks.find(({ id }) => id === 'script-sample')?.status, 'WARNING');
      assert.equal(exitCode, 0);
    } finally {
      installation.remove();
    }
  });

  it('fails where a run would miss more of the known users than its guard allows, also of many', async () => {
    for (const people of [40, 450]) {
      const directory = await startCrowd(0, people);
      const service = await startDemoService({ password: scene.service.password });
      const properties = {
        'ldap.baseurl': directory.url,
        'scim.baseurl': service.baseUrl,
        'missed.user.check': 'true',
      };
      const installation = scene.installation({ properties });
      try {
        assertExit(await scene.run(installation, ['--sync-now', '--quiet']), 0);
        const whole = await scene.diagnosis(installation);
        assert.equal(whole.checks.find(({ id }) => id === 'directory-users')?.status, 'OK');
        installation.set({ 'ldap.search.filter': '(mail=a*)' });
        const { checks, exitCode } = await scene.diagnosis(installation);
        const users = checks.find(({ id }) => id === 'directory-users');
        assert.equal(users?.status, 'FAILURE', users?.message);
        assert.match(
          users.message,
          /^\d+ users by .*; \d+ of \d+ \(\d\d\.\d %\) known active users are not .*: guard\.absent\.max\.percent \(50 %\) stops/,
        );
        assert.equal(exitCode, 6);
        assertExit(await scene.run(installation, ['--quiet']), 6);
        // Nothing follows from absence then.
        installation.set({ 'missed.user.check': 'false' });
        const lenient = await scene.diagnosis(installation);
        assert.equal(lenient.checks.find(({ id }) => id === 'directory-users')?.status, 'WARNING');
        assert.equal(lenient.exitCode, 0);
      } finally {
        installation.remove();
        await service.stop();
        await directory.stop();
      }
    }
  });

  it('warns of an Active script that says no to everybody, with those who would be deactivated', async () => {
    const service = await startDemoService({ password: scene.service.password });
    const installation = scene.installation({ properties: { 'scim.baseurl': service.baseUrl } });
    const sampleOf = async (): Promise<string> => {
      const { checks, exitCode } = await scene.diagnosis(installation);
      assert.equal(exitCode, 0);
      const { status = '', message = '' } = checks.find(({ id }) => id === 'script-sample') ?? {};
      return `${status} ${message}`;
    };
    const active = 'function (entry) { return false; }';
    try {
      installation.writeScripts({ active });
      assert.equal(await sampleOf(), 'WARNING 0 of 40 users active: nobody would be provisioned');
      installation.writeScripts(SCRIPTS);
      assertExit(await scene.run(installation, ['--sync-now', '--quiet']), 0);
      installation.writeScripts({ active });
      assert.match(
        await sampleOf(),
        /^WARNING 0 of 40 users active: nobody would be provisioned; \d\d known active users would be deactivated, or a guard/,
      );
      assertExit(await scene.run(installation, ['--quiet']), 6);
    } finally {
      installation.remove();
      await service.stop();
    }
  });

  it('prints which fault it named how', (t) => {
    assert.equal(rows.length, breakages.length, 'each fault was named');
    t.diagnostic(`${'FAULT'.padEnd(52)} ${'RESULT'.padEnd(8)} ${'EXIT'.padEnd(5)} NAMED`);
    for (const row of rows) t.diagnostic(row);
  });

  it('warns ten days before a certificate ends, of directory and service alike', async (t) => {
    if (!existsSync('/usr/bin/openssl')) return t.skip('no openssl');
    const caFile = await makeAuthority(folder);
    const { certFile, keyFile } = await makeCertificate(folder, 'expiring');
    const certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    const installation = scene.installation();
    const undo = [
      await secureDirectory(certificate, caFile)(installation),
      await secureService(certificate, caFile)(installation),
    ];
    try {
      const { checks, exitCode } = await scene.diagnosis(installation);
      const amiss = checks.filter(({ id }) => id === 'directory-tls' || id === 'scim-tls');
      for (const { status, message } of amiss) {
        assert.equal(status, 'WARNING', message);
        assert.match(message, /TLSv1\.3, .* ← c42uds test authority; ".*" ends in (9|10) days, on \d{4}-/);
      }
      assert.equal(amiss.length, 2);
      assert.equal(exitCode, 0);
    } finally {
      for (const end of undo) await end();
      installation.remove();
    }
  });

  it(
    'warns each time of passwords that cross the network in clear',
    { skip: OUTSIDE === undefined && 'this machine has no address but its own' },
    async () => {
      const host = OUTSIDE ?? '';
      const [directory, service] = await Promise.all([
        startCompany({ host }),
        startDemoService({ host, password: scene.service.password }),
      ]);
      const installation = scene.installation({
        properties: { 'ldap.baseurl': directory.url, 'scim.baseurl': service.baseUrl },
      });
      try {
        for (let time = 0; time < 2; time += 1) {
          const { checks, exitCode } = await scene.diagnosis(installation);
          const amiss = checks.filter(({ status }) => status === 'WARNING' || status === 'FAILURE');
          assert.deepEqual(
            amiss.map(({ id, status }) => `${status} ${id}`),
            ['WARNING configuration', 'WARNING directory-bind'],
          );
          assert.match(amiss[1]?.message ?? '', /The bind password goes to ldap:.* unencrypted\. Use ldaps:/);
          assert.match(amiss[0]?.message ?? '', /scim\.baseurl: /);
          assert.equal(exitCode, 0);
        }
        installation.set({ 'ldap.connection.cleartext': 'LOOPBACK' });
        const { checks, exitCode } = await scene.diagnosis(installation);
        assert.equal(checks.find(({ status }) => status === 'FAILURE')?.id, 'directory-bind');
        assert.equal(exitCode, 2);
      } finally {
        installation.remove();
        await Promise.all([directory.stop(), service.stop()]);
      }
    },
  );

  it('finds nothing wrong with a healthy installation, and leaves no trace anywhere', async () => {
    const installation = scene.installation();
    try {
      scene.service.resetRequests();
      const before = traces(installation.folder);
      const { checks, verdict, exitCode } = await scene.diagnosis(installation);
      assert.deepEqual(
        checks.filter(({ status }) => status !== 'OK').map(({ id, message }) => `${id}: ${message}`),
        [],
      );
      assert.equal(verdict, 'OK');
      assert.equal(exitCode, 0);
      assert.deepEqual(traces(installation.folder), before);
      const sent = scene.service.recorded().map(({ method }) => method);
      assert.ok(sent.length > 0 && sent.every((method) => method === 'GET'), sent.join(' '));
    } finally {
      installation.remove();
    }
  });

  it('shows a table, in a terminal with colours unless NO_COLOR is set', { skip: noTerminal() }, async () => {
    const installation = scene.installation({ properties: { 'ldap.baseDn': 'OU=Nobody,dc=example,dc=com' } });
    const env = { LDAP_SECRET: 'bind-secret', SCIM_SECRET: scene.service.password };
    try {
      const plain = await scene.run(installation, ['doctor']);
      assertExit(plain, 4);
      assert.match(plain.stdout, /^Program\n {2}ok +\d+ ms {2}Node\.js +c42uds /);
      assert.match(
        plain.stdout,
        /^ {2}FAILURE +\d+ ms {2}Search base +The search base .*\n +→ Correct ldap\.baseDn/m,
      );
      assert.match(plain.stdout, /^ {2}skipped +Users +not checked: waits for directory-base$/m);
      assert.match(plain.stdout, /^c42uds doctor: .*; first to mend: directory-base \(exit code 4\)\.$/m);
      assert.ok(!plain.stdout.includes('\u001b'));
      for (const [more, coloured] of [
        [{}, true],
        [{ NO_COLOR: '1' }, false],
      ] as const) {
        const talk = new Conversation(['doctor'], { cwd: installation.folder, env: { ...env, ...more } });
        const { exitCode } = await talk.end();
        assert.equal(exitCode, 4);
        assert.equal(talk.raw.includes('\u001b[31mFAILURE'), coloured);
        assert.match(talk.screen, /FAILURE +\d+ ms {2}Search base/);
      }
    } finally {
      installation.remove();
    }
  });

  it('--quiet says nothing of a healthy installation, and of a broken one what is amiss', async () => {
    const healthy = scene.installation();
    const broken = scene.installation();
    try {
      const fine = await scene.run(healthy, ['doctor', '--quiet']);
      assertExit(fine, 0);
      assert.equal(fine.stdout + fine.stderr, '');
      const bad = await scene.run(broken, ['doctor', '--quiet'], { LDAP_SECRET: 'not-the-bind-password' });
      assertExit(bad, 4);
      assert.equal(bad.stdout, '');
      const [failure = '', verdict = ''] = bad.stderr.split('\n');
      assert.match(failure, /^\[ERROR {3}main\] directory-bind: Unable to contact .* → .*$/);
      assert.match(
        verdict,
        /^\[ERROR {3}main\] c42uds doctor: .*first to mend: directory-bind \(exit code 4\)\.$/,
      );
      assert.equal(bad.stderr.split('\n').length, 3);
    } finally {
      healthy.remove();
      broken.remove();
    }
  });

  it('waits for no server longer than its limits', async () => {
    const installation = scene.installation({ properties: { 'ldap.read.timeout.period': '600' } });
    scene.directory.setMisbehave(({ paged }) => (paged ? 'HANG' : null));
    try {
      const started = performance.now();
      const { checks, exitCode } = await scene.diagnosis(installation);
      assert.ok(performance.now() - started < 15_000);
      const users = checks.find(({ id }) => id === 'directory-users');
      assert.match(users?.message ?? '', /no answer within 600 ms/);
      assert.equal(exitCode, 4);
    } finally {
      scene.directory.setMisbehave(null);
      installation.remove();
    }
  });
});

/** A state in which the last success lies a month back, and three runs since have failed. */
function addRuns(path: string): void {
  openStateFile(path, 'LIVE').close();
  const database = new DatabaseSync(path);
  const insert = database.prepare(
    "INSERT INTO runs (started_at, duration_ms, mode, scope, exit_code, counts) VALUES (?, 1000, 'LIVE', 'INCREMENTAL', ?, '{}')",
  );
  const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
  insert.run(daysAgo(30), 0);
  for (const days of [3, 2, 1]) insert.run(daysAgo(days), 4);
  database.close();
}

/** A state in which another service knows somebody. */
function addForeigner(path: string): void {
  openStateFile(path, 'LIVE').close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO meta (key, value) VALUES ('service', 'https://other.example.com')");
  database.exec("INSERT INTO users (identity, dn, dn_key, scim_id) VALUES ('1', 'cn=ada', 'cn=ada', 'id-1')");
  database.close();
}
