import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { words } from '../helpers/words.js';

const folder = new URL('../../examples/classic-rock/', import.meta.url);
const zipped = readFileSync(new URL('plays.csv.gz', folder));
const playLines = gunzipSync(zipped).toString('utf8').trimEnd().split('\n');
const itemLines = readFileSync(new URL('items.csv', folder), 'utf8').trimEnd().split('\n');

const plays = playLines.slice(1).map((line) => line.split(','));
/** Ids hold neither comma nor quote, so the first cell ends at the first comma. */
const ids = itemLines.slice(1).map((line) => line.slice(0, line.indexOf(',')));

describe('examples/classic-rock', () => {
  it('has the headers that train and --items know without --columns', () => {
    expect(playLines[0]).toBe('user,item,time');
    expect(itemLines[0]).toBe('id,name,artist,released');
  });

  it('names every song once, by a slug of artist and title', () => {
    expect(ids).toHaveLength(2221);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
    expect(ids).toContain('nirvana-smells-like-teen-spirit');
    expect(ids).toEqual([...ids].sort());
  });

  it('has a row for every song that is played, and no other', () => {
    const played = new Set(plays.map(([, item]) => item));
    expect([...played].sort()).toEqual(ids);
  });

  it('has a station on a day of UTC as the user, and the second of that day', () => {
    expect(plays).toHaveLength(37_647);
    const wrong = plays.filter(([user, , time]) => {
      const [station, day] = user!.split('/');
      return (
        !/^[KW][A-Z]{2,3}$/.test(station!) || new Date(Number(time) * 1000).toISOString().slice(0, 10) !== day
      );
    });
    expect(wrong).toEqual([]);
    expect(new Set(plays.map(([user]) => user)).size).toBe(172);
  });

  it('is in the order of time', () => {
    const times = plays.map(([, , time]) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('quotes cells as RFC 4180 says', () => {
    const cell = String.raw`(?:[^",\r\n]*|"(?:[^"]|"")*")`;
    const row = new RegExp(`^${cell}(?:,${cell}){3}$`);
    expect(itemLines.filter((line) => !row.test(line))).toEqual([]);
    expect(itemLines).toContain('bad-company-silver-blue-and-gold,"Silver, Blue And Gold",Bad Company,');
  });

  it('gives a year of this music or none', () => {
    const years = itemLines.slice(1).map((line) => line.slice(line.lastIndexOf(',') + 1));
    expect(years.filter((year) => year !== '' && !/^(19[5-9]|20[01])\d$/.test(year))).toEqual([]);
  });

  it('is compressed without a time or machine in the header', () => {
    expect([...zipped.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  });
});

describe('examples/classic-rock/make.mjs', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'segue-make-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Runs a copy of the script on such plays (song, artist, station, time, serial) and songs (song, artist, year). */
  const make = (plays: string[], songs: string[]): { plays: string; items: string } => {
    const gzip = (name: string, lines: string[]) =>
      writeFileSync(join(directory, name), gzipSync(lines.join('\n') + '\n'));
    gzip('classic_rock_raw_data.csv.gz', ['song,artist,callsign,time,unique_id', ...plays]);
    gzip('classic_rock_song_list.csv.gz', ['song,artist,release_year', ...songs]);
    const script = join(directory, 'make.mjs');
    copyFileSync(fileURLToPath(new URL('make.mjs', folder)), script);
    const { status, stderr } = spawnSync(process.execPath, [script, directory], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return {
      plays: gunzipSync(readFileSync(join(directory, 'plays.csv.gz'))).toString('utf8'),
      items: readFileSync(join(directory, 'items.csv'), 'utf8'),
    };
  };

  it('takes spellings of one song together under the most played one, with the year that either has', () => {
    const made = make(
      [
        'GRAND ILLUSION,Styx,KGB,1402963200,KGB0003',
        'The Grand Illusion,Styx,KGB,1402963200,KGB0002',
        'The Grand Illusion,Styx,KGB,1402963200,KGB0001',
      ],
      ['GRAND ILLUSION,Styx,', 'The Grand Illusion,Styx,1977', 'Unplayed,Styx,1980'],
    );
    expect(made.items).toBe(
      'id,name,artist,released\nstyx-the-grand-illusion,The Grand Illusion,Styx,1977\n',
    );
    expect(made.plays).toBe(
      'user,item,time\n' + 'KGB/2014-06-17,styx-the-grand-illusion,1402963200\n'.repeat(3),
    );
  });

  it('leaves out plays without a title, and reads and writes quotes', () => {
    const made = make(
      [',Styx,KGB,1402963200,KGB0001', '"Say ""Hey"", You",R.E.M.,KGB,1402963200,KGB0002'],
      [],
    );
    expect(made.items).toBe('id,name,artist,released\nrem-say-hey-you,"Say ""Hey"", You",R.E.M.,\n');
    expect(made.plays).toBe('user,item,time\nKGB/2014-06-17,rem-say-hey-you,1402963200\n');
  });

  it('orders plays by time, then station, then the station’s falling serial number', () => {
    const made = make(
      words`B,x,WAAA,1402963200,WAAA0001 A,x,WAAA,1402963200,WAAA0002 C,x,KAAA,1402963200,KAAA0009
        D,x,KAAA,1402963199,KAAA0010`,
      [],
    );
    expect(made.plays.match(/x-./g)).toEqual(['x-d', 'x-c', 'x-a', 'x-b']);
  });
});
