import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldedIdentity, isSameIdentity } from '../../src/model/identity.ts';

test('only what is a UUID, however grouped, is compared without case', () => {
  for (const uuid of [
    '0F8FAD5B-D9CB-469F-A165-70867728950E',
    '{0F8FAD5B-D9CB-469F-A165-70867728950E}',
    '0F8FAD5B-D9CB469F-A1657086-7728950E',
  ]) {
    assert.equal(foldedIdentity(uuid), uuid.toLowerCase());
    assert.ok(isSameIdentity(uuid, uuid.toLowerCase()));
  }
  for (const other of [
    'E-7',
    'Ann',
    'UID=Ann,DC=example',
    '0F8FAD5B',
    '0F8FAD5B-D9CB-469F-A165-70867728950E ',
  ]) {
    assert.equal(foldedIdentity(other), other);
    assert.ok(!isSameIdentity(other, other.toLowerCase()));
  }
});
