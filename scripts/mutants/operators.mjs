// What is changed to make a mutant: one operator or constant of a compiled file at a time.
import ts from 'typescript';

const kinds = ts.SyntaxKind;

/** Operators between two operands, each with the one that takes its place. */
const swapped = new Map(
  ['=== !==', '== !=', '< <=', '> >=', '&& ||', '+ -', '* /', '& |', '<< >>', '+= -=', '*= /=']
    .map((pair) => pair.split(' '))
    .flatMap(([one, other]) => [
      [one, other],
      [other, one],
    ])
    .concat([
      ['??', '&&'],
      ['??=', '='],
      ['%', '*'],
      ['>>>', '<<'],
    ]),
);
/** What a constant text is made longer by. */
const added = '~';

/**
 * Each with the range of the text whose place `replacement` takes; `mark`, by which it is found in the source; and `evaluated`,
 * what a test has to execute, `isLoading` telling whether that is done when the module is loaded.
 */
export function mutantsOf(text, { messages = false } = {}) {
  const file = ts.createSourceFile('x.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const mutants = [];
  const change = (node, start, end, replacement, mark = start) => {
    const [from, to] = [node.getStart(), node.getEnd()];
    const after = text.slice(from, start) + replacement + text.slice(end, to);
    const isLoading = ts.findAncestor(node.parent, isDelayed) === undefined;
    const shown = { before: short(text.slice(from, to)), after: short(after) };
    mutants.push({ start, end, replacement, mark, evaluated: from, isLoading, ...shown });
  };
  const replace = (node, by, mark) => change(node, node.getStart(), node.getEnd(), by, mark);

  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isBinaryExpression(node) && !isStep(node)) {
      const { left, right, operatorToken } = node;
      const other = swapped.get(operatorToken.getText());
      const [start, end] = [operatorToken.getStart(), operatorToken.getEnd()];
      // Without parentheses a mixture with ?? would be no JavaScript.
      if (other === '&&' || other === '||')
        replace(node, `((${left.getText()}) ${other} (${right.getText()}))`, start);
      else if (other !== undefined) change(node, start, end, other);
    } else if (ts.isConditionalExpression(node) && !isMutated(node.condition)) {
      const [yes, no] = [node.whenTrue.getText(), node.whenFalse.getText()];
      replace(node, `${node.condition.getText()} ? (${no}) : (${yes})`);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const { operator, operand } = node;
      const isTwice = node.parent.operator === operator;
      if (operator === kinds.MinusToken || (operator === kinds.ExclamationToken && !isTwice))
        replace(node, operand.getText());
      const start = ts.isPrefixUnaryExpression(node) ? node.getStart() : operand.getEnd();
      if (operator === kinds.PlusPlusToken && !isStep(node)) change(node, start, start + 2, '--');
      if (operator === kinds.MinusMinusToken && !isStep(node)) change(node, start, start + 2, '++');
    } else if (ts.isIfStatement(node) && !ts.isBinaryExpression(node.expression)) {
      if (!isMutated(node.expression)) replace(node.expression, `!(${node.expression.getText()})`);
    } else if (node.kind === kinds.TrueKeyword || node.kind === kinds.FalseKeyword) {
      replace(node, String(node.kind === kinds.FalseKeyword));
    } else if (node.parent?.name === node) {
      return;
    } else if (ts.isNumericLiteral(node)) {
      replace(node, String(Number(node.text) + 1));
    } else if (ts.isBigIntLiteral(node)) {
      replace(node, `${BigInt(node.text.slice(0, -1)) + 1n}n`);
    } else if (ts.isStringLiteral(node) && (messages || !isMessage(node))) {
      replace(node, JSON.stringify(node.text + added));
    } else if (ts.isTemplateLiteralToken(node) && node.text !== '' && (messages || !isMessage(node))) {
      const isOpen = node.kind === kinds.TemplateHead || node.kind === kinds.TemplateMiddle;
      change(
        node,
        node.getEnd() - (isOpen ? 2 : 1),
        node.getEnd() - (isOpen ? 2 : 1),
        added,
        node.getStart(),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/** What runs later than what it stands in. */
function isDelayed(node) {
  const isStatic = node.modifiers?.some(({ kind }) => kind === kinds.StaticKeyword) === true;
  return ts.isFunctionLike(node) || (ts.isPropertyDeclaration(node) && !isStatic);
}

/** A loop that steps otherwise has no end, which every test notices. */
function isStep(node) {
  return ts.isForStatement(node.parent) && node.parent.incrementor === node;
}

/** A condition that is made its contrary anyway. */
function isMutated(condition) {
  if (ts.isPrefixUnaryExpression(condition)) return condition.operator === kinds.ExclamationToken;
  return ts.isBinaryExpression(condition) && /^[!=]==$/.test(condition.operatorToken.getText());
}

/** Words for people: of errors, and of what to do. */
function isMessage(node) {
  const found = ts.findAncestor(node, (at) => {
    if (ts.isPropertyAssignment(at)) return /^(suggestions|description|summary)$/.test(at.name.getText());
    if (at.parent === undefined || !ts.isNewExpression(at.parent)) return false;
    const callee = at.parent.expression.getText();
    return callee.endsWith('Error') && (callee !== 'AppError' || at.parent.arguments[0] !== at);
  });
  return found !== undefined;
}

function short(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 60)} … ${line.slice(-38)}` : line;
}
