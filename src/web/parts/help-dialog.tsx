import type { ComponentChild } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const keys: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'search'],
  [['j', '↓'], 'the next of a list'],
  [['k', '↑'], 'the one before'],
  [['→', '←'], 'to the other of two lists'],
  [['Enter'], 'open it'],
  [['Backspace'], 'back along the walk'],
  [['l', 'd', 'b'], 'like, dislike, ban what is chosen, as a trial'],
  [['Esc'], 'close what is open'],
  [['?'], 'this help'],
];

interface HelpDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every key. The browser keeps the focus in it, and gives it back. */
export function HelpDialog({ isOpen, onClose }: HelpDialogProps): ComponentChild {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {keys.map(([all, what]) => (
          <div key={what}>
            <dt>
              {all.map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
