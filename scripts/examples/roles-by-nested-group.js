/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Role script: as roles-by-group.js, but a group counts also for the members of groups that are in it.
 *
 * To use it, replace the lines of the table: on the left the DN of a group in small letters, on the right the name of a
 * role. entry.memberOfAll costs one more search in each run, for all groups of the directory.
 */
var basicRoles = ['Desktop User', 'PROe User'];
/** @type {Record<string, string>} */
var rolesOfGroups = {
  'cn=it,ou=groups,dc=example,dc=com': 'Help Desk',
  'cn=backup admins,ou=groups,dc=example,dc=com': 'Customer Cloud Admin',
};

/** @param {Entry} entry */
function rolesOf(entry) {
  var roles = basicRoles.slice();
  entry.list('memberOfAll').forEach(function (group) {
    var role = rolesOfGroups[group.toLowerCase()];
    if (role) roles.push(role);
  });
  return roles;
}
