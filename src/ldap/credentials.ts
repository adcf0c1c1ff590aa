/** Attributes that hold credentials. */

/** What `ldap.schema.attributes.sensitive` names unless somebody has said otherwise (the vendor's article). */
const USUALLY_SENSITIVE = ['userPassword', 'unixUserPassword', 'msSFU30Password', 'unicodePwd'];

/** Hashes, keys and further passwords, by their usual names: never read into an entry. No decision about a user needs them. */
export const NEVER_READ: readonly string[] = [
  ...['2.5.4.35', 'authPassword', 'clearPassword', 'pwdHistory', 'passwordHistory', 'userPKCS12'],
  ...['dBCSPwd', 'lmPwdHistory', 'ntPwdHistory', 'supplementalCredentials', 'msDS-ExecuteScriptPassword'],
  ...['sambaNTPassword', 'sambaLMPassword', 'sambaPasswordHistory', 'sambaClearTextPassword', 'ipaNTHash'],
  ...['krbPrincipalKey', 'krbExtraData', 'ms-Mcs-AdmPwd', 'msDS-ManagedPassword', 'olcRootPW', 'nsRootPW'],
  ...['msLAPS-Password', 'msLAPS-EncryptedPassword', 'msLAPS-EncryptedPasswordHistory'],
  ...['msFVE-RecoveryPassword', 'msFVE-KeyPackage'],
];

/** Never shown by a trace, whatever `ldap.schema.attributes.sensitive` says. */
export const CREDENTIALS: readonly string[] = [...USUALLY_SENSITIVE, ...NEVER_READ];
