import SiamLanguage
import SiamTensor

/// Errors that end a run or an input: they are no faults with a place in the text.
public protocol PassesThrough: Error {}

extension Interrupted: PassesThrough {}

/// The loss or its gradient became NaN or infinite; ends the run, not the program.
package struct NotFinite: PassesThrough {
    package let diagnostic: Diagnostic
    /// What the run says of its end.
    package let stopped: String

    package init(diagnostic: Diagnostic, stopped: String) {
        self.diagnostic = diagnostic
        self.stopped = stopped
    }
}

/// Ctrl-C in a run without a prompt.
package struct RunInterrupted: PassesThrough {
    package let steps: Int

    package init(steps: Int) {
        self.steps = steps
    }
}
