import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// What the body of a training can ask of its run.
extension Builtins {
    private static func running(_ i: Interpreter) throws -> Trainer {
        guard let trainer = i.trainer else {
            throw Diagnostic(
                code: "train.none", "step, epoch and run are names of the body of train, and none is running")
        }
        return trainer
    }

    /// Following a value through a run.
    static let following: [Builtin] = [
        Builtin("__step", "", "The number of the current step, from 1.") { i, _ in
            .number(Double(try running(i).currentStep))
        },
        Builtin("__epoch", "", "The number of the current epoch, from 1.") { i, _ in
            let trainer = try running(i)
            return .number(Double((trainer.currentStep - 1) / max(1, trainer.run.stepsPerEpoch) + 1))
        },
        Builtin("__run", "", "The current run.") { i, _ in .thing(try running(i).run) },
        Builtin(
            "stalled", "series : tensor, patience : whole >= 0 = 5, least : number >= 0 = 0", family: "training",
            "Early stopping: whether a series has had no new best for more than `patience` values; an improvement of at most `least` does not count. Smaller is better for a loss, an error or a distance, known by its name or by what is reported under it (report held = rmse(net, unseen)); larger is better for everything else. In a body: every epoch { report held = accuracy(net, unseen); stop when stalled(run.held, patience = 3) }; run.best.net is then the best net.",
            examples: [("stalled([1, 2, 2, 2], patience = 1)", "true"), ("stalled([1, 2, 3], patience = 1)", "false")],
            seeAlso: ["train", "plateau"]
        ) { i, a in
            if case .number = a[0] {
                let text = i.argumentTexts.first ?? ""
                let isName = !text.isEmpty && text.utf8.count <= 30 && text.allSatisfy { $0.isLetter || $0 == "_" }
                throw Diagnostic(
                    code: "argument.kind", "stalled expects a series, and got one number",
                    repair: "the series of a reported value:  stalled(run.\(isName ? text : "held"), patience = 3)")
            }
            let t = try a.tensor(0)
            let low = Interpreter.isLowBest(t)
            let least = try a.number(2)
            var best = low ? Double.infinity : -Double.infinity
            var wait = 0
            for x in t.doubles {
                if low ? x < best - least : x > best + least {
                    (best, wait) = (x, 0)
                } else {
                    wait += 1
                }
            }
            return .bool(wait > (try a.integer(1, atLeast: 0)))
        },
        Builtin(
            "watch", "expression", family: "training",
            """
            Inside the body of train: records a number at every step, as a series of the run whose name is the text of the \
            expression, `watch(net.dense1.w[0, 0])`; the progress line shows it, and `run["net.dense1.w[0, 0]"]` is the series.
            """, seeAlso: ["train", "plot"], traits: .lazy
        ) { i, a in
            guard case .function(let f) = a[0], let trainer = i.trainer else {
                throw Diagnostic(
                    code: "watch.outside", "watch works only inside the body of train",
                    repair: "print the value:  print \"{x}\"")
            }
            let value = try i.call(a[0], [])
            guard let t = Interpreter.tensor(value), t.count == 1 else {
                throw Diagnostic(code: "watch.kind", "watch expects one number, and got \(value.kindName)")
            }
            trainer.report(f.code.source.text(f.code.span), t.item)
            return .none
        },
    ]
}
