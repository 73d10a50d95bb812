import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventLook, eventRowsOf, eventSourceOf } from '#dist/core/events/event-source.js';
import { standsAsItIs } from '#dist/core/events/relation/needs-view.js';
import { isDoubtful } from '#dist/core/events/files/first-line.js';
import type { InputFile } from '#dist/core/events/files/input-file.js';
import type { TextOptions } from '#dist/core/events/text-options.js';
import type { Progress } from '#dist/core/contracts.js';
import { failureOf } from '../../helpers/event-oracle.js';

const neverParquet = (): Promise<never> => Promise.reject(new Error('these are no Parquet files'));

function fileOf(name: string, lines: readonly string[]): InputFile {
  const head = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { name, path: name, gzip: false, bytes: head.length, head, checkUnchanged: () => Promise.resolve() };
}

async function columnsOf(
  name: string,
  lines: readonly string[],
  options: TextOptions = {},
  onProgress: (progress: Progress) => void = () => {},
) {
  const file = fileOf(name, lines);
  const { found, own } = await eventRowsOf(0, file, eventLook(options), neverParquet);
  if (found === undefined || !standsAsItIs(found, own)) throw new Error('these need no view');
  const { header, columns } = eventSourceOf(found, own, { onProgress });
  return { header, columns };
}

/** What is made of a file: its columns with a header or without, or why it is refused. */
type Verdict =
  | { readonly header: boolean; readonly columns: Readonly<Record<string, number>> }
  | { readonly refused: RegExp };

const header = (columns: Readonly<Record<string, number>>): Verdict => ({ header: true, columns });
const data = (columns: Readonly<Record<string, number>>): Verdict => ({ header: false, columns });
const refused = (refused: RegExp): Verdict => ({ refused });
const noItem = refused(/has no item column/);
const noUser = refused(/has no user column/);
const separator = refused(/has one column when split at (commas|tabs)/);
const misplaced = refused(/has no header, so column [34] is the (weight|time), but it holds .*, and column/);
const doubtful = refused(/has a first line that could be a header or an event/);

