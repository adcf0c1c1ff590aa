/// <reference path="../c42uds.d.ts" />
// @ts-check
/*
 * Org script: a table of departments and the organizations they belong to. Who is in a department that the table does
 * not name, or in none, goes to the default organization.
 *
 * To use it, replace the lines of the table: on the left the department in small letters, on the right the name of the
 * organization. Write null instead of a name after "var otherwise =" to leave the others to the console's mapping.
 */
/** @type {Record<string, string>} */
var organizations = {
  engineering: 'Research and Development',
  'quality assurance': 'Research and Development',
  sales: 'Field',
  support: 'Field',
};
var otherwise = 'Head Office';

/** @param {Entry} entry */
function orgOf(entry) {
  var department = entry.department;
  if (department === null) return otherwise;
  var key = department.trim().toLowerCase();
  return organizations.hasOwnProperty(key) ? organizations[key] : otherwise;
}
