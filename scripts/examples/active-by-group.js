/*
 * Active script: whoever is a direct member of one of these groups. Write their DNs in small letters.
 */
var groups = ['cn=code42 users,ou=groups,dc=example,dc=com', 'cn=contractors,ou=groups,dc=example,dc=com'];

function isActive(entry) {
  return entry.list('memberOf').some(function (group) {
    return groups.includes(group.toLowerCase());
  });
}
