import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Faults of loops that compute gradients and update the weights by hand.
extension Rule {
    static var gradientsNeverReset: Rule {
        Rule(
            71, "gradients never reset", seen: "The loss falls at first, then oscillates more and more.",
            why:
                "The gradients of each step are added to those of all earlier steps and never reset to 0. The updates then follow gradients from steps long ago.",
            repair: "use only the gradients of the current step in each update",
            picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
            sign: { e in
                guard let first = e.wiring.pileUps.first else { return nil }
                return "\(first.name) accumulates the gradients of every step, and is never reset"
            },
            changes: { e in
                let edits = e.wiring.pileUps.flatMap(\.edits)
                return edits.isEmpty ? [] : [Change(label: "only the gradients of the current step", edits: edits)]
            }, isConclusive: { !$0.isKept })
    }

    static var updatesInAnotherLoop: Rule {
        Rule(
            78, "gradients and updates in different loops", seen: "The loss hardly falls, or grows without bound.",
            why:
                "Each update needs the gradients at the current weights. Gradients that are computed once are valid for one step only, and if the update comes after the loop, the gradients of all batches but the last are lost.",
            repair: "compute the gradients and update in the same loop", traits: [.shownByStep],
            picture: { .bars([("steps", Double($0.evidence.steps))]) },
            firstSymptom: FirstSymptom.firstStep,
            sign: { e in
                guard let apart = e.wiring.gradientsApart else { return nil }
                return apart.isInside
                    ? "the update comes after the loop that computes the gradients, and uses only the last of them"
                    : "the gradients are computed before the loop with the updates, and all \(e.evidence.steps) steps use the same gradients"
            },
            changes: { e in
                e.wiring.gradientsApart.map {
                    var change = Change(label: "gradients and update in one loop", edits: $0.edits)
                    let drawn = Double(e.evidence.batchesDrawn ?? 0) / Double(max(1, e.evidence.steps))
                    if $0.isInside { change.lengthens = max(1, 0.9 * drawn) }
                    return [change]
                } ?? []
            }, isPlain: { _ in true }, isConclusive: { !$0.isKept })
    }

    static var optimizerRecreated: Rule {
        Rule(
            73, "optimizer recreated in each step", .measured, seen: "The loss oscillates and does not settle.",
            why:
                "The optimizer is constructed inside the loop, so it loses its averages of the gradients in every step. Adam then changes each weight by the full learning rate, whatever the size of the gradient.",
            repair: "construct the optimizer once, before the loop",
            picture: { .bars([("optimizers", Double($0.evidence.optimizersMade)), ("meant", 1)]) },
            firstSymptom: { _ in "at the second step" },
            sign: { e in
                let v = e.evidence
                guard v.steps > 20, v.optimizersMade > 2, e.wiring.train.nets.count < 2, v.netsInTurn < 2 else {
                    return nil
                }
                if v.optimizersMade * 5 < v.steps, e.wiring.hasSchedule, !v.isGood || v.isBehindReference {
                    return
                        "\(v.optimizersMade) optimizers were constructed for \(v.steps) steps, and each begins its learning rate schedule anew"
                }
                guard v.optimizersMade * 10 > v.steps * 9,
                    // Without averages there is nothing to lose.
                    e.wiring.optimizerKind?.scalesSteps == true || v.momentum > 0
                else { return nil }
                return "\(v.optimizersMade) optimizers were constructed for \(v.steps) steps"
            })
    }
}
