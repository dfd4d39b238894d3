/// What an argument has to share with another one: a value for each row, a shape, a width.
extension Kind.Alternative {
    func each(_ given: Given, _ name: String, _ who: String, _ other: Given?) -> KindVerdict? {
        guard let dims = given.dims else { return nil }
        let noun = word == .flags ? "pair" : "row of \(self.other ?? "")"
        let what =
            switch word {
            case .flags: "0 or 1"
            case .classes: "a class number"
            default: "the number of a column"
            }
        func wrong(_ got: String, _ label: String, notes: [String] = [], repair: String? = nil) -> KindVerdict {
            let message = "\(name) must be \(what) for each \(noun), and got \(got)"
            if word == .flags {
                return .wrong(
                    KindFault(
                        code: "loss.same", message: message, label: label, notes: notes,
                        repair: repair ?? Kind.flagsRepair(given, dims)))
            }
            return .wrong(
                KindFault(code: "loss.labels", message: message, label: label, notes: notes, repair: repair))
        }
        // One number applies to all rows alike. For a pair loss it means that there is nothing to distinguish.
        if word == .flags, dims.isEmpty, given.form == .number, given.first({ $0 != 0 && $0 != 1 }) == nil,
            let rows = other?.dims?.first, other?.dims?.count == 2, rows ?? 0 > 2
        {
            return .doubtful(
                KindFault(
                    code: "loss.one_flag",
                    message:
                        "\(name) is one number for all \(rows.map(String.init) ?? "") pairs: all of them would be the same kind",
                    label: given.shown(), repair: "pairs(d, 32) gives it for each:  as a, b, same"))
        }
        var shape: [Int]?
        if !dims.isEmpty {
            let rows = other?.dims.map { $0.count > 1 ? $0[0] : 1 } ?? nil
            let columns = dims.dropFirst()
            guard columns.allSatisfy({ $0 == nil || $0 == 1 }) else {
                var repair: String?
                if word == .flags, dims.count == 2 {
                    repair = "triplets go with triplet(a, p, n); pairs with their labels come from  pairs(d, 32)"
                } else if word == .columns, dims.count == 2, let labels = other?.dims, labels.count == 1,
                    labels[0] == dims[0]
                {
                    repair = "scores come first, then class numbers:  \(who)({\(name)}, {\(self.other ?? "")})"
                } else if word != .flags, dims.count == 2, given.first({ $0 != 0 && $0 != 1 }) == nil {
                    repair = "for one-hot rows the class numbers are  argmax(\(name), axis = 1)"
                } else if dims.count > 2 {
                    repair =
                        word == .flags
                        ? "pairs(d, 32) gives a, b and same; triplets(d, 32) gives three pictures and no label"
                        : "batches(d, 32) gives x and its class numbers y"
                }
                return wrong("a tensor of \(Given.text(dims))", Given.text(dims), repair: repair)
            }
            if let rows, let count = dims[0], count != rows {
                return wrong(
                    "\(count) of them for \(rows) \(word == .flags ? "pairs" : "rows")", "\(count) of them",
                    notes: ["\(self.other ?? "") has \(rows) rows"])
            }
            if dims.count > 1, let count = dims[0] { shape = [count] }
        } else if word == .classes || word == .columns {
            return nil
        }
        let width = other?.dims.flatMap { $0.last ?? nil }
        let bad: ((Double) -> Bool) =
            switch word {
            case .flags: { $0 != 0 && $0 != 1 && !$0.isNaN }
            case .columns: { x in x != x.rounded() || x < 0 || (width.map { x >= Double($0) } ?? false) }
            default: { $0 != $0.rounded() }
            }
        if !isWithout(given, width), let got = given.first(bad) {
            // Scores that are not rows have no columns: the function that takes them reports that.
            if word == .columns, other?.dims.map({ $0.count > 2 }) ?? false, got == got.rounded() { return .fits }
            if word == .columns, got == got.rounded(), let width {
                return .wrong(
                    KindFault(
                        code: "loss.class",
                        message:
                            "\(who) got class \(formatNumber(got)), and there \(width == 1 ? "is 1 column, 0 alone" : "are \(width) columns, 0 to \(width - 1)")",
                        label: Kind.values(given),
                        notes: ["\(self.other ?? "") is \(Given.text(other?.dims ?? [])): one column per class"],
                        repair: got < 0
                            ? "class numbers count from 0"
                            : width == 1 && given.first({ $0 != 0 && $0 != 1 }) == nil
                                ? "one output for two classes:  bce_with_logits({\(self.other ?? "")}, {\(name)})"
                                : got == Double(width) && given.first({ $0 == 0 }) == nil
                                    && dims.first.map({ $0 ?? 0 > 1 })
                                        ?? false
                                    ? "class numbers count from 0:  {\(name)} - 1"
                                    : "the last layer needs one unit per class:  dense(len(d.names))"))
            }
            let isMeasured = word == .columns && given.first({ $0 > 1 }) != nil
            return wrong(
                shown(got), Kind.values(given),
                repair: isMeasured ? "to predict numbers, use  mse({\(self.other ?? "")}[.., 0], {\(name)})" : nil)
        }
        if !bounds.isEmpty, let got = given.first({ x in bounds.contains { $0.isBroken(by: x) } }) {
            return .wrong(
                KindFault(
                    code: "loss.class",
                    message:
                        "\(who) expects class numbers\(Kind.Alternative.said(bounds)), and got \(shown(got))",
                    label: Kind.values(given)))
        }
        return shape.map { .reshaped($0) } ?? .fits
    }

