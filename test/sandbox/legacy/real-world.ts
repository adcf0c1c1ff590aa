/** Legacy scripts in the shapes that admins wrote: organizational units, groups, tables of departments, dates of expiry. */

import type { LegacyScript } from './legacy-script.ts';

const DN = 'CN=Doe\\, Jane,OU=Support,OU=Berlin,OU=Users,DC=example,DC=com';

export const REAL_WORLD: readonly LegacyScript[] = [
  {
    title: 'active: enabled account with a mail address in one of several OUs',
    kind: 'active',
    source: `function (entry) {
  var ous = ["OU=Users,DC=example,DC=com", "OU=Contractors,DC=example,DC=com"];
  var uac = parseInt(entry.userAccountControl);
  if (isNaN(uac) || (uac & 2) == 2) return false;
  if (entry.mail == null || entry.mail.isEmpty()) return false;
  for (var i = 0; i < ous.length; i++) {
    if (entry.distinguishedName.toLowerCase().endsWith(ous[i].toLowerCase())) return true;
  }
  return false;
}`,
    cases: [
      [{ userAccountControl: '512', mail: 'a@x', distinguishedName: DN }, true],
      [{ userAccountControl: '514', mail: 'a@x', distinguishedName: DN }, false],
      [
        { userAccountControl: '66048', mail: 'a@x', distinguishedName: 'CN=a,OU=Old,DC=example,DC=com' },
        false,
      ],
      [{ userAccountControl: '512', distinguishedName: DN }, false],
    ],
  },
  {
    title: 'active: member of a group, by the name of the group',
    kind: 'active',
    source: `function isActive(entry) {
  var wanted = "CN=Code42-Users,";
  if (entry.memberOf == null) { return false; }
  for each (var group in entry.memberOf) {
    if (group.indexOf(wanted) == 0) { return true; }
  }
  return false;
}`,
    cases: [
      [{ memberOf: ['CN=a,DC=x', 'CN=Code42-Users,OU=Groups,DC=x'] }, true],
      [{ memberOf: 'CN=Code42-Users,OU=Groups,DC=x' }, true],
      [{ memberOf: 'CN=Code42-Users-Old,OU=Groups,DC=x' }, false],
      [{}, false],
    ],
    rhino: 'one value is no list',
  },
  {
    title: 'active: one value or a list, asked by typeof',
    kind: 'active',
    source: `function asArray(v) {
  if (v == null) return [];
  if (typeof v == "string") return [v];
  var out = [];
  for (var i = 0; i < v.size(); i++) out.push(v.get(i));
  return out;
}
function (entry) {
  return asArray(entry.memberOf).some(function (g) { return g.toLowerCase().indexOf("cn=backup") == 0; });
}`,
    cases: [
      [{ memberOf: 'CN=Backup,DC=x' }, true],
      [{ memberOf: ['CN=a', 'CN=BACKUP,DC=x'] }, true],
      [{ memberOf: ['CN=a', 'CN=b'] }, false],
      [{}, false],
    ],
  },
  {
    title: 'active: account expiry in ticks of Windows',
    kind: 'active',
    source: `var NEVER = "9223372036854775807";
function (entry) {
  var expires = entry.accountExpires;
  if (expires == null || expires == "0" || expires == NEVER) return true;
  var millis = expires / 10000 - 11644473600000;
  return millis > new Date().getTime();
}`,
    cases: [
      [{ accountExpires: '9223372036854775807' }, true],
      [{ accountExpires: '0' }, true],
      [{}, true],
      [{ accountExpires: '131592384000000000' }, false],
      [{ accountExpires: '400000000000000000' }, true],
    ],
  },
  {
    title: 'active: account expiry with java.lang.Long and java.util.Date',
    kind: 'active',
    source: `var Long = Java.type("java.lang.Long"), JDate = Java.type("java.util.Date");
function (entry) {
  if (!entry.containsKey("accountExpires")) return true;
  var ticks = Long.parseLong(entry.get("accountExpires"));
  if (ticks == 0 || ticks == Long.MAX_VALUE) return true;
  return new JDate(ticks / 10000 - 11644473600000).after(new JDate());
}`,
    cases: [
      [{ accountExpires: '9223372036854775807' }, true],
      [{ accountExpires: '131592384000000000' }, false],
      [{ accountExpires: '400000000000000000' }, true],
      [{}, true],
    ],
  },
  {
    title: 'active: contract end in generalized time',
    kind: 'active',
    source: `function (entry) {
  if (entry.contractEnd == null) return true;
  var f = new java.text.SimpleDateFormat("yyyyMMddHHmmss'Z'");
  f.setTimeZone(java.util.TimeZone.getTimeZone("UTC"));
  return !f.parse(entry.contractEnd).before(new java.util.Date());
}`,
    cases: [
      [{ contractEnd: '20180101000000Z' }, false],
      [{ contractEnd: '29990101000000Z' }, true],
      [{}, true],
    ],
  },
  {
    title: 'active: service accounts and test users are left out by patterns',
    kind: 'active',
    source: `var skip = [/^svc[-_]/i, /^test\\d+$/i, /\\$$/];
function (entry) {
  for (var i in skip) { if (skip[i].test(entry.sAMAccountName)) return false; }
  return entry.objectClass.contains("person") && !entry.objectClass.contains("computer");
}`,
    cases: [
      [{ sAMAccountName: 'jdoe', objectClass: ['top', 'person', 'user'] }, true],
      [{ sAMAccountName: 'SVC_backup', objectClass: ['top', 'person', 'user'] }, false],
      [{ sAMAccountName: 'PC1', objectClass: ['top', 'person', 'computer'] }, false],
    ],
  },
  {
    title: 'org: the first OU of the DN, with an escaped comma in the name',
    kind: 'org',
    source: `function getOrg(entry) {
  var parts = entry.distinguishedName.split(/,(?=[A-Z]+=)/);
  for (var i = 0; i < parts.length; i++) {
    var p = parts[i].trim();
    if (p.toUpperCase().startsWith("OU=")) return p.substring(3);
  }
  return null;
}`,
    cases: [
      [{ distinguishedName: DN }, 'Support'],
      [{ distinguishedName: 'CN=a,DC=example,DC=com' }, null],
    ],
  },
  {
    title: 'org: the OU above the user, by indexOf and substring',
    kind: 'org',
    source: `function (entry) {
  var dn = entry.distinguishedName;
  var start = dn.indexOf(",OU=");
  if (start < 0) { return "Default"; }
  var rest = dn.substring(start + 4);
  return rest.substring(0, rest.indexOf(","));
}`,
    cases: [
      [{ distinguishedName: DN }, 'Support'],
      [{ distinguishedName: 'CN=a,CN=Users,DC=example' }, 'Default'],
    ],
  },
  {
    title: 'org: a path of OUs from the top, with a HashMap of renamed ones',
    kind: 'org',
    source: `var renamed = new java.util.HashMap();
renamed.put("Berlin", "Germany");
renamed.put("Oslo", "Norway");
function (entry) {
  var names = new java.util.ArrayList();
  for each (var part in entry.distinguishedName.split(",")) {
    if (part.startsWith("OU=")) {
      var name = part.substring(3);
      names.add(0, renamed.containsKey(name) ? renamed.get(name) : name);
    }
  }
  return names.size() > 1 ? names.get(1) + " - " + names.get(names.size() - 1) : names.get(0);
}`,
    cases: [
      [{ distinguishedName: DN }, 'Germany - Support'],
      [{ distinguishedName: 'CN=x,OU=Users,DC=x' }, 'Users'],
    ],
  },
  {
    title: 'org: a table of departments with a default, in any case',
    kind: 'org',
    source: `var orgs = {
  "engineering": "R&D",
  "qa": "R&D",
  "sales emea": "Sales",
  "sales us": "Sales"
};
function (entry) {
  var d = entry.department;
  if (d == null || d.trim().length() == 0) return "Unassigned";
  var org = orgs[d.trim().toLowerCase()];
  return org ? org : d.trim();
}`,
    cases: [
      [{ department: ' QA ' }, 'R&D'],
      [{ department: 'Legal' }, 'Legal'],
      [{ department: '  ' }, 'Unassigned'],
      [{}, 'Unassigned'],
    ],
  },
  {
    title: 'org: by location and by the ending of the mail address',
    kind: 'org',
    source: `function (entry) {
  var country = entry.c == null ? "" : entry.c.toUpperCase();
  var domain = entry.mail.substring(entry.mail.indexOf("@") + 1);
  if (country.equals("DE") || country.equals("AT") || domain.matches(".*\\\\.(de|at)")) return "DACH";
  if (domain.equalsIgnoreCase("Contractors.example.com")) return "External";
  return country.isEmpty() ? null : "Country " + country;
}`,
    cases: [
      [{ c: 'de', mail: 'a@example.com' }, 'DACH'],
      [{ mail: 'a@firma.at' }, 'DACH'],
      [{ mail: 'a@contractors.EXAMPLE.com' }, 'External'],
      [{ c: 'no', mail: 'a@example.com' }, 'Country NO'],
      [{ mail: 'a@example.com' }, null],
    ],
  },
  {
    title: 'org: cost centers as ranges of numbers',
    kind: 'org',
    source: `var ranges = [[1000, 1999, "Production"], [2000, 2499, "Sales"], [9000, 9999, "Board"]];
function orgFor(cc) {
  for (var i = 0; i < ranges.length; i++) {
    var r = ranges[i];
    if (cc >= r[0] && cc <= r[1]) return r[2];
  }
  return null;
}
function orgScript(entry) { return orgFor(parseInt(entry.departmentNumber, 10)); }`,
    cases: [
      [{ departmentNumber: '2100' }, 'Sales'],
      [{ departmentNumber: '9999 ' }, 'Board'],
      [{ departmentNumber: '5' }, null],
      [{}, null],
    ],
  },
  {
    title: 'role: a table of groups, in any case, without doubles',
    kind: 'role',
    source: `var rolesByGroup = {
  "helpdesk": "Help Desk",
  "it-admins": "Customer Cloud Admin",
  "security": "Security Viewer",
  "soc": "Security Viewer"
};
function (entry) {
  var roles = ["Desktop User", "PROe User"];
  for each (var dn in entry.memberOf) {
    var cn = dn.split(",")[0].replace(/^CN=/i, "").toLowerCase();
    var role = rolesByGroup[cn];
    if (role && roles.indexOf(role) < 0) roles.push(role);
  }
  return roles;
}`,
    cases: [
      [
        { memberOf: ['CN=SOC,DC=x', 'cn=Security,DC=x', 'CN=HelpDesk,DC=x'] },
        ['Desktop User', 'PROe User', 'Security Viewer', 'Help Desk'],
      ],
      [{}, ['Desktop User', 'PROe User']],
    ],
  },
  {
    title: 'role: a HashSet of names as the answer',
    kind: 'role',
    source: `function (entry) {
  var roles = new java.util.HashSet();
  roles.add("Desktop User");
  if (entry.title != null && entry.title.matches("(?i).*(admin|operator).*")) roles.add("Customer Cloud Admin");
  if ("IT".equals(entry.department)) roles.add("Desktop User");
  return roles;
}`,
    cases: [
      [{ title: 'Senior Operator', department: 'IT' }, ['Desktop User', 'Customer Cloud Admin']],
      [{ title: 'Cook' }, ['Desktop User']],
    ],
  },
  {
    title: 'role: one name or null',
    kind: 'role',
    source: `function (entry) { return entry.employeeType == "admin" ? "Org Admin" : null; }`,
    cases: [
      [{ employeeType: 'admin' }, ['Org Admin']],
      [{ employeeType: 'x' }, null],
    ],
  },
  {
    title: 'role: proxy addresses, primary one in capitals',
    kind: 'role',
    source: `function primary(addresses) {
  var it = addresses.iterator();
  while (it.hasNext()) {
    var a = it.next();
    if (a.startsWith("SMTP:")) return a.substring(5);
  }
  return "";
}
function (entry) { return [primary(entry.proxyAddresses).endsWith("@vip.example.com") ? "VIP" : "User"]; }`,
    cases: [
      [{ proxyAddresses: ['smtp:a@example.com', 'SMTP:a@vip.example.com'] }, ['VIP']],
      [{ proxyAddresses: ['SMTP:a@example.com', 'smtp:a@vip.example.com'] }, ['User']],
    ],
  },
  {
    title: 'role: the words of a title, sorted and joined',
    kind: 'role',
    source: `function (entry) {
  var words = entry.title.split(/[\\s\\/]+/);
  words.sort();
  var b = new java.lang.StringBuilder();
  for (var i = 0; i < words.length; i++) {
    if (b.length() > 0) b.append("-");
    b.append(words[i].charAt(0).toUpperCase()).append(words[i].substring(1));
  }
  return b.toString();
}`,
    cases: [[{ title: 'senior it/network admin' }, ['Admin-It-Network-Senior']]],
  },
];
