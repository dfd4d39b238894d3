/// Hand-written training loops: steps that are missing or in the wrong order.
extension TrainingCheck {
    /// A loop without `train`: what `grad` looks at, and what `update` changes.
    mutating func byHand(_ program: Program, _ gradients: [Expression], _ trains: [Train]) {
        var updated: [String] = []
        var isWhole = true
        for statement in program.statements {
            statement.walk { value in
                guard case .call(let function, let arguments, _) = value.kind else { return }
                var all = arguments.map(\.value)
                switch function.kind {
                case .name("update"): break
                case .field(let owner, let name) where name.text == "update": all.insert(owner, at: 0)
                default: return
                }
                // `update` inside a function, or of a list, may change what has no name here.
                if all.count > 1, case .name(let name) = all[1].kind, values[name] != nil {
                    updated.append(name)
                } else {
                    isWhole = false
                }
            }
        }
        var trained: Set<String> = []
        for train in trains {
            for net in train.nets { if case .name(let name) = net.kind { trained.insert(name) } }
        }
        var looked: Set<String> = []
        // Only what is compared is an embedding: a classifier may end as it likes.
        let compared = gradients.reduce(into: Set<String>()) { $0.formUnion(embeddings(meaning($1), values)) }
        for net in updated where !trained.contains(net) && compared.contains(net) && looked.insert(net).inserted {
            // A net that is one layer has no embedding to speak of.
            if let value = values[net], let stages = stages(value), stages.count > 1 { behindEmbedding(net, stages) }
        }
        updated += trained.sorted()
        for loss in gradients {
            unshared(meaning(loss), values)
            if !updated.isEmpty { unseen(updated, isWhole, calls(meaning(loss), values), isRun: false) }
        }
    }
}
