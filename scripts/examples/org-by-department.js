/*
 * Org script: a table of departments and the organizations they belong to. Who is in none of them goes to the
 * organization of the console's mapping.
 */
var organizations = {
  engineering: 'Research and Development',
  quality: 'Research and Development',
  sales: 'Field',
  support: 'Field',
};

function orgOf(entry) {
  var department = entry.department;
  if (department === null) return null;
  var key = department.trim().toLowerCase();
  return organizations[key] || null;
}
