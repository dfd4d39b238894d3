/// Repairs that show in how a call was written, as data: by the rule that was broken, the function, how many arguments it was
/// given without a name, and words of the message. Behind the count may stand what the first of them is: `number`, or `word`
/// for anything else. `{0}`, `{1}` are the arguments as written, `{all}` all of them.
public enum CallRepairs {
    private struct Row {
        let code: String
        let functions: [String]
        let count: ClosedRange<Int>
        /// Whether the first argument is a number as it is written; nil where it may be anything.
        let beginsWithNumber: Bool?
        /// Whether the last argument is a distance by its name.
        let endsWithDistance: Bool
        /// Whether the first argument is the parameters of a net.
        let isOfParameters: Bool
        /// What the message holds, arguments filled in; empty where it may be anything.
        let said: String
        let repair: String
    }

    private static let table = """
        one_hot.label | one_hot | 2 | go from 1 to {1} | of classes that count from 1:  one_hot({0} - 1, {1})
        one_hot.label | one_hot | 2 | go from 0 to | a column for each class:  one_hot({0}, len(d.names))
        conv.rank | conv2d | 2 number |  | a layer with {0} filters is  conv({0}, {1})
        conv.rank | conv2d | 3 number |  | a layer with {1} filters is  conv({1}, {2})
        call.many | transpose | 3 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}])
        call.many | transpose | 4 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}, {3}])
        call.many | transpose | 5 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}, {3}, {4}])
        transpose.axes | transpose | 3 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}])
        transpose.axes | transpose | 4 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}, {3}])
        transpose.axes | transpose | 5 |  | the order of the axes is one list:  transpose({0}, [{1}, {2}, {3}, {4}])
        solve.matrix | solve | 2 |  | least squares are  solve({0}.transpose() @ {0}, {0}.transpose() @ {1})
        metric.rows | nearest | 2...3 | rows of numbers for x | one row is a matrix of one row:  expand({0}, 0)
        metric.rows | nearest | 2...3 | rows of numbers for z | one row is a matrix of one row:  expand({1}, 0)
        argument.kind | grad | 2 | for wrt, and got a number | track it before the computation:  {1} = track({1})
        call.missing | recall_at precision_at | 2 word |  | the number of the nearest comes first:  {f}(1, {0}, {1})
        call.missing | recall_at precision_at | 2 number |  | the class number of each row comes last:  {f}({0}, {1}, d.y)
        argument.kind | einsum | 2 | a text | the text comes last:  einsum({1}, {0})
        argument.kind | einsum | 3 | a text | the text comes last:  einsum({1}, {2}, {0})
        argument.kind | einsum | 4 | a text | the text comes last:  einsum({1}, {2}, {3}, {0})
        argument.kind | grad | 2 | for y, and got a function | of a function's value, where it is worked out:  x = track({1}); grad(({0})(x), x)
        argument.kind | split | 1 word | for share, and got none | the share of the first part:  split({0}, 0.8)
        argument.kind | split | 2 | for share, and got a data set | the data comes first:  split({1}, {0})
        argument.kind | mean std var sum median | 3...9 | for keep | several numbers stand in one list:  {f}([{all}])
        argument.kind | std var | 3...9 | for axis | several numbers stand in one list:  {f}([{all}])
        argument.kind | recall_at precision_at | 4 | and got a data set | rows are looked for among those of one data set:  {f}({0}, {1}, {3})
        argument.kind | recall_at precision_at map_at_r mrr accuracy auc eer pair_accuracy | 4 | for baseline, and got a data set | a measure takes one data set:  {f}({0}, {1}, {2})
        pairwise.width | pairwise_euclidean pairwise_squared | 2 | x1 and | a row an example:  {f}(flatten({0}), flatten({1}))
        pairwise.width | pairwise_euclidean pairwise_squared | 2 | x3 and | a row an example:  {f}(flatten({0}), flatten({1}))
        argument.kind | norm sum mean dot | 1...2 params | got a record | weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)
        argument.kind | heat image hist | 1...2 | and got a layer | its weights:  {f}({0}.w)
        argument.kind | update | 3 | as grad(loss, net) gives | the gradients of the loss:  update({0}, {1}, grad({2}, {1}))
        metric.data | recall | 3 number | and got a number | among the nearest it is  recall_at({0}, {1}, {2})
        metric.data | precision | 3 number | and got a number | among the nearest it is  precision_at({0}, {1}, {2})
        metric.data | accuracy | 3 number | and got a number | the net first, then the data:  accuracy({1}, {2})
        call.missing | pairwise | 2 distance |  | the distance comes first:  pairwise({1}, {0}, {0})
        call.missing | pairwise | 2 |  | the distance comes first:  pairwise(euclidean, {0}, {1})
        argument.kind | diagnose report | 1 | for run, and got a layer | a run is what train gives:  {f}(run)
        argument.kind | resume rewind | 2 | and got a layer | of the run that trained it:  {f}(run, {1})
        argument.kind | unfreeze freeze summary trace inspect embed explain count | 1 | and got a run | a run contains its net:  {f}({0}.net)
        argument.kind | unfreeze freeze summary trace inspect embed explain count | 2 | and got a run | a run contains its net:  {f}({0}.net, {1})
        loop.kind | count | 1 | a run | its net:  count({0}.net)
        argument.kind | trace summary | 2 | for net, and got a tensor | in the other order:  {f}({1}, {0})
        argument.kind | trace | 1 | and got none | give an input:  trace({0}, d.x)
        call.missing | grad | 1 word |  | the net, or what else the gradient is to be of, comes second:  grad({0}, net)
        argument.missing | grad | 1 word |  | the net, or what else the gradient is to be of, comes second:  grad({0}, net)
        call.many | rotate shift zoom | 2 |  | it makes a layer, which is applied by a call of its own:  {f}({1})({0})
        argument.many | rotate shift zoom | 2 |  | it makes a layer, which is applied by a call of its own:  {f}({1})({0})
        call.missing | rewind | 1 |  | the step to go back to:  rewind({0}, 10)
        call.missing | kmeans | 1 |  | the number of clusters:  kmeans({0}, 10)
        call.missing | embed | 1 |  | the data comes second:  embed({0}, d)
        call.missing | nearest | 1 |  | among these rows themselves:  nearest({0}, {0}, k = 3)
        call.many | gru | 2 |  | the width of the input is inferred at the first use:  gru({1})
        argument.many | gru | 2 |  | the width of the input is inferred at the first use:  gru({1})
        call.many | normal | 2 |  | the standard deviation alone:  normal({1})
        argument.many | normal | 2 |  | the standard deviation alone:  normal({1})
        call.many | attention | 2 |  | one head alone:  attention({0})
        argument.many | attention | 2 |  | one head alone:  attention({0})
        axis.range | globalpool flatten | 1 number |  | as a stage of a net it is written without parentheses:  {f}
        argument.kind | shuffle | 1 | got a source of batches | batches come in a new random order each epoch; leave shuffle out
        call.missing | pairwise | 1 |  | the distance comes first:  pairwise(euclidean, {0}, {0})
        """

