import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expiryWarning, firstToEnd, type ChainLink } from '../../src/lib/certificate-chain.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 2, 1);

function chain(...days: readonly number[]): ChainLink[] {
  const names = ['server', 'authority', 'root'];
  return days.map((day, at) => ({
    name: names[at] ?? '',
    issuer: names[at + 1] ?? '',
    endsMs: NOW_MS + day * DAY_MS,
  }));
}

describe('the certificates of a chain', () => {
  it('are warned of by the first that ends, whoever it is', () => {
    assert.equal(expiryWarning(chain(90, 300), 'ldap.example.com', NOW_MS), null);
    assert.match(
      expiryWarning(chain(12, 300), 'ldap.example.com', NOW_MS) ?? '',
      /^The certificate of ldap\.example\.com ends in 12 days, on 2026-03-13/,
    );
    assert.match(
      expiryWarning(chain(90, 20, 300), 'ldap.example.com', NOW_MS) ?? '',
      /^The certificate "authority", which vouches for ldap\.example\.com, ends in 20 days/,
    );
  });

  it('that have ended behind the first are passed over: the chain is trusted without them', () => {
    assert.equal(firstToEnd(chain(90, 300, -5), NOW_MS)?.name, 'server');
    assert.equal(firstToEnd(chain(-1, 300), NOW_MS)?.name, 'server');
    assert.equal(firstToEnd([], NOW_MS), null);
  });
});
