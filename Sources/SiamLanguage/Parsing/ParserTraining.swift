/// The parser: `train`, `sweep` and the statements of their bodies.
extension Parser {
    /// Whether `train` at the cursor opens a run, and is not a name of the user's.
    func isTrainAhead() -> Bool {
        let next = token(1)
        guard !next.startsLine || ignoresNewlines else { return false }
        switch next.kind {
        case .name: return true
        case .leftParen, .leftBracket:
            guard partner[cursor + 1] > cursor else { return false }
            var behind = partner[cursor + 1] + 1
            // Past `(net).head[0]` to the word that decides.
            while behind < tokens.count - 1, !tokens[behind].startsLine {
                let token = tokens[behind]
                if isWord(token, "on") || isWord(token, "using") { return true }
                if token.kind == .compose { return isClauseBeforeLineEnd(behind) }
                guard token.kind == .dot || token.kind == .name || partner[behind] > behind else { return false }
                behind = partner[behind] > behind ? partner[behind] + 1 : behind + 1
            }
            return false
        default: return false
        }
    }

    private func isClauseBeforeLineEnd(_ from: Int) -> Bool {
        var place = from
        while place < tokens.count - 1, !tokens[place].startsLine {
            if isWord(tokens[place], "on") { return true }
            place = partner[place] > place ? partner[place] + 1 : place + 1
        }
        return false
    }

    private static let trainForm =
        "train net on pairs(data, 32) as a, b, same for 5 epochs using adam(0.001) { minimize ... }"

