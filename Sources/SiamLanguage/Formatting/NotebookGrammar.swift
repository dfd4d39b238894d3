/// How notebooks colour siam.
extension EditorGrammars {
    /// What gives the cells of JupyterLab and Notebook siam's colours: an extension that needs no building, since it takes
    /// CodeMirror from the page that it is put into.
    public static var jupyterLab: String {
        func words(_ all: [Words.Word]) -> String { all.map { "\"\($0.text)\"" }.joined(separator: ", ") }
        return """
            // The colours of siam in cells. Made from the words of the language.
            (() => {
              const hard = new Set([\(words(Words.hard))]);
              const soft = new Set([\(words(Words.soft))]);
              const word = /^[\\p{L}_][\\p{L}\\p{N}_]*/u;
              function text(stream, state) {
                while (!stream.eol()) {
                  const c = stream.next();
                  if (c === "\\\\") {
                    stream.next();
                  } else if (c === '"') {
                    state.inside.pop();
                    return "string";
                  } else if (c === "{") {
                    state.inside.push("value");
                    return "string";
                  }
                }
                // No text continues after its line.
                state.inside = [];
                return "string";
              }
              const mode = {
                name: "siam",
                startState: () => ({ inside: [], defines: false, before: "" }),
                copyState: state => ({ ...state, inside: [...state.inside] }),
                token(stream, state) {
                  if (stream.sol()) {
                    state.inside = [];
                    state.before = "";
                  }
                  if (state.inside.at(-1) === "text") return text(stream, state);
                  if (stream.eatSpace()) return null;
                  const before = state.before;
                  state.before = stream.peek();
                  if (stream.match(/^#.*/)) return "comment";
                  if (stream.column() === 0 && stream.match(/^(:[a-z]|\\?|!).*/)) return "meta";
                  if (stream.match('"')) {
                    state.inside.push("text");
                    return text(stream, state);
                  }
                  if (stream.match(/^\\d[\\d_]*(\\.\\d[\\d_]*)?([eE][+-]?\\d+)?/)) return "number";
                  const found = stream.match(word);
                  if (found) {
                    const defines = state.defines;
                    state.defines = false;
                    if (defines) return "variableName.definition";
                    if (before !== "." && hard.has(found[0])) {
                      state.defines = found[0] === "fn";
                      return "keyword";
                    }
                    if (!".,(".includes(before || " ") && soft.has(found[0]) && stream.match(/^\\s*[\\p{L}\\p{N}_"{]/u, false)) {
                      state.defines = found[0] === "layer" || found[0] === "loss";
                      return "keyword";
                    }
                    if (stream.peek() === "(") return "variableName.function";
                    return before === "." ? "propertyName" : "variableName";
                  }
                  if (stream.match("}") && state.inside.at(-1) === "value") {
                    state.inside.pop();
                    return "string";
                  }
                  if (stream.match(/^(>>|\\|>|->|\\.\\.|==|!=|<=|>=|[-+*\\/%@^<>=])/)) return "operator";
                  stream.next();
                  return "punctuation";
                },
                languageData: {
                  commentTokens: { line: "#" },
                  closeBrackets: { brackets: ["(", "[", "{", '"'] },
                  indentOnInput: /^\\s*[})\\]]$/,
                },
              };
              let scope;
              async function shared(name) {
                const found = Object.values(scope[name] || {})[0];
                return found && (await found.get())();
              }
              async function extension() {
                const [editor, language] = await Promise.all([shared("@jupyterlab/codemirror"), shared("@codemirror/language")]);
                // Before JupyterLab 4 there were other editors, which keep their own colours.
                if (!editor?.IEditorLanguageRegistry || !language) return { __esModule: true, default: [] };
                return {
                  __esModule: true,
                  default: {
                    id: "siam-lab:colours",
                    description: "The colours of siam.",
                    autoStart: true,
                    requires: [editor.IEditorLanguageRegistry],
                    activate: (app, languages) => {
                      const support = new language.LanguageSupport(language.StreamLanguage.define(mode));
                      languages.addLanguage({ name: "siam", mime: "text/x-siam", extensions: ["siam"], support });
                    },
                  },
                };
              }
              window._JUPYTERLAB = window._JUPYTERLAB || {};
              window._JUPYTERLAB["siam-lab"] = {
                init: given => { scope = given; },
                get: async () => {
                  const made = await extension();
                  return () => made;
                },
              };
            })();

            """
    }
}
