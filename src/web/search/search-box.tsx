import type { ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Name } from '../parts/name.js';
import { plural } from '../parts/numbers.js';
import { useSaid } from '../place/page-context.js';
import { chosenBy, closed, type Choice } from './choice.js';
import { useFound, type Found } from './use-found.js';

export interface SearchBoxProps {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  /** Only items, or whatever there is. */
  readonly among: 'items' | 'everything';
  readonly onPick: (found: Found) => void;
}

/** Search as you type: a combobox with a list, as the ARIA Authoring Practices Guide describes it. */
export function SearchBox({ id, label, placeholder, among, onPick }: SearchBoxProps): ComponentChild {
  const [text, setText] = useState('');
  const [choice, setChoice] = useState<Choice>(closed);
  // Enter came before what it is to open.
  const [isEntered, setEntered] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { found, isLoading, problem } = useFound(text, among);
  const isOpen = choice.open && text.trim() !== '';

  const isFound = isOpen && !isLoading && problem === undefined;
  useSaid(isFound ? (found.length === 0 ? 'nothing found' : `${found.length} found`) : undefined);

  const pick = (chosen: Found | undefined): void => {
    setEntered(false);
    if (chosen === undefined) return;
    setText('');
    setChoice(closed);
    input.current?.blur();
    onPick(chosen);
  };
  useEffect(() => {
    if (isEntered && !isLoading) pick(found[0]);
  });
  const pressed = (event: KeyboardEvent): void => {
    // What an input method makes of Enter is its own.
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (isLoading) setEntered(true);
      else pick(found[Math.max(0, choice.at)]);
      return;
    }
    if (event.key === 'Escape' && !isOpen) {
      setText('');
      input.current?.blur();
      return;
    }
    const next = chosenBy(event.key, { ...choice, open: isOpen }, found.length);
    if (next === undefined) return;
    event.preventDefault();
    setChoice(next);
  };

  return (
    <div class="search">
      <label class="unseen" for={id}>
        {label}
      </label>
      <input
        ref={input}
        id={id}
        type="search"
        // A list of suggestions of our own, not the browser's.
        list={undefined}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && choice.at >= 0 ? `${id}-${choice.at}` : undefined}
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        placeholder={placeholder}
        value={text}
        onInput={(event) => {
          setEntered(false);
          setText(event.currentTarget.value);
          setChoice({ open: true, at: -1 });
        }}
        onKeyDown={pressed}
        onFocus={() => setChoice({ open: true, at: -1 })}
        onBlur={() => setChoice(closed)}
      />
      <div class="found" hidden={!isOpen}>
        <ul id={`${id}-list`} role="listbox" aria-label={label}>
          {found.map((each, at) => (
            <li
              key={`${each.kind} ${each.id}`}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === choice.at}
              // The input would lose the focus, and the list close, before the click.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(each)}
            >
              <span class="found-name">
                <Name text={each.name} />
                {each.artist !== undefined && (
                  <span class="meta">
                    {' '}
                    <Name text={each.artist} />
                  </span>
                )}
              </span>
              <span class="kind">{each.kind}</span>
              <span class="events">{plural(each.events, 'play')}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && (
          <p class="quiet">{problem ?? (isLoading ? 'Searching …' : 'Nothing is called so.')}</p>
        )}
      </div>
    </div>
  );
}
