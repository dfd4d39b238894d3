import SiamInterpreter
import SiamLanguage

/// What a replay of this program means, for keeping its outcome.
extension Session {
    /// The name of what repeating a program with some settings means: its texts without comments and layout, the content of
    /// every data set and tensor that it has named, which stands for the files that it reads, and where its draws begin.
    public func meaning(of texts: [Source], settings: [String]) -> String {
        let m = ContentKey(globals)
        m.put("replay")
        m.put(firstSeed)
        for text in texts {
            m.put(text.name)
            m.put(tree: Parser.parse(text).program.statements)
        }
        for text in settings { m.put(text) }
        if let args = globals.valueIfReady("args") { try? m.put(args) }
        m.put(meaningOfData())
        return m.name()
    }

    private func meaningOfData() -> String {
        if let known = dataMeaning, known.at == journal.count { return known.name }
        let m = ContentKey(globals)
        for name in globals.userNames.sorted() {
            switch globals.valueIfReady(name) {
            case .thing(let d as DatasetThing)?:
                m.put(name)
                m.put(d.dataset)
            case .tensor(let t)?:
                m.put(name)
                m.put(t)
            default: break
            }
        }
        let name = m.name()
        dataMeaning = (journal.count, name)
        return name
    }
}
