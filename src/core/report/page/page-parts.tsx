/** @jsxImportSource preact */
import type { ComponentChildren, VNode } from 'preact';
import { safeText } from '../../safe-text.js';
import type { ItemRecord } from '../../contracts.js';
import type { DataTable, ReportFigure } from './report-figure.js';

/** Text that is from data, or may be: harmless, and of a direction of its own. */
export function Data({ children }: { readonly children: string }): VNode {
  return <bdi>{safeText(children)}</bdi>;
}

export interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Section({ id, title, children }: SectionProps): VNode {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export type Fact = readonly [name: string, value: string | number | null | undefined];

/** Names and values; those without a value are left out. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): VNode {
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null || value === undefined ? null : (
          <div>
            <dt>
              <Data>{name}</Data>
            </dt>
            <dd>
              <Data>{String(value)}</Data>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

export interface TableProps extends DataTable {
  /** What it is of. */
  readonly caption: string;
}

/** Scrolls within itself where the screen is narrower. */
export function Table({ caption, head, rows }: TableProps): VNode {
  const classOf = (at: number): { readonly class?: string } =>
    head[at]?.isNumber === true ? { class: 'number' } : {};
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={safeText(caption)}>
      <table>
        <caption>
          <Data>{caption}</Data>
        </caption>
        <thead>
          <tr>
            {head.map(({ text }, at) => (
              <th scope="col" {...classOf(at)}>
                <Data>{text}</Data>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell, at) => (
                <td {...classOf(at)}>
                  <Data>{cell}</Data>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Figure({ figure }: { readonly figure: ReportFigure }): VNode {
  const { title, caption, drawing, table } = figure;
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        <p>{caption}</p>
      </figcaption>
      {drawing}
      <details>
        <summary>{`Numbers: ${title}`}</summary>
        <Table caption={title} {...table} />
      </details>
    </figure>
  );
}

export function Figures({ figures }: { readonly figures: readonly ReportFigure[] }): VNode | null {
  if (figures.length === 0) return null;
  return (
    <div class="figures">
      {figures.map((figure) => (
        <Figure figure={figure} />
      ))}
    </div>
  );
}

/** What there is not, and how it is come by. */
export function Note({ children }: { readonly children: ComponentChildren }): VNode {
  return <p class="note">{children}</p>;
}

/** A command as it is typed. */
export function Command({ children }: { readonly children: string }): VNode {
  return <code>{safeText(children)}</code>;
}

/** Name and artist of an item, in one line. */
export function titleOf({ id, name, artist }: ItemRecord): string {
  const title = name === '' ? id : name;
  return artist === undefined || artist === '' ? title : `${title} – ${String(artist)}`;
}
