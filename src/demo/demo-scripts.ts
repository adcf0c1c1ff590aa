/** The three scripts of the demo, in the style that administrators of the original tool know. */

export const DEMO_SCRIPTS: Readonly<Record<string, string>> = {
  'activescript.js': `// Active: everybody whose account is not disabled.
function (entry) {
  return !entry.disabled;
}
`,
  'orgscript.js': `// Org: one organization for each department; nobody without one.
function (entry) {
  return entry.department;
}
`,
  'rolescript.js': `// Roles: everybody backs up; members of two groups may do more.
function (entry) {
  var roles = ['Desktop User', 'PROe User'];
  for each (var group in entry.memberOf) {
    if (group.startsWith('CN=Backup Admins,')) {
      roles.push('Org Admin');
    } else if (group.startsWith('CN=IT,')) {
      roles.push('Org Help Desk');
    }
  }
  return roles;
}
`,
};
