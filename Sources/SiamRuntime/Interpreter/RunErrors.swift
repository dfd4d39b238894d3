import SiamLanguage
import SiamTensor

/// Errors that end a run or an input: they are no faults with a place in the text.
public protocol PassesThrough: Error {}

extension Interrupted: PassesThrough {}

/// The loss or its gradient became NaN or infinite; ends the run, not the program.
struct NotFinite: PassesThrough {
    let diagnostic: Diagnostic
    /// What the run says of its end.
    let stopped: String
}

/// Ctrl-C in a run where nobody can be asked.
struct RunInterrupted: PassesThrough { let steps: Int }
