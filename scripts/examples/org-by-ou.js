/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Org script: each of several OUs belongs to an organization. The first OU of the table that the user is in counts, so
 * write OUs that lie within others first.
 *
 * To use it, replace the lines of the table: on the left the DN of an OU, on the right the name of an organization.
 */
var organizations = [
  ['OU=Labs,OU=Berlin,DC=example,DC=com', 'Research'],
  ['OU=Berlin,DC=example,DC=com', 'Germany'],
  ['OU=Minneapolis,DC=example,DC=com', 'North America'],
];

/** @param {Entry} entry */
function orgOf(entry) {
  var dn = entry.dn.toLowerCase();
  for (var i = 0; i < organizations.length; i++) {
    if (dn.endsWith(',' + organizations[i][0].toLowerCase())) return organizations[i][1];
  }
  // None of them: the organization of the console's mapping.
  return null;
}
