import SiamInterpreter

/// One number in what a part of a program printed while it ran, with the words before it.
struct PrintedNumber {
    let words: String
    /// A number followed by a percent sign is divided by 100.
    let value: Double
    /// Which of the statements printed it.
    let statement: Int
    /// Root mean squares of what reached the first weights meanwhile, in rising order.
    let scales: [Double]
    /// The share of the rows given to the net that were trained on.
    let trainedShare: Double

    /// All numbers of some lines. A number that is part of a word (`recall@1`) or that a colon or an equals sign follows
    /// (`class 3: 0.9`) belongs to the words.
    static func all(in lines: [String], of statement: Int, scales: [Double], trainedShare: Double) -> [PrintedNumber] {
        var found: [PrintedNumber] = []
        for line in lines {
            var words: [String] = []
            for part in line.split(whereSeparator: \.isWhitespace) {
                // `acc=0.93` and `(0.93)`: the number stands behind the last sign that is none of its own.
                let text = part.trimmed(where: { "()[],;".contains($0) })
                let at = text.lastIndex { "=:".contains($0) }.map(text.index(after:)) ?? text.startIndex
                var number = text[at...]
                let isPercent = number.hasSuffix("%")
                if isPercent { number = number.dropLast() }
                guard let value = Double(number), number.first?.isLetter != true else {
                    words.append(String(part))
                    continue
                }
                if at > text.startIndex { words.append(String(text[..<at])) }
                found.append(
                    PrintedNumber(
                        words: words.joined(separator: " "), value: isPercent ? value / 100 : value,
                        statement: statement, scales: scales, trainedShare: trainedShare))
                words = []
            }
        }
        return found
    }
}

/// Keeps what a program prints.
private final class Listener: SilentOutput {
    var lines: [String] = []
    override func print(_ text: String) { lines += text.split(separator: "\n").map(String.init) }
}

extension Session {
    /// Runs something and returns the lines that it printed, none where it is off.
    func listening(isOn: Bool, _ body: () -> Void) -> [String] {
        guard isOn else {
            body()
            return []
        }
        let (listener, outer) = (Listener(), output)
        output = listener
        body()
        output = outer
        return listener.lines
    }
}
