import SiamLanguage
import SiamTensor

/// Errors that end a run or an input and are not caused by a place in the text.
public protocol ControlFlowError: Error {}

extension Interrupted: ControlFlowError {}

/// The loss or its gradient became NaN or infinite; ends the run, not the program.
package struct NotFinite: ControlFlowError {
    package let diagnostic: Diagnostic
    /// `loss` or `gradient`.
    package let what: String

    package init(diagnostic: Diagnostic, what: String) {
        self.diagnostic = diagnostic
        self.what = what
    }
}

/// Ctrl-C in a run without a prompt.
package struct RunInterrupted: ControlFlowError {
    package let steps: Int

    package init(steps: Int) {
        self.steps = steps
    }
}