/** How well-known files begin: their first two lines. */
const beginnings: readonly (readonly [
  what: string,
  file: string,
  lines: readonly string[],
  verdict: Verdict,
])[] = [
  [
    'MovieLens 100K',
    'u.data',
    ['196\t242\t3\t881250949', '186\t302\t3\t891717742'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'MovieLens 100K items',
    'u.item',
    ['1|Toy Story (1995)|01-Jan-1995||0|0|0', '2|GoldenEye (1995)|01-Jan-1995||0|1|1'],
    misplaced,
  ],
  [
    'MovieLens 1M',
    'ratings.dat',
    ['1::1193::5::978300760', '1::661::3::978302109'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'MovieLens 20M',
    'ratings.csv',
    ['userId,movieId,rating,timestamp', '1,2,3.5,1112486027'],
    header({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'MovieLens 25M',
    'ratings.csv',
    ['userId,movieId,rating,timestamp', '1,296,5.0,1147880044'],
    header({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'MovieLens tags',
    'tags.csv',
    ['userId,movieId,tag,timestamp', '3,260,classic,1439472355'],
    header({ user: 0, item: 1, time: 3 }),
  ],
  [
    'Last.fm 360K',
    'usersha1-artmbid-artname-plays.tsv',
    [
      '00000c289a1829a808ac09c00daf10bc3c4e223b\t3bd73256-3905-4f3a-97e2-8b341527f805\tbetty blowtorch\t2137',
      '00000c289a1829a808ac09c00daf10bc3c4e223b\tf2fb0ff0-5679-42ec-a55c-15109ce6e320\tdie Ärzte\t1099',
    ],
    misplaced,
  ],
  [
    'Last.fm 360K profiles',
    'usersha1-profile.tsv',
    [
      '00000c289a1829a808ac09c00daf10bc3c4e223b\tf\t22\tGermany\tFeb 1, 2007',
      '00001411dc427966b17297bf4d69e7e193135d89\tf\t\tCanada\tDec 4, 2007',
    ],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Last.fm 1K',
    'userid-timestamp-artid-artname-traid-traname.tsv',
    [
      'user_000001\t2009-05-04T23:08:57Z\tf1b1cf71-bd35-4e99-8624-24a6e15f133a\tDeep Dish\t\tFuck Me Im Famous',
      'user_000001\t2009-05-04T13:54:10Z\ta7f7df4a-77d8-4f12-8acd-5c60c93f4de8\t坂本龍一\t\tComposition 0919',
    ],
    refused(/so column 2 is the item, but it holds times/),
  ],
  [
    'Last.fm 1K profiles',
    'userid-profile.tsv',
    ['#id\tgender\tage\tcountry\tregistered', 'user_000001\tm\t\tJapan\tAug 13, 2006'],
    doubtful,
  ],
  [
    'HetRec Last.fm',
    'user_artists.dat',
    ['userID\tartistID\tweight', '2\t51\t13883'],
    header({ user: 0, item: 1, weight: 2 }),
  ],
  [
    'HetRec Last.fm tags',
    'user_taggedartists-timestamps.dat',
    ['userID\tartistID\ttagID\ttimestamp', '2\t52\t13\t1238536800000'],
    header({ user: 0, item: 1, time: 3 }),
  ],
  ['HetRec Last.fm friends', 'user_friends.dat', ['userID\tfriendID', '2\t275'], noItem],
  [
    'HetRec Delicious',
    'user_taggedbookmarks.dat',
    ['userID\tbookmarkID\ttagID\tday\tmonth\tyear', '8\t1\t1\t8\t11\t2010'],
    noItem,
  ],
  ['LFM-1b', 'LFM-1b_LEs.txt', ['31435741\t2\t4\t4\t1385212958', '31435741\t2\t4\t4\t1385212642'], misplaced],
  [
    'LFM-2b',
    'listening-events.tsv',
    ['user_id\ttrack_id\talbum_id\ttimestamp', '1\t17\t3\t2013-01-25 15:13:34'],
    header({ user: 0, item: 1, time: 3 }),
  ],
  [
    'Last.fm export',
    'scrobbles.csv',
    [
      'The National,High Violet,Terrible Love,31 Dec 2012 23:59',
      'The National,High Violet,Sorrow,31 Dec 2012 23:55',
    ],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Million Playlist pairs',
    'playlists.csv',
    ['pid,track_uri', '0,spotify:track:0UaMYEvWZi0ZqiDOoHU3YI', '0,spotify:track:6I9VzXrHxO9rA9A5euc8Ak'],
    doubtful,
  ],
  [
    'Million Playlist pairs without a header',
    'playlists.csv',
    ['0,spotify:track:0UaMYEvWZi0ZqiDOoHU3YI', '0,spotify:track:6I9VzXrHxO9rA9A5euc8Ak'],
    data({ user: 0, item: 1 }),
  ],
  [
    'Spotify streaming history',
    'history.csv',
    [
      'ts,username,platform,ms_played,conn_country,master_metadata_track_name,spotify_track_uri',
      '2019-03-02T10:11:12Z,ann,ios,183000,DE,Creep,spotify:track:6b2oQwSGFkzsMtQruIWm2p',
    ],
    noItem,
  ],
  [
    'Echo Nest taste profile',
    'train_triplets.txt',
    [
      'b80344d063b5ccb3212f76538f3d9e43d87dca9e\tSOAKIMP12A8C130995\t1',
      'b80344d063b5ccb3212f76538f3d9e43d87dca9e\tSOAPDEY12A81C210A9\t1',
    ],
    data({ user: 0, item: 1, weight: 2 }),
  ],
  [
    'Million Song tracks',
    'unique_tracks.txt',
    [
      'TRMMMYQ128F932D901<SEP>SOQMMHC12AB0180CB8<SEP>Faster Pussy cat<SEP>Silent Night',
      'TRMMMKD128F425225D<SEP>SOVFVAK12A8C1350D9<SEP>Karkkiautomaatti<SEP>Tanssi vaan',
    ],
    separator,
  ],
  [
    'ListenBrainz',
    'listens.csv',
    [
      'listened_at,user_name,artist_name,track_name,recording_msid',
      '1555286560,rob,Portishead,Biscuit,e8ff8b2b-1d6c-4b4b-8b0e-3e6d1c5f4e0a',
    ],
    noItem,
  ],
  [
    '30Music',
    'events.idomaar',
    [
      'event.play\t0\t1421506861\t{"playtime":182}\t{"subjects":[{"type":"user","id":4}]}',
      'event.play\t1\t1421507044\t{"playtime":210}\t{"subjects":[{"type":"user","id":4}]}',
    ],
    misplaced,
  ],
  ['Deezer friends', 'HR_edges.csv', ['node_1,node_2', '0,4076', '0,29861'], doubtful],
  [
    'KKBox',
    'train.csv',
    [
      'msno,song_id,source_system_tab,source_screen_name,source_type,target',
      'FGtllVqz18RPiwJj/edr2gV78zirAiY/9SmYvia+kCg=,BBzumQNXUHKdEBOB7mAJuzok+IJA1c2Ryg/yzTF6tik=,explore,Explore,online-playlist,1',
    ],
    noUser,
  ],
  [
    'triple j',
    'playlist.csv',
    ['date,timestamp,artist,trackname', '2014-07-14,1405346400,Ball Park Music,Trippin’ the Light Fantastic'],
    noUser,
  ],
  [
    'classic rock, raw',
    'raw.csv',
    ['song,artist,callsign,time,date_time', 'Caught Up in You,.38 Special,KGLK,1402943314,1402943314'],
    noUser,
  ],
  [
    '#nowplaying-RS',
    'user_track_hashtag_timestamp.csv',
    [
      '"user_id","track_id","hashtag","created_at"',
      '"81496937","cd52b3e5b51da29e5893dba82a418a4b","nowplaying","2014-01-01 05:54:21"',
    ],
    header({ user: 0, item: 1, time: 3 }),
  ],
  [
    'Yelp',
    'reviews.csv',
    [
      'review_id,user_id,business_id,stars,date,text',
      'KU_O5udG6zpxOg-VcAEodg,mh_-eMZ6K5RLWhZyISBhwA,XQfwVwDr-v0ZS3_CbbE5Xw,3.0,2018-07-07 22:09:11,"If you decide"',
    ],
    noItem,
  ],
  [
    'Amazon 2014',
    'ratings_Digital_Music.csv',
    ['A2EFCYXHNK06IS,5555991584,5.0,978480000', 'A1WR23ER5HMAA9,5555991584,5.0,953424000'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Amazon 2014, two rows',
    'ratings.csv',
    ['A1YJEY40YUW4SE,B004756YJA,5.0,1401235200', 'A60XNB876KYML,B004756YJA,3.0,1399075200'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Amazon 2018',
    'Digital_Music.csv',
    ['0001388703,A1ZCPG3D3HGRSS,5.0,1387670400', '0001388703,AC2PL52NKPL29,5.0,1378857600'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Amazon 2023',
    'Digital_Music.csv',
    ['user_id,parent_asin,rating,timestamp', 'AGKASBHYZPGTEPO6LWZPVJWB2BVA,B006GVNR9W,1.0,1480106222000'],
    noItem,
  ],
  [
    'Book-Crossing',
    'BX-Book-Ratings.csv',
    ['"User-ID";"ISBN";"Book-Rating"', '"276725";"034545104X";"0"'],
    noItem,
  ],
  ['Book-Crossing with commas', 'Ratings.csv', ['User-ID,ISBN,Book-Rating', '276725,034545104X,0'], noItem],
  [
    'Book-Crossing without a header',
    'ratings.csv',
    ['276725,034545104X,0', '276726,0155061224,5'],
    data({ user: 0, item: 1, weight: 2 }),
  ],
  [
    'Goodreads',
    'goodreads_interactions.csv',
    ['user_id,book_id,is_read,rating,is_reviewed', '0,948,1,5,0'],
    header({ user: 0, item: 1, weight: 3 }),
  ],
  ['Netflix Prize', 'combined_data_1.txt', ['1:', '1488844,3,2005-09-06'], separator],
  [
    'Netflix Prize, flat',
    'netflix.csv',
    ['1,1488844,3,2005-09-06', '1,822109,5,2005-05-13'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  [
    'Jester',
    'jester-data-1.csv',
    ['74,-7.82,8.79,-9.66', '100,4.08,-0.29,6.36'],
    data({ user: 0, item: 1, weight: 2, time: 3 }),
  ],
  ['Jester, long', 'UserRatings.csv', ['userId,jokeId,rating', '1,5,0.219'], noItem],
  [
    'yoochoose clicks',
    'yoochoose-clicks.dat',
    ['1,2014-04-07T10:51:09.277Z,214536502,0', '1,2014-04-07T10:54:09.868Z,214536500,0'],
    refused(/so column 2 is the item, but it holds times/),
  ],
  [
    'RetailRocket',
    'events.csv',
    ['timestamp,visitorid,event,itemid,transactionid', '1433221332117,257597,view,355908,'],
    header({ user: 1, item: 3, time: 0 }),
  ],
  [
    'Diginetica',
    'train-item-views.csv',
    ['sessionId;userId;itemId;timeframe;eventdate', '1;NA;81766;526309;2016-05-09'],
    header({ user: 1, item: 2 }),
  ],
  [
    'Steam',
    'steam-200k.csv',
    [
      '151603712,"The Elder Scrolls V Skyrim",purchase,1.0,0',
      '151603712,"The Elder Scrolls V Skyrim",play,273.0,0',
    ],
    misplaced,
  ],
  ['MyAnimeList', 'rating.csv', ['user_id,anime_id,rating', '1,20,-1'], noItem],
  [
    'Gowalla',
    'loc-gowalla_totalCheckins.txt',
    [
      '0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.7951395833\t22847',
      '0\t2010-10-18T22:17:43Z\t30.2691029532\t-97.7493953705\t420315',
    ],
    refused(/so column 2 is the item, but it holds times/),
  ],
  [
    'Foursquare NYC',
    'dataset_TSMC2014_NYC.txt',
    [
      '470\t49bbd6c0f964a520f4531fe3\t4bf58dd8d48988d127951735\t40.7198',
      '979\t4a43c0aef964a520c6a61fe3\t4bf58dd8d48988d1df941735\t40.6067',
    ],
    misplaced,
  ],
  [
    'Ta-Feng',
    'ta_feng_all_months_merged.csv',
    ['TRANSACTION_DT,CUSTOMER_ID,AGE_GROUP,PRODUCT_ID,AMOUNT', '11/1/2000,1104905,45-49,4710199010372,2'],
    header({ user: 1, item: 3 }),
  ],
  [
    'Online Retail',
    'online_retail.csv',
    [
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    ],
    noItem,
  ],
  [
    'H&M',
    'transactions_train.csv',
    [
      't_dat,customer_id,article_id,price,sales_channel_id',
      '2018-09-20,000058a12d5b43e67d225668fa1f8d618c13dc232df0cad8ffe7ad4a1091e318,0663713001,0.0508,2',
    ],
    noItem,
  ],
  [
    'Instacart',
    'order_products__prior.csv',
    ['order_id,product_id,add_to_cart_order,reordered', '2,33120,1,1'],
    noUser,
  ],
  [
    'MIND',
    'behaviors.tsv',
    ['1\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782', '2\tU91836\t11/12/2019 6:11:30 PM\tN31739 N6072'],
    misplaced,
  ],
  ['Playlists of Polimi', 'train.csv', ['playlist_id,track_id', '7,12493'], header({ user: 0, item: 1 })],
  ['an export of a shop', 'e.csv', ['customer_code,sku', 'c1,s1', 'c2,s2'], doubtful],
  ['columns of no meaning', 'e.csv', ['foo,bar', 'anna,Abba', 'ben,Blur'], doubtful],
  ['a frame of R', 'e.csv', ['"","V1","V2"', '"1","u1","i1"'], doubtful],
  ['a frame of R without row names', 'e.csv', ['V1,V2', 'u1,i1', 'u2,i2'], doubtful],
  ['a frame of pandas', 'e.csv', [',0,1', '0,u1,i1', '1,u2,i2'], doubtful],
  ['a frame of pandas without an index', 'e.csv', ['0,1,2', '196,242,3', '186,302,3'], doubtful],
  ['a frame of Spark', 'e.csv', ['_c0,_c1', '196,242', '186,302'], doubtful],
  [
    'hashes under their names',
    'e.csv',
    [
      'md5,isrc',
      'd41d8cd98f00b204e9800998ecf8427e,USRC17607839',
      '9e107d9d372bb6826bd81d3542a419d6,GBAYE0601498',
    ],
    doubtful,
  ],
  ['pairs', 'e.csv', ['u1,i1', 'u2,i2'], data({ user: 0, item: 1 })],
  ['pairs of numbers from zero', 'e.csv', ['0,1', '0,2', '1,1'], data({ user: 0, item: 1 })],
  [
    'texts of which one comes again',
    'e.csv',
    ['anna,Abba', 'anna,Blur', 'ben,Can'],
    data({ user: 0, item: 1 }),
  ],
  ['a single event with a number', 'e.csv', ['anna,Abba,3'], data({ user: 0, item: 1, weight: 2 })],
  ['a single pair', 'e.csv', ['u1,i1'], doubtful],
];

describe('a first line', () => {
  it.each(beginnings)('of %s (%s) is known for what it is, or refused', async (_, file, lines, verdict) => {
    if (!('refused' in verdict)) {
      expect(await columnsOf(file, lines)).toEqual(verdict);
      return;
    }
    const error = await failureOf(columnsOf(file, lines));
    expect(error).toMatchObject({ code: 'bad-input-file', exitCode: 2 });
    expect(error.message).toMatch(verdict.refused);
    expect(error['suggestions']).not.toEqual([]);
  });

  it('of 40 well-known files and more was tried', () => expect(beginnings.length).toBeGreaterThanOrEqual(60));

  it('that is doubtful names both remedies, and each works', async () => {
    const lines = ['customer_code,sku', 'c1,s1', 'c2,s2'];
    const error = await failureOf(columnsOf('e.csv', lines));
    expect(error.message).toBe(
      'e.csv has a first line that could be a header or an event: "customer_code", "sku"',
    );
    expect(error['suggestions']).toEqual([
      'If it is a header, name the columns: `columns` user=NAME,item=NAME',
      'If it is an event, say that there is no header: `noHeader`',
    ]);
    expect(await columnsOf('e.csv', lines, { columns: 'user=customer_code,item=sku' })).toEqual({
      header: true,
      columns: { user: 0, item: 1 },
    });
    expect(await columnsOf('e.csv', lines, { noHeader: true })).toEqual({
      header: false,
      columns: { user: 0, item: 1 },
    });
    // Positions say nothing about the first line.
    expect((await failureOf(columnsOf('e.csv', lines, { columns: 'user=2,item=1' }))).message).toContain(
      'could be a header or an event',
    );
  });

  it('without a name that `columns` gives is shown', async () => {
    for (const lines of [
      ['user,item', 'anna,Abba'],
      ['customer_code,sku', 'c1,s1'],
    ]) {
      const error = await failureOf(columnsOf('e.csv', lines, { columns: 'user=who,item=2' }));
      const names = lines[0]!.split(',').map((name) => JSON.stringify(name));
      expect(error.message).toBe(
        `e.csv has no column "who", which \`columns\` names for the user: its columns are ${names.join(', ')}`,
      );
    }
    const headless = await failureOf(columnsOf('e.csv', ['u1,i1', 'u2,i2'], { columns: 'user=who' }));
    expect(headless.message).toMatch(/for the user: it has 2 columns and no header$/);
  });

  it('of a table of items says where such a table belongs', async () => {
    const advice = 'If it is a table of items, it goes beside the events: `items` e.csv';
    for (const lines of [
      ['movieId,title,genres', '1,Toy Story,Animation'],
      ['id,name', 'a,Abba'],
    ])
      expect((await failureOf(columnsOf('e.csv', lines)))['suggestions']).toContain(advice);
    const plays = await failureOf(columnsOf('e.csv', ['who,track', 'anna,Help']));
    expect(plays['suggestions']).not.toContain(advice);
  });

  it('with known names is data where `noHeader` says so', async () => {
    const lines = ['user,album', 'anna,Help'];
    expect(await columnsOf('e.csv', lines)).toMatchObject({ header: true });
    expect(await columnsOf('e.csv', lines, { noHeader: true })).toEqual({
      header: false,
      columns: { user: 0, item: 1 },
    });
  });

  it('is never taken for data where it is all words over numbers, nor doubted where it is numbers over numbers', () => {
    const word = fc.stringMatching(/^[a-z_]{1,12}$/).filter((text) => !/^(?:null|nan|na)$/.test(text));
    const number = fc.integer({ min: 3, max: 1e9 }).map(String);
    const rows = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.tuple(word, word), fc.tuple(number, number), rows, (words, numbers, below) => {
        expect(isDoubtful(words, below)).toBe(true);
        expect(isDoubtful(numbers, below)).toBe(false);
      }),
    );
  });
});

describe('two columns for one role', () => {
  it.each([
    ['user,user,item', '"user" and "user"', 'user', 'user=1'],
    ['user,userid,track', '"user" and "userid"', 'user', 'user=1'],
    ['user_id,USER,item', '"USER" and "user_id"', 'user', 'user=2'],
    ['who,track,song', '"track" and "song"', 'item', 'user=who,item=2'],
    ['user,track,track_id', '"track" and "track_id"', 'item', 'item=3'],
    ['user,item,weight,Weight', '"weight" and "Weight"', 'weight', 'weight=3'],
  ])('of %s are refused, and `columns` says which', async (line, both, role, columns) => {
    const lines = [line, 'a,b,c,1'.slice(0, 2 * line.split(',').length - 1)];
    const without = columns.startsWith('user=who') ? { columns: 'user=who' } : {};
    expect(await failureOf(columnsOf('e.csv', lines, without))).toMatchObject({
      code: 'bad-input-file',
      message: `e.csv has two columns that may be the ${role}: ${both}`,
    });
    const found = (await columnsOf('e.csv', lines, { columns })).columns;
    expect(found).toMatchObject({ [role]: Number(/\d/.exec(columns)?.[0]) - 1 });
  });

  it('and the same name in `columns` are refused', async () => {
    const error = await failureOf(columnsOf('e.csv', ['a,a,b', '1,2,3'], { columns: 'user=a,item=b' }));
    expect(error.message).toBe('e.csv has two columns that may be the user: "a" and "a"');
    expect(await failureOf(columnsOf('e.csv', ['a,b', '1,2'], { columns: 'user=a,item=a' }))).toMatchObject({
      code: 'bad-usage',
      message: '`columns` names column "a" for the user and for the item',
    });
    expect(
      await failureOf(columnsOf('e.csv', ['u1,i1', 'u2,i2'], { columns: 'user=2,item=2' })),
    ).toMatchObject({ message: '`columns` names column 2 for the user and for the item' });
  });

  it('are a warning where the role is optional, and none where one is an id and the other a name', async () => {
    const warnings: string[] = [];
    const told = (progress: Progress): void => {
      if (progress.kind === 'warning') warnings.push(progress.message);
    };
    const line = 'user_name,user_id,item,rating,plays,ts,timestamp';
    expect((await columnsOf('e.csv', [line, 'a,1,x,2,3,4,5'], {}, told)).columns).toEqual({
      user: 1,
      item: 2,
      weight: 4,
      time: 6,
    });
    expect(warnings).toEqual([
      'e.csv has the columns "plays" and "rating"; the first is used as the weight',
      'e.csv has the columns "timestamp" and "ts"; the first is used as the time',
    ]);
    expect((await columnsOf('e.csv', ['artist,track,album,user', 'a,b,c,d'], {}, told)).columns).toEqual({
      user: 3,
      item: 1,
    });
    expect(warnings).toHaveLength(2);
  });
});

it('JSON Lines that lack a column list those that they have', async () => {
  const error = await failureOf(columnsOf('p.jsonl', ['{"who":"a","song":"b","timestamp":1}']));
  expect(error.message).toBe('p.jsonl has no user column: its columns are "who", "song", "timestamp"');
  expect(error['details']).toMatchObject({ columns: ['who', 'song', 'timestamp'] });
});
