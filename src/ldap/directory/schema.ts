/**
 * The attribute types and object classes that the server knows without being told: RFC 4512, 4519, 4524, 2798, 2307.
 * They say how values match, and the subschema entry publishes them.
 */

export interface AttributeType {
  readonly oid: string;
  /** The first is the one that is published. */
  readonly names: readonly string[];
  readonly superior: AttributeType | undefined;
  readonly equality: string | undefined;
  readonly hasOrdering: boolean;
  readonly hasSubstrings: boolean;
  /** The last number of the syntax's identifier under 1.3.6.1.4.1.1466.115.121.1. */
  readonly syntax: string;
  readonly isSingle: boolean;
  readonly isOperational: boolean;
}

/** Identifier, names, and `< superior`, or equality with `~` for substrings and `>` for order; syntax; flags S, O. */
const TYPES = `
2.5.4.0 objectClass|objectIdentifierMatch|38
2.5.4.41 name|caseIgnoreMatch~|15
2.5.4.49 distinguishedName|distinguishedNameMatch|12
2.5.4.3 cn commonName|<name
2.5.4.4 sn surname|<name
2.5.4.5 serialNumber|caseIgnoreMatch~|44
2.5.4.6 c countryName|<name||S
2.5.4.7 l localityName|<name
2.5.4.8 st stateOrProvinceName|<name
2.5.4.9 street streetAddress|caseIgnoreMatch~|15
2.5.4.10 o organizationName|<name
2.5.4.11 ou organizationalUnitName|<name
2.5.4.12 title|<name
2.5.4.13 description|caseIgnoreMatch~|15
2.5.4.15 businessCategory|caseIgnoreMatch~|15
2.5.4.16 postalAddress|caseIgnoreListMatch~|41
2.5.4.17 postalCode|caseIgnoreMatch~|15
2.5.4.18 postOfficeBox|caseIgnoreMatch~|15
2.5.4.19 physicalDeliveryOfficeName|caseIgnoreMatch~|15
2.5.4.20 telephoneNumber|telephoneNumberMatch~|50
2.5.4.23 facsimileTelephoneNumber|-|22
2.5.4.24 x121Address|numericStringMatch~|36
2.5.4.31 member|<distinguishedName
2.5.4.32 owner|<distinguishedName
2.5.4.33 roleOccupant|<distinguishedName
2.5.4.34 seeAlso|<distinguishedName
2.5.4.35 userPassword|octetStringMatch|40
2.5.4.36 userCertificate|-|8
2.5.4.42 givenName gn|<name
2.5.4.43 initials|<name
2.5.4.44 generationQualifier|<name
2.5.4.45 x500UniqueIdentifier|bitStringMatch|6
2.5.4.46 dnQualifier|caseIgnoreMatch~>|44
2.5.4.50 uniqueMember|uniqueMemberMatch|34
2.5.4.51 houseIdentifier|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.1 uid userid|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.3 mail rfc822Mailbox|caseIgnoreIA5Match~|26
0.9.2342.19200300.100.1.4 info|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.6 roomNumber|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.7 photo|-|23
0.9.2342.19200300.100.1.9 host|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.10 manager|distinguishedNameMatch|12
0.9.2342.19200300.100.1.20 homePhone homeTelephoneNumber|telephoneNumberMatch~|50
0.9.2342.19200300.100.1.21 secretary|distinguishedNameMatch|12
0.9.2342.19200300.100.1.25 dc domainComponent|caseIgnoreIA5Match~|26|S
0.9.2342.19200300.100.1.37 associatedDomain|caseIgnoreIA5Match~|26
0.9.2342.19200300.100.1.39 homePostalAddress|caseIgnoreListMatch~|41
0.9.2342.19200300.100.1.41 mobile mobileTelephoneNumber|telephoneNumberMatch~|50
0.9.2342.19200300.100.1.42 pager pagerTelephoneNumber|telephoneNumberMatch~|50
0.9.2342.19200300.100.1.43 co friendlyCountryName|caseIgnoreMatch~|15
0.9.2342.19200300.100.1.60 jpegPhoto|-|28
1.3.6.1.4.1.250.1.57 labeledURI|caseExactMatch|15
2.16.840.1.113730.3.1.1 carLicense|caseIgnoreMatch~|15
2.16.840.1.113730.3.1.2 departmentNumber|caseIgnoreMatch~|15
2.16.840.1.113730.3.1.3 employeeNumber|caseIgnoreMatch~|15|S
2.16.840.1.113730.3.1.4 employeeType|caseIgnoreMatch~|15
2.16.840.1.113730.3.1.39 preferredLanguage|caseIgnoreMatch~|15|S
2.16.840.1.113730.3.1.241 displayName|caseIgnoreMatch~|15|S
1.3.6.1.1.1.1.0 uidNumber|integerMatch>|27|S
1.3.6.1.1.1.1.1 gidNumber|integerMatch>|27|S
1.3.6.1.1.1.1.2 gecos|caseIgnoreIA5Match~|26|S
1.3.6.1.1.1.1.3 homeDirectory|caseExactIA5Match|26|S
1.3.6.1.1.1.1.4 loginShell|caseExactIA5Match|26|S
1.3.6.1.1.1.1.12 memberUid|caseExactIA5Match~|26
2.5.18.1 createTimestamp|generalizedTimeMatch>|24|SO
2.5.18.2 modifyTimestamp|generalizedTimeMatch>|24|SO
2.5.18.3 creatorsName|distinguishedNameMatch|12|SO
2.5.18.4 modifiersName|distinguishedNameMatch|12|SO
2.5.18.9 hasSubordinates|booleanMatch|7|SO
2.5.18.10 subschemaSubentry|distinguishedNameMatch|12|SO
2.5.21.4 matchingRules|-|30|O
2.5.21.5 attributeTypes|-|3|O
2.5.21.6 objectClasses|-|37|O
2.5.21.9 structuralObjectClass|objectIdentifierMatch|38|SO
1.3.6.1.4.1.1466.101.120.16 ldapSyntaxes|-|54|O
1.3.6.1.1.20 entryDN|distinguishedNameMatch|12|SO
1.3.6.1.1.16.4 entryUUID|uuidMatch>|40|SO
1.3.6.1.4.1.1466.101.120.5 namingContexts|-|12|O
1.3.6.1.4.1.1466.101.120.7 supportedExtension|-|38|O
1.3.6.1.4.1.1466.101.120.13 supportedControl|-|38|O
1.3.6.1.4.1.1466.101.120.15 supportedLDAPVersion|-|27|O
1.3.6.1.4.1.4203.1.3.5 supportedFeatures|objectIdentifierMatch|38|O
1.3.6.1.1.4 vendorName|caseExactMatch|15|SO
`;

