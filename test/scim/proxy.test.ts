/** Which proxy the environment means. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../src/scim/proxy.ts';

const secure = new URL('https://www.crashplan.com/scim/v2');
const plain = new URL('http://scim.example.com:8080/scim/v2');

test('the variable of the scheme is read in either case, then all_proxy', () => {
  assert.equal(proxyFor(secure, {}), null);
  assert.equal(proxyFor(secure, { http_proxy: 'http://p:1' }), null);
  assert.equal(proxyFor(secure, { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' })?.host, 'p:1');
  assert.equal(proxyFor(secure, { HTTPS_PROXY: ' http://q:1 ', ALL_PROXY: 'http://r:1' })?.host, 'q:1');
  assert.equal(proxyFor(plain, { HTTP_PROXY: 'http://q:1' })?.host, 'q:1');
  assert.equal(
    proxyFor(plain, { HTTPS_PROXY: 'http://q:1', all_proxy: 'socks5://r:1' })?.href,
    'socks5://r:1',
  );
  assert.equal(proxyFor(plain, { http_proxy: '', HTTP_PROXY: '' }), null);
});

test('case 76: a proxy without a scheme is an http proxy', () => {
  assert.equal(proxyFor(secure, { https_proxy: 'proxy:3128' })?.href, 'http://proxy:3128/');
  assert.equal(proxyFor(secure, { https_proxy: 'user:pa%40ss@10.0.0.1:3128' })?.username, 'user');
});

test('a proxy that is no URL is named, without its password', () => {
  for (const value of ['http://', 'ftp://proxy:21', 'http://user:hunter2@pro xy:1']) {
    assert.throws(
      () => proxyFor(secure, { https_proxy: value }),
      (error: Error) => {
        assert.match(error.message, /https_proxy/);
        assert.ok(!error.message.includes('hunter2'));
        return true;
      },
    );
  }
});

test('case 76: no_proxy takes hosts, domains, dots, stars, ports and networks', () => {
  const isDirect = (target: string, noProxy: string): boolean =>
    proxyFor(new URL(target), { https_proxy: 'p:1', http_proxy: 'p:1', no_proxy: noProxy }) === null;
  const direct: [string, string][] = [
    ['https://www.crashplan.com/', 'www.crashplan.com'],
    ['https://www.crashplan.com/', 'other.com, CrashPlan.com'],
    ['https://www.crashplan.com/', '.crashplan.com'],
    ['https://www.crashplan.com/', '*.crashplan.com'],
    ['https://www.crashplan.com/', '*'],
    ['https://www.crashplan.com/', 'crashplan.com:443'],
    ['http://scim.example.com:8080/', 'a b scim.example.com:8080'],
    ['http://10.1.2.3/', '10.0.0.0/8'],
    ['http://[fd00::1]/', 'fd00::/8'],
    ['http://[::1]:8080/', '[::1]:8080'],
    ['http://[::1]/', '::1'],
  ];
  for (const [target, noProxy] of direct) assert.ok(isDirect(target, noProxy), `${target} ${noProxy}`);
  const proxied: [string, string][] = [
    ['https://www.crashplan.com/', 'notcrashplan.com'],
    ['https://notcrashplan.com/', 'crashplan.com'],
    ['https://www.crashplan.com/', 'crashplan.com:8443'],
    ['http://11.1.2.3/', '10.0.0.0/8'],
    ['http://10.1.2.3/', '10.0.0.0/99'],
    ['http://10.1.2.3/', '2.3'],
    ['https://www.crashplan.com/', ''],
  ];
  for (const [target, noProxy] of proxied) assert.ok(!isDirect(target, noProxy), `${target} ${noProxy}`);
});
