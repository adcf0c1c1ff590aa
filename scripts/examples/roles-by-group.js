/*
 * Role script: each group in the table gives a role. Who is in none of them gets the default roles of the
 * organization.
 */
var rolesOfGroups = {
  'cn=help desk,ou=groups,dc=example,dc=com': 'Help Desk',
  'cn=backup admins,ou=groups,dc=example,dc=com': 'Customer Cloud Admin',
};

function rolesOf(entry) {
  var roles = [];
  for (var group of entry.list('memberOf')) {
    var key = group.toLowerCase();
    if (key in rolesOfGroups) roles.push(rolesOfGroups[key]);
  }
  return roles;
}