export const OBJECT_CLASSES: readonly string[] = [
  "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
  "( 2.5.6.2 NAME 'country' SUP top STRUCTURAL MUST c MAY description )",
  "( 2.5.6.3 NAME 'locality' SUP top STRUCTURAL MAY ( street $ seeAlso $ st $ l $ description ) )",
  "( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o MAY ( userPassword $ seeAlso $ businessCategory $ postalAddress $ postalCode $ telephoneNumber $ street $ st $ l $ description ) )",
  "( 2.5.6.5 NAME 'organizationalUnit' SUP top STRUCTURAL MUST ou MAY ( userPassword $ seeAlso $ businessCategory $ postalAddress $ postalCode $ telephoneNumber $ street $ st $ l $ description ) )",
  "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber $ seeAlso $ description ) )",
  "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ street $ postalAddress $ postalCode $ ou $ st $ l ) )",
  "( 2.5.6.8 NAME 'organizationalRole' SUP top STRUCTURAL MUST cn MAY ( telephoneNumber $ roleOccupant $ seeAlso $ ou $ l $ description ) )",
  "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST ( member $ cn ) MAY ( businessCategory $ seeAlso $ owner $ ou $ o $ description ) )",
  "( 2.5.6.17 NAME 'groupOfUniqueNames' SUP top STRUCTURAL MUST ( uniqueMember $ cn ) MAY ( businessCategory $ seeAlso $ owner $ ou $ o $ description ) )",
  "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson STRUCTURAL MAY ( carLicense $ departmentNumber $ displayName $ employeeNumber $ employeeType $ givenName $ homePhone $ initials $ jpegPhoto $ labeledURI $ mail $ manager $ mobile $ o $ pager $ roomNumber $ uid $ preferredLanguage ) )",
  "( 0.9.2342.19200300.100.4.13 NAME 'domain' SUP top STRUCTURAL MUST dc MAY ( o $ description ) )",
  "( 1.3.6.1.4.1.1466.344 NAME 'dcObject' SUP top AUXILIARY MUST dc )",
  "( 1.3.6.1.1.1.2.0 NAME 'posixAccount' SUP top AUXILIARY MUST ( cn $ uid $ uidNumber $ gidNumber $ homeDirectory ) MAY ( userPassword $ loginShell $ gecos $ description ) )",
  "( 1.3.6.1.1.1.2.2 NAME 'posixGroup' SUP top STRUCTURAL MUST ( cn $ gidNumber ) MAY ( userPassword $ memberUid $ description ) )",
  "( 2.5.20.1 NAME 'subschema' AUXILIARY MAY ( attributeTypes $ objectClasses $ matchingRules ) )",
];

