import SiamLanguage

/// The loss or its gradient became NaN or infinite; ends the run, not the program.
struct NotFinite: Error {
    let diagnostic: Diagnostic
    /// What the run says of its end.
    let stopped: String
}

/// Ctrl-C in a run where nobody can be asked.
struct RunInterrupted: Error { let steps: Int }
