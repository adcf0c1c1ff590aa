/** The SCIM library behind the demo service: schema, coercion, PATCH and the texts of errors (RFC 7643, RFC 7644). */

import SCIMMY from 'scimmy';

export type Json = Record<string, unknown>;

export const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Made up: nothing public says under which URN Code42 keeps its attributes, if under any. */
export const DEMO_EXTENSION_URN = 'urn:ietf:params:scim:schemas:extension:code42:2.0:User';
export const ORG_ATTRIBUTE = 'c42OrgName';

/** An answer other than success. `scimType` is one of RFC 7644 table 9. */
export class ScimFault extends Error {
  override readonly name = 'ScimFault';
  readonly status: number;
  readonly scimType: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, scimType: string | null, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
    this.headers = headers;
  }
}

// The library keeps its schemas in one place for the whole process; they are the same for every demo service in it.
const { Attribute, SchemaDefinition, Filter } = SCIMMY.Types;
const orgAttribute = (): InstanceType<typeof Attribute> =>
  new Attribute('string', ORG_ATTRIBUTE, {
    description: 'The name of the organization the user belongs to.',
  });
const extension = new SchemaDefinition(
  'DemoUser',
  DEMO_EXTENSION_URN,
  'What the demo service adds to a user',
  [orgAttribute()],
);
const userDefinition = SCIMMY.Schemas.User.definition;
userDefinition.extend(SCIMMY.Schemas.EnterpriseUser.definition, false);
userDefinition.extend(extension, false);
userDefinition.extend([orgAttribute()]);

/** A body as the schema understands it: names in their own case, unknown attributes gone. @throws ScimFault 400 */
export function readUser(body: unknown): Json {
  return translated(() => plain(new SCIMMY.Schemas.User(withLenientValues(body), 'in')));
}

/**
 * A stored user as it is shown.
 * @param attributes the `attributes` and `excludedAttributes` of the query, `null` where not given
 */
export function showUser(
  user: Json,
  usersUrl: string,
  attributes: { readonly only: string | null; readonly without: string | null },
): Json {
  return translated(() => {
    const terms =
      attributes.only !== null
        ? attributes.only.split(',').map((name) => `${name.trim()} pr`)
        : (attributes.without?.split(',') ?? []).map((name) => `${name.trim()} np`);
    // The library adds the schemas in use to those it is given: given none, it names exactly those.
    const bare = { ...user };
    delete bare['schemas'];
    const shown =
      terms.length === 0
        ? new SCIMMY.Schemas.User(bare, 'out', usersUrl)
        : new SCIMMY.Schemas.User(bare, 'out', usersUrl, new Filter(terms.join(' and ')));
    // Asked for some attributes only, the library leaves out even `schemas`, which RFC 7643 3 requires.
    return { schemas: [SCIMMY.Schemas.User.id], ...plain(shown) };
  });
}

/** The user, who needs an id, after the operations of a PatchOp message. @throws ScimFault 400 */
export async function patchUser(user: Json, message: Json): Promise<Json> {
  try {
    const operations = (message['Operations'] as readonly Json[] | undefined)?.map((operation) => ({
      ...operation,
      value: lenientOperationValue(operation),
    }));
    const request = { ...message, ...(operations === undefined ? {} : { Operations: operations }) };
    const patch = new SCIMMY.Messages.PatchOp(request as unknown as PatchRequest);
    // The library hands back nothing where nothing changed.
    const changed = (await patch.apply(new SCIMMY.Schemas.User(user, 'out'))) as object | undefined;
    return readUser(changed === undefined ? user : plain(changed));
  } catch (error) {
    throw translate(error);
  }
}

type PatchRequest = NonNullable<ConstructorParameters<typeof SCIMMY.Messages.PatchOp>[0]>;

/** Those of the users that a filter selects. @throws ScimFault 400 invalidFilter */
export function filterUsers<T extends object>(users: readonly T[], filter: string): readonly T[] {
  try {
    return new Filter(filter).match([...users]) as T[];
  } catch (error) {
    if (error instanceof SCIMMY.Types.Error) throw translate(error);
    throw new ScimFault(400, 'invalidFilter', error instanceof Error ? error.message : 'Unreadable filter');
  }
}

/** The body of an error answer (RFC 7644 3.12). */
export function errorBody(fault: ScimFault): Json {
  return {
    schemas: [SCIMMY.Messages.ErrorResponse.id],
    status: String(fault.status),
    ...(fault.scimType === null ? {} : { scimType: fault.scimType }),
    detail: fault.message,
  };
}

/** The schemas of users, as /Schemas shows them. */
export function describeSchemas(baseUrl: string): Json[] {
  const definitions = [userDefinition, SCIMMY.Schemas.EnterpriseUser.definition, extension];
  return definitions.map((definition) => plain(definition.describe(`${baseUrl}/Schemas`)));
}

/** The resource types, as /ResourceTypes shows them. */
export function describeResourceTypes(baseUrl: string): Json[] {
  return [
    plain(new SCIMMY.Schemas.ResourceType(SCIMMY.Resources.User.describe(), `${baseUrl}/ResourceTypes`)),
  ];
}

/** Everything but the strings of `active` and the names of roles goes to the library as it came. */
function withLenientValues(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, lenientValue(name, value)]));
}

function lenientOperationValue(operation: Json): unknown {
  const { path, value } = operation;
  return typeof path === 'string' ? lenientValue(path, value) : withLenientValues(value);
}

/** `"True"` is true, as Entra sends it, and `"Admin"` among roles is a role by its value. */
function lenientValue(name: string, value: unknown): unknown {
  if (name.toLowerCase() === 'active' && typeof value === 'string' && /^(true|false)$/i.test(value)) {
    return value.toLowerCase() === 'true';
  }
  if (name.toLowerCase() === 'roles' && Array.isArray(value)) {
    return value.map((role: unknown) => (typeof role === 'string' ? { value: role } : role));
  }
  return value;
}

function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof ScimFault) return error;
  if (error instanceof SCIMMY.Types.Error) return new ScimFault(error.status, error.scimType, error.message);
  // The library's way to say that a value does not fit the schema.
  if (error instanceof TypeError) return new ScimFault(400, 'invalidValue', error.message);
  return error;
}