const BY_NAME = new Map<string, AttributeType>();

function add(type: AttributeType): void {
  BY_NAME.set(type.oid, type);
  for (const name of type.names) BY_NAME.set(name.toLowerCase(), type);
}

function readRow(row: string): AttributeType {
  const [head = '', rule = '', syntax = '', flags = ''] = row.split('|');
  const [oid = '', ...names] = head.split(' ');
  const superior = rule.startsWith('<') ? BY_NAME.get(rule.slice(1).toLowerCase()) : undefined;
  const own = rule === '-' ? undefined : rule.replace(/[~>]/g, '');
  return {
    oid,
    names,
    superior,
    equality: superior === undefined ? own : superior.equality,
    hasOrdering: superior?.hasOrdering ?? rule.includes('>'),
    hasSubstrings: superior?.hasSubstrings ?? rule.includes('~'),
    syntax: superior?.syntax ?? syntax,
    isSingle: flags.includes('S'),
    isOperational: flags.includes('O'),
  };
}

for (const row of TYPES.trim().split('\n')) add(readRow(row));

/** The type with this name or identifier; undefined: the schema has none. */
export function typeOf(name: string): AttributeType | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** A type that only the data knows: its values match as names do. */
export function inventType(name: string): AttributeType {
  const isNumeric = /^\d/.test(name);
  return {
    oid: isNumeric ? name : `${name.toLowerCase()}-oid`,
    names: isNumeric ? [] : [name],
    superior: undefined,
    equality: 'caseIgnoreMatch',
    hasOrdering: true,
    hasSubstrings: true,
    syntax: '15',
    isSingle: false,
    isOperational: false,
  };
}

/** `type` or one above it is `other`. */
export function isKindOf(type: AttributeType, other: AttributeType): boolean {
  for (let each: AttributeType | undefined = type; each !== undefined; each = each.superior) {
    if (each === other) return true;
  }
  return false;
}

/** All types of the table. */
export function builtInTypes(): AttributeType[] {
  return [...new Set(BY_NAME.values())];
}

const CLASS_NAMES = new Map(
  OBJECT_CLASSES.map((text) => /^\( (\S+) NAME '(\w+)'/.exec(text) ?? ['', '', '']).map(([, oid = '', name = '']) => [
    oid,
    name.toLowerCase(),
  ]),
);

const KNOWN_CLASSES = new Set(CLASS_NAMES.values());

/** One spelling for the names of an object class or attribute type: identifiers that are known become names. */
export function canonicalOid(text: string): string | undefined {
  if (!/^([a-z][a-z\d-]*|\d+(\.\d+)+)$/i.test(text)) return undefined;
  const small = text.toLowerCase();
  return CLASS_NAMES.get(small) ?? small;
}

/** Whether a text of `canonicalOid` is an identifier, or a name that the schema has. */
export function isKnownOid(canonical: string): boolean {
  return /^\d/.test(canonical) || BY_NAME.has(canonical) || KNOWN_CLASSES.has(canonical);
}

/** The definition of a type as the subschema entry has it (RFC 4512 section 4.1.2). */
export function definitionText(type: AttributeType): string {
  const words = [`( ${type.oid}`];
  if (type.names.length === 1) words.push(`NAME '${type.names[0]}'`);
  if (type.names.length > 1) words.push(`NAME ( ${type.names.map((name) => `'${name}'`).join(' ')} )`);
  if (type.superior !== undefined) words.push(`SUP ${type.superior.names[0]}`);
  else {
    if (type.equality !== undefined) words.push(`EQUALITY ${type.equality}`);
    const stem = type.equality?.replace(/Match$/, '');
    if (type.hasOrdering && type.equality !== 'uuidMatch') words.push(`ORDERING ${stem}OrderingMatch`);
    if (type.hasSubstrings) words.push(`SUBSTR ${stem?.replace('caseExactIA5', 'caseExact')}SubstringsMatch`);
    words.push(`SYNTAX 1.3.6.1.4.1.1466.115.121.1.${type.syntax}`);
  }
  if (type.isSingle) words.push('SINGLE-VALUE');
  if (type.isOperational) words.push('NO-USER-MODIFICATION USAGE directoryOperation');
  return `${words.join(' ')} )`;
}
