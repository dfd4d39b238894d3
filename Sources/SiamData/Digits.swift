import CCodecs
import SiamTensor

/// 1,797 handwritten digits of 43 people, 8x8x1, ink 1 on 0 in steps of 1/16: the test part of the UCI set Optical
/// Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998, doi 10.24432/C50P49), CC BY 4.0, as in
/// scikit-learn's `load_digits`. Read from the binary at the first call; costs nothing before.
public func digits() throws -> Dataset {
    let side = 8
    let pixels = side * side
    let count = Int(siam_digits_count)
    var labels = [Int](repeating: 0, count: count)
    let x = try Tensor.filled([count, side, side, 1]) { target in
        for row in 0..<count {
            let record = siam_digits_row(Int32(row))
            for pixel in 0..<pixels {
                target[row * pixels + pixel] = Float(Int(record?[pixel] ?? 97) - 97) / 16
            }
            labels[row] = min(max(Int(record?[pixels] ?? 48) - 48, 0), 9)
        }
    }
    return try Dataset(
        x: x, y: labels, names: (0...9).map(String.init), name: "digits",
        provenance: """
            UCI Optical Recognition of Handwritten Digits, test part (E. Alpaydin, C. Kaynak, 1998), as in scikit-learn
            CC BY 4.0, https://doi.org/10.24432/C50P49
            """)
}
