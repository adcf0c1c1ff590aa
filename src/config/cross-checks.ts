/** What one property demands of another, and what a usable configuration cannot do without. */

import { userNameAttributes } from './attribute-order.ts';
import { domainOf } from '../model/dn.ts';
import { OPTIONS, type OptionKey, type Settings } from './options.ts';

/** Something wrong (a problem) or doubtful (a warning) about one property; the caller knows its line. */
export interface Finding {
  readonly severity: 'PROBLEM' | 'WARNING';
  readonly key: OptionKey;
  readonly message: string;
}

/** RFC 4512 1.4 and 2.5: a descriptor or an OID, with options. */
const ATTRIBUTE_DESCRIPTION = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/;

/** All findings at once. `given` tells whether the file has a property or its default stands in. */
export function crossCheck(settings: Settings, given: (key: OptionKey) => boolean): Finding[] {
  return [
    ...checkDirectoryUrl(settings),
    ...checkBaseDn(settings, given),
    ...checkAccounts(settings, given),
    ...checkClientCertificate(settings),
    ...checkAttributeNames(settings),
    ...checkServiceUrl(settings),
  ];
}

function problem(key: OptionKey, message: string): Finding {
  return { severity: 'PROBLEM', key, message };
}

function warning(key: OptionKey, message: string): Finding {
  return { severity: 'WARNING', key, message };
}

function checkDirectoryUrl(settings: Settings): Finding[] {
  const key = 'ldap.baseurl';
  const urls = settings[key].split(' ');
  if (urls.some(namesNoServer)) {
    return [problem(key, 'the directory server is not set; write ldap://HOST or ldaps://HOST')];
  }
  const more = urls.find((text) => {
    const url = URL.parse(text);
    return url !== null && url.hostname !== '' && url.pathname !== '' && url.pathname !== '/';
  });
  if (more === undefined) return [];
  return [warning(key, `what follows the host in "${more}" is not used; the search base is ldap.baseDn`)];
}

/** Whether an LDAP URL has neither a host nor a domain whose servers the DNS could name. */
export function namesNoServer(text: string): boolean {
  const url = URL.parse(text);
  return (
    url?.hostname === '' &&
    domainOf(url.pathname.slice(1).replace(/%2c/gi, ',').replace(/%3d/gi, '=')) === null
  );
}

function checkBaseDn(settings: Settings, given: (key: OptionKey) => boolean): Finding[] {
  const key = 'ldap.baseDn';
  const value = settings[key];
  if (value === '') return [problem(key, `the search base is not set (example: ${OPTIONS[key].default})`)];
  if (!value.includes('=')) {
    return [problem(key, `"${value}" is not a distinguished name (example: ${OPTIONS[key].default})`)];
  }
  return given(key) ? [] : [warning(key, `not in the file, so the default ${value} is used`)];
}

function checkAccounts(settings: Settings, given: (key: OptionKey) => boolean): Finding[] {
  const accounts = [
    {
      key: 'ldap.bind.user',
      needed: settings['ldap.bind.authtype'] === 'SIMPLE',
      by: 'ldap.bind.authtype=SIMPLE',
    },
    { key: 'scim.username', needed: settings['scim.auth.type'] === 'BASIC', by: 'scim.auth.type=BASIC' },
  ] as const;
  return accounts.flatMap(({ key, needed, by }) => {
    if (!needed) return [];
    if (settings[key] === '') return [problem(key, `not set, but ${by} needs it`)];
    return given(key) ? [] : [warning(key, `not in the file, so the default ${settings[key]} is used`)];
  });
}

function checkClientCertificate(settings: Settings): Finding[] {
  const external = settings['ldap.bind.authtype'] === 'EXTERNAL';
  if (settings['ldap.connection.client.cert'] === '') {
    if (external) {
      const needs = 'ldap.bind.authtype=EXTERNAL needs it: the server tells by it who binds';
      return [problem('ldap.connection.client.cert', `not set, but ${needs}`)];
    }
    if (settings['ldap.connection.client.key'] === '') return [];
    return [warning('ldap.connection.client.key', 'not used: there is no ldap.connection.client.cert')];
  }
  if (settings['ldap.connection.starttls'] || /^(?:ldaps:\S*\s*)+$/i.test(settings['ldap.baseurl']))
    return [];
  const plain = 'is shown over TLS only; use ldaps:// in ldap.baseurl, or set ldap.connection.starttls=true';
  const finding = external ? problem : warning;
  return [finding('ldap.connection.client.cert', plain)];
}

function checkAttributeNames(settings: Settings): Finding[] {
  const keys = (Object.keys(OPTIONS) as OptionKey[]).filter(
    (key) => key.startsWith('ldap.attrib.') || key === 'driver.files.attribute.name',
  );
  return keys.flatMap((key) => {
    const name = String(settings[key]);
    if (name.replaceAll(/[\s,]/g, '') === '') {
      const needed = key === 'ldap.attrib.userName' || key === 'driver.files.attribute.name';
      return needed ? [problem(key, `not set (default ${OPTIONS[key].default})`)] : [];
    }
    const names = key === 'ldap.attrib.userName' ? userNameAttributes(settings) : [name];
    return names
      .filter((one) => !ATTRIBUTE_DESCRIPTION.test(one))
      .map((one) => problem(key, `"${one}" is not an LDAP attribute name`));
  });
}

function checkServiceUrl(settings: Settings): Finding[] {
  const url = URL.parse(settings['scim.baseurl']);
  if (url?.protocol !== 'http:' || isLoopback(url.hostname)) return [];
  return [warning('scim.baseurl', 'http:// sends the password and all users unencrypted; use https://')];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
