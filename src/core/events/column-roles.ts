/**
 * What the columns of a file can mean, and the names that they usually have. Case, spaces, dots, dashes and underscores do
 * not matter: `userID`, `user_id` and `User Id` are all `userid`; nor does the type that RecBole writes, as `user_id:token`.
 */

export interface RoleDefinition<Role extends string> {
  readonly role: Role;
  readonly required: boolean;
  /** Position (from 0) in a file without a header, where there is one. */
  readonly position?: number;
  /** Usual names as `plainName` writes them, the likelier first; those in one list mean the same. */
  readonly synonyms: readonly (readonly string[])[];
}

export type EventRole = 'user' | 'item' | 'weight' | 'time' | 'type';

/** Roles in a file of events. */
export const eventRoles: readonly RoleDefinition<EventRole>[] = [
  {
    role: 'user',
    required: true,
    position: 0,
    synonyms: [
      words(
        'user userid username uid listener listenerid account accountid customer customerid member memberid ' +
          'visitor visitorid',
      ),
      words('session sessionid'),
      words('playlist playlistid'),
    ],
  },
  {
    role: 'item',
    required: true,
    position: 1,
    synonyms: [
      words('item itemid iid'),
      words('track trackid song songid recording recordingid'),
      words('artist artistid'),
      words('album albumid'),
      words('episode episodeid'),
      words('show showid'),
      words('movie movieid'),
      words('video videoid'),
      words('product productid'),
      words('book bookid'),
      words('game gameid'),
    ],
  },
  {
    role: 'weight',
    required: false,
    position: 2,
    synonyms: [
      words('weight count plays playcount numplays listens listencount streams rating score'),
      // No mean of many, such as `average_rating`.
      words(
        'bookrating movierating userrating myrating songrating trackrating albumrating userscore myscore',
      ),
    ],
  },
  {
    role: 'time',
    required: false,
    position: 3,
    synonyms: [
      words(
        'time timestamp ts datetime playedat listenedat createdat occurredat eventtime unixtime timestampms ' +
          'timems at uts utctime endtime scrobbledat',
      ),
      // A day alone, where no other column knows the second.
      words('date'),
    ],
  },
  { role: 'type', required: false, synonyms: [words('type eventtype action feedback')] },
];

/** What a ledger keeps of an event besides, and training does not read. */
export const keptRoles = ['id', 'scope', 'source', 'undoes'] as const;
export type EntryRole = EventRole | (typeof keptRoles)[number];

/** Roles of an event that is kept: of a follower, of `POST /v1/events`, and of `feedback import`. */
export const entryRoles: readonly RoleDefinition<EntryRole>[] = [
  ...eventRoles,
  ...keptRoles.map((role) => ({ role, required: false, synonyms: [[role]] })),
];

export type ItemRole = 'id' | 'name';

/** Roles in a table of items, whose columns may mean anything. A name that is not found is no error: an item without one goes by its id. */
export const itemRoles: readonly RoleDefinition<ItemRole>[] = [
  {
    role: 'id',
    required: true,
    position: 0,
    synonyms: each(
      'id item itemid trackid songid recordingid artistid albumid episodeid showid movieid videoid productid ' +
        'track song artist',
    ),
  },
  {
    role: 'name',
    required: false,
    position: 1,
    synonyms: each('name title itemname trackname tracktitle songname songtitle artistname albumname'),
  },
];

/** Where the artist stands of what a column has the titles of, by the columns' names; undefined beside ids. */
export function artistBeside(names: readonly string[], column: number): number | undefined {
  const plain = names.map(plainName);
  const artists = words('artist artistname performer band artistid');
  const title = plain[column] ?? '';
  if (title.endsWith('id') || artists.includes(title)) return undefined;
  const all = [...(title.startsWith('album') ? words('albumartist albumartistname') : []), ...artists];
  return all.map((name) => plain.indexOf(name)).find((at) => at >= 0);
}

/** The column called after what another has the ids of: `Game Name` or `game` beside `Game_ID`; else the only name or title. */
export function nameBeside(names: readonly string[], id: number): number | undefined {
  const plain = names.map((name, at) => (at === id ? '' : plainName(name)));
  const whose = plainName(names[id] ?? '').replace(/id$/, '') || 'name';
  const own = [`${whose}name`, `${whose}title`, whose].find((name) => plain.includes(name));
  const [only, ...more] = plain.filter((name) => /(?:name|title)$/.test(name));
  const found = own ?? (more.length === 0 ? only : undefined);
  return found === undefined ? undefined : plain.indexOf(found);
}

/** Whether a role is that of an id, which may be made of several columns. */
export function isId(role: string): boolean {
  return role === 'user' || role === 'item' || role === 'id';
}

/** A column's name as the lists above write it. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/:(?:token|float)(?:_seq)?$/, '')
    .replace(/[\s._-]/g, '');
}

function words(text: string): readonly string[] {
  return text.split(' ');
}

function each(text: string): readonly (readonly string[])[] {
  return words(text).map((word) => [word]);
}
