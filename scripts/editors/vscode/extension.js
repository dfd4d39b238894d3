// A client of `siam lsp` for Visual Studio Code that needs no other package: what the server says is handed on in the
// editor's own words.
'use strict';
const vscode = require('vscode');
const { spawn } = require('child_process');

const selector = { language: 'siam' };

/** Messages of JSON-RPC with heads, over a process. */
class Server {
  constructor(command, log) {
    this.log = log;
    this.count = 0;
    this.waiting = new Map();
    this.handlers = new Map();
    this.bytes = Buffer.alloc(0);
    this.process = spawn(command, ['lsp']);
    this.process.on('error', (error) => {
      vscode.window.showErrorMessage(`siam did not start: ${error.message}. The setting siam.command names it.`);
      this.close();
    });
    this.process.on('exit', () => this.close());
    this.process.stdin.on('error', () => {});
    this.process.stdout.on('data', (data) => this.take(data));
  }

  close() {
    this.isClosed = true;
    for (const { reject } of this.waiting.values()) reject(new Error('the server has ended'));
    this.waiting.clear();
  }

  take(data) {
    this.bytes = Buffer.concat([this.bytes, data]);
    for (;;) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: *(\d+)/i.exec(this.bytes.toString('latin1', 0, end));
      const start = end + 4;
      const size = length ? Number(length[1]) : 0;
      if (this.bytes.length < start + size) return;
      const text = this.bytes.toString('utf8', start, start + size);
      this.bytes = this.bytes.subarray(start + size);
      if (text) this.heard(JSON.parse(text));
    }
  }

  heard(message) {
    if (message.method) {
      const handler = this.handlers.get(message.method);
      if (handler) handler(message.params);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (!waiting) return;
    if (message.error) waiting.reject(new Error(message.error.message));
    else waiting.resolve(message.result);
  }

  send(message) {
    if (this.isClosed) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }), 'utf8');
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }

  notify(method, params) { this.send({ method, params }); }

  request(method, params) {
    if (this.isClosed) return Promise.reject(new Error('the server has ended'));
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ id, method, params });
    });
  }
}

// Places and pieces, from one side to the other.
const position = (p) => new vscode.Position(p.line, p.character);
const range = (r) => new vscode.Range(position(r.start), position(r.end));
const place = (p) => ({ line: p.line, character: p.character });
const span = (r) => ({ start: place(r.start), end: place(r.end) });
const of = (document) => ({ textDocument: { uri: document.uri.toString() } });
const at = (document, p) => ({ ...of(document), position: place(p) });
const location = (l) => new vscode.Location(vscode.Uri.parse(l.uri), range(l.range));
const markdown = (content) => new vscode.MarkdownString(content.value);
const edits = (list) => list.map((e) => new vscode.TextEdit(range(e.range), e.newText));

function workspaceEdit(edit) {
  const made = new vscode.WorkspaceEdit();
  for (const [uri, list] of Object.entries(edit.changes)) made.set(vscode.Uri.parse(uri), edits(list));
  return made;
}

function diagnostic(d) {
  const made = new vscode.Diagnostic(range(d.range), d.message, d.severity - 1);
  made.code = d.code;
  made.source = d.source;
  made.tags = d.tags;
  made.relatedInformation = (d.relatedInformation || []).map(
    (r) => new vscode.DiagnosticRelatedInformation(location(r.location), r.message));
  return made;
}

function symbol(s) {
  const made = new vscode.DocumentSymbol(s.name, s.detail || '', s.kind - 1, range(s.range), range(s.selectionRange));
  made.children = (s.children || []).map(symbol);
  return made;
}

