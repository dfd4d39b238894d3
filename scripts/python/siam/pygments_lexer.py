"""Colours of siam for Pygments. Made from the words of the language."""
from pygments.lexer import RegexLexer, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

HARD = (
    "fn", "if", "else", "for", "in", "while", "break", "continue", "return", "true", "false", "none",
    "and", "or", "not",
)
SOFT = (
    "layer", "loss", "param", "state", "forward", "train", "on", "as", "using", "epochs", "epoch",
    "steps", "minimize", "report", "every", "stop", "pause", "sweep", "time", "import", "expect",
    "expect_error",
)


class SiamLexer(RegexLexer):
    name = "siam"
    aliases = ["siam"]
    filenames = ["*.siam"]
    mimetypes = ["text/x-siam"]
    tokens = {
        "root": [include("code"), (r"[{}]", Punctuation)],
        "code": [
            (r"\s+", Text),
            (r"##.*$", Comment.Special),
            (r"#.*$", Comment.Single),
            (r"^:[a-z].*$", Comment.Preproc),
            (r'"', String, "text"),
            (r"\b(fn|layer|loss)(\s+)(\w+)", lambda self, m: iter([
                (m.start(1), Keyword.Declaration, m.group(1)), (m.start(2), Text, m.group(2)),
                (m.start(3), Name.Function, m.group(3))])),
            (words(HARD, prefix=r"(?<!\.)\b", suffix=r"\b"), Keyword),
            (words(SOFT, prefix=r"(?<![.,(])\b", suffix=r'\b(?=\s*[\w"{])'), Keyword.Pseudo),
            (r"\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?", Number),
            (r"\w+(?=\()", Name.Function),
            (r"\w+", Name),
            (r">>|\|>|->|\.\.|==|!=|<=|>=|[-+*/%@^<>=]", Operator),
            (r"[\[\](),;:.?]", Punctuation),
        ],
        "text": [
            (r"\\(u\{[0-9A-Fa-f]+\}|.)", String.Escape),
            (r"\{", String.Interpol, "value"),
            (r'"|$', String, "#pop"),
            (r'[^\\{"\n]+', String),
        ],
        "value": [(r"\}|$", String.Interpol, "#pop"), include("code"), (r"\{", Punctuation)],
    }
