/**
 * What other programs call our flags and commands, as fingers type them. Of several
 * meanings the first that the command has counts. Short flags are single letters.
 */

/** Words that are typed, parted by spaces, and what is meant by any of them. */
type Synonym = readonly [typed: string, ...meant: string[]];

/** What is meant begins with a flag, maybe with a value of it; a sentence names the flag that it speaks of. */
export const flagSynonyms: readonly Synonym[] = [
  // Models and their training
  [
    'dim dims dimension dimensions rank latent latent-factors components n-components num-factors n-factors embedding-dim embedding-size vector-size',
    '--factors',
  ],
  ['iterations iteration iter iters n-iter num-iterations max-iter epoch num-epochs passes', '--epochs'],
  ['regularization regularisation lambda reg-param l2 weight-decay', '--reg'],
  ['alpha confidence-weight', '--confidence linear:ALPHA'],
  ['algorithm algo method model-type', '--model'],
  ['lr eta step-size', '--learning-rate'],
  ['negative neg num-negatives negative-samples', '--negatives', '--minus'],
  ['ns-exponent', '--negative-exponent'],
  ['sample-threshold downsample', '--subsample'],
  ['window-size context', '--window'],
  ['decay time-decay', '--half-life'],
  ['random-state random-seed rng', '--seed'],
  ['patience early-stopping', '--early-stop'],
  ['max-time timeout', '--time-budget'],
  ['resume save-every', '--checkpoint'],
  ['workers jobs n-jobs num-threads cores cpus j', '--threads'],
  ['test-size test-ratio test-fraction validation-split eval-split', '--test-share', '--holdout'],
  // What is read
  ['sep separator delim field-separator', '--delimiter'],
  ['charset codec', '--encoding'],
  ['quotechar quote-char', '--quote'],
  ['header skip-header', '--no-header'],
  ['user user-column user-col', '--columns user=NAME'],
  ['item item-column item-col', '--columns item=NAME'],
  ['weight rating weight-column rating-column rating-col', '--columns weight=NAME'],
  ['time timestamp time-column timestamp-column', '--columns time=NAME'],
  ['mapping schema cols', '--columns'],
  ['metadata catalogue catalog item-file items-file item-features names titles tracks', '--items'],
  ['min-rating threshold', '--min-weight'],
  ['min-interactions min-user-count', '--min-user-items'],
  ['min-item-count min-count', '--min-item-users'],
  ['ignore-errors skip-errors skip-bad-lines', '--skip-bad-rows'],
  // What is asked for
  ['n top topk top-k top-n count num number results max-results n-items', '-k', '--limit'],
  ['limit', '-k'],
  ['k', '--limit', '--at'],
  ['ks cutoff cutoffs topks', '--at'],
  ['metrics', '--metric', 'every metric is measured; --at sets the cutoffs'],
  ['metric', 'every metric is measured; --at sets the cutoffs'],
  [
    'cv folds k-fold n-folds n-splits',
    'there is no cross-validation: --split makes one holdout, --seed another',
  ],
  ['n-trials num-trials max-trials', '--trials'],
  ['search-space params grid', '--space'],
  ['filter condition predicate query', '--where'],
  ['whitelist allow candidates among', '--only'],
  ['without ignore ban blacklist', '--exclude'],
  ['include-seen include-known with-seen seen', '--include-heard'],
  ['exclude-heard exclude-seen filter-seen', 'seen items are left out unless --include-heard is given'],
  ['likes liked positive seeds', '--like'],
  ['dislikes disliked', '--dislike'],
  ['artist artists', '--kind artist'],
  ['album albums', '--kind album'],
  ['type entity', '--kind', '--columns type=NAME'],
  ['reason message m comment note', '--why', '--explain'],
  ['why', '--explain'],
  ['embedding emb', '--vector'],
  ['brute-force bruteforce no-index', '--exact'],
  ['interactive tui ui', '--browse'],
  ['users-file user-file batch', '--users-from'],
  // Snapshots
  ['name label alias', '--tag'],
  ['ref version model-snapshot against', '--snapshot'],
  ['gate check assert min-recall', '--require', '--fail-on'],
  ['fail-if fail-under', '--fail-on', '--require'],
  ['recall min-recall-at', '--target-recall'],
  ['nlist n-lists num-lists clusters', '--lists'],
  ['nprobe n-probes probes', 'how many lists a search reads is tuned by --target-recall'],
  ['retain keep-last', '--keep'],
  ['max-age age older', '--older-than'],
  ['at-time date when', '--to-time', '--as-of'],
  ['dir directory path store db data-dir home', '--root'],
  // How it is answered
  ['output output-file outfile outpath file dest destination o', '--out'],
  ['output-format fmt ext', '--format'],
  ['md', '--format markdown'],
  ['markdown html', '--format markdown'],
  ['users', '--what users'],
  ['csv', '--format csv'],
  ['npz', '--format npz'],
  ['parquet', '--format parquet'],
  ['arrow feather', '--format arrow'],
  ['ndjson jsonl', '--format ndjson'],
  ['overwrite replace f', '--force'],
  ['q silent no-progress', '--quiet'],
  ['v debug trace', '--verbose'],
  ['dry simulate what-if plan preview noop', '--dry-run'],
];

/** What is an argument here, by the argument's name. */
export const argumentSynonyms: readonly Synonym[] = [
  ['user users user-id userid', 'user'],
  ['item items item-id itemid query song track name', 'item'],
  ['input data events interactions file train-file ratings plays', 'events'],
  ['snapshot ref to target tag', 'snapshot'],
  ['snapshots ref', 'snapshots'],
  ['input vectors embeddings file', 'vectors'],
];

