/** Reads a directory with the paged search of ldapts, for comparison: URL, DN, password, base, page size, attributes. */

import { Client } from 'ldapts';

const [url = '', bindDn = '', password = '', base = '', pageSize = '1000', ...attributes] =
  process.argv.slice(2);
const client = new Client({ url });
await client.bind(bindDn, password);
let entries = 0;
const pages = client.searchPaginated(base, {
  scope: 'sub',
  filter: '(objectClass=inetOrgPerson)',
  attributes,
  paged: { pageSize: Number(pageSize) },
  timeLimit: 0,
});
for await (const page of pages) entries += page.searchEntries.length;
await client.unbind();
if (entries === 0) throw new Error('nobody was read');
