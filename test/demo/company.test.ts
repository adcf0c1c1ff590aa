/** The made-up company and its story. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACCOUNT_DISABLED } from '../../src/demo/company-entries.ts';
import { makeCompany } from '../../src/demo/company.ts';
import { dnKey } from '../../src/demo/ldap-dn.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { CompanyStory } from '../../src/demo/story.ts';

describe('the company', () => {
  const company = makeCompany({ kind: 'ACTIVE_DIRECTORY' });

  test('the same seed makes the same company, another one another', () => {
    assert.deepEqual(makeCompany({ kind: 'ACTIVE_DIRECTORY' }), company);
    assert.notDeepEqual(makeCompany({ kind: 'ACTIVE_DIRECTORY', seed: 1 }).people, company.people);
  });

  test('500 people with names, addresses, accounts and DNs of their own', () => {
    assert.equal(company.people.length, 500);
    for (const key of ['account', 'mail', 'logonName', 'employeeNumber'] as const) {
      assert.equal(new Set(company.people.map((person) => person[key].toLowerCase())).size, 500, key);
    }
    assert.equal(new Set(company.people.map(({ dn }) => dnKey(dn))).size, 500);
    assert.ok(company.people.every(({ mail }) => /^[a-z0-9.-]+@example\.com$/.test(mail)));
    assert.ok(company.people.every(({ logonName }) => logonName.length <= 20));
  });

  test('names are what breaks a careless program: umlauts, accents, apostrophes, commas in units', () => {
    const names = company.people.map(({ firstName, lastName }) => `${firstName} ${lastName}`).join('\n');
    for (const pattern of [/[äöü]/i, /[éèç]/, /ł/i, /å/i, /ñ/, /'/]) assert.match(names, pattern);
    assert.ok(company.people.some(({ dn }) => dn.includes('OU=Research\\, Design,')));
    assert.ok(company.people.some(({ enabled }) => !enabled));
    assert.ok(new Set(company.people.map(({ country }) => country)).size >= 6);
  });

  test('everybody but the head has a manager, and all roads lead to the head', () => {
    const byAccount = new Map(company.people.map((person) => [person.account, person]));
    assert.equal(company.people.filter(({ manager }) => manager === null).length, 1);
    for (const person of company.people) {
      let steps = 0;
      for (let one = person; one.manager !== null; steps++) {
        const above = byAccount.get(one.manager);
        assert.ok(above !== undefined && above.enabled, `${one.account} reports to somebody`);
        one = above;
      }
      assert.ok(steps <= 3);
    }
  });

  test('in the directory managers and members are entries, and memberOf is there', async () => {
    for (const kind of ['ACTIVE_DIRECTORY', 'OPENLDAP'] as const) {
      const { entries, people, groups } = makeCompany({ kind, size: 100 });
      const directory = await startDemoDirectory({ kind, entries, bindDn: 'cn=r', bindPassword: 'p' });
      for (const person of people) {
        const entry = directory.find(person.dn);
        assert.equal(entry?.text('mail'), person.mail);
        assert.ok(entry.values('memberOf').length >= 1);
        const manager = entry.text('manager');
        assert.equal(manager === null, person.manager === null);
        if (manager !== null) assert.ok(directory.find(manager) !== undefined, manager);
        assert.equal(entry.text('userAccountControl') === String(ACCOUNT_DISABLED), !person.enabled);
        assert.equal(entry.values(kind === 'OPENLDAP' ? 'entryUUID' : 'objectGUID').length, 1);
      }
      assert.ok([...groups.keys()].includes('Backup Admins'));
      await directory.stop();
    }
  });
});

describe('the story', () => {
  for (const kind of ['ACTIVE_DIRECTORY', 'OPENLDAP'] as const) {
    test(`what it tells is what the directory holds (${kind})`, async () => {
      const company = makeCompany({ kind });
      const { entries } = company;
      const directory = await startDemoDirectory({ kind, entries, bindDn: 'cn=r', bindPassword: 'p' });
      const story = new CompanyStory(directory, company);
      const identityOf = (dn: string) =>
        directory
          .find(dn)
          ?.values(kind === 'OPENLDAP' ? 'entryUUID' : 'objectGUID')[0]
          ?.toString('hex');
      const personOf = new Map(company.people.map((person) => [person.mail, person]));

      for (const hire of story.hires(5)) assert.equal(directory.find(hire.dn)?.text('mail'), hire.mail);
      for (const leaver of story.disables(4)) {
        assert.equal(directory.find(leaver.dn)?.text('userAccountControl'), String(ACCOUNT_DISABLED));
      }
      const deleted = story.deletions(3);
      for (const { dn } of deleted) assert.equal(directory.find(dn), undefined);
      const members = [...directory.entries()].flatMap((entry) => entry.values('member').map(String));
      assert.ok(deleted.every(({ dn }) => !members.includes(dn)));

      const before = new Map(company.people.map(({ mail, dn }) => [mail, identityOf(dn)]));
      const moves = story.moves(6);
      const marriages = story.marriages(3);
      for (const { dn, mail, mailBefore } of [...moves, ...marriages]) {
        assert.equal(identityOf(dn), before.get(mailBefore ?? ''));
        assert.equal(directory.find(dn)?.text('mail'), mail);
        assert.equal(directory.find(personOf.get(mailBefore ?? '')?.dn ?? 'cn=x'), undefined);
      }
      for (const { dn, mail } of moves) {
        const department = directory.find(dn)?.text('department') ?? '';
        assert.notEqual(department, personOf.get(mail)?.department);
        assert.ok(
          directory
            .find(dn)
            ?.values('memberOf')
            .some((group) => String(group).startsWith(`CN=${department.split(',')[0]}`)),
        );
      }
      assert.ok(
        marriages.every(({ mail, mailBefore, text }) => mail !== mailBefore && text.includes('marries')),
      );
      const promotions = story.promotions(2);
      const all = [...deleted, ...moves, ...marriages, ...promotions];
      assert.equal(new Set(all.map(({ mailBefore }) => mailBefore)).size, all.length);
      await directory.stop();
    });
  }

  test('the same seed tells the same story, and it ends when everybody has been met', async () => {
    const told: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const company = makeCompany({ kind: 'OPENLDAP', size: 60 });
      const { entries } = company;
      const directory = await startDemoDirectory({
        kind: 'OPENLDAP',
        entries,
        bindDn: 'cn=r',
        bindPassword: 'p',
      });
      const story = new CompanyStory(directory, company);
      told.push([...story.hires(2), ...story.moves(2), ...story.marriages(2)].map(({ text }) => text));
      assert.throws(() => story.promotions(60), /nobody left/);
      await directory.stop();
    }
    assert.deepEqual(told[0], told[1]);
  });
});
