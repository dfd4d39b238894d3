import SiamData
import SiamInterpreter

/// What things mean, for those that follow from their content alone.
extension Thing {
    /// Adds the content to a meaning; false of a thing that has none to go by.
    func meaning(_ m: ContentKey) throws -> Bool {
        switch self {
        case let t as DatasetThing: m.put(t.dataset)
        case let t as SourceThing:
            guard t.source.augment == nil || t.augment != nil else { return false }
            if let d = t.dataset {
                m.put(d.dataset)
            } else {
                guard let tensors = t.source.tensors else { return false }
                for x in tensors { m.put(x) }
            }
            m.put(t.source.settings)
            m.put(t.source.state.key ?? 0)
            m.put(t.source.state.key == nil ? -1 : t.source.state.position)
            for a in t.source.augmentations { m.put("\(a)") }
            if let f = t.augment { try m.put(f) }
        case let t as OptimizerThing:
            try m.put(t.optimizer)
            try m.put(t.schedule ?? .none)
        case let t as PlateauThing: m.put("\(t.lr) \(t.patience) \(t.factor) \(t.floor) \(t.name)")
        case let t as ScheduleThing: m.put(t.text)
        case let t as InitialiserThing:
            m.put(t.initialiser.name)
            for x in t.initialiser.numbers { m.put(x) }
        case let t as AugmentationThing: m.put("\(t.augmentation)")
        case let t as TokensThing:
            for word in t.vocabulary.words { m.put(word) }
            m.put(t.vocabulary.length)
        case let t as Table:
            for row in t.rows { try m.put(.record(row)) }
        default: return false
        }
        return true
    }
}