    /// Whether the least and the greatest number alone say that none is wrong, which most often they do.
    private func isWithout(_ given: Given, _ width: Int?) -> Bool {
        guard let (low, high) = given.wholeExtent() else { return false }
        switch word {
        case .flags: return low >= 0 && high <= 1
        case .columns: return low >= 0 && (width.map { high < Double($0) } ?? true)
        default: return true
        }
    }

    func like(_ given: Given, _ name: String, _ who: String, _ others: (String) -> Given?) -> KindVerdict? {
        let other = self.other.flatMap(others)
        if isUsuallyOther, name == "n", let positive = others("p"), given.equals(positive) {
            return .doubtful(
                KindFault(
                    code: "loss.same_input",
                    message: "p and n are the same tensor: the distances to them are equal, whatever the net",
                    repair: "three different inputs:  \(who)(net(a), net(p), net(n))"))
        }
        guard let dims = given.dims, let wanted = other?.dims else { return given.dims == nil ? nil : .fits }
        /// A length that is not known may be any.
        func mayEqual(_ a: Int?, _ b: Int?) -> Bool { a == nil || b == nil || a == b }
        let isAlike = dims.count == wanted.count && zip(dims, wanted).allSatisfy(mayEqual)
        if isAlike {
            if isUsuallyOther, let other, given.equals(other) {
                return .doubtful(
                    KindFault(
                        code: "loss.same_input",
                        message: "\(self.other ?? "") and \(name) are the same tensor: every distance is 0",
                        repair: who.hasSuffix("triplet")
                            ? "three different inputs:  \(who)(net(a), net(p), net(n))"
                            : LossNames.ofViews.contains(who) || LossNames.ofBatches.contains(who)
                                ? "two views of each input:  \(who)(net(a), net(b))"
                                : "two different inputs:  \(who)(net(a), net(b), same)"))
            }
            return bounded(given, name, who, isWhole: false)
        }
        return .wrong(
            KindFault(
                code: "loss.shapes",
                message:
                    "\(who) compares \(self.other ?? "") and \(name) row by row, and they are \(Given.text(wanted)) and \(Given.text(dims))",
                label: Given.text(dims)))
    }

    func wide(_ given: Given, _ name: String, _ who: String, _ other: Given?) -> KindVerdict {
        if let dims = given.dims, dims.count == 4, dims[3] == 1, let a = other?.dims, a == dims {
            return .doubtful(
                KindFault(
                    code: "distance.width",
                    message:
                        "\(who) works along the last axis, the channels: from \(Given.text(dims)) it makes \(Given.text(Array(dims.dropLast())))",
                    label: Given.text(dims),
                    repair: "for one per image:  \(who)(flatten({\(self.other ?? "a")}), flatten({\(name)}))"))
        }
        guard let dims = given.dims, let wanted = other?.dims, let a = wanted.last ?? nil, let b = dims.last ?? nil,
            a != b
        else { return .fits }
        return .wrong(
            KindFault(
                code: "distance.width",
                message:
                    "\(who) compares rows of one width, and got \(Given.text(wanted)) and \(Given.text(dims))",
                label: Given.text(dims)))
    }

