/// Angles in another unit than the one that a function takes.
extension LintCheck {
    /// `rotate(3.14159 / 8)`: an angle in radians where degrees are taken.
    mutating func radians(_ name: String, _ given: [Argument], _ e: Expression) {
        guard name == "rotate", let angle = given.first?.value else { return }
        var isOfPi = false
        angle.walk { inner in
            if inner.kind == .name("pi") { isOfPi = true }
            if case .number(let x, _) = inner.kind, abs(x - 3.14159) < 0.002 { isOfPi = true }
            // `180 / pi` makes degrees of it.
            if inner.plainNumber == 180 { isOfPi = false }
        }
        var isOfDegrees = false
        angle.walk { if $0.plainNumber == 180 { isOfDegrees = true } }
        if let x = angle.plainNumber, x > 0, x < 1 {
            add(
                code: "argument.unit",
                "rotate takes degrees, and \(formatNumber(x)) degrees is hardly a turn",
                at: [angle.span])
        }
        guard isOfPi, !isOfDegrees else { return }
        add(code: "argument.unit", "rotate takes degrees, and this angle is in radians", at: [angle.span])
    }

    /// `sin(90)`: an angle in degrees where radians are taken.
    mutating func degrees(_ name: String, _ given: [Argument]) {
        guard given.count == 1, let angle = given.first?.value, let x = angle.plainNumber,
            [30, 45, 60, 90, 120, 135, 180, 270, 360].contains(abs(x))
        else { return }
        let written = text(angle)
        add(
            code: "argument.unit", "\(name) takes radians, and \(written) looks like degrees", at: [angle.span],
            repair: "of \(written) degrees:  \(name)(\(written) * pi / 180)",
            edits: [.init(Place(source, angle.span), "\(written) * pi / 180")])
    }
}