/** What the server can be asked, each in the editor's own words. */
function providers(server, legend) {
  const ask = (method, params) => server.request('textDocument/' + method, params);
  const l = vscode.languages;
  return [
    l.registerHoverProvider(selector, {
      async provideHover(d, p) {
        const found = await ask('hover', at(d, p));
        return found && new vscode.Hover(markdown(found.contents), range(found.range));
      },
    }),
    l.registerCompletionItemProvider(selector, {
      async provideCompletionItems(d, p) {
        const found = await ask('completion', at(d, p));
        const items = (found.items || []).map((i) => {
          const item = new vscode.CompletionItem(i.label, i.kind - 1);
          item.detail = i.detail;
          item.sortText = i.sortText;
          item.filterText = i.filterText;
          item.range = range(i.textEdit.range);
          item.insertText = i.textEdit.newText;
          item.data = i.data;
          return item;
        });
        return new vscode.CompletionList(items, !!found.isIncomplete);
      },
      async resolveCompletionItem(item) {
        const found = await server.request('completionItem/resolve', { label: item.label, data: item.data });
        if (found.documentation) item.documentation = markdown(found.documentation);
        return item;
      },
    }, '.', '\\', '"', '('),
    l.registerSignatureHelpProvider(selector, {
      async provideSignatureHelp(d, p) {
        const found = await ask('signatureHelp', at(d, p));
        if (!found) return undefined;
        const help = new vscode.SignatureHelp();
        help.signatures = found.signatures.map((s) => {
          const made = new vscode.SignatureInformation(s.label, s.documentation && markdown(s.documentation));
          made.parameters = s.parameters.map((one) => new vscode.ParameterInformation(one.label));
          return made;
        });
        help.activeSignature = found.activeSignature;
        help.activeParameter = found.activeParameter;
        return help;
      },
    }, '(', ','),
    l.registerDefinitionProvider(selector, {
      async provideDefinition(d, p) { return (await ask('definition', at(d, p))).map(location); },
    }),
    l.registerReferenceProvider(selector, {
      async provideReferences(d, p, context) {
        return (await ask('references', { ...at(d, p), context })).map(location);
      },
    }),
    l.registerDocumentHighlightProvider(selector, {
      async provideDocumentHighlights(d, p) {
        return (await ask('documentHighlight', at(d, p))).map(
          (h) => new vscode.DocumentHighlight(range(h.range), h.kind - 1));
      },
    }),
    l.registerRenameProvider(selector, {
      async prepareRename(d, p) { return range(await ask('prepareRename', at(d, p))); },
      async provideRenameEdits(d, p, newName) { return workspaceEdit(await ask('rename', { ...at(d, p), newName })); },
    }),
    l.registerDocumentSymbolProvider(selector, {
      async provideDocumentSymbols(d) { return (await ask('documentSymbol', of(d))).map(symbol); },
    }),
    l.registerDocumentFormattingEditProvider(selector, {
      async provideDocumentFormattingEdits(d, options) { return edits(await ask('formatting', { ...of(d), options })); },
    }),
    l.registerDocumentSemanticTokensProvider(selector, {
      async provideDocumentSemanticTokens(d) {
        return new vscode.SemanticTokens(new Uint32Array((await ask('semanticTokens/full', of(d))).data));
      },
    }, new vscode.SemanticTokensLegend(legend.tokenTypes, legend.tokenModifiers)),
    l.registerInlayHintsProvider(selector, {
      async provideInlayHints(d, r) {
        return (await ask('inlayHint', { ...of(d), range: span(r) })).map((h) => {
          const hint = new vscode.InlayHint(position(h.position), h.label, h.kind);
          hint.paddingLeft = h.paddingLeft;
          return hint;
        });
      },
    }),
    l.registerFoldingRangeProvider(selector, {
      async provideFoldingRanges(d) {
        return (await ask('foldingRange', of(d))).map((f) => new vscode.FoldingRange(
          f.startLine, f.endLine, f.kind === 'comment' ? vscode.FoldingRangeKind.Comment : undefined));
      },
    }),
    l.registerCodeActionsProvider(selector, {
      async provideCodeActions(d, r) {
        const found = await ask('codeAction', { ...of(d), range: span(r), context: { diagnostics: [] } });
        return found.map((a) => {
          const action = new vscode.CodeAction(a.title, vscode.CodeActionKind.QuickFix);
          action.edit = workspaceEdit(a.edit);
          action.isPreferred = a.isPreferred;
          return action;
        });
      },
    }),
    l.registerCodeLensProvider(selector, {
      async provideCodeLenses(d) {
        return (await ask('codeLens', of(d))).map((c) => new vscode.CodeLens(range(c.range), c.command));
      },
    }),
  ];
}

let server;

async function activate(context) {
  const command = vscode.workspace.getConfiguration('siam').get('command') || 'siam';
  const log = vscode.window.createOutputChannel('siam');
  const found = vscode.languages.createDiagnosticCollection('siam');
  context.subscriptions.push(log, found);
  // Programs run in a terminal, where they can be talked to.
  for (const word of ['run', 'doctor']) {
    context.subscriptions.push(vscode.commands.registerCommand('siam.' + word, async (uri) => {
      const file = uri ? vscode.Uri.parse(uri.toString()) : vscode.window.activeTextEditor?.document.uri;
      if (!file) return;
      await vscode.workspace.saveAll(false);
      const terminal = vscode.window.terminals.find((t) => t.name === 'siam') || vscode.window.createTerminal('siam');
      terminal.show(true);
      const quoted = (text) => "'" + text.replace(/'/g, "'\\''") + "'";
      terminal.sendText(`${quoted(command)} ${word} ${quoted(file.fsPath)}`);
    }));
  }
  server = new Server(command, log);
  server.handlers.set('textDocument/publishDiagnostics', (p) => {
    found.set(vscode.Uri.parse(p.uri), p.diagnostics.map(diagnostic));
  });
  server.handlers.set('window/logMessage', (p) => log.appendLine(p.message));
  server.handlers.set('window/showMessage', (p) => vscode.window.showInformationMessage(p.message));
  let begun;
  try {
    begun = await server.request('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  } catch {
    return;
  }
  server.notify('initialized', {});
  const isOurs = (d) => d.languageId === 'siam';
  const open = (d) => isOurs(d) && server.notify('textDocument/didOpen', {
    textDocument: { uri: d.uri.toString(), languageId: 'siam', version: d.version, text: d.getText() },
  });
  vscode.workspace.textDocuments.forEach(open);
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(open),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (!isOurs(event.document) || !event.contentChanges.length) return;
      server.notify('textDocument/didChange', {
        textDocument: { uri: event.document.uri.toString(), version: event.document.version },
        contentChanges: event.contentChanges.map((c) => ({ range: span(c.range), text: c.text })),
      });
    }),
    vscode.workspace.onDidSaveTextDocument((d) => isOurs(d) && server.notify('textDocument/didSave', of(d))),
    vscode.workspace.onDidCloseTextDocument((d) => isOurs(d) && server.notify('textDocument/didClose', of(d))),
    ...providers(server, begun.capabilities.semanticTokensProvider.legend));
}

async function deactivate() {
  if (!server || server.isClosed) return;
  await server.request('shutdown').catch(() => {});
  server.notify('exit');
}

module.exports = { activate, deactivate };
