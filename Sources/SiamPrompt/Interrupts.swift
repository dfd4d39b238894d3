import CEditline
import CKernels
import Glibc

/// Ctrl-C raises a flag that the interpreter and long kernels look at; a third one in a row ends the program.
public enum Interrupts {
    /// Interrupts what runs once a second, for a trial of programs that may not end; `seconds` 0 stops that and forgets the last.
    public static func every(seconds: Int) {
        let step = timeval(tv_sec: seconds, tv_usec: 0)
        var timer = itimerval(it_interval: step, it_value: step)
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        _ = siam_interrupt_take()
    }

    /// Signals are taken from here on, and a fault of siam itself is reported.
    /// - Parameter what: what to send along with the report: `the program x.siam`.
    public static func install(for what: String) {
        siam_signals_take(
            siam_interrupt_calls(
                raise: siam_interrupt_raise, hurry: siam_interrupt_hurry,
                look_after_memory: siam_interrupt_for_memory, prepare_thread: siam_fault_stack))
        signal(SIGPIPE, SIG_DFL)
        Faults.prepare(send: what)
    }
}

/// The report of a fault of siam itself.
public enum Faults {
    /// From now on a fault says so and ends with 70.
    /// - Parameter send: what to send along with the report.
    /// - Parameter kept: inputs that a file is to keep; the report says where only if it does.
    public static func prepare(send: String, kept: (path: String, text: String)? = nil) {
        siam_fault_stack()
        let head = """

            siam has an internal error and has to stop. This is a bug in siam, not in your program.

            """
        let place = kept.map { "Your inputs are saved: siam -i \($0.path)\n" } ?? ""
        let tail = "Please report it with \(send): \(Version.full).\n"
        head.withCString { head in
            place.withCString { place in
                tail.withCString { tail in
                    (kept?.path ?? "").withCString { path in
                        (kept?.text ?? "").withCString { text in
                            siam_fault_prepare(
                                siam_fault_report(
                                    head: head, kept: place, tail: tail, path: kept == nil ? nil : path, text: text,
                                    length: kept?.text.utf8.count ?? 0))
                        }
                    }
                }
            }
        }
    }
}
