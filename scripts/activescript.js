/*
 * The Active script decides who is an active user.
 *
 * It is called once for each user that the directory search returned, and must return true or false:
 *   true   a new user is created, a known one is kept up to date, a deactivated one is reactivated
 *   false  a new user is not created, a known one is deactivated
 *
 * `entry` holds the user's LDAP attributes, by their names in any case:
 *   entry.mail                one value is a text:   "alice@example.com"
 *   entry.memberOf            several are a list:    ["CN=Staff,OU=Groups,DC=example,DC=com", ...]
 *   entry.list("memberOf")    always a list, empty where the user has no such attribute
 *   entry.department          null where the user has no such attribute
 *   entry.disabled            true where the account is disabled; entry.expired where its expiry date has passed
 *   entry.dn                  where the user is:     "CN=Alice,OU=Users,DC=example,DC=com"
 *
 * As it stands, this script provisions nobody. To begin, replace `return false;` by one of these, with your own names,
 * and look at the result of a dry run (c42uds --full-sync):
 *
 *   Everybody in one OU:
 *     return entry.dn.toLowerCase().endsWith(",ou=users,dc=example,dc=com");
 *
 *   Everybody in one group whose account is not disabled (a DN as the directory writes it, capitals included):
 *     return !entry.disabled && entry.list("memberOf").contains("CN=Code42 Users,OU=Groups,DC=example,DC=com");
 */
function isActive(entry) {
  return false;
}
