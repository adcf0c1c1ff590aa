/** The Linux archive where there is nothing else: no Node.js, no npm, no right but that of its own user. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Conversation, noTerminal } from '../e2e/command-line.ts';
import { SCRIPTS } from '../e2e/installation.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { emptyRootSkip, makeEmptyRoot, type EmptyRoot } from './empty-root.ts';
import { releaseSkip, unpackInto, VERSION } from './release.ts';

const ARCHIVE = `c42uds-${VERSION}-linux-x64.tar.gz`;
const PROGRAM = `/opt/c42uds-${VERSION}/bin/c42uds`;
const USERS = 50;

describe(
  'the linux-x64 archive in an empty root',
  { skip: releaseSkip(ARCHIVE) || emptyRootSkip() || noTerminal() || slapdSkip() },
  () => {
    let root: EmptyRoot;
    let slapd: Slapd;
    let service: ServiceProcess;

    before(async () => {
      slapd = await startSlapd({ users: USERS });
      service = await startServiceProcess();
      root = makeEmptyRoot((path) => {
        unpackInto(ARCHIVE, join(path, 'opt'));
        const program = join(path, 'opt', `c42uds-${VERSION}`);
        return [
          join(program, 'runtime/bin/node'),
          join(program, 'node_modules/isolated-vm/prebuilds/linux-x64/isolated-vm.abi137.glibc.node'),
        ];
      });
    });

    after(async () => {
      root.remove();
      await service.stop();
      await slapd.stop();
    });

    it('has no Node.js but its own', async () => {
      const { exitCode, output } = await root.run(`command -v node; ${PROGRAM} --version`);
      assert.equal(exitCode, 0, output);
      assert.equal(output.trim(), VERSION);
      const system = await root.run(`${PROGRAM} --use-system-node --version`);
      assert.equal(system.exitCode, 2);
      assert.match(system.output, /There is no node in PATH/);
    });

    it('says what to do where nothing is configured, under the name of the original, too', async () => {
      const { exitCode, output } = await root.run(`/opt/c42uds-${VERSION}/bin/C42UserDirectorySync`);
      assert.equal(exitCode, 2);
      assert.match(output, /There is no configuration at \/home\/somebody\/config\.properties/);
    });

    it('is set up in a terminal, where each answer is tried and the passwords are stored', async () => {
      const talk = new Conversation([], { cwd: root.path }, [...root.entrance, PROGRAM]);
      await talk.answer('ldap.base.url', slapd.url);
      await talk.expect('ldap.baseDn');
      await talk.expect(slapd.baseDn);
      talk.send('\r');
      await talk.answer('ldap.bind.user', slapd.readerDn);
      for (const name of ['ldap.bind.password', 'ldap.bind.password (again)'])
        await talk.answer(name, slapd.readerPassword);
      await talk.answer('scim.baseurl', service.baseUrl);
      await talk.answer('scim.username', service.username);
      for (const name of ['scim.password', 'scim.password (again)'])
        await talk.answer(name, service.password);
      const { exitCode, screen } = await talk.end();
      assert.equal(exitCode, 0, screen);
      const config = join(root.path, root.home, 'config.properties');
      assert.equal(statSync(config).mode & 0o777, 0o600);
      for (const password of [slapd.readerPassword, service.password]) {
        assert.ok(!screen.includes(password));
        assert.ok(!readFileSync(config, 'utf8').includes(password));
      }
    });

    it('previews, synchronizes, and has nothing to do the second time, by the configuration of the set-up', async () => {
      const home = join(root.path, root.home);
      for (const [name, text] of Object.entries(SCRIPTS)) {
        const script = join(home, `${name}script.js`);
        assert.ok(existsSync(script), 'the set-up has made it');
        writeFileSync(script, String(text));
      }

      const dry = await root.run(`${PROGRAM} --full-sync`);
      assert.equal(dry.exitCode, 0, dry.output);
      assert.equal((await service.summary()).users.length, 0);

      const live = await root.run(`${PROGRAM} --sync-now`);
      assert.equal(live.exitCode, 0, live.output);
      assert.equal((await service.summary()).users.length, USERS);

      await service.reset();
      const again = await root.run(`${PROGRAM} --sync-now`);
      assert.equal(again.exitCode, 0, again.output);
      assert.equal((await service.summary()).writes, 0);
    });

    it('does its work in a program folder that only root may write', async () => {
      const { output } = await root.run(`: > /opt/c42uds-${VERSION}/probe`);
      assert.match(output, /Permission denied|cannot create/);
    });
  },
);
