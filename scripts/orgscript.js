/*
 * The Org script decides to which organization a user belongs.
 *
 * It is called once for each user and must return the name of an organization, or null: then the organization is the
 * one that the console's organization mapping names. An organization that does not exist yet is created.
 * What `entry` holds is told in activescript.js.
 *
 * Examples, to replace `return null;`:
 *
 *   The organization is the department:
 *     return entry.department;
 *
 *   By OU:
 *     var dn = entry.dn.toLowerCase();
 *     if (dn.contains(",ou=berlin,")) return "Berlin";
 *     if (dn.contains(",ou=minneapolis,")) return "Minneapolis";
 *     return null;
 */
function orgOf(entry) {
  return null;
}
