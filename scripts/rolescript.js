/*
 * The Role script decides which roles a user has.
 *
 * It is called once for each user and must return the name of a role, a list of names, or null: then the user has
 * the default roles of the organization. The roles must be selected in the console's Select Roles dialog.
 * What `entry` holds is told in activescript.js.
 *
 * Example, to replace `return null;`:
 *
 *   Roles by group:
 *     var roles = ["Desktop User"];
 *     for (var group of entry.list("memberOf")) {
 *       if (group.equalsIgnoreCase("CN=Help Desk,OU=Groups,DC=example,DC=com")) roles.push("Customer Cloud Admin");
 *     }
 *     return roles;
 */
function rolesOf(entry) {
  return null;
}
