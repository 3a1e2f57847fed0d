/** The entries that the server has of itself: the root DSE (RFC 4512 section 5.1) and the subschema (section 4.2). */
import { OID } from '../protocol/codes.js';
import { Attribute, type Directory, Entry, SUBSCHEMA_DN } from './directory.js';
import { normaliseDn, RULES } from './match.js';
import { builtInTypes, definitionText, OBJECT_CLASSES, typeOf } from './schema.js';

/** What the server supports, and where its data begins. */
export function rootEntry(directory: Directory): Entry {
  return entryOf('', {
    objectClass: ['top'],
    namingContexts: directory.suffixes,
    subschemaSubentry: [SUBSCHEMA_DN],
    supportedLDAPVersion: ['3'],
    supportedControl: [OID.paging, OID.manageDsaIt],
    supportedExtension: [OID.whoAmI],
    supportedFeatures: [OID.allOperationalAttributes, OID.absoluteTrueFalse],
    vendorName: ['fastpath'],
  });
}

/** The entry that tells clients which attributes, classes and rules there are (RFC 4512 section 4.2). */
export function subschemaEntry(directory: Directory): Entry {
  const types = [...builtInTypes(), ...directory.inventedTypes];
  return entryOf(SUBSCHEMA_DN, {
    objectClass: ['top', 'subschema'],
    cn: ['Subschema'],
    attributeTypes: types.map(definitionText),
    objectClasses: OBJECT_CLASSES,
    matchingRules: RULES.map(
      ([oid, name, syntax]) => `( ${oid} NAME '${name}' SYNTAX 1.3.6.1.4.1.1466.115.121.1.${syntax} )`,
    ),
  });
}

function entryOf(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Entry {
  const made: Attribute[] = [];
  for (const [name, values] of Object.entries(attributes)) {
    const type = typeOf(name);
    if (type === undefined || values.length === 0) continue;
    made.push(
      new Attribute(
        name,
        type,
        values.map((value) => Buffer.from(value)),
      ),
    );
  }
  return new Entry(dn, normaliseDn(dn) ?? '', made, -1, 0);
}