    /// `train NET {, NET}`, the clauses in any order, and the body.
    mutating func trainExpression() -> Expression {
        let start = current.start
        let word = current.span
        advance()
        var highest = 0
        var nets: [Expression] = []
        repeat {
            guard Parser.beginsOperand(current.kind) else {
                fail("train.net", "train needs a net, and got \(describe(current))", current.span)
                break
            }
            nets.append(expression())
            highest = max(highest, height)
        } while !isPanicking && accept(.comma)

        var from: Expression?
        var names: [Name] = []
        var length: Expression?
        var unit = Statement.Unit.epochs
        var optimizer: Expression?
        var log: Expression?
        var clauses: Set<String> = []
        clauses: while !isPanicking {
            let token = current
            let clause: String
            if isWord(token, "on") {
                clause = "on"
            } else if isWord(token, "as") {
                clause = "as"
            } else if isWord(token, "using") {
                clause = "using"
            } else if token.kind == .for {
                clause = "for"
            } else if isWord(token, "log"), self.token(1).kind == .assign {
                clause = "log"
            } else {
                break
            }
            if !clauses.insert(clause).inserted {
                fail(
                    "train.doubled", "train has two clauses that begin with \(clause)", token.span,
                    repair: "one of them is enough; leave the other out")
                break
            }
            advance()
            if clause == "log" { advance() }
            guard clause == "as" || Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: token)
                break
            }
            switch clause {
            case "on": from = expression()
            case "using": optimizer = expression()
            case "log": log = expression()
            case "for":
                length = expression()
                if !isPanicking {
                    var example = "for 5 epochs  or  for 300 steps"
                    if case .number(_, let n)? = length?.kind { example = "for \(n) epochs  or  for \(n) steps" }
                    if current.kind == .number {
                        example = "for \(text(current)) epochs  or  for \(text(current)) steps"
                    }
                    unit = self.unit("for", example: example)
                }
            default:
                repeat {
                    guard let name = name("a part of the batch") else { break clauses }
                    names.append(name)
                } while accept(.comma)
            }
            highest = max(highest, height)
        }
        let head = span(from: start)
        if !isPanicking, from == nil || optimizer == nil, current.kind == .name, !current.startsLine,
            self.token(1).kind != .assign, let meant = clauseMeant()
        {
            fail(
                "train.clause", "train has the clauses on, as, for and using, and got \(describe(current))",
                current.span, repair: meant, goesOn: false)
        } else if !isPanicking, current.kind == .comma, from != nil {
            let isSource = optimizer == nil
            fail(
                isSource ? "train.source" : "train.optimizer",
                isSource
                    ? "train takes one source of batches, and a comma follows it"
                    : "train takes one optimizer, and a comma follows it", current.span,
                repair: isSource
                    ? "data sets are joined before:  on batches(join(a, b), 32)"
                    : ["callbacks", "callback"].contains(text(self.token(1)))
                        ? "what a callback does stands in the body:  every epoch { stop when stalled(run.loss, patience = 8) }"
                        : nil, goesOn: false)
        } else if from == nil {
            fail(
                "train.source", "train needs a source of batches:  on pairs(data, 32)", word,
                notes: ["the whole form is  \(Parser.trainForm)"],
                goesOn: current.kind == .leftBrace)
        } else if optimizer == nil, ["epochs", "steps"].contains(text(current)), self.token(1).kind == .assign {
            fail(
                "train.length", "the length of train comes after for", current.span,
                repair: "for 5 \(text(current))", goesOn: false)
        } else if optimizer == nil {
            fail(
                "train.optimizer", "train needs an optimizer:  using adam(0.001)", word,
                notes: ["the whole form is  \(Parser.trainForm)"],
                goesOn: current.kind == .leftBrace)
        }
        if !isPanicking, current.kind != .leftBrace, current.kind != .end {
            fail(
                "train.clause",
                "train has clauses on, as, for, using and then its body { ... }, and got \(describe(current))",
                current.span, repair: bodyBehindColon)
        }
        let body = block("train", example: "{ minimize contrastive(net(a), net(b), same) }")
        _ = grow(over: max(highest, height), head)
        return Expression(
            .train(
                Train(
                    nets: nets, source: from ?? missing(at: head.end), names: names, length: length, unit: unit,
                    optimizer: optimizer ?? missing(at: head.end), log: log, body: body, head: head)), span(from: start)
        )
    }

    /// `train ... using adam(0.001): minimize l`: the body in its braces.
    private var bodyBehindColon: String? {
        guard current.kind == .colon || isWord(current, "minimize") else { return nil }
        let start = current.kind == .colon ? current.end : current.start
        let rest = source.text(Span(start, max(start, endOfLine()))).trimmed
        return rest.isEmpty || rest.utf8.count > 70 || rest.contains("\n")
            ? "the body stands in braces:  { minimize l }" : "the body stands in braces:  { \(rest) }"
    }

    /// What a word that opens no clause of train was meant for.
    private func clauseMeant() -> String? {
        let next = token(1)
        let number = next.kind == .number && !next.startsLine ? text(next) : nil
        if ["with", "over", "from", "by"].contains(text(current)), next.kind == .name,
            ["batches", "pairs", "triplets", "balanced"].contains(text(next))
        {
            return "its batches:  on \(text(next))(...)"
        }
        switch text(current) {
        case "epochs", "epoch": return "its length:  for \(number ?? "5") epochs"
        case "steps", "step", "iterations": return "its length:  for \(number ?? "300") steps"
        case "with", "by", "optimizer", "opt": return "its optimizer:  using adam(0.001)"
        case "over", "from", "data": return "its batches:  on batches(d, 32)"
        default: return nil
        }
    }

    /// `sweep dim in [2, 8], lr in [1e-4, 1e-3] { body }`.
    mutating func sweepExpression() -> Expression {
        let start = current.start
        advance()
        var axes: [Field] = []
        var highest = 0
        repeat {
            guard let name = name("an axis of sweep"), expectIn(after: "the axis of sweep") else { break }
            if axes.contains(where: { $0.name == name }) {
                fail("sweep.doubled", "the axis \(name.text) is given twice", name.span, goesOn: true)
            }
            guard Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: tokens[cursor - 1])
                break
            }
            axes.append(Field(name: name, value: expression()))
            highest = max(highest, height)
        } while !isPanicking && accept(.comma)
        let body = block("sweep", example: "sweep dim in [2, 8], lr in [1e-4, 1e-3] { report l = ... }")
        _ = grow(over: max(highest, height), span(from: start))
        return Expression(.sweep(Sweep(axes: axes, body: body)), span(from: start))
    }
}
