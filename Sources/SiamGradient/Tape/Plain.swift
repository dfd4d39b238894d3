/// A number as messages write it: whole ones without a point.
func plain(_ x: Double) -> String { x == x.rounded() && abs(x) < 1e15 ? "\(Int(x))" : "\(Float(x))" }
