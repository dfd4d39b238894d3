extension Array {
    /// The element at a place; nil outside.
    package subscript(safe i: Int) -> Element? { i >= 0 && i < count ? self[i] : nil }
}