    /// Probabilities where the targets belong, and the other way round.
    private func exchanged(_ given: Given, _ name: String, _ who: String, _ other: Given?) -> KindVerdict? {
        guard who == "bce", let other, given.form == .tensor, other.form == .tensor,
            given.first({ $0 != 0 && $0 != 1 }) != nil, other.first({ $0 == 0 || $0 == 1 }) != nil,
            other.first({ $0 != 0 && $0 != 1 }) == nil
        else { return nil }
        return .doubtful(
            KindFault(
                code: "loss.turned",
                message:
                    "\(who) expects probabilities and then targets, and here \(self.other ?? "the first") contains only 0 and 1",
                repair: "in the other order:  \(who)({\(name)}, {\(self.other ?? "p")})"))
    }

    func matching(_ given: Given, _ name: String, _ who: String, _ other: Given?) -> KindVerdict? {
        guard let dims = given.dims, let wanted = other?.dims else { return given.dims == nil ? nil : .fits }
        func doubt() -> KindVerdict? {
            exchanged(given, name, who, other) ?? other.flatMap { unreachable(given, name, who, $0) }
        }
        let limits = bounded(given, name, who, isWhole: false)
        if case .wrong = limits { return limits }
        /// A length that is not known may be any.
        func mayEqual(_ a: Int?, _ b: Int?) -> Bool { a == nil || b == nil || a == b }
        let isAlike = dims.count == wanted.count && zip(dims, wanted).allSatisfy(mayEqual)
        if isAlike || dims.isEmpty { return doubt() ?? limits }
        // Axes of length 1 apart they are alike: N x 1 against N, either way round.
        let (squeezed, squeezedWanted) = (dims.filter { $0 != 1 }, wanted.filter { $0 != 1 })
        if squeezed.count == squeezedWanted.count, zip(squeezed, squeezedWanted).allSatisfy({ $0 == $1 && $0 != nil }) {
            return doubt() ?? .reshaped(wanted.map { $0 ?? 1 })
        }
        // Broadcasting to the other's own shape is what was asked for; to a larger one it is not.
        let tail = wanted.suffix(dims.count)
        if dims.count <= wanted.count, zip(dims, tail).allSatisfy({ mayEqual($0, $1) || $0 == 1 }),
            !(dims.count == 1 && wanted.count == 2 && given.first { $0 != $0.rounded() } == nil && dims[0] == wanted[0])
        {
            return doubt() ?? limits
        }
        if dims.contains(nil) || wanted.contains(nil) { return .fits }
        var fault = KindFault(
            code: "loss.shapes",
            message:
                "\(who) compares \(self.other ?? "") with \(name) number by number, and they are \(Given.text(wanted)) and \(Given.text(dims))",
            label: Given.text(dims))
        if wanted.count == 2, dims.count == 1, dims[0] == wanted[0], given.first({ $0 != $0.rounded() }) == nil {
            fault.notes = ["\(name) looks like class numbers, one for each row"]
            fault.repair = "of scores and class numbers:  cross_entropy({\(self.other ?? "scores")}, {\(name)})"
        }
        // Rows of a net, and the images that they are to be.
        if wanted.count == 2, dims.count > 2, dims[0] == wanted[0], let width = wanted[1],
            dims.dropFirst().compactMap({ $0 }).reduce(1, *) == width
        {
            fault.repair = "each image as a row:  \(who)({\(self.other ?? "prediction")}, flatten({\(name)}))"
        }
        return .wrong(fault)
    }

    /// Targets that what the last activation leaves can never meet.
    func unreachable(_ given: Given, _ name: String, _ who: String, _ other: Given) -> KindVerdict? {
        guard let maker = other.name, let reach = Kind.reach(of: maker),
            let got = given.first({ $0 < reach.low || $0 > reach.high })
        else { return nil }
        return .doubtful(
            KindFault(
                code: "loss.reach",
                message:
                    "the target \(shown(got)) can never be reached: \(self.other ?? "the prediction") ends in \(maker), and lies \(reach.said)",
                repair: "leave \(maker) out after the last dense, or scale the targets"))
    }
}
