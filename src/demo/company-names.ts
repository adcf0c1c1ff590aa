/** The made-up company's vocabulary: people's names by country, departments, titles, offices. */

import { escapeDnValue } from './ldap-dn.ts';

export interface Country {
  readonly code: string;
  readonly name: string;
  readonly office: string;
  readonly share: number;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);

/** `share` is how many in a hundred work there. */
export const COUNTRIES: readonly Country[] = [
  {
    code: 'US',
    name: 'United States',
    office: 'Minneapolis',
    share: 40,
    firstNames:
      words(`Ava Liam Olivia Noah Emma Ethan Sophia Mason Grace Logan Chloe Lucas Zoe Henry Nora Jack
      Hazel Owen Ruby Caleb Naomi Isaac Paige Wyatt Tessa Miles Jade Felix Marcus Simone Darnell Keisha`),
    lastNames:
      words(`Adams Baker Carter Diaz Edwards Foster Garcia Hughes Ingram Johnson Keller Lopez Mitchell
      Nguyen O'Connor Parker Quinn Reed Sanders Turner Underwood Vargas Walker Young Zimmerman D'Angelo Bennett
      Coleman Washington McCarthy Torres Larson Swenson Hernandez`),
  },
  {
    code: 'DE',
    name: 'Germany',
    office: 'München',
    share: 15,
    firstNames: words(`Jürgen Björn Käthe Lukas Anna Sören Jörg Mia Felix Hannah Günther Lena Maximilian Heike
      Ulrike Matthias Sabine Torsten Zoë Bärbel`),
    lastNames:
      words(`Müller Schmidt Schäfer Köhler Weiß Groß Böhm Krüger Fuchs Vogel Jäger Hübner Lehmann Brandt
      Günther Sauer Ziegler Strauß Dörfler Kühn`),
  },
  {
    code: 'GB',
    name: 'United Kingdom',
    office: 'London',
    share: 12,
    firstNames:
      words(`Oliver Amelia George Isla Harry Poppy Arthur Freya Alfie Imogen Rhys Siân Ewan Fiona Callum
      Priya Imran Aisha Nigel Gemma`),
    lastNames: words(`Smith Jones Taylor Davies Evans Thomas Wright Patel Khan Shaw MacDonald Fraser Pritchard
      Ashworth O'Neill Singh Whitaker Lloyd Begum Harrison`),
  },
  {
    code: 'FR',
    name: 'France',
    office: 'Lyon',
    share: 9,
    firstNames: words(
      'Zoé Hélène François Chloé Léa Rémi Noël Inès Théo Céline Jérôme Anaïs Mathieu Aurélie Benoît',
    ),
    lastNames: words(`Lefèvre Dupré Bénard Moreau Côté Rousseau Girard D'Aubigné Fontaine L'Hermitte Chevalier
      Marchand Garnier Besançon Renault`),
  },
  {
    code: 'SE',
    name: 'Sweden',
    office: 'Göteborg',
    share: 8,
    firstNames: words('Åsa Östen Märta Björn Linnéa Sven Elin Håkan Göran Saga Astrid Nils Ebba Örjan Maja'),
    lastNames: words(`Åkesson Öberg Lindström Sjöberg Söderström Holmgren Nyström Bergqvist Ekström Forsberg
      Hägg Wåhlin Sandström`),
  },
  {
    code: 'ES',
    name: 'Spain',
    office: 'Málaga',
    share: 8,
    firstNames: words(
      'José María Íñigo Lucía Andrés Begoña Álvaro Sofía Ramón Inés Joaquín Nuria Raúl Concepción',
    ),
    lastNames: words(
      'García Muñoz Ibáñez Núñez Peña Gutiérrez Jiménez Castaño Ordóñez Martín Vázquez Sánchez Ruiz',
    ),
  },
  {
    code: 'PL',
    name: 'Poland',
    office: 'Łódź',
    share: 8,
    firstNames: words(
      'Łukasz Agnieszka Michał Zofia Paweł Małgorzata Grażyna Wojciech Jagoda Sławomir Bożena Rafał',
    ),
    lastNames: words(
      'Wójcik Kowalczyk Dąbrowski Zieliński Woźniak Wiśniewski Żak Król Jabłoński Pawłowski Łuczak',
    ),
  },
];

export interface DepartmentPlan {
  readonly name: string;
  readonly division: string;
  readonly share: number;
  readonly headTitle: string;
  readonly leadTitle: string;
  readonly titles: readonly string[];
}

/** `share` is how many in a hundred work there. */
export const DEPARTMENTS: readonly DepartmentPlan[] = [
  {
    name: 'Engineering',
    division: 'Products',
    share: 30,
    headTitle: 'Chief Technology Officer',
    leadTitle: 'Engineering Manager',
    titles: ['Software Engineer', 'Senior Software Engineer', 'Test Engineer', 'Site Reliability Engineer'],
  },
  {
    name: 'Sales',
    division: 'Markets',
    share: 18,
    headTitle: 'Chief Revenue Officer',
    leadTitle: 'Regional Sales Manager',
    titles: ['Account Executive', 'Sales Engineer', 'Account Manager', 'Inside Sales Representative'],
  },
  {
    name: 'Customer Support',
    division: 'Services',
    share: 16,
    headTitle: 'Vice President Support',
    leadTitle: 'Support Team Lead',
    titles: ['Support Engineer', 'Support Specialist', 'Technical Account Manager'],
  },
  {
    name: 'Operations',
    division: 'Services',
    share: 10,
    headTitle: 'Chief Operating Officer',
    leadTitle: 'Operations Lead',
    titles: ['Systems Administrator', 'Network Engineer', 'Data Center Technician'],
  },
  {
    name: 'Marketing',
    division: 'Markets',
    share: 8,
    headTitle: 'Chief Marketing Officer',
    leadTitle: 'Campaign Manager',
    titles: ['Content Writer', 'Product Marketer', 'Designer'],
  },
  {
    name: 'Finance & Legal',
    division: 'Corporate',
    share: 8,
    headTitle: 'Chief Financial Officer',
    leadTitle: 'Finance Lead',
    titles: ['Accountant', 'Controller', 'Counsel', 'Payroll Specialist'],
  },
  {
    name: 'Human Resources',
    division: 'Corporate',
    share: 5,
    headTitle: 'Chief People Officer',
    leadTitle: 'People Partner Lead',
    titles: ['Recruiter', 'People Partner', 'Training Coordinator'],
  },
  {
    name: 'Research, Design',
    division: 'Products',
    share: 5,
    headTitle: 'Head of Research',
    leadTitle: 'Research Lead',
    titles: ['Research Scientist', 'Interaction Designer', 'Data Analyst'],
  },
];

/** How a letter of a name is written in an e-mail address. */
const LATIN: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  ł: 'l',
  ø: 'o',
  æ: 'ae',
};

/** A name as e-mail addresses and logon names spell it: `Jürgen` is `juergen`, `O'Neill` is `oneill`. */
export function asciiName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[äöüßłøæ]/g, (letter) => LATIN[letter] ?? letter)
    .normalize('NFD')
    .replace(/[^a-z0-9-]/g, '');
}

/** The OU of a department. */
export function departmentDn(peopleBase: string, department: string): string {
  return `OU=${escapeDnValue(department)},${peopleBase}`;
}
