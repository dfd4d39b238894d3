// The extension for VS Code with a stand-in for the editor: every provider is asked once.
'use strict';
const Module = require('module');
const fs = require('fs');
const path = require('path');
const folder = path.join(process.env.SIAM_EDITORS, 'vscode');
const file = process.env.SIAM_FILE;
let failed = false;
const check = (what, holds) => {
  console.log(`${holds ? 'ok' : 'FAILED'}: vscode, ${what}`);
  failed = failed || !holds;
};
class Plain { constructor(...given) { this.given = given; } }
class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range { constructor(start, end) { Object.assign(this, { start, end }); } }
class Uri {
  constructor(text) { this.text = text; this.fsPath = decodeURI(text.replace('file://', '')); }
  toString() { return this.text; }
  static parse(text) { return new Uri(text); }
}
const asked = {};
const registered = (name) => (_, provider) => { asked[name] = provider; return { dispose() {} }; };
const found = new Map();
const events = {};
const on = (name) => (body) => { events[name] = body; return { dispose() {} }; };
const document = {
  uri: new Uri('file://' + file), languageId: 'siam', version: 1, text: fs.readFileSync(file, 'utf8'),
  getText() { return this.text; },
};
const commands = {};
const typed = [];
const vscode = new Proxy({
  Position, Range, Uri,
  WorkspaceEdit: class { constructor() { this.all = new Map(); } set(uri, list) { this.all.set(uri.toString(), list); } },
  MarkdownString: class { constructor(value) { this.value = value; } },
  TextEdit: class { constructor(range, newText) { Object.assign(this, { range, newText }); } },
  SemanticTokens: class { constructor(data) { this.data = data; } },
  CompletionItem: class { constructor(label, kind) { Object.assign(this, { label, kind }); } },
  CompletionList: class { constructor(items) { this.items = items; } },
  CodeActionKind: { QuickFix: 'quickfix' }, FoldingRangeKind: { Comment: 1 },
  workspace: {
    textDocuments: [document], getConfiguration: () => ({ get: () => process.env.SIAM }), saveAll: async () => {},
    onDidOpenTextDocument: on('open'), onDidChangeTextDocument: on('change'), onDidSaveTextDocument: on('save'),
    onDidCloseTextDocument: on('close'),
  },
  window: {
    createOutputChannel: () => ({ appendLine() {}, dispose() {} }), showErrorMessage: (m) => check(m, false),
    showInformationMessage() {}, terminals: [],
    createTerminal: () => ({ show() {}, sendText: (text) => typed.push(text) }),
  },
  commands: { registerCommand: (name, body) => { commands[name] = body; return { dispose() {} }; } },
  languages: new Proxy({
    createDiagnosticCollection: () => ({ set: (uri, list) => found.set(uri.toString(), list), dispose() {} }),
  }, { get: (t, name) => t[name] || registered(name.replace('register', '').replace('Provider', '')) }),
}, { get: (t, name) => t[name] || class extends Plain {} });
const load = Module._load;
Module._load = (name, ...more) => (name === 'vscode' ? vscode : load(name, ...more));
const extension = require(path.join(folder, 'extension.js'));

const wait = async (body) => {
  for (let k = 0; k < 100 && !body(); k++) await new Promise((done) => setTimeout(done, 100));
  return body();
};
(async () => {
  for (const name of ['package.json', 'language-configuration.json', 'snippets/siam.json', 'syntaxes/siam.tmLanguage.json']) {
    JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  }
  const context = { subscriptions: [] };
  await extension.activate(context);
  check('findings', await wait(() => (found.get(document.uri.toString()) || []).length > 0));
  const hover = await asked.Hover.provideHover(document, new Position(0, 8));
  check('help', hover.given[0].value.includes('layer'));
  const list = await asked.CompletionItem.provideCompletionItems(document, new Position(1, 9));
  check('completion', list.items.some((i) => i.label === 'contrastive'));
  const item = await asked.CompletionItem.resolveCompletionItem(list.items.find((i) => i.label === 'contrastive'));
  check('completion with help', item.documentation.value.includes('margin'));
  check('rename', [...(await asked.Rename.provideRenameEdits(document, new Position(0, 1), 'tower')).all.values()][0].length === 3);
  check('definition', (await asked.Definition.provideDefinition(document, new Position(1, 17))).length === 1);
  check('references', (await asked.Reference.provideReferences(document, new Position(0, 1), { includeDeclaration: true })).length === 3);
  check('symbols', (await asked.DocumentSymbol.provideDocumentSymbols(document)).length > 0);
  check('colours', (await asked.DocumentSemanticTokens.provideDocumentSemanticTokens(document)).data.length > 0);
  const whole = new Range(new Position(0, 0), new Position(99, 0));
  check('shapes', (await asked.InlayHints.provideInlayHints(document, whole)).length > 0);
  check('repairs', (await asked.CodeActions.provideCodeActions(document, new Range(new Position(1, 4), new Position(1, 6)))).length === 1);
  check('folds', Array.isArray(await asked.FoldingRange.provideFoldingRanges(document)));
  check('signature', !!(await asked.SignatureHelp.provideSignatureHelp(document, new Position(0, 12))));
  check('lenses', Array.isArray(await asked.CodeLens.provideCodeLenses(document)));
  check('layout', Array.isArray(await asked.DocumentFormattingEdit.provideDocumentFormattingEdits(document, {})));
  const changed = document.text.split('\n');
  changed[1] = '';
  events.change({ document: Object.assign(document, { version: 2, text: changed.join('\n') }), contentChanges: [
    { range: new Range(new Position(1, 0), new Position(1, 200)), text: '' }] });
  check('an edit', await wait(() => !found.get(document.uri.toString()).some((d) => d.given[1].includes('contrastiv'))));
  await commands['siam.run'](document.uri);
  check('a run in the terminal', typed[0].includes(' run '));
  await extension.deactivate();
  process.exit(failed ? 1 : 0);
})();
