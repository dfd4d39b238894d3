import Glibc
import SiamLanguage

/// Time that only moves forward, in seconds.
public enum Clock {
    public static func now() -> Double {
        var t = timespec()
        clock_gettime(CLOCK_MONOTONIC, &t)
        return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
    }
    /// `1.24 s`, `35.2 ms`, `870 us`.
    public static func text(_ seconds: Double) -> String {
        func f(_ x: Double, _ digits: Int) -> String { (try? formatNumber(x, spec: ".\(digits)")) ?? "\(x)" }
        if seconds >= 60 { return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s" }
        if seconds >= 1 { return f(seconds, 2) + " s" }
        if seconds >= 1e-3 { return f(seconds * 1e3, 1) + " ms" }
        return f(seconds * 1e6, 0) + " us"
    }
}

func siamPower(_ x: Double, _ y: Double) -> Double { pow(x, y) }
