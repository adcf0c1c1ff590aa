/** A small company with one of everything that a run can do, for the tests of what runs tell. */

import type { TestContext } from 'node:test';
import { dnOf, startScene, type Properties, type Scene } from '../properties/program-folder.ts';

const SCRIPTS = {
  active: 'function (entry) { return entry.employeeType !== "left"; }',
  org: 'function (entry) { if (entry.title === "Broken") return 7; return entry.department; }',
  role: 'function (entry) { return ["Desktop User"]; }',
};

export const HOSTILE = '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>';

/**
 * After a live run and a day of changes, the next run has to create new, update ann (a hostile title, another
 * organization), deactivate ben, reactivate cem, and to report dot, whose organization is no text; ida was never active,
 * and zoe is as she was.
 */
export async function startChangedScene(t: TestContext, properties: Properties = {}): Promise<Scene> {
  const scene = await startScene(
    t,
    {
      ann: { department: 'Mills', title: 'Weaver' },
      ben: { department: 'Mills' },
      cem: { department: 'Looms' },
      dot: { department: 'Looms' },
      ida: { employeeType: 'left' },
      zoe: {},
    },
    properties,
    SCRIPTS,
  );
  const { directory, program } = scene;
  await program.run('--sync-now');
  directory.modify(dnOf('cem'), { replace: { employeeType: ['left'] } });
  await program.run('--sync-now');
  directory.modify(dnOf('ann'), { replace: { title: [HOSTILE], department: ['=cmd|calc'] } });
  directory.modify(dnOf('ben'), { replace: { employeeType: ['left'] } });
  directory.modify(dnOf('cem'), { replace: { employeeType: [] } });
  directory.modify(dnOf('dot'), { replace: { title: ['Broken'] } });
  directory.add(dnOf('new'), { ...newPerson(), mail: ['new@example.com'], title: ['"Chief", of\nlooms'] });
  return scene;
}

function newPerson(): Record<string, string[]> {
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: ['CN=Person,CN=Schema,CN=Configuration,dc=example,dc=com'],
    cn: ['new'],
    sn: ['new'],
    sAMAccountName: ['new'],
  };
}
