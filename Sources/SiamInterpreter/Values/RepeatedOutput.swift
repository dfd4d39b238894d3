/// The output of a program since a point to which it may be taken back. When the program is repeated from there, equal output is
/// not printed again; from the first difference on, everything is printed.
package struct RepeatedOutput {
    private var said: [Int] = []
    private var ahead: [Int] = []
    private var next = 0
    /// Whether a run is under way that may be taken back.
    package var isKept = false

    package init() {}
    package var count: Int { said.count }

    package mutating func begin() {
        said.removeAll(keepingCapacity: true)
    }
    package mutating func goBack(to count: Int) {
        guard count <= said.count else { return }
        ahead = Array(said[count...]) + ahead[next...]
        next = 0
        said.removeSubrange(count...)
    }
    /// Nothing is said a second time: someone else had a word.
    package mutating func forget() {
        ahead = []
        next = 0
    }
    /// Whether it was said before, on a way that is gone once more.
    mutating func isAgain(_ text: String) -> Bool {
        guard isKept else { return false }
        let word = text.hashValue
        said.append(word)
        guard next < ahead.count else { return false }
        guard ahead[next] == word else {
            forget()
            return false
        }
        next += 1
        return true
    }
}
