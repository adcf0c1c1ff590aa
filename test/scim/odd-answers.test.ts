import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describe as inWords } from '../../src/scim/answer.ts';
import { idOf } from '../../src/scim/json.ts';
import { maskFor } from '../../src/scim/masking.ts';

it('an id that could leave its path, break the text or fill the state is none', () => {
  for (const bad of ['..', '.', '\ud800', 'x'.repeat(257), 'a\nb', 'a\u202eb', '', null, {}]) {
    assert.equal(idOf(bad), null, JSON.stringify(bad));
  }
  for (const good of ['910000000000000001', 'a/b', 'x?y#z', 'Ann', '…']) assert.equal(idOf(good), good);
});

it('a scimType of seven megabytes, or one that echoes the credentials, is cut and masked', () => {
  const mask = maskFor(['s3cret-password']);
  const answer = (scimType: string): string =>
    inWords(
      {
        kind: 'ANSWER',
        status: 400,
        body: { scimType, detail: 'no' },
        text: '',
        location: null,
        etag: null,
        date: null,
        retryAfterMs: null,
        quota: null,
      },
      mask,
    );
  assert.ok(answer('x'.repeat(7_000_000)).length < 400);
  assert.doesNotMatch(answer('s3cret-password'), /s3cret/);
  assert.equal(answer('uniqueness'), 'HTTP 400 uniqueness: no');
});
