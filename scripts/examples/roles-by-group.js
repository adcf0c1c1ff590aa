/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Role script: everybody has the basic roles, and each group in the table gives one more.
 *
 * To use it, replace the lines of the table: on the left the DN of a group in small letters, on the right the name of a
 * role. The roles must be selected in the console's Select Roles dialog. Two groups may give the same role.
 */
var basicRoles = ['Desktop User', 'PROe User'];
/** @type {Record<string, string>} */
var rolesOfGroups = {
  'cn=help desk,ou=groups,dc=example,dc=com': 'Help Desk',
  'cn=backup admins,ou=groups,dc=example,dc=com': 'Customer Cloud Admin',
};

/** @param {Entry} entry */
function rolesOf(entry) {
  var roles = basicRoles.slice();
  entry.list('memberOf').forEach(function (group) {
    var role = rolesOfGroups[group.toLowerCase()];
    if (role) roles.push(role);
  });
  return roles;
}