    private static let rows: [Row] = table.split(separator: "\n").compactMap { line in
        let parts = line.split(separator: "|", omittingEmptySubsequences: false).map { part in
            var part = part
            while part.first == " " { part.removeFirst() }
            while part.last == " " { part.removeLast() }
            return String(part)
        }
        guard parts.count == 5 else { return nil }
        let words = parts[2].split(separator: " ")
        let ends = (words.first ?? "").split(separator: ".").compactMap { Int($0) }
        guard let low = ends.first, let high = ends.last, low <= high else { return nil }
        return Row(
            code: parts[0], functions: parts[1].split(separator: " ").map(String.init), count: low...high,
            beginsWithNumber: words.count > 1 && !["params", "distance"].contains(words[1])
                ? words[1] == "number" : nil,
            endsWithDistance: words.count > 1 && words[1] == "distance",
            isOfParameters: words.count > 1 && words[1] == "params", said: parts[3], repair: parts[4])
    }

    private static let distances: Set<String> = ["euclidean", "cosine", "manhattan", "squared", "chebyshev", "dot"]

    /// The repair of a call, its arguments as written; nil where none is known, or it would be too long.
    public static func of(_ code: String, _ function: String, _ written: [String], message: String) -> String? {
        guard written.allSatisfy({ !$0.contains("\n") }) else { return nil }
        func filled(_ text: String) -> String {
            var text = text.replacing("{f}", with: function).replacing(
                "{all}", with: written.joined(separator: ", "))
            for (k, one) in written.enumerated() { text = text.replacing("{\(k)}", with: one) }
            return text
        }
        if code == "batches.rows", function == "batches", written.count > 1, written[0].hasSuffix(".x"),
            written[1].hasSuffix(".y")
        {
            return "take inputs and targets from the same rows:  batches(\(written[0].dropLast(2)), 32)"
        }
        if code == "quantile.share", function == "quantile", written.count == 2, let percent = Double(written[1]),
            percent > 1, percent <= 100
        {
            let share = formatNumber(percent / 100)
            return "\(written[1]) % are \(share):  quantile(\(written[0]), \(share))"
        }
        let isNumber = written.first.map { Double($0) != nil } ?? false
        for row in rows
        where row.code == code && row.functions.contains(function) && row.count.contains(written.count)
            && (row.said.isEmpty || message.contains(filled(row.said)))
            && (row.beginsWithNumber ?? isNumber == isNumber)
            && (!row.endsWithDistance || distances.contains(written.last ?? ""))
            && (!row.isOfParameters || written.first?.hasSuffix(".params") == true)
        {
            let repair = filled(row.repair)
            if repair.utf8.count <= 100 { return repair }
        }
        return nil
    }
}

extension CallRepairs {
    /// The name of a function and its arguments without names, as a call is written: `f(x)`, `x.f()`.
    public static func call(_ site: Expression, _ source: Source) -> (name: String, written: [String])? {
        guard case .call(let callee, let arguments, _) = site.kind, arguments.allSatisfy({ $0.name == nil }) else {
            return nil
        }
        let texts = arguments.map { source.text($0.value.span) }
        switch callee.kind {
        case .name(let name): return (name, texts)
        case .field(let owner, let name): return (name.text, [source.text(owner.span)] + texts)
        default: return nil
        }
    }
}

extension Diagnostic {
    /// `cosine(500, 0.001)`, of which the rate comes first. The library's own function hands its numbers on, so that only the
    /// text has them.
    public var withScheduleInOrder: Diagnostic {
        guard repair == nil, message.hasPrefix("cosine expects "), let place = labels.first?.place else { return self }
        let text = place.source.text(place.span)
        guard text.hasPrefix("cosine("), text.hasSuffix(")") else { return self }
        let numbers = text.dropFirst(7).dropLast().split(separator: ",").map { String($0.filter { $0 != " " }) }
        guard numbers.count == 2, (Double(numbers[0]) ?? 0) >= 1, let rate = Double(numbers[1]), rate > 0, rate < 1
        else {
            return self
        }
        var d = self
        d.message = message.replacing("expects b to be", with: "expects steps to be")
        d.repair = "the rate comes first, then the steps:  cosine(\(numbers[1]), \(numbers[0]))"
        return d
    }
}
