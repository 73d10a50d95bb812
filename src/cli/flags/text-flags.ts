/** How the text of events and items is written: the same flags for every command that reads such files. */
import { text, toggle } from './flag-kinds.js';

/** flags.ts gives them their environment variables. */
export const ownTextFlags = {
  columns: text({
    description:
      'which column is what, by header name or by position: user=listener,item=track,weight=plays,time=at,type=kind',
    helpValue: 'MAP',
  }),
  quote: text({ description: 'quote character of tab-separated files', usual: 'none', helpValue: 'CHAR' }),
  'no-header': toggle({
    description: 'the first line of every file is data, not names of columns, whatever it looks like',
  }),
  encoding: text({
    description:
      'what text files are written in, such as latin1, windows-1252, macintosh, utf-16 or shift_jis',
    usual: 'utf-8',
    helpValue: 'NAME',
  }),
};

export interface TextFlags {
  readonly columns: string | undefined;
  readonly quote: string | undefined;
  readonly 'no-header': boolean;
  readonly encoding: string | undefined;
}

/** The same as the options of the tasks that read such text. */
export function textOptions({ columns, quote, encoding, ...flags }: TextFlags): {
  readonly columns: string | undefined;
  readonly quote: string | undefined;
  readonly noHeader: boolean;
  readonly encoding: string | undefined;
} {
  return { columns, quote, noHeader: flags['no-header'], encoding };
}