/** Commands by what others call them; a meaning with a colon is a sentence. */
export const commandSynonyms: readonly Synonym[] = [
  [
    'init setup new create',
    'nothing has to be set up: segue train FILE makes the root; with --dry-run it shows how FILE is read',
  ],
  [
    'config configure settings set',
    'there is no file of settings: every flag has a variable, such as SEGUE_ROOT for --root',
  ],
  ['status', 'the root, what is current, and what to do next: type segue alone'],
  ['docs doc manual man readme', 'docs/README.md: the index of all pages; segue help --all has all commands'],
  ['fit learn', 'train'],
  ['eval test benchmark measure metrics', 'evaluate'],
  ['optimise optimize hyperopt sweep grid-search', 'tune'],
  ['index ann ivf', 'build-index'],
  ['embed embedding encode fold-in vector', 'user-vector'],
  ['deploy release promote activate switch', 'publish'],
  ['neighbours neighbors nn knn nearest near most-similar', 'similar'],
  ['predict rec recs suggest', 'recommend'],
  ['tui', 'browse'],
  ['ui web gui', 'explore'],
  ['server api http', 'serve'],
  ['search find catalogue catalog songs tracks', 'items'],
  ['listeners', 'users'],
  ['recipes', 'recipe list'],
  ['tail watch stream consume', 'follow'],
  ['compare', 'diff-snapshots'],
  ['revert undo', 'rollback'],
  ['clean cleanup prune', 'gc'],
  ['dump save', 'export'],
  ['load', 'import'],
  ['ls list models versions', 'snapshots list'],
  ['info describe inspect', 'snapshots show'],
  ['rm remove', 'snapshots delete'],
  ['log', 'snapshots history'],
  ['doctor fsck validate check', 'snapshots verify'],
  ['version', '--version'],
  ['completions autocomplete', 'completion'],
  ['ban like dislike skip thumbs rate', 'feedback add'],
  ['forget erase', 'feedback forget'],
];

/** Verbs of a topic, by what others call them. */
export const verbSynonyms: Readonly<Record<string, readonly Synonym[]>> = {
  snapshots: [
    ['ls', 'snapshots list'],
    ['rm remove', 'snapshots delete'],
    ['info get inspect', 'snapshots show'],
    ['log', 'snapshots history'],
    ['check validate', 'snapshots verify'],
    ['name label', 'snapshots tag'],
    ['diff compare', 'diff-snapshots'],
    ['publish', 'publish'],
    ['rollback', 'rollback'],
    ['gc prune', 'gc'],
  ],
  feedback: [
    ['ls show', 'feedback list'],
    ['rm remove delete revert', 'feedback undo'],
    ['new create ban like dislike', 'feedback add'],
    ['load', 'feedback import'],
    ['dump save', 'feedback export'],
    ['check validate', 'feedback verify'],
    ['erase', 'feedback forget'],
  ],
  recipe: [
    ['ls', 'recipe list'],
    ['print dump', 'recipe show'],
    ['explain info lint test validate', 'recipe check'],
    ['run use', 'recommend'],
  ],
};

/** The parts of a command's flags that are looked at. */
type KnownFlags = Readonly<Record<string, { readonly char?: string; readonly options?: readonly string[] }>>;

/** What may have been meant by a flag that the command does not have, as a sentence; undefined where no synonym is known. */
export function meantByFlag(typed: string, flags: KnownFlags): string | undefined {
  // `-n5` is -n with its value.
  const word = typed.replace(/^(-[a-z])\d+$/i, '$1').replace(/^-+|=.*$/g, '');
  const meant = meanings(flagSynonyms, word).find((text) => hasFlagsOf(text, flags));
  return meant?.startsWith('-') === true ? `did you mean ${meant}?` : meant;
}

/** The argument that a flag's value is here; undefined where the command has none of the name. */
export function argumentMeantByFlag(typed: string, args: readonly string[]): string | undefined {
  return meanings(argumentSynonyms, typed.replace(/^-+|=.*$/g, '')).find((name) => args.includes(name));
}

/** What may have been meant by a word that is no command, or no verb of the topic, as a sentence; undefined where no synonym is known. */
export function meantByCommand(word: string, topic?: string): string | undefined {
  const known = topic === undefined ? commandSynonyms : verbSynonyms[topic];
  const [meant] = meanings(known ?? [], word);
  return meant === undefined || meant.includes(':') ? meant : didYouMean(meant);
}

/** @param command as it is typed after `segue` */
export function didYouMean(command: string): string {
  return `did you mean segue ${command}?`;
}

function meanings(synonyms: readonly Synonym[], word: string): readonly string[] {
  return synonyms.flatMap(([typed, ...meant]) => (typed.split(' ').includes(word) ? meant : []));
}

/** Whether a command has every flag that a text names, with the value that it gives it. */
function hasFlagsOf(text: string, flags: KnownFlags): boolean {
  return [...text.matchAll(/(?<![\w-])(?:--([a-z-]+)|-([a-z]))(?: ([a-z]+)(?=$))?/g)].every(
    ([, name, char, value]) => {
      const flag = name === undefined ? Object.values(flags).find((each) => each.char === char) : flags[name];
      return flag !== undefined && (value === undefined || flag.options?.includes(value) !== false);
    },
  );
}
